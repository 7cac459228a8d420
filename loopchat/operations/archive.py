"""A backup is one file: a compressed archive with a manifest, the database, the data folder's rest.

manifest.json     what it is, from when, and the digest of the database
database          an SQLite file, or what `pg_dump --format=custom` wrote
data/…            the secret key and what people uploaded
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from loopchat.environment import CannotStart

FORMAT: Final = 1
KEPT: Final = ("secret-key", "avatars")
"""What of the data folder belongs to a backup, beside the database."""

_MANIFEST: Final = "manifest.json"
_DATABASE: Final = "database"
_DATA: Final = "data"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `made_ts` is in milliseconds since the epoch."""

    format: int
    version: str
    made_ts: int
    vendor: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup whose parts lie in a folder."""

    manifest: Manifest
    database: Path
    data: Path


def write(
    target: Path, *, vendor: str, version: str, made_ts: int, database: Path, data: Path
) -> None:
    """Write a backup that only its owner may read, as far as the disk."""
    manifest = Manifest(FORMAT, version, made_ts, vendor, digest(database))
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
            _add_text(tar, _MANIFEST, json.dumps(asdict(manifest), indent=1))
            tar.add(database, _DATABASE)
            for name in KEPT:
                if (data / name).exists():
                    tar.add(data / name, f"{_DATA}/{name}")
        file.flush()
        os.fsync(file.fileno())


def unpack(source: Path, folder: Path) -> Unpacked:
    """Lay out a backup in an empty folder. Raises `CannotStart` when it is none, or damaged."""
    try:
        with tarfile.open(source) as tar:
            tar.extractall(folder, filter="data")
        manifest = Manifest(**json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError as problem:
        raise CannotStart(f"there is no backup {source}") from problem
    except (OSError, EOFError, tarfile.TarError, ValueError, TypeError) as problem:
        raise CannotStart(f"{source} is no backup of Loopchat, or it is damaged") from problem
    if manifest.format != FORMAT:
        raise CannotStart(f"{source} was made by a newer version: {manifest.version}")
    database = folder / _DATABASE
    if not database.exists() or digest(database) != manifest.sha256:
        raise CannotStart(f"{source} is damaged: its database is not what was written")
    return Unpacked(manifest, database, folder / _DATA)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def removed_on_failure(path: Path) -> Iterator[None]:
    """What could not be finished is not left behind looking finished."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))
