"""`loopchat manage owner NAME`: one more owner of this server, of somebody who has an account."""

from __future__ import annotations

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.management.for_person import ForPerson


class Command(ForPerson):
    """Give an account the rights of an owner; it keeps its password and its sign-ins."""

    help = "Make somebody who has an account an owner of this server."

    def do(self, person: User) -> str:
        people.make_owner(person)
        return f"{person.username} is an owner of this server."
