"""Behind a link that brings people in: with an account, with a new one, or as a guest.

The secret leaves the address bar at once: the link itself only leads on to `/join/`, and the
browser's session remembers which one it was.
"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from loopchat.accounts import joining, links, people
from loopchat.accounts import sign_in as signing
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from loopchat.invitations import arrivals
from loopchat.invitations import links as invitations
from loopchat.invitations.models import Invitation
from loopchat.web import form_pages
from loopchat.web.forms import AccountForm, GuestForm, SetupForm
from loopchat.web.sign_up_views import INVITE

_ARRIVING = "arriving"
"""The link that this browser came with."""
_GOES_ON = "goes_on"
"""Whether they have chosen to sign in or sign up, and go in afterwards without another question."""
_REMEMBERED = timedelta(days=7)
"""How long after a visit its browser is told that it has ended, and how."""


@require_http_methods(["GET", "HEAD"])
@sensitive_variables("secret")
def join_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The link itself: remembered if it works, and gone from the address bar."""
    try:
        invitation = invitations.find(secret, _person(request))
    except Refused as no:
        answer = _refused(request, no, slow_down=True)
    else:
        request.session[_ARRIVING] = invitation.pk
        request.session.pop(_GOES_ON, None)
        if invitation.kind == Invitation.Kind.MEMBER:
            request.session[INVITE] = secret
        answer = redirect("join_go_on")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def join_go_on(request: HttpRequest) -> HttpResponse:
    """Where the link leads, and the ways in."""
    try:
        person = _person(request)
        invitation = invitations.find_by_id(int(request.session.get(_ARRIVING, 0)), person)
        if person is not None:
            return _as_oneself(request, person, invitation)
        return _as_a_stranger(request, invitation)
    except Refused as no:
        return _refused(request, no)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def become_account(request: HttpRequest) -> HttpResponse:
    """A guest chooses a name and a password and stays."""
    guest = request.user
    if not isinstance(guest, User) or not guest.is_guest:
        return form_pages.onwards(request)

    def become(request: HttpRequest, form: AccountForm) -> HttpResponse:
        signing.admit(form_pages.address_of(request))
        code = str(request.session.get(INVITE, ""))
        person = arrivals.become_account(guest, **form.cleaned_data, code=code)
        request.session.pop(INVITE, None)
        request.session.set_expiry(None)
        signing.begin(request, person)
        return form_pages.onwards(request)

    form = SetupForm(request.POST or None)
    return form_pages.answer(request, "invitations/become_account.html", form, become, {})


def _as_oneself(request: HttpRequest, person: User, invitation: Invitation) -> HttpResponse:
    """One click; none for who has just signed in for it."""
    if request.method == "POST" or (request.session.get(_GOES_ON) and request.method == "GET"):
        room_id = arrivals.use(invitation, person)
        _forget(request)
        return redirect("room_by_id", room_id) if room_id else redirect("lobby")
    return _page(request, invitation)


def _as_a_stranger(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    way = request.POST.get("way", "")
    if way in ("sign_in", "sign_up"):
        request.session[_GOES_ON] = True
        return redirect(f"{reverse(way)}?next={reverse('join_go_on')}")
    if invitation.kind != Invitation.Kind.GUEST:
        return _page(request, invitation)

    def enter(request: HttpRequest, form: AccountForm) -> HttpResponse:
        signing.admit(form_pages.address_of(request))
        guest = arrivals.enter_as_guest(invitation, form.cleaned_data["name"])
        _forget(request)
        signing.begin(request, guest)
        request.session.set_expiry(guest.guest_until and guest.guest_until + _REMEMBERED)
        return redirect("room_by_id", invitation.room_id)

    form = GuestForm(request.POST or None)
    shown = _shown(invitation)
    return form_pages.answer(request, "invitations/join.html", form, enter, shown)


def _person(request: HttpRequest) -> User | None:
    """Who is signed in; `request.user` is not the person itself until it is asked for."""
    return people.find(request.user.get_username()) if request.user.is_authenticated else None


def _page(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    return render(request, "invitations/join.html", _shown(invitation))


def _shown(invitation: Invitation) -> dict[str, object]:
    """What somebody outside learns: two names, who invites if they want that, the ways in."""
    is_guest = invitation.kind == Invitation.Kind.GUEST
    return {
        "room_name": "" if invitation.room is None else invitation.room.name,
        "has_room": invitation.room is not None,
        "host": invitation.created_by if invitation.is_signed else None,
        "site": links.site_name(),
        "is_for_guests": is_guest,
        "until": invitation.expires_at if is_guest else None,
        "can_sign_up": joining.is_open() if is_guest else settings.SIGNUP != "closed",
    }


def _forget(request: HttpRequest) -> None:
    for name in (_ARRIVING, _GOES_ON, INVITE):
        request.session.pop(name, None)


def _refused(request: HttpRequest, no: Refused, *, slow_down: bool = False) -> HttpResponse:
    """Why not; who tries many links is slowed down like who tries many passwords."""
    if slow_down:
        try:
            signing.admit(form_pages.address_of(request))
        except Refused as wait:
            return form_pages.refused(request, wait, HTTPStatus.TOO_MANY_REQUESTS)
    return form_pages.refused(request, no)
