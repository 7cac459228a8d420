"""How pages answer: JSON for our own client, a page or the way back for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

import msgspec
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_POST, require_safe

from loopchat import words
from loopchat.accounts.models import User
from loopchat.core.errors import STATUS, Refused

P = ParamSpec("P")


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: User


View = Callable[Concatenate[PersonRequest, P], HttpResponse]


def page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page for signed-in people; what is refused there is as good as not there."""

    @wraps(view)
    def answer(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as no:
            raise Http404(words.told(no)) from no

    return require_safe(login_required(answer))


def lookup(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Data for our own client."""

    @wraps(view)
    def answer(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as no:
            return refusal(no)

    return require_safe(login_required(answer))


def form(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Something that a signed-in person does; refused, the page they came from says why."""

    @wraps(view)
    def answer(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as no:
            if wants_json(request):
                return refusal(no)
            messages.error(request, words.told(no))
            return redirect(_where_they_were(request))

    return require_POST(login_required(answer))


def _where_they_were(request: HttpRequest) -> str:
    """The page with the form, if it is one of ours that can be asked for again."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host() or came_from.path == request.path:
        return reverse("lobby")
    path = f"/{came_from.path.lstrip('/')}"
    return path.removesuffix("/").rpartition("/")[0] + "/" if _is_page_again(path) else path


def _is_page_again(path: str) -> bool:
    """Whether a page is shown there only when its form was refused: its own address is above."""
    try:
        return hasattr(resolve(path).func, "is_page_again")
    except Resolver404:
        return False


def wants_json(request: HttpRequest) -> bool:
    """Whether our own client asks, which stays on its page."""
    return request.headers.get("Accept") == "application/json"


def data(body: object) -> HttpResponse:
    """Objects of the protocol for our own client."""
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")


def refusal(no: Refused) -> JsonResponse:
    """A refusal in the words of the socket's `error`."""
    status = STATUS.get(no.code, HTTPStatus.BAD_REQUEST)
    answer = JsonResponse(words.fields(no), status=status)
    if no.retry_after:
        answer.headers["Retry-After"] = no.retry_after
    return answer
