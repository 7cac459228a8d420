"""Guests see the page of their room and little else. An address is closed to them by default."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from loopchat.accounts.models import User
from loopchat.chat import reading
from loopchat.web.gates import Gate
from loopchat.web.refusals import problem, wants_page

OPEN: Final = frozenset(
    {
        # Their room
        "room",
        "group",
        "room_by_id",
        "members",
        "faces",
        "card",
        "avatar",
        "leave_room",
        # Themselves
        "settings",
        "set_receipts",
        "become_account",
        "sign_out",
        # What everybody may
        "join_link",
        "join_go_on",
        "sign_in",
        "healthz",
        "readyz",
        "metrics",
        "api",  # has rules of its own: `loopchat.api.gate`
    }
)
"""Names of addresses. Each of them looks only at rooms that the guest is in."""

_LEADS_HOME: Final = frozenset({"home", "lobby"})


class KeepGuestsHome(Gate):
    """Middleware: what is not in `OPEN` is not there for guests."""

    def stop(self, request: HttpRequest, name: str) -> HttpResponseBase | None:
        """Let pass, lead home, or say that there is nothing."""
        if name in OPEN:  # first: who asks whether the process lives may do so without a database
            return None
        person: Any = request.user
        if not getattr(person, "is_guest", False):
            return None
        if name in _LEADS_HOME and (home := home_of(person)):
            return redirect("room_by_id", home)
        if wants_page(request):
            template = "invitations/out.html" if name in _LEADS_HOME else "accounts/refused.html"
            detail = _("This is not possible for guests.")
            return render(request, template, {"detail": detail}, status=404)
        return problem(404, "not_found", _("This is not possible for guests."))


def home_of(person: User) -> int | None:
    """The room of a guest, as long as they are in it."""
    rooms = reading.memberships_of(person.pk)
    return rooms[0].room_id if rooms else None
