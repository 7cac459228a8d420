"""The way into the API. What is behind it is loaded with the first request that comes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

ADDRESSES = "loopchat.api.urls"


@csrf_exempt  # asked for again where a session is what signs in: `loopchat.api.asking`
def api(request: HttpRequest) -> HttpResponseBase:
    """Find the address among those of the API, with or without a slash at its end.

    All of it is below `/chat/` too, where one of the first applications has it.
    """
    path = request.path_info.removeprefix("/chat")
    path = path if path.endswith("/") else f"{path}/"
    try:
        match = resolve(path, ADDRESSES)
    except Resolver404:
        from loopchat.api import problems

        return problems.plain("not_found", _("There is no such address."))
    request.resolver_match = match
    answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    return answer
