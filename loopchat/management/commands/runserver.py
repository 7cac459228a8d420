"""`manage.py runserver`: Loopchat's own server, so that sockets work here too."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from loopchat import serving
from loopchat.environment import CannotStart

_ADDRESS = re.compile(r"(?:(?P<host>\[[^\]]+\]|[^:]+):)?(?P<port>\d{1,5})")


class Command(BaseCommand):
    """Django's `runserver [address:port]`, without restarts when the code changes."""

    help = "Serve pages and sockets in one process."
    requires_migrations_checks = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's options; those about its own server change nothing."""
        parser.add_argument("addrport", nargs="?", help="port, or address:port")
        for option in ("--noreload", "--nothreading", "--insecure", "--nostatic"):
            parser.add_argument(option, action="store_true", help="accepted, without effect")

    def handle(self, *args: Any, addrport: str | None = None, **options: Any) -> None:
        """Serve until interrupted."""
        host, port = _parsed(addrport) if addrport else (settings.HOST, settings.PORT)
        try:
            serving.prepare(host, port)
        except CannotStart as problem:
            raise CommandError(str(problem)) from problem
        serving.announce(host, port)
        raise SystemExit(serving.run(host, port))


def _parsed(addrport: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(addrport)
    if match is None:
        raise CommandError(f"{addrport} is not a port or address:port")
    return (match["host"] or settings.HOST).strip("[]"), int(match["port"])
