"""From the upgrade to `welcome`: a socket is turned away, refused, or let in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from django.conf import settings

from loopchat.accounts.sessions import Login
from loopchat.chat import access, history
from loopchat.core import strict
from loopchat.core.clock import now_ms
from loopchat.core.text import MESSAGE_MAX
from loopchat.gateway.door import SUBPROTOCOL, Turned, Visitor
from loopchat.gateway.execution import IN_FLIGHT_MAX
from loopchat.gateway.lending import FRAME_IN_MAX, HEARTBEAT_MS, QUEUE_MAX
from loopchat.realtime import events
from loopchat.realtime.listener import Goodbye

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]

LIMITS: Final = {
    "frame": FRAME_IN_MAX,
    "message": MESSAGE_MAX,
    "depth": strict.DEPTH_MAX,
    "in_flight": IN_FLIGHT_MAX,
    "out_queue": QUEUE_MAX,
    "rooms": access.ROOMS_PER_PERSON,
    "history": history.PAGE_MAX,
}
"""What `welcome` says of the limits: bytes, characters, numbers."""


async def turn_away(scope: dict[str, Any], send: Send, turned: Turned) -> None:
    """Answer the upgrade with a status, where the server can; elsewhere it becomes a 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    if turned.retry_after_s is not None:
        headers.append((b"retry-after", str(turned.retry_after_s).encode()))
    start = {"type": "websocket.http.response.start", "status": turned.status, "headers": headers}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": turned.text.encode()})


async def accept(send: Send, visitor: Visitor) -> None:
    """A browser fails a socket whose subprotocol is not answered: then it reads no code."""
    offered = visitor.subprotocols
    chosen = SUBPROTOCOL if SUBPROTOCOL in offered else next(iter(offered), None)
    await send({"type": "websocket.accept", "subprotocol": chosen})


def refusal(visitor: Visitor, login: Login | None, sockets: int) -> tuple[Goodbye, str] | None:
    """Why an accepted socket is closed again; `sockets` are the person's other ones here."""
    if SUBPROTOCOL not in visitor.subprotocols:
        return Goodbye.VERSION, f"This server speaks {SUBPROTOCOL}."
    return refusal_of_person(login, sockets)


def refusal_of_person(login: Login | None, sockets: int) -> tuple[Goodbye, str] | None:
    """The same without a look at the protocol."""
    if login is None:
        return Goodbye.SIGNED_OUT, "Sign in first."
    most = settings.SOCKETS_PER_PERSON
    if most is not None and sockets >= most:
        return Goodbye.TOO_MANY_SOCKETS, f"At most {most} sockets per person."
    return None


def welcome(login: Login, epoch: str, conn: str) -> bytes:
    """The first frame's object. `conn` is the name of this connection in the log."""
    me = events.Person(uid=login.user_id, username=login.username, state="online")
    return events.encode(
        events.Welcome(
            v=1,
            conn=conn,
            user=me,
            epoch=epoch,
            server_ts=now_ms(),
            heartbeat_ms=HEARTBEAT_MS,
            limits=LIMITS,
            features=[],
        )
    )
