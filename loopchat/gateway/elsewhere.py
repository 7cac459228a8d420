"""The answer to sockets at addresses where there are none."""

from __future__ import annotations

from typing import Any


async def nothing_here(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """404 where the server can say it, else a refused upgrade."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"No socket here."})
    else:
        await send({"type": "websocket.close"})
