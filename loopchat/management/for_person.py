"""What commands about one person have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.core.errors import Refused


class ForPerson(BaseCommand, ABC):
    """`loopchat manage COMMAND NAME`: done to whoever has that name; what is refused is printed."""

    @abstractmethod
    def do(self, person: User) -> str:
        """Do it, and say what there is to print."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")

    def handle(self, *_arguments: Any, name: str, **_: Any) -> None:
        person = people.find(name)
        if person is None:
            raise CommandError(f"nobody here is called {name}")
        try:
            self.stdout.write(self.do(person))
        except Refused as no:
            raise CommandError(no.text) from no
