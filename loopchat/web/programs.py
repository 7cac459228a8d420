"""A bearer token opens the API and what is documented for programs; no page about an account."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from loopchat.web.gates import Gate
from loopchat.web.refusals import problem

OPEN: Final = frozenset(
    {
        "api",
        "healthz",
        "readyz",
        "metrics",
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


class KeepProgramsOut(Gate):
    """Middleware: what is not in `OPEN` is shut to tokens, whoever's they are."""

    def stop(self, request: HttpRequest, name: str) -> HttpResponseBase | None:
        """Let pass, or refuse."""
        if getattr(request, "token", None) is None:
            return None
        if name in OPEN:
            return None
        return problem(403, "forbidden", _("This token is for the API and for sockets."))
