"""One HTTP request to somebody else's server, bounded in every direction.

The standard library's client speaks; what is ours is the socket under it: connected to the address
that was looked at, and over at one moment however slowly the other side sends. No redirect is
followed, nothing is unpacked, and the environment's proxies are not asked.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from loopchat.core.destinations import (
    DEFAULT_PORTS,
    Address,
    Allowed,
    Destination,
    NotAllowed,
    NotFound,
    Resolve,
    find,
    system_resolver,
)

CONNECT_SECONDS: Final = 3.0
"""For finding a name, and for each address that is tried."""

TRIED: Final = 4
"""Addresses of one name that are tried."""

HEADERS_MAX: Final = 32 * 1024
"""Bytes of the answer's first line and headers."""


class Failed(Exception):
    """A request without an answer, and why, in a few English words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `body` is None when there was more of it than asked for, or it was packed."""

    status: int
    kind: str
    charset: str
    body: bytes | None
    retry_after: str | None = None
    """The header of this name, as it came."""


@dataclass(frozen=True, slots=True)
class Way:
    """How requests go out; the fields are there for tests and for operators with rules."""

    allowed: Allowed = field(default_factory=Allowed)
    resolve: Resolve = system_resolver
    tls: ssl.SSLContext | None = None


def post(
    destination: Destination,
    body: bytes,
    headers: Mapping[str, str],
    *,
    way: Way,
    within: float,
    at_most: int,
) -> Answer:
    """Send it, and read at most `at_most` bytes of the answer, all within `within` seconds.

    Raises `NotAllowed` before anything was sent, `Failed` for everything else that is no answer.
    """
    ends_at = time.monotonic() + within
    try:
        found = find(
            destination, way.allowed, resolve=way.resolve, within=min(CONNECT_SECONDS, within)
        )
        with _connected(destination, found, ends_at) as plain:
            wire = _encrypted(plain, destination, way, ends_at)
            try:
                return _exchange(_Wire(wire, ends_at), destination, body, headers, at_most)
            finally:
                wire.close()
    except NotAllowed:
        raise
    except NotFound as error:
        raise Failed(str(error)) from None
    except ssl.SSLCertVerificationError as error:
        raise Failed(f"its certificate is not valid: {error.verify_message}") from None
    except TimeoutError:
        raise Failed("no whole answer in time") from None
    except ConnectionRefusedError:
        raise Failed("nobody listens there") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failed(f"the connection failed ({type(error).__name__})") from None


def _connected(destination: Destination, found: Sequence[Address], ends_at: float) -> socket.socket:
    """A socket to the first of the addresses that answers."""
    last: OSError = OSError()
    for address in found[:TRIED]:
        try:
            patience = min(CONNECT_SECONDS, _left(ends_at))
            return socket.create_connection((str(address), destination.port), patience)
        except OSError as error:
            last = error
    raise last


def _encrypted(
    plain: socket.socket, destination: Destination, way: Way, ends_at: float
) -> socket.socket:
    if destination.scheme != "https":
        return plain
    plain.settimeout(_left(ends_at))
    return (way.tls or _tls()).wrap_socket(plain, server_hostname=destination.host)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _exchange(
    wire: _Wire,
    destination: Destination,
    body: bytes,
    headers: Mapping[str, str],
    at_most: int,
) -> Answer:
    connection = http.client.HTTPConnection(destination.host, destination.port)
    connection.default_port = DEFAULT_PORTS[destination.scheme]  # for the Host header
    connection.sock = wire
    all_headers = {"Accept-Encoding": "identity", "Connection": "close", **headers}
    connection.request("POST", destination.target, body, all_headers)
    response = connection.getresponse()
    wire.count = None
    return Answer(
        response.status,
        response.headers.get_content_type(),
        response.headers.get_content_charset("utf-8"),
        _body(response, at_most),
        response.headers.get("Retry-After"),
    )


def _body(response: http.client.HTTPResponse, at_most: int) -> bytes | None:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        return None
    found = response.read(at_most + 1)
    if response.length and len(found) <= at_most:
        raise http.client.IncompleteRead(found, response.length)
    return found if len(found) <= at_most else None


class _Wire:
    """As much of a socket as `http.client` asks for; each step has what is left of the time."""

    def __init__(self, wire: socket.socket, ends_at: float) -> None:
        self._wire = wire
        self._ends_at = ends_at
        self.count: int | None = 0
        """Bytes read so far, as long as they are headers."""

    def sendall(self, data: Any) -> None:
        """Send all of it."""
        self._wire.settimeout(_left(self._ends_at))
        self._wire.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What the answer is read from."""
        return io.BufferedReader(_Reads(self), 4096)

    def read_into(self, buffer: Any) -> int:
        """Wait for more, no longer than there is time for all."""
        self._wire.settimeout(_left(self._ends_at))
        got = self._wire.recv_into(buffer)
        if self.count is not None:
            self.count += got
            if self.count > HEADERS_MAX:
                raise ValueError("too many headers")
        return got

    def close(self) -> None:
        """Whoever opened the socket closes it."""


class _Reads(io.RawIOBase):
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._wire.read_into(buffer)


def _left(ends_at: float) -> float:
    """Seconds until the end; there is at least a moment, or it is over."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
