"""Typed readers for `LOOPCHAT_*` variables: a bad value ends the program with one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from loopchat.core.destinations import Allowed

Value = TypeVar("Value")
_asked = {"LOOPCHAT_ENV"}  # and its _FILE


class CannotStart(Exception):
    """Why a command cannot do its work, in one line for the person who gave it."""


def refuse(name: str, accepted: str) -> NoReturn:
    """End the program (exit code 2) with the one line that names the variable.

    The value itself is not shown: it may be a secret.
    """
    sys.stderr.write(f"loopchat: {name} {accepted}\n")
    raise SystemExit(2)


def unknown() -> list[str]:
    """Variables that look like ours and are not: most likely misspelt."""
    named = (name for name in os.environ if name.startswith("LOOPCHAT_"))
    return sorted(name for name in named if name.removesuffix("_FILE") not in _asked)


def load_env_file() -> None:
    """Read the file that `LOOPCHAT_ENV_FILE` names; what the environment has already, wins."""
    path = os.environ.get("LOOPCHAT_ENV_FILE", "")
    if not path:
        return
    for number, line in enumerate(_lines_of("LOOPCHAT_ENV_FILE", path), start=1):
        assignment = line.strip().removeprefix("export ").strip()
        if not assignment or assignment.startswith("#"):
            continue
        name, equals, value = assignment.partition("=")
        if not equals or not name.strip().isidentifier():
            refuse("LOOPCHAT_ENV_FILE", f"line {number} of that file is not NAME=value")
        os.environ.setdefault(name.strip(), _unquoted(value.strip()))


def text(name: str, default: str = "") -> str:
    """The value without white space around it; a variable set to nothing counts as not set."""
    _asked.add(name)
    return os.environ.get(name, "").strip() or default


def secret(name: str) -> str:
    """The value of the variable or, when `<name>_FILE` is set, the content of that file."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name)
    if text(name):
        refuse(name, f"and {name}_FILE are both set; set one of them")
    return "\n".join(_lines_of(f"{name}_FILE", path)).strip()


def choice(name: str, default: str, accepted: tuple[str, ...]) -> str:
    """One of a few words, whatever their case."""
    value = text(name, default).lower()
    if value not in accepted:
        refuse(name, f"accepts {', '.join(accepted)}")
    return value


def number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number within bounds."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdecimal() and least <= int(value[:20]) <= most):
        refuse(name, f"accepts a whole number from {least} to {most}")
    return int(value)


def number_or_off(name: str, default: int, *, least: int, most: int) -> int | None:
    """A whole number within bounds, or None for `off`."""
    if text(name).lower() == "off":
        return None
    value = text(name, str(default))
    if not (value.isascii() and value.isdecimal() and least <= int(value[:20]) <= most):
        refuse(name, f"accepts a whole number from {least} to {most}, or off")
    return int(value)


def parsed(name: str, default: str, parse: Callable[[str], Value]) -> Value:
    """Whatever `parse` makes of the value; it says in a ValueError what it would accept."""
    try:
        return parse(text(name, default))
    except ValueError as problem:
        refuse(name, f"is not accepted: {problem}")


def origins(name: str) -> tuple[str, ...]:
    """The site's public addresses, `scheme://host[:port]` each, by commas or white space."""
    return tuple(_origin(name, entry) for entry in text(name).replace(",", " ").split())


def networks(name: str, default: str = "") -> tuple[str, ...]:
    """Addresses and networks (`10.0.0.0/8`), by commas or white space; none for `off`."""
    entries = text(name, default).replace(",", " ").split()
    if entries == ["off"]:
        return ()
    try:
        return tuple(str(ip_network(entry)) for entry in entries)
    except ValueError:
        refuse(name, "accepts addresses and networks such as 127.0.0.1 or 10.0.0.0/8")


def destinations(name: str) -> Allowed:
    """Names, addresses and networks that requests may go to, by commas or white space."""
    return parsed(name, "", Allowed.parse)


def cookie_name(value: str) -> str:
    """A cookie's name; prefixes such as `__Host-` are added where they belong."""
    if not value.replace("-", "").replace("_", "").isalnum() or not value.isascii():
        raise ValueError("a cookie name is made of letters, digits, hyphens and underscores")
    if value.startswith("__"):
        raise ValueError("a cookie name does not start with two underscores")
    return value


def folder(name: str, default: Path) -> Path:
    """A folder that exists, or is made now, and can be written."""
    path = Path(text(name, str(default))).expanduser().absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        refuse(name, f"must be a folder that can be written; {path} cannot be made")
    if not (path.is_dir() and os.access(path, os.W_OK | os.X_OK)):
        refuse(name, f"must be a folder that can be written; {path} is not")
    return path


def database(name: str, default: Path, connections: int) -> dict[str, Any]:
    """Django's description of the database behind a `sqlite:///` or `postgres://` URL."""
    value = secret(name)
    if not value:
        return _sqlite(default)
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        refuse(name, _DATABASE_ACCEPTED)
    if url.scheme == "sqlite" and not url.netloc and len(url.path) > 1:
        return _sqlite(Path(unquote(url.path[1:])).expanduser().absolute())
    if url.scheme not in {"postgres", "postgresql"} or len(url.path) < 2:
        refuse(name, _DATABASE_ACCEPTED)
    _require_module(name, "psycopg", "postgres")
    return _postgres(url, port, connections)


def redis_url(name: str) -> str | None:
    """The bus between processes, or None: everything happens in one process."""
    value = secret(name)
    if not value:
        return None
    if urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        refuse(name, "accepts redis://…, rediss://… or unix://…")
    _require_module(name, "redis", "redis")
    return value


def sentry_dsn(name: str) -> str:
    """Where errors are reported, `https://key@host/project`; nothing: nowhere."""
    value = secret(name)
    if not value:
        return ""
    try:
        url = urlsplit(value)
        fits = url.scheme in {"http", "https"} and url.username and url.path.strip("/").isdecimal()
    except ValueError:
        fits = False
    if not fits:
        refuse(name, "accepts https://key@host/project-number")
    _require_module(name, "sentry_sdk", "sentry")
    return value


_DATABASE_ACCEPTED = (
    "accepts sqlite:///relative/path, sqlite:////absolute/path or "
    "postgres://user:password@host:port/name"
)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "loopchat.sqlite",
        "NAME": str(path),
        "TEST": {"NAME": str(path.with_name(f"test-{path.name}"))},
    }


def _postgres(url: SplitResult, port: int | None, connections: int) -> dict[str, Any]:
    pool = {"min_size": 1, "max_size": connections, "timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": unquote(url.hostname or ""),
        "PORT": str(port or ""),
        # Connections live in the pool; an age of their own would leak them under ASGI.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": pool, **dict(parse_qsl(url.query))},
    }


def _origin(name: str, entry: str) -> str:
    accepted = "accepts public addresses such as https://chat.example.org, separated by commas"
    try:
        url = urlsplit(entry)
        host, port = url.hostname, url.port
    except ValueError:
        refuse(name, accepted)
    extra = url.path.strip("/") or url.query or url.fragment or url.username or "*" in entry
    if url.scheme not in {"http", "https"} or not host or extra:
        refuse(name, accepted)
    shown = f"[{host}]" if ":" in host else host
    default_port = {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{shown}" + (f":{port}" if port not in {None, default_port} else "")


def _require_module(name: str, module: str, extra: str) -> None:
    try:
        __import__(module)
    except ImportError:
        refuse(name, f'needs a package that is not here: pip install "loopchat[{extra}]"')


def _lines_of(name: str, path: str) -> list[str]:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        refuse(name, f"must name a text file that can be read; {path} is not one")


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
