"""Mail, domains and providers as variables say them. One process reads them all."""

from __future__ import annotations

import logging

import pytest

from loopchat import environment_people as reading
from loopchat.environment_people import Mail, Provider
from loopchat.log_lines import LineFormatter

ORIGINS = ("https://chat.example.org",)
SENDER = "Chat <chat@example.org>"


def mail(monkeypatch: pytest.MonkeyPatch, url: str, sender: str = SENDER) -> Mail | None:
    """What comes of this URL."""
    monkeypatch.setenv("X_URL", url)
    return reading.mail("X_URL", sender=sender, sender_name="X_FROM", origins=ORIGINS)


@pytest.mark.parametrize(
    ("url", "port", "ssl", "tls"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtps://mail.example.org", 465, True, False),
        ("smtp+starttls://mail.example.org", 587, False, True),
        ("smtp+starttls://mail.example.org:2525/", 2525, False, True),
    ],
)
def test_mail_leaves_by_smtp(
    monkeypatch: pytest.MonkeyPatch, url: str, port: int, ssl: bool, tls: bool
) -> None:
    way = mail(monkeypatch, url)

    assert way is not None
    options = way.options
    assert (options["host"], options["port"]) == ("mail.example.org", port)
    assert (options["use_ssl"], options["use_tls"]) == (ssl, tls)


def test_name_and_password_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    way = mail(monkeypatch, "smtps://me%40example.org:p%3A%2Fs@mail.example.org")

    assert way is not None
    assert (way.options["username"], way.options["password"]) == ("me@example.org", "p:/s")
    assert "p:/s" not in repr(way)


def test_no_url_is_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mail(monkeypatch, "") is None


def test_mail_needs_a_sender(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        mail(monkeypatch, "smtps://user:secret@mail.example.org", sender="")

    said = capsys.readouterr().err
    assert "X_URL needs X_FROM" in said
    assert "secret" not in said


def test_domains(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("X_DOMAINS", "Example.org, example.NET")
    assert reading.domains("X_DOMAINS", can_mail=True) == ("example.org", "example.net")
    for wrong in ("localhost", "@example.org", "*.example.org", "exämple.org", "-a.org"):
        monkeypatch.setenv("X_DOMAINS", wrong)
        with pytest.raises(SystemExit):
            reading.domains("X_DOMAINS", can_mail=True)


def test_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "X_OIDC",
        '[{"id": "corp", "server": "https://id.example.org", "client_id": "chat",'
        ' "client_secret": "hush", "trusted": true},'
        ' {"id": "here", "name": "Here", "server": "http://127.0.0.1:9000", "client_id": "x"}]',
    )

    found = reading.providers("X_OIDC")

    assert found[0] == Provider("corp", "corp", "https://id.example.org", "chat", "hush", True)
    assert (found[1].name, found[1].trusted) == ("Here", False)
    assert "hush" not in repr(found)


def test_two_providers_with_one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    one = '{"id": "a", "server": "https://id.example.org", "client_id": "x"}'
    monkeypatch.setenv("X_OIDC", f"[{one}, {one}]")

    with pytest.raises(SystemExit):
        reading.providers("X_OIDC")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Not Found: /users/password/reset/key/1-abc123-0123456789abcdef/", "/reset/key/…"),
        ("GET /users/confirm-email/MQ:1abCDe:x-Y_z0123456789/", "/confirm-email/…"),
        ("GET /users/signup/?invite=0123456789abcdef&x=1", "?invite=…&x=1"),
        ("GET /users/password/reset/key/done/", "/reset/key/done/"),
        ("GET /users/password/reset/key/1-set-password/", "/reset/key/1-set-password/"),
    ],
)
def test_secrets_in_addresses_do_not_stay_in_the_log(line: str, shown: str) -> None:
    record = logging.LogRecord("loopchat", logging.INFO, "", 0, line, None, None)

    written = LineFormatter().format(record)

    assert shown in written
    assert "0123456789" not in written
