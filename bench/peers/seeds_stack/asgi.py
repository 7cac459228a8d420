"""HTTP to Django, WebSocket to the consumer; also the (empty) site map."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.seeds_stack.settings")
http = get_asgi_application()

from bench.peers.seeds_stack.consumer import ChatConsumer  # noqa: E402  # needs the loaded models

urlpatterns: list[object] = []
sockets = [path("ws/chat/group/<str:name>/", ChatConsumer.as_asgi())]
application = ProtocolTypeRouter(
    {"http": http, "websocket": AuthMiddlewareStack(URLRouter(sockets))}
)
