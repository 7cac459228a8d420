"""`loopchat manage secondstep NAME`: take codes and keys away from somebody who has lost them."""

from __future__ import annotations

from loopchat.accounts import second_steps
from loopchat.accounts.models import User
from loopchat.management.for_person import ForPerson


class Command(ForPerson):
    """The password alone is enough again, and all sign-ins end."""

    help = "Take codes and keys away from somebody who has lost them; ends all their sign-ins."

    def do(self, person: User) -> str:
        second_steps.take_away(person)
        return f"{person.username} signs in with the password alone."
