"""Settings: what is accepted, and one line for what is not."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.services import ROOT

KEY = "k3" * 10 + "abcdefghijklmnopqrstuvwxyz"
_SHOW = """
import json, sys
from loopchat import settings
names = sys.argv[1:]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Python with these LOOPCHAT_* variables and no others."""
    foreign = ("LOOPCHAT_", "DJANGO_", "PYTEST_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    named = {f"LOOPCHAT_{name}": value for name, value in variables.items()}
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=ROOT,
        env={**own, "LOOPCHAT_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT), **named},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def settings(folder: Path, *names: str, **variables: str) -> dict[str, Any]:
    """These settings under these variables."""
    done = run(folder, "-c", _SHOW, *names, **variables)
    assert done.returncode == 0, done.stderr
    values: dict[str, Any] = json.loads(done.stdout)
    return values


def test_it_needs_no_variable_at_all(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        *("HOST", "PORT", "WORKERS", "ORIGINS", "PASSWORDLESS", "SIGNUP", "SESSION_COOKIE_NAME"),
        *("SESSION_COOKIE_SECURE", "REDIS_URL", "SOCKETS_PER_PERSON", "RECEIPTS_MAX", "DEBUG"),
    )

    assert found == {
        "HOST": "127.0.0.1",
        "PORT": 8000,
        "WORKERS": 1,
        "ORIGINS": [],
        "PASSWORDLESS": "off",
        "SIGNUP": "open",
        "SESSION_COOKIE_NAME": "loopchat_session",
        "SESSION_COOKIE_SECURE": False,
        "REDIS_URL": None,
        "SOCKETS_PER_PERSON": 20,
        "RECEIPTS_MAX": 64,
        "DEBUG": False,
    }


BAD = [
    ("PORT", "eighty"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "-1"),
    ("PORT", "8000.5"),
    ("PORT", "٨٠٠٠"),
    ("PORT", "9" * 5000),
    ("WORKERS", "0"),
    ("WORKERS", "many"),
    ("ORIGINS", "chat.example.org"),
    ("ORIGINS", "ftp://chat.example.org"),
    ("ORIGINS", "https://"),
    ("ORIGINS", "https://chat.example.org/path"),
    ("ORIGINS", "https://*.example.org"),
    ("ORIGINS", "*"),
    ("ORIGINS", "https://user@chat.example.org"),
    ("ORIGINS", "https://chat.example.org:port"),
    ("ORIGINS", "https://chat.example.org https://evil/x?y"),
    ("TRUSTED_PROXIES", "proxy"),
    ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ("TRUSTED_PROXIES", "*"),
    ("PASSWORDLESS", "yes"),
    ("SIGNUP", "maybe"),
    ("SIGNUP_DOMAINS", "example.org"),
    ("EMAIL_URL", "smtp://localhost"),
    ("EMAIL_URL", "http://localhost"),
    ("EMAIL_URL", "smtp://"),
    ("EMAIL_URL", "smtp://host:port"),
    ("EMAIL_URL", "file://relative/x"),
    ("EMAIL_FROM", "nobody"),
    ("EMAIL_FROM", "a@b.org\nBcc: c@d.org"),
    ("OIDC", "not json"),
    ("OIDC", "{}"),
    ("OIDC", "[1]"),
    ("OIDC", '[{"id": "a", "server": "http://id.example.org", "client_id": "x"}]'),
    ("OIDC", '[{"id": "A B", "server": "https://id.example.org", "client_id": "x"}]'),
    ("OIDC", '[{"id": "a", "server": "https://id.example.org"}]'),
    ("OIDC", '[{"id": "a", "server": "https://x.org", "client_id": "x", "trusted": "no"}]'),
    ("OIDC", '[{"id": "a", "other": 1}]'),
    ("SESSION_COOKIE", "a b"),
    ("SESSION_COOKIE", "a;b"),
    ("SESSION_COOKIE", "__Host-x"),
    ("SESSION_COOKIE", "é"),
    ("RATE_SEND", "fast"),
    ("RATE_SEND", "0/s"),
    ("RATE_COMMAND", "5/year"),
    ("RATE_CONNECT", "5"),
    ("RATE_ADDRESS", "5"),
    ("RATE_ROOM", "5"),
    ("RATE_SIGN_IN", "-1/s"),
    ("SOCKETS_PER_PERSON", "0"),
    ("SOCKETS_PER_PERSON", "none"),
    ("RECEIPTS_MAX", "-1"),
    ("DATABASE_URL", "mysql://localhost/chat"),
    ("DATABASE_URL", "postgres://localhost"),
    ("DATABASE_URL", "postgres://localhost:port/chat"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite://host/file"),
    ("DATABASE_CONNECTIONS", "1"),
    ("REDIS_URL", "localhost:6379"),
    ("REDIS_URL", "http://localhost"),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "a" * 64),
    ("SECRET_KEY_FALLBACKS", f"{KEY} short"),
    ("SECRET_KEY_FILE", "/nowhere/at/all"),
    ("DATABASE_URL_FILE", "/nowhere/at/all"),
    ("LOG_LEVEL", "loud"),
    ("ENV_FILE", "/nowhere/at/all"),
    ("DATA_DIR", "/dev/null/here"),
    ("DATA_DIR", "/dev/null"),
]


@pytest.mark.parametrize(("name", "value"), BAD, ids=[f"{n}={v[:24]}" for n, v in BAD])
def test_a_bad_value_is_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    done = run(tmp_path, "-c", "import loopchat.settings", **{name: value})

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"loopchat: LOOPCHAT_{name}")
    assert done.stderr.count("\n") == 1
    if name == "SECRET_KEY":
        assert value not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "check"),
        ("-m", "loopchat", "serve"),
        ("-m", "daphne", "loopchat.asgi:application"),
    ],
)
def test_every_way_to_start_says_it_alike(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = run(tmp_path, *command, PORT="eighty")

    assert done.returncode == 2
    assert done.stderr == "loopchat: LOOPCHAT_PORT accepts a whole number from 1 to 65535\n"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser can write everywhere")
    tmp_path.chmod(0o500)

    done = run(tmp_path, "-m", "loopchat", "manage", "check")

    assert done.returncode == 2
    assert "LOOPCHAT_DATA_DIR must be a folder that can be written" in done.stderr


class TestSecretKey:
    """Made once, kept to oneself."""

    def test_it_is_made_at_the_first_start_and_stays(self, tmp_path: Path) -> None:
        first = settings(tmp_path, "SECRET_KEY")
        second = settings(tmp_path, "SECRET_KEY")

        assert first == second
        assert len(first["SECRET_KEY"]) >= 50
        assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]

    def test_each_folder_has_its_own(self, tmp_path: Path) -> None:
        one, other = tmp_path / "one", tmp_path / "other"

        assert settings(one, "SECRET_KEY") != settings(other, "SECRET_KEY")

    def test_one_that_others_can_read_stops_the_start(self, tmp_path: Path) -> None:
        settings(tmp_path, "SECRET_KEY")
        (tmp_path / "secret-key").chmod(0o644)

        done = run(tmp_path, "manage.py", "check")

        assert done.returncode == 2
        assert "chmod 600" in done.stderr

    def test_the_environment_counts_more(self, tmp_path: Path) -> None:
        assert settings(tmp_path, "SECRET_KEY", SECRET_KEY=KEY) == {"SECRET_KEY": KEY}
        assert list(tmp_path.iterdir()) == []

    def test_it_can_be_in_a_file_of_its_own(self, tmp_path: Path) -> None:
        file = tmp_path / "key"
        file.write_text(f"{KEY}\n")

        assert settings(tmp_path, "SECRET_KEY", SECRET_KEY_FILE=str(file)) == {"SECRET_KEY": KEY}

    def test_two_answers_to_one_question_are_refused(self, tmp_path: Path) -> None:
        done = run(tmp_path, "manage.py", "check", SECRET_KEY=KEY, SECRET_KEY_FILE="/x")

        assert done.returncode == 2
        assert "are both set" in done.stderr


class TestPublicAddress:
    """What follows from it."""

    def test_over_https_cookies_are_locked_to_the_host(self, tmp_path: Path) -> None:
        found = settings(
            tmp_path,
            *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_NAME"),
            *("CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "CSRF_TRUSTED_ORIGINS"),
            ORIGINS="https://Chat.example.org:443, https://chat.example.net:8443/",
            SESSION_COOKIE="mine",
        )

        assert found == {
            "SESSION_COOKIE_NAME": "__Host-mine",
            "SESSION_COOKIE_SECURE": True,
            "CSRF_COOKIE_NAME": "__Host-mine_csrf",
            "CSRF_COOKIE_SECURE": True,
            "CSRF_COOKIE_HTTPONLY": True,
            "CSRF_TRUSTED_ORIGINS": ["https://chat.example.org", "https://chat.example.net:8443"],
        }

    def test_where_http_is_one_of_them_they_are_not(self, tmp_path: Path) -> None:
        found = settings(
            tmp_path,
            *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE"),
            ORIGINS="https://chat.example.org http://intranet:80",
        )

        assert found == {"SESSION_COOKIE_NAME": "loopchat_session", "SESSION_COOKIE_SECURE": False}

    def test_djangos_own_check_of_a_deployment_has_nothing_to_say(self, tmp_path: Path) -> None:
        done = run(
            tmp_path,
            *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
            ORIGINS="https://chat.example.org",
        )

        assert done.returncode == 0, done.stderr


class TestDatabase:
    """One file, or PostgreSQL."""

    def database(self, folder: Path, url: str) -> dict[str, Any]:
        """Django's description of it."""
        found = settings(folder, "DATABASES", DATABASE_URL=url)
        description: dict[str, Any] = found["DATABASES"]["default"]
        return description

    def test_it_is_a_file_in_the_data_folder(self, tmp_path: Path) -> None:
        found = self.database(tmp_path, "")

        assert found["ENGINE"] == "loopchat.sqlite"
        assert found["NAME"] == str(tmp_path / "loopchat.sqlite3")

    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("sqlite:////srv/chat%20data/x.db", "/srv/chat data/x.db"),
            ("sqlite:///x.db", str(ROOT / "x.db")),
        ],
    )
    def test_it_can_be_another_file(self, tmp_path: Path, url: str, name: str) -> None:
        assert self.database(tmp_path, url)["NAME"] == name

    def test_it_can_be_postgres_with_a_pool(self, tmp_path: Path) -> None:
        found = self.database(tmp_path, "postgres://ann:p%40ss@db:5433/chat?sslmode=require")

        assert found["ENGINE"] == "django.db.backends.postgresql"
        assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("chat", "ann", "p@ss")
        assert (found["HOST"], found["PORT"], found["CONN_MAX_AGE"]) == ("db", "5433", 0)
        assert found["OPTIONS"]["sslmode"] == "require"
        assert found["OPTIONS"]["pool"]["max_size"] == 16


class TestFile:
    """`LOOPCHAT_ENV_FILE`."""

    def test_it_is_read_and_the_environment_counts_more(self, tmp_path: Path) -> None:
        file = tmp_path / "loopchat.env"
        file.write_text(
            "# how we run it\n\nexport LOOPCHAT_PORT=9000\nLOOPCHAT_HOST='::1'\n"
            'LOOPCHAT_SIGNUP = "closed"\n'
        )

        found = settings(tmp_path, "PORT", "HOST", "SIGNUP", ENV_FILE=str(file), SIGNUP="invite")

        assert found == {"PORT": 9000, "HOST": "::1", "SIGNUP": "invite"}

    @pytest.mark.parametrize("line", ["LOOPCHAT_PORT", "= 3", "LOOPCHAT PORT=3"])
    def test_a_bad_line_is_named(self, tmp_path: Path, line: str) -> None:
        file = tmp_path / "loopchat.env"
        file.write_text(f"LOOPCHAT_PORT=9000\n{line}\n")

        done = run(tmp_path, "manage.py", "check", ENV_FILE=str(file))

        assert done.returncode == 2
        assert "LOOPCHAT_ENV_FILE line 2" in done.stderr

    def test_words_count_whatever_their_case_and_nothing_is_not_set(self, tmp_path: Path) -> None:
        found = settings(
            tmp_path,
            *("SIGNUP", "RATE_SEND", "SOCKETS_PER_PERSON", "PORT"),
            SIGNUP=" Closed ",
            RATE_SEND="OFF",
            SOCKETS_PER_PERSON="Off",
            PORT="",
        )

        assert found == {
            "SIGNUP": "closed",
            "RATE_SEND": None,
            "SOCKETS_PER_PERSON": None,
            "PORT": 8000,
        }


def test_the_address_of_static_files_follows_their_content(tmp_path: Path) -> None:
    from loopchat.instance_files import tree_hash

    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_text("1")
    first = tree_hash(tmp_path)
    assert first == tree_hash(tmp_path)

    (tmp_path / "js" / "a.js").write_text("2")
    second = tree_hash(tmp_path)
    (tmp_path / "js" / "a.js").rename(tmp_path / "js" / "b.js")

    assert len({first, second, tree_hash(tmp_path)}) == 3


def test_log_lines_hide_secrets(tmp_path: Path) -> None:
    import logging

    from loopchat.log_lines import LineFormatter

    record = logging.LogRecord(
        *("loopchat", logging.INFO, "", 1),
        "GET /setup/%s/ with %s",
        ("AbCdEfGhIjKlMnOpQrStUv", "lct_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"),
        None,
    )

    line = LineFormatter().format(record)

    assert line.endswith("INFO loopchat: GET /setup/…/ with lct_…")
