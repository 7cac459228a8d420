"""Links that bring people in: make one, look through them, end one."""

from __future__ import annotations

import base64
import io
from typing import Final

import msgspec
import qrcode
from django.http import HttpResponse
from django.shortcuts import redirect, render
from qrcode.image.svg import SvgPathFillImage

from loopchat.accounts import links as addresses
from loopchat.accounts import mail
from loopchat.core.clock import ts_of
from loopchat.core.errors import Refused
from loopchat.invitations import arrivals, letters, links
from loopchat.invitations.models import Invitation
from loopchat.web import numbers
from loopchat.web.answers import PersonRequest, data, form, page, wants_json

_PAGES_MAX: Final = 10_000
_MADE: Final = "made_invitation"
"""In the session until its page was shown: the link that was made last, and its secret."""


class Shown(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A link as those see it who may end it. Its secret is shown once, when it is made."""

    id: int
    kind: str
    label: str
    by: str
    room: int | None = None
    room_name: str | None = None
    created_ts: int
    expires_ts: int | None = None
    uses: int
    max_uses: int | None = None
    email: str | None = None
    signed: bool
    state: links.State
    url: str | None = None
    qr: str | None = None


@page
def invitations(request: PersonRequest) -> HttpResponse:
    """One's own links, and those of rooms that one moderates."""
    room_id = numbers.asked_if_any(request.GET.get("room", ""), "room")
    number = numbers.asked_if_any(request.GET.get("page", ""), "page") or 0
    if number > _PAGES_MAX:
        raise Refused("bad_request", "This is a whole number.", field="page")
    found = [_shown(one) for one in links.of(request.user, room_id, number=number)]
    if wants_json(request):
        return data({"results": found})
    shown = {"invitations": found, "rooms": links.rooms_of(request.user)}
    if len(found) == links.LISTED:
        shown["next"] = number + 1
    return render(request, "invitations/invitations.html", {**shown, "can_mail": mail.is_on()})


@form
def create(request: PersonRequest) -> HttpResponse:
    """A new link; the page that it leads to is the only one that has it."""
    fresh, secret = links.make(
        request.user,
        room_id=numbers.asked_if_any(request.POST.get("room", ""), "room"),
        kind=request.POST.get("kind", Invitation.Kind.MEMBER),
        hours=numbers.asked_if_any(request.POST.get("hours", ""), "hours"),
        max_uses=numbers.asked_if_any(request.POST.get("max_uses", ""), "max_uses"),
        label=request.POST.get("label", ""),
        email=request.POST.get("email", ""),
        is_signed=request.POST.get("signed") == "on",
    )
    if wants_json(request):
        return data({"invitation": _shown(fresh, url=letters.url_of(secret))})
    request.session[_MADE] = [fresh.pk, secret]
    return redirect("made_invitation")


@page
def made(request: PersonRequest) -> HttpResponse:
    """The link that was just made, this once: a reload makes no other one, and shows it no more."""
    invitation_id, secret = request.session.pop(_MADE, (0, ""))
    if not secret:
        return redirect("invitations")
    found = links.revocable(invitation_id, request.user)
    shown = _shown(found, url=letters.url_of(secret))
    reach = {"host": addresses.site_name(), "is_for_here": addresses.is_for_here()}
    return render(request, "invitations/made.html", {"invitation": shown, **reach})


@form
def revoke(request: PersonRequest, invitation_id: int) -> HttpResponse:
    """End a link; guests who came by it are signed out."""
    ended = arrivals.revoke(invitation_id, request.user)
    if wants_json(request):
        return data({"invitation": _shown(ended)})
    return redirect("invitations")


def _shown(one: Invitation, url: str | None = None) -> Shown:
    return Shown(
        id=one.pk,
        kind=one.kind,
        label=one.label,
        by=one.created_by.username,
        room=one.room_id,
        room_name=None if one.room is None else one.room.name,
        created_ts=ts_of(one.created_at),
        expires_ts=ts_of(one.expires_at) if one.expires_at else None,
        uses=one.uses,
        max_uses=one.max_uses,
        email=one.email or None,
        signed=one.is_signed,
        state=links.state_of(one),
        url=url,
        qr=None if url is None else _picture(url),
    )


def _picture(url: str) -> str:
    """A QR code as the address of an image: no script and no page can be made of it."""
    code = qrcode.QRCode(border=4, image_factory=SvgPathFillImage)
    code.add_data(url)
    out = io.BytesIO()
    code.make_image().save(out)
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()
