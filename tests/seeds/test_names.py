"""What the first applications call things, where a name alone is a promise."""

from __future__ import annotations

import pytest
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import resolve, reverse

from loopchat import asgi, urls

VIEWS: dict[str, tuple[str, list[object]]] = {
    "loginPage": ("/login/", []),
    "chatPage": ("/", []),
    "groupRoomPage": ("/chat/room/garden/", ["garden"]),
    "privateRoomPage": ("/chat/user/ben/", ["ben"]),
    "chat_list": ("/", []),
    "chat_room": ("/room/7/", [7]),
    "send_message": ("/api/send-message/", []),
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_are_found_by_the_names_they_had(name: str) -> None:
    path, arguments = VIEWS[name]
    assert reverse(name, args=arguments) == path
    assert resolve(path).func is not None


def test_each_plane_has_its_router() -> None:
    assert isinstance(asgi._router, ProtocolTypeRouter)
    sockets = asgi._router.application_mapping["websocket"]
    assert isinstance(sockets, URLRouter)
    routes = [str(route.pattern) for route in sockets.routes]
    assert {"ws/chat/lobby/", "ws/chat/<int:room_id>/"} <= set(routes)
    assert urls.urlpatterns


def test_each_instance_may_have_a_cookie_of_its_own() -> None:
    assert settings.SESSION_COOKIE_NAME != "sessionid"
    assert settings.CSRF_COOKIE_NAME.startswith(settings.SESSION_COOKIE_NAME)
