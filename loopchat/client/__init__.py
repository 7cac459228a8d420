"""A client for programs: `Client` keeps a socket open, `Rest` asks one thing at a time.

    async with Client("http://127.0.0.1:8000", token) as chat:
        await chat.send(chat.room("garden").room, "The beans are up.")
        async for event in chat.events():
            ...

It needs nothing of the server but its address and a token, and nothing of Django.
"""

from __future__ import annotations

from loopchat.client.errors import Gone, Lost, Refusal
from loopchat.client.outbox import Sent
from loopchat.client.rest import Rest
from loopchat.client.session import Client

__all__ = ["Client", "Gone", "Lost", "Refusal", "Rest", "Sent"]
