"""`loopchat manage resetlink NAME`: a link to a new password, for who cannot get one by mail."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from loopchat.accounts import people, resets
from loopchat.core.errors import Refused


class Command(BaseCommand):
    """Print the link; it works once, for a day."""

    help = "Print a link that gives somebody a new password, once and for a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")

    def handle(self, *_arguments: Any, name: str, **_: Any) -> None:
        person = people.find(name)
        if person is None:
            raise CommandError(f"nobody here is called {name}")
        try:
            self.stdout.write(resets.link_for(person))
        except Refused as no:
            raise CommandError(no.text) from no
