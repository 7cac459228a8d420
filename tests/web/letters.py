"""Letters that a test's server sends, kept in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMessage
from pytest_django import Settings

from loopchat.accounts import mail
from loopchat.environment_people import Mail

ORIGIN = "https://chat.example.org"


class Letters:
    """What has arrived so far."""

    def all(self) -> list[EmailMessage]:
        """Every letter, the oldest first."""
        mail.wait()
        return list(django_mail.outbox)

    def to(self, address: str) -> EmailMessage:
        """The newest letter to this address."""
        return [letter for letter in self.all() if letter.to == [address]][-1]

    def path_to(self, address: str) -> str:
        """The path of the link in the newest letter to this address; it leads to this server."""
        link = re.search(r"https?://\S+", str(self.to(address).body).partition("\n\n")[2])
        assert link is not None
        assert link[0].startswith(f"{ORIGIN}/"), link[0]
        return link[0].removeprefix(ORIGIN)


@pytest.fixture
def letters(settings: Settings) -> Iterator[Letters]:
    """This server sends mail, and people know it as https://chat.example.org."""
    settings.MAIL = Mail("django.core.mail.backends.locmem.EmailBackend")
    settings.EMAIL_FROM = "Chat <chat@example.org>"
    settings.ORIGINS = (ORIGIN,)
    settings.CSRF_TRUSTED_ORIGINS = [ORIGIN]
    yield Letters()
    mail.wait()
