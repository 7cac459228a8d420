"""`loopchat manage resetlink NAME`: a link to a new password, for who cannot get one by mail."""

from __future__ import annotations

from loopchat.accounts import resets
from loopchat.accounts.models import User
from loopchat.management.for_person import ForPerson


class Command(ForPerson):
    """Print the link; it works once, for a day."""

    help = "Print a link that gives somebody a new password, once and for a day."

    def do(self, person: User) -> str:
        return resets.link_for(person)
