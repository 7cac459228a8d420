"""The wiring: HTTP to Django, static files before it, WebSocket to the gateway."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loopchat.settings")

from django.core.asgi import get_asgi_application

django = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

from loopchat import error_reports
from loopchat.gateway.classic import ClassicLobby, ClassicRoom
from loopchat.gateway.connection import Connection
from loopchat.gateway.elsewhere import nothing_here
from loopchat.gateway.runtime import Runtime
from loopchat.realtime.bus import Bus
from loopchat.realtime.bus_memory import MemoryBus
from loopchat.web import slow_queries
from loopchat.web.body_limit import BodyLimit
from loopchat.web.health import probes
from loopchat.web.request_log import RequestLog
from loopchat.web.static_files import StaticFiles


def make_bus() -> Bus:
    """Redis between processes; within one process nothing else is needed."""
    if settings.REDIS_URL is None:
        return MemoryBus()
    from loopchat.realtime.bus_redis import RedisBus

    return RedisBus(settings.REDIS_URL, key=settings.SECRET_KEY.encode())


runtime = Runtime(make_bus)
probes.degraded = runtime.degraded
probes.draining = lambda: runtime.is_draining
probes.roll = runtime.roll
slow_queries.watch()
error_reports.start()

_router = ProtocolTypeRouter(
    {
        "http": RequestLog(StaticFiles(BodyLimit(django))),
        "websocket": URLRouter(
            [
                path("ws/", Connection.as_asgi(runtime=runtime)),
                path("ws/chat/lobby/", ClassicLobby.as_asgi(runtime=runtime)),
                path("ws/chat/group/<str:slug>/", ClassicRoom.as_asgi(runtime=runtime)),
                path("ws/chat/private/<str:pair>/", ClassicRoom.as_asgi(runtime=runtime)),
                path("ws/chat/<int:room_id>/", ClassicRoom.as_asgi(runtime=runtime)),
                path("<path:rest>", nothing_here),  # type: ignore[arg-type]
            ]
        ),
    }
)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Start with the server's lifespan, or with the first request where there is none."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    await runtime.start()
    await _router(scope, receive, send)


async def _live(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await runtime.start()
            except Exception as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                raise
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await runtime.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
