"""One consumer per socket: save, then send to the group."""

from __future__ import annotations

import json
import os
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from bench.peers.seeds_stack.models import Message, Room

_STORED = os.environ.get("BENCH_STORED") == "1"


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """A member of one room."""

    async def connect(self) -> None:
        """Join the room's group."""
        if not self.scope["user"].is_authenticated:
            await self.close()
            return
        self.name = self.scope["url_route"]["kwargs"]["name"]
        self.group = f"chat_{self.name}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        """Leave the room's group."""
        if hasattr(self, "group"):
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str) -> None:
        """Save what was said and tell everybody."""
        text = json.loads(text_data)["message"]
        number = await self.save(text) if _STORED else 0
        event = {
            "type": "chat_message",
            "message": text,
            "username": self.scope["user"].username,
            "id": number,
        }
        await self.channel_layer.group_send(self.group, event)

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Tell this socket."""
        await self.send(text_data=json.dumps(event))

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def save(self, text: str) -> int:
        """One message, one INSERT."""
        room = Room.objects.get(name=self.name)
        message = Message.objects.create(room=room, sender=self.scope["user"], content=text)
        return int(message.pk)
