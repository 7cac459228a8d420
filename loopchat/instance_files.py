"""What an instance finds in its folders: data, secret key, version of the pages."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path

from loopchat import environment

_KEY_LENGTH = 32


def data_home() -> Path:
    """Where this kind of system keeps a user's data."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "loopchat"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "loopchat"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "loopchat"


def secret_key(name: str, path: Path) -> str:
    """The key from the environment, else from this file, which is made at the first start."""
    return _checked(name, environment.secret(name) or _key_in(name, path))


def older_keys(name: str) -> list[str]:
    """Secret keys from before that still count, by white space."""
    return [_checked(name, key) for key in environment.secret(name).split()]


def tree_hash(folder: Path) -> str:
    """Short hash of the names and contents of all files below a folder."""
    digest = hashlib.sha256()
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _checked(name: str, key: str) -> str:
    if len(key) < _KEY_LENGTH or len(set(key)) < 8:
        environment.refuse(name, f"must be at least {_KEY_LENGTH} random characters")
    return key


def _key_in(name: str, path: Path) -> str:
    try:
        if not path.exists():
            _write_key(path)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            environment.refuse(name, f"file {path} can be read by others; run: chmod 600 {path}")
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        environment.refuse(name, f"is not set and its file {path} cannot be read or made")


def _write_key(path: Path) -> None:
    """Two first starts at once agree on one key: the first complete file stays."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
