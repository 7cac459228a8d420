"""What owners do for others: let people in, help those who forgot their password."""

from __future__ import annotations

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from loopchat.accounts import joining, people, resets
from loopchat.core.errors import Refused
from loopchat.web.answers import PersonRequest, form, page


@page
def requests_page(request: PersonRequest) -> HttpResponse:
    """Who waits to be let in, and a form for a link to a new password."""
    _only_owners(request)
    return _shown(request)


@form
def approve(request: PersonRequest, user_id: int) -> HttpResponse:
    """Let somebody in."""
    joining.approve(request.user, user_id)
    messages.info(request, _("They can sign in now."))
    return redirect("requests")


@form
def refuse(request: PersonRequest, user_id: int) -> HttpResponse:
    """Turn somebody away."""
    joining.refuse(request.user, user_id)
    messages.info(request, _("They are turned away."))
    return redirect("requests")


@form
def make_link(request: PersonRequest) -> HttpResponse:
    """A link to a new password for somebody, shown once to the owner who hands it on."""
    _only_owners(request)
    raise_if_reauthentication_required(request, app="allauth.account")
    person = people.find(request.POST.get("username", ""))
    if person is None:
        raise Refused("not_found", "Nobody here has this name.", field="username")
    return _shown(request, link=resets.link_for(person), person=person)


def _shown(request: PersonRequest, **more: object) -> HttpResponse:
    shown = {"applications": joining.applications(), **more}
    return render(request, "accounts/requests.html", shown)


def _only_owners(request: PersonRequest) -> None:
    if not request.user.is_owner:
        raise Http404
