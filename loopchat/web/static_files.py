"""Static files, from memory and before Django: no thread and no middleware for a file.

The address carries a hash of the whole tree (`STATIC_URL`), so a browser keeps a file for ever. An
address with another hash gets the current file, and keeps it for no time.
"""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles import finders

from loopchat.web import assets
from loopchat.web.headers import security_headers

PREFIX: Final = "/static/"
FOR_EVER: Final = "public, max-age=31536000, immutable"
COMPRESSED: Final = ("text/", "application/json", "image/svg+xml")
SMALL: Final = 512
"""Bytes below which compression gains nothing."""

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class File:
    """A file in memory."""

    body: bytes
    zipped: bytes | None
    content_type: str
    etag: str


class StaticFiles:
    """An ASGI application that serves `/static/…` and passes everything else on."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._files: dict[str, File | None] = {}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        path: str = scope["path"]
        if not path.startswith(PREFIX) or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        version, _, name = path.removeprefix(PREFIX).partition("/")
        file = self._find(name)
        if file is None:
            await self._app(scope, receive, send)
            return
        current = version == settings.STATIC_HASH
        await _send(scope, send, file, cache=FOR_EVER if current else "no-cache")

    def _find(self, name: str) -> File | None:
        if name not in self._files:
            if len(self._files) > 10_000:  # names that do not exist are anybody's to invent
                self._files.clear()
            self._files[name] = _load(name)
        return self._files[name]


def _load(name: str) -> File | None:
    """Find a file in the installed applications; a name cannot leave their folders."""
    if not name or "\0" in name or any(part in ("..", "") for part in name.split("/")):
        return None
    body = _read(name)
    if body is None:
        return None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind == "text/javascript" or name.endswith((".js", ".mjs")):
        kind = "text/javascript"
    squeezes = kind.startswith(COMPRESSED) and len(body) > SMALL
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    return File(body, gzip.compress(body, 9, mtime=0) if squeezes else None, kind, etag)


def _read(name: str) -> bytes | None:
    text = assets.served(name)
    if text is not None:
        return text.encode()
    found = finders.find(name)
    return Path(found).read_bytes() if isinstance(found, str) and Path(found).is_file() else None


async def _send(scope: dict[str, Any], send: Any, file: File, *, cache: str) -> None:
    asked = dict(scope["headers"])
    headers: Headers = [
        (name.lower().encode(), value.encode())
        for name, value in security_headers(scope["path"], https=settings.IS_HTTPS).items()
    ]
    headers += [(b"cache-control", cache.encode()), (b"etag", file.etag.encode())]
    if file.zipped is not None:
        headers.append((b"vary", b"accept-encoding"))
    if asked.get(b"if-none-match", b"").decode("latin-1") == file.etag:
        await _respond(send, 304, headers, b"")
        return
    body = file.body
    if file.zipped is not None and b"gzip" in asked.get(b"accept-encoding", b""):
        body = file.zipped
        headers.append((b"content-encoding", b"gzip"))
    headers += [
        (b"content-type", file.content_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await _respond(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


async def _respond(send: Any, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
