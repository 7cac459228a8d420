"""`loopchat manage secondstep NAME`: take codes and keys away from somebody who has lost them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from loopchat.accounts import people, second_steps


class Command(BaseCommand):
    """The password alone is enough again, and all sign-ins end."""

    help = "Take codes and keys away from somebody who has lost them; ends all their sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")

    def handle(self, *_arguments: Any, name: str, **_: Any) -> None:
        person = people.find(name)
        if person is None:
            raise CommandError(f"nobody here is called {name}")
        second_steps.take_away(person)
        self.stdout.write(f"{person.username} signs in with the password alone.")
