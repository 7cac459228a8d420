"""Signing in with the word of a provider that the operator has named."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

_log = logging.getLogger(__name__)


@require_POST
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """To the provider, by a page in between: forms may not lead to another site (`form-action`)."""
    views = _views(provider_id)
    from requests import RequestException

    try:
        answer: HttpResponseBase = views.login(request, provider_id=provider_id)
    except RequestException:
        _log.warning("The provider %s does not answer.", provider_id)
        failed = "socialaccount/authentication_error.html"
        return render(request, failed, status=HTTPStatus.BAD_GATEWAY)
    target = answer.headers.get("Location", "")
    if not target.startswith(("https://", "http://")):
        return answer
    name = next(each.name for each in settings.OIDC if each.id == provider_id)
    page = render(request, "accounts/to_provider.html", {"target": target, "name": name})
    page.headers["Refresh"] = f"0; url={target}"
    return page


@require_safe
def callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Back from the provider, with the code that proves it."""
    answer: HttpResponseBase = _views(provider_id).callback(request, provider_id=provider_id)
    return answer


def _views(provider_id: str) -> Any:
    """They are loaded when there is a provider; most servers have none."""
    if all(each.id != provider_id for each in settings.OIDC):
        raise Http404
    from allauth.socialaccount.providers.openid_connect import views

    return views
