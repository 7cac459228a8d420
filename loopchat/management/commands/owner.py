"""`loopchat manage owner NAME`: one more owner of this server, of somebody who has an account."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from loopchat.accounts import people
from loopchat.core.errors import Refused


class Command(BaseCommand):
    """Give an account the rights of an owner; it keeps its password and its sign-ins."""

    help = "Make somebody who has an account an owner of this server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")

    def handle(self, *_arguments: Any, name: str, **_: Any) -> None:
        person = people.find(name)
        if person is None:
            raise CommandError(f"nobody here is called {name}")
        try:
            people.make_owner(person)
        except Refused as no:
            raise CommandError(no.text) from no
        self.stdout.write(f"{person.username} is an owner of this server.")
