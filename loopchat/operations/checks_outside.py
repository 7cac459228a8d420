"""What only a request shows: pages, sockets and letters on the way that people's take."""

from __future__ import annotations

import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from loopchat.operations.findings import Check, Finding, advice, fault, ok
from loopchat.serving import addresses

WITHIN: Final = 5.0
"""Seconds that an answer may take."""

SIGNED_OUT: Final = 4501


def pages_and_sockets() -> Iterator[Finding]:
    """Ask for a page and open a socket at each public address, through whatever is in between."""
    for address in addresses(settings.HOST, settings.PORT):
        if (finding := _page(address)) is not None:
            yield finding
        else:
            yield ok("pages", f"{address} answers")
            yield _socket(address)


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


def _page(address: str) -> Finding | None:
    """What is wrong with the way to a page, if anything."""
    try:  # the addresses are http and https: settings take no others
        with urllib.request.urlopen(f"{address}healthz", timeout=WITHIN) as answer:  # noqa: S310
            if b'"status"' in answer.read(200):
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
            403: "The Origin is not in LOOPCHAT_ORIGINS, or the proxy changes it.",
            404: "The proxy does not pass /ws/ on.",
            400: "The proxy does not pass on Upgrade and Connection, or changes the Host.",
            426: "The proxy does not pass on Upgrade and Connection.",
        }.get(status, "See the proxy's log.")
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
