"""`/metrics`, for Prometheus: all workers in one answer, for who is near or has the token.

Everybody else finds nothing there, as at any address that does not exist. "Near" is an address of
LOOPCHAT_METRICS_FROM that asks without a proxy in between and not by the public name: a proxy on
this machine would make the whole world near.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from loopchat.core.origins import host_allowed, is_local, is_trusted
from loopchat.web import exposition
from loopchat.web.health import probes


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of all workers in Prometheus' text format."""
    if not (_has_token(request) or is_near(request)):
        raise Http404
    try:
        return HttpResponse(exposition.text(probes.roll()), content_type=CONTENT_TYPE_LATEST)
    except TimeoutError:  # the event loop does not come round
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)


def is_near(request: HttpRequest) -> bool:
    """Whether somebody on a machine of ours asks, and no proxy for them."""
    if request.META.get("loopchat.by_proxy", True):
        return False
    host = request.META.get("HTTP_HOST", "")
    peer = request.META.get("REMOTE_ADDR") or ""
    if settings.ORIGINS and is_local(f"[{peer}]" if ":" in peer else peer) and not is_local(host):
        return False  # a proxy on this machine that says nothing of itself
    return host_allowed(host, ()) and is_trusted(peer, settings.METRICS_FROM)


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    is_bearer = bool(wanted) and scheme.lower() == "bearer"
    return is_bearer and secrets.compare_digest(given.strip().encode(), wanted.encode())
