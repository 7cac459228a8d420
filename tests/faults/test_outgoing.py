"""Who opens connections: what somebody has written leads nowhere but through the guard."""

from __future__ import annotations

import ast
from pathlib import Path

import loopchat

PACKAGE = Path(loopchat.__file__).parent
CALLERS = {
    *("urllib.request", "http.client", "socket", "ssl", "smtplib", "ftplib", "httpx", "requests"),
    *("aiohttp", "sentry_sdk", "redis.asyncio.connection", "redis.asyncio", "redis"),
    *("django.core.mail", "websockets", "websockets.asyncio.client", "websockets.sync.client"),
    *("asyncio.open_connection", "asyncio.open_unix_connection"),
    *(".open_connection", ".open_unix_connection", ".create_connection", ".sock_connect"),
}
"""Modules that open connections, and after a dot the names by which a loop does."""
ALLOWED = {
    "serving.py": "whether the port is free",
    "accounts/mail.py": "letters, to the mail server that the operator has set",
    "accounts/links.py": "the own address",
    "core/destinations.py": "the guard: what a name leads to, and whether that is allowed",
    "core/outgoing.py": "webhooks, to what the guard has let through",
    "error_reports.py": "reports of errors, to where the operator wants them",
    "gateway/self_portrait.py": "the name of the machine",
    "gateway/server.py": "the type of a socket that it is given",
    "operations/checks_outside.py": "the addresses that the operator has set",
    "realtime/bus_redis.py": "the bus that the operator has set",
    "web/provider_views.py": "providers that the operator has set",
}
"""What may open connections, and to where: never to where a message says."""


def imported(file: Path) -> set[str]:
    """The modules that a file imports anywhere, and what it calls by a dot."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Attribute):
            found.add(f".{node.attr}")
    return found


def test_only_what_the_operator_names_is_asked() -> None:
    files = [path for path in PACKAGE.rglob("*.py") if "client" not in path.parent.parts]
    callers = {str(path.relative_to(PACKAGE)) for path in files if imported(path) & CALLERS}
    assert callers == set(ALLOWED)
