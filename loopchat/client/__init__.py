"""A client for programs: `Client` keeps a socket open, `Api` asks, `Rest` asks in scripts.

    async with Client("http://127.0.0.1:8000", token) as chat:
        await chat.send(chat.room("garden").room, "The beans are up.")
        async for event in chat.events():
            ...
        async for message in chat.api.messages(7):
            ...

It needs nothing of the server but its address and a token, and nothing of Django.
"""

from __future__ import annotations

from loopchat.client.answers import History, Listing, Page
from loopchat.client.api import Api
from loopchat.client.errors import Gone, Lost, Refusal
from loopchat.client.outbox import Sent
from loopchat.client.rest import Rest
from loopchat.client.session import Client

__all__ = [
    "Api",
    "Client",
    "Gone",
    "History",
    "Listing",
    "Lost",
    "Page",
    "Refusal",
    "Rest",
    "Sent",
]
