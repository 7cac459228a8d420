"""A bearer token opens the API and what is documented for programs; no page about an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from loopchat.web.refusals import problem

OPEN: Final = frozenset(
    {
        "api",
        "healthz",
        "readyz",
        # Rooms
        "create_room",
        "join_room",
        "leave_room",
        "invite",
        "kick",
        "ban",
        "unban",
        "set_role",
        "rename_room",
        "set_topic",
        "make_room",
        "archive_room",
        "delete_room",
        "direct",
        "find_rooms",
        "members",
        "banned",
        # People
        "friend_request",
        "block",
        "unblock",
        "set_privacy",
        "answer_request",
        "directory",
        "find_people",
        "change_profile",
        "set_avatar",
        "card",
        "faces",
        "avatar",
        # Links
        "invitations",
        "create_invitation",
        "revoke_invitation",
    }
)
"""Names of addresses. With none of them can somebody get hold of an account."""


class KeepProgramsOut:
    """Middleware: what is not in `OPEN` is shut to tokens, whoever's they are."""

    def __init__(self, handle: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._handle = handle

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._handle(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_arguments: object
    ) -> HttpResponseBase | None:
        """Let pass, or refuse."""
        if getattr(request, "token", None) is None:
            return None
        if request.resolver_match and request.resolver_match.view_name in OPEN:
            return None
        return problem(403, "forbidden", _("This token is for the API and for sockets."))
