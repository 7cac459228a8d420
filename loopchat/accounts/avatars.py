"""Pictures of people: made small by a program of its own, kept as files named by their content."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final

from django.conf import settings

from loopchat.accounts.models import Profile
from loopchat.core import pictures
from loopchat.core.errors import Refused

FILE_MAX: Final = 5 * 1024 * 1024
SIZES: Final = (64, 256)

_NAME: Final = re.compile(r"([0-9a-f]{64})-(64|256)\.webp", re.ASCII)
_AT_ONCE: Final = 2
_WAIT_S: Final = 10.0
_TIMEOUT_S: Final = 20.0
_GRACE_S: Final = 3600
"""A file without a profile that is younger may be about to get one."""

_PORTION: Final = 500

_turns = BoundedSemaphore(_AT_ONCE)
_tidied_at = -float(_GRACE_S)
_left: list[Path] = []


def store(file: bytes, crop: tuple[int, int, int] | None = None) -> str:
    """Keep a picture; its name. The same picture has the same name."""
    if len(file) > FILE_MAX:
        raise Refused("too_large", "A picture has at most {n} MiB.", field="file", n=5)
    made = _made_small(file, crop)
    name = hashlib.sha256(made[-1]).hexdigest()
    folder = _folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    for size, content in zip(SIZES, made, strict=True):
        _write(folder / f"{name}-{size}.webp", content)
    return name


def read(file_name: str) -> tuple[str, bytes] | None:
    """The picture's name and the content of one of its files; None when there is none."""
    found = _NAME.fullmatch(file_name)
    if found is None:
        return None
    try:
        return found[1], (_folder() / found[0]).read_bytes()
    except OSError:
        return None


def tidy() -> bool:
    """Remove files that nobody shows any more, a portion at a time; whether there may be more."""
    global _tidied_at, _left
    if not _left and time.monotonic() < _tidied_at + _GRACE_S:
        return False
    if not _left:
        _tidied_at, _left = time.monotonic(), list(_files())
    portion, _left = _left[:_PORTION], _left[_PORTION:]
    named = {path: found[1] for path in portion if (found := _NAME.fullmatch(path.name))}
    rows = Profile.objects.filter(avatar__in=set(named.values()))
    shown = set(rows.values_list("avatar", flat=True))
    for path in portion:
        if named.get(path) not in shown and _is_old(path):
            path.unlink(missing_ok=True)
    return bool(_left)


def _is_old(path: Path) -> bool:
    try:
        return path.stat().st_mtime < time.time() - _GRACE_S
    except OSError:
        return False


def _made_small(file: bytes, crop: tuple[int, int, int] | None) -> list[bytes]:
    sizes = ",".join(str(size) for size in SIZES)
    box = [] if crop is None else [str(number) for number in crop]
    command = [sys.executable, "-I", pictures.__file__, sizes, *box]
    if not _turns.acquire(timeout=_WAIT_S):
        raise Refused(
            "unavailable",
            "Too many pictures at this moment. Try again in a few seconds.",
            retry_after_ms=5000,
        )
    try:
        done = subprocess.run(
            command,
            input=file,
            env=_without_secrets(),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        raise _unreadable() from problem
    finally:
        _turns.release()
    if done.returncode != 0:
        raise _unreadable()
    return _split(done.stdout)


def _without_secrets() -> dict[str, str]:
    """What reads strangers' files need not know how this server is set up."""
    return {name: value for name, value in os.environ.items() if "LOOPCHAT" not in name}


def _split(output: bytes) -> list[bytes]:
    parts = []
    while output:
        end = 4 + int.from_bytes(output[:4], "big")
        parts.append(output[4:end])
        output = output[end:]
    return parts


def _write(path: Path, content: bytes) -> None:
    """All of the file or nothing of it, also when the machine stops in between."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        raise Refused(
            "storage_full", "The server's disk is full; the picture was not stored."
        ) from problem


def _files() -> Iterator[Path]:
    folder = _folder()
    return folder.iterdir() if folder.is_dir() else iter(())


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "avatars"


def _unreadable() -> Refused:
    return Refused(
        "bad_request",
        "This is no picture that can be read (JPEG, PNG, WebP or GIF), or it is too large.",
        field="file",
    )
