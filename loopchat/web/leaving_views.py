"""Taking one's data along, and ending one's account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import IO, Final

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from loopchat.accounts import freshness, people
from loopchat.accounts import sign_in as signing
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from loopchat.core.limits import Buckets, Rate, refuse_often
from loopchat.core.text import name_key
from loopchat.leaving import deletion
from loopchat.leaving import export as exporting
from loopchat.web import form_pages
from loopchat.web.forms import AccountForm, DeleteForm

EXPORTS: Final = Rate(3 / 3600, 3)
"""Exports of one person, in each process: each reads everything that they ever wrote."""

_CHUNK: Final = 64 * 1024
_exports = Buckets(EXPORTS)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def export(request: HttpRequest) -> HttpResponseBase:
    """What is stored about me, as a zip."""
    if request.method != "POST":
        return render(request, "leaving/export.html")
    person = _person(request)
    try:
        refuse_often(_exports.take(person.pk))
    except Refused as no:
        return form_pages.refused(request, no)
    answer = StreamingHttpResponse(_chunks(exporting.write(person)), content_type="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="loopchat-export.zip"'
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def delete_account(request: HttpRequest) -> HttpResponse:
    """The end of my account, after a second look."""
    person = _person(request)
    if request.method == "POST" and freshness.needs_new_sign_in(request, person):
        raise ReauthenticationRequired
    form = DeleteForm(request.POST or None, has_password=person.has_usable_password())

    def delete(request: HttpRequest, form: AccountForm) -> HttpResponse:
        _prove(person, form.cleaned_data)
        deletion.delete(person, takes_texts=form.cleaned_data["texts"] == "remove")
        signing.end(request)
        return render(request, "leaving/deleted.html")

    page = {"is_last_owner": deletion.is_last_owner(person)}
    return form_pages.answer(request, "leaving/delete_account.html", form, delete, page)


def _prove(person: User, given: dict[str, str]) -> None:
    """The password; where there is none, the own name, so that no click alone does it."""
    if person.has_usable_password():
        if not signing.is_theirs(person, given["password"]):
            raise Refused("forbidden", "This is not your password.", field="password")
    elif name_key(given["username"]) != person.username_key:
        raise Refused("forbidden", "This is not your name.", field="username")


def _person(request: HttpRequest) -> User:
    found = people.find(request.user.get_username())
    if found is None:
        raise Refused("unauthorized", "Sign in first.")
    return found


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """What the server sends piece by piece: it would collect an ordinary iterator first."""
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
