"""Letters to a mail server that listens on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from pytest_django import Settings

from loopchat.accounts import mail
from loopchat.accounts.models import User
from loopchat.environment_people import Mail
from loopchat.environment_people import mail as read
from tests.services import free_port


class Box:
    """Keeps what arrives; refuses one address."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        if "nobody@example.org" in envelope.rcpt_tos:
            return "550 nobody here"
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def box(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """A mail server, and settings that name it."""
    found = Box()
    port = free_port()
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("X_URL", f"smtp://127.0.0.1:{port}")
    origins = ("https://chat.example.org",)
    settings.ORIGINS = origins
    settings.EMAIL_FROM = "Chät <chat@example.org>"
    settings.MAIL = read("X_URL", sender="x", sender_name="X_FROM", origins=origins)
    yield found
    mail.wait()
    controller.stop()


def test_a_letter_arrives(box: Box) -> None:
    mail.post("accounts/mail/let_in", "ann@example.org", person=User(username="Ann <b>&"))
    mail.wait()

    envelope = box.envelopes[0]
    content = envelope.content
    assert isinstance(content, bytes)
    letter = message_from_bytes(content, policy=policy.default)
    assert envelope.rcpt_tos == ["ann@example.org"]
    assert letter["Subject"] == "You can sign in at chat.example.org"
    assert letter["From"] == "Chät <chat@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_content()
    assert "Ann <b>&" in text
    assert "https://chat.example.org/users/login/" in text


def test_a_letter_that_is_refused_stops_no_other(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        mail.post("accounts/mail/let_in", "nobody@example.org", person=User(username="ann"))
        mail.post("accounts/mail/let_in", "ben@example.org", person=User(username="ben"))
        mail.wait()

    assert [envelope.rcpt_tos for envelope in box.envelopes] == [["ben@example.org"]]
    assert "could not be sent" in caplog.text


def test_a_server_that_is_away_is_logged(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_FROM = "chat@example.org"
    settings.MAIL = Mail(
        "django.core.mail.backends.smtp.EmailBackend", {"host": "127.0.0.1", "port": 1}
    )

    with caplog.at_level(logging.ERROR):
        mail.post("accounts/mail/let_in", "ann@example.org", person=User(username="ann"))
        mail.wait()

    assert "could not be sent" in caplog.text


def test_without_mail_nothing_is_written(settings: Settings) -> None:
    settings.MAIL = None

    mail.post("no/such/template", "ann@example.org")

    assert mail._queue.empty()


def test_more_than_can_wait_is_thrown_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_FROM = "chat@example.org"
    settings.MAIL = Mail("django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(mail, "_start", lambda: None)
    monkeypatch.setattr(mail, "_queue", type(mail._queue)(1))

    for _ in range(2):
        mail.post("accounts/mail/let_in", "ann@example.org", person=User(username="ann"))

    assert "thrown away" in caplog.text
