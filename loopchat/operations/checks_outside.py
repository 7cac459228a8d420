"""What only a request shows: pages, sockets and letters on the way that people's take."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.utils.module_loading import import_string
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from loopchat.core.origins import is_trusted
from loopchat.operations.findings import Check, Finding, advice, fault, ok
from loopchat.serving import addresses
from loopchat.web.health import doctors_header

WITHIN: Final = 5.0
"""Seconds that an answer may take."""

SIGNED_OUT: Final = 4501

_NO_UPGRADE: Final = "The proxy does not pass on Upgrade and Connection."


def pages_and_sockets() -> Iterator[Finding]:
    """Ask for a page and open a socket at each public address, through whatever is in between."""
    for address in addresses(settings.HOST, settings.PORT):
        arrival: dict[str, Any] = {}
        if (finding := _page(address, arrival)) is not None:
            yield finding
        else:
            yield ok("pages", f"{address} answers")
            yield _socket(address)
            yield from _way(address, arrival)
            yield from _figures(address)


def letters() -> Iterator[Finding]:
    """Does the mail server let us in? Nothing is sent."""
    mail = settings.MAIL
    if mail is None:
        remedy = "LOOPCHAT_EMAIL_URL; until then an owner makes the links for lost passwords."
        yield advice("mail", "is not set up", remedy)
        return
    try:
        line = import_string(mail.backend)(**{**mail.options, "timeout": WITHIN})
        line.open()
        line.close()
    except (OSError, smtplib.SMTPException) as problem:
        text = str(problem).partition("\n")[0]
        yield fault("mail", text, "See LOOPCHAT_EMAIL_URL.")
    else:
        yield ok("mail", "the mail server lets us in")


def _page(address: str, arrival: dict[str, Any]) -> Finding | None:
    """What is wrong with the way to a page, if anything; `arrival` gets how the request arrived."""
    request = urllib.request.Request(f"{address}healthz", headers=doctors_header())  # noqa: S310
    try:  # the addresses are http and https: settings take no others
        with urllib.request.urlopen(request, timeout=WITHIN) as answer:  # noqa: S310
            body = answer.read(2000)
            if b'"status"' in body:
                arrival.update(json.loads(body))
                return None
            text, remedy = "something else than Loopchat answers", "See the proxy's address of it."
    except urllib.error.HTTPError as problem:
        text = f"{address} answers {problem.code}"
        remedy = {
            400: "The host is not in LOOPCHAT_ORIGINS, or the proxy changes the Host header.",
            502: "The proxy finds no server: does it run, and on the port the proxy asks?",
            504: "The proxy waits in vain for the server.",
        }.get(problem.code, "See the proxy's log.")
    except ssl.SSLError as problem:
        text, remedy = f"{address}: {problem.reason}", "See the certificate."
    except OSError as problem:
        reason = getattr(problem, "reason", problem)
        text, remedy = f"{address}: {reason}", "Does the server run? Is the name known in the DNS?"
    return fault("pages", text, remedy)


def _way(address: str, arrival: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the server learns through the proxy who asks, and that it was by https."""
    if "peer" not in arrival:
        text = f"{address} is not the server of these settings: another secret key"
        yield advice("client address", text, "Give the doctor the settings of the server.")
        return
    peer = arrival["peer"]
    is_known = is_trusted(peer or "", settings.TRUSTED_PROXIES)
    if arrival["by_proxy"] and not is_known:
        remedy = f"LOOPCHAT_TRUSTED_PROXIES={peer}: until then all people share one address."
        yield fault("client address", f"the proxy at {peer} is not trusted", remedy)
    elif is_known and not arrival["has_address"] and settings.ORIGINS:
        remedy = "The proxy has to set X-Forwarded-For (docs/operating.md)."
        yield fault("client address", f"{peer} does not say who asks", remedy)
    else:
        yield ok("client address", f"the server sees {arrival['client']}")
    if address.startswith("https:") and is_known and not arrival["https"]:
        remedy = "The proxy has to set X-Forwarded-Proto (docs/operating.md)."
        yield fault("https", f"{peer} does not say that {address} is https", remedy)
    elif address.startswith("https:"):
        yield ok("https", f"{address} has a certificate that is believed")


def _figures(address: str) -> Iterator[Finding]:
    """`/metrics` is for who is near, not for who reaches the public address."""
    if not settings.ORIGINS:
        return
    try:
        urllib.request.urlopen(f"{address}metrics", timeout=WITHIN).close()  # noqa: S310
    except OSError:
        return
    remedy = "Have the proxy set X-Forwarded-For, or refuse /metrics; or LOOPCHAT_METRICS_FROM=off."
    yield fault("metrics", f"{address}metrics can be read by everybody", remedy)


def _socket(address: str) -> Finding:
    """A socket without a session is accepted and then closed as signed out: all is well."""
    origin = address.rstrip("/")
    url = f"ws{origin.removeprefix('http')}/ws/"
    try:
        with connect(
            url,
            origin=Origin(origin),
            subprotocols=[Subprotocol("loopchat.v1")],
            open_timeout=WITHIN,
            close_timeout=WITHIN,
            proxy=None,
        ) as socket:
            socket.recv(timeout=WITHIN)
            return fault("sockets", f"{url} lets strangers in", "Stop the server, and tell us.")
    except InvalidStatus as problem:
        status = problem.response.status_code
        remedy = {
            400: f"{_NO_UPGRADE[:-1]}, or changes the Host.",
            403: "The Origin is not in LOOPCHAT_ORIGINS, or the proxy changes it.",
            404: "The proxy does not pass /ws/ on.",
            426: _NO_UPGRADE,
        }.get(status, "See the proxy's log.")
        if "X-Request-Id" in problem.response.headers:  # pages have it, sockets do not
            remedy = _NO_UPGRADE
        return fault("sockets", f"{url} answers {status}", remedy)
    except (InvalidHandshake, OSError, TimeoutError) as problem:
        remedy = "See how the proxy passes on WebSockets (docs/operating.md)."
        return fault("sockets", f"{url}: {problem}", remedy)
    except WebSocketException as problem:
        code = getattr(getattr(problem, "rcvd", None), "code", None)
        if code == SIGNED_OUT:
            return ok("sockets", f"{url} opens")
        return fault("sockets", f"{url} was closed with {code}", "See the server's log.")


CHECKS: Final[tuple[Check, ...]] = (pages_and_sockets, letters)
