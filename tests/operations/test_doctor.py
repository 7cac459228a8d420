"""The doctor on servers that are well, away, or behind a proxy that is set up wrongly."""

from __future__ import annotations

import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.backends import POSTGRES
from tests.services import LOOPBACK, Server, StartServer, free_port


def examined(server: Server, **variables: str) -> tuple[int, str]:
    """What `loopchat doctor` answers beside a server, with other settings."""
    done = subprocess.run(
        [*server.program(), "doctor"],
        cwd=server.folder,
        env={**server.environment(), "LOOPCHAT_PORT": str(server.port), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout
    return done.returncode, done.stdout


def test_a_server_that_is_well(
    request: pytest.FixtureRequest, start_server: StartServer, backend: str
) -> None:
    options = {}
    if backend == POSTGRES:  # one that keeps what it acknowledges
        options["database_url"] = request.getfixturevalue("postgres_server").new_database()
    code, text = examined(start_server(**options))
    assert (code, text.count("FAULT")) == (0, 0), text
    assert f"ok     pages: http://{LOOPBACK}:" in text
    assert "ok     sockets: ws://" in text
    assert "ok     database: " in text
    assert ("Redis passes a message" in text) == (backend == POSTGRES)


def test_a_server_that_is_away(start_server: StartServer) -> None:
    server = start_server()
    server.stop()
    code, text = examined(server)
    assert code == 1
    assert "Connection refused\n       -> Does the server run?" in text


@pytest.mark.parametrize(
    ("status", "remedy"),
    [(400, "The host is not in LOOPCHAT_ORIGINS"), (502, "The proxy finds no server")],
)
def test_a_proxy_that_refuses(tmp_path: Path, status: int, remedy: str) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(status)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = Server(data_dir=tmp_path)
    server.port = free_port()
    with ThreadingHTTPServer((LOOPBACK, 0), Refusing) as proxy:
        Thread(target=proxy.serve_forever, daemon=True).start()
        origin = f"http://{LOOPBACK}:{proxy.server_port}"
        code, text = examined(server, LOOPCHAT_ORIGINS=origin)
        proxy.shutdown()
    assert code == 1
    assert f"answers {status}\n       -> {remedy}" in text


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"LOOPCHAT_ORIGINS": "http://chat.example.org"}, "is not https: passwords can be read"),
        ({"LOOPCHAT_ORIGINS": "https://chat.example.org"}, "the proxy is not trusted"),
        ({"LOOPCHAT_HOST": "0.0.0.0"}, "no public address is set"),  # noqa: S104
        (
            {
                "LOOPCHAT_EMAIL_URL": "smtp://127.0.0.1:9/",
                "LOOPCHAT_EMAIL_FROM": "a@b.org",
                "LOOPCHAT_ORIGINS": "http://localhost:9",
            },
            "FAULT  mail: ",
        ),
    ],
)
def test_settings_that_break_servers(tmp_path: Path, variables: dict[str, str], line: str) -> None:
    server = Server(data_dir=tmp_path)
    server.port = free_port()
    assert line in examined(server, **variables)[1]


def test_a_redis_that_is_away(tmp_path: Path) -> None:
    server = Server(data_dir=tmp_path)
    server.port = free_port()
    url = f"redis://{LOOPBACK}:{free_port()}/0"
    code, text = examined(server, LOOPCHAT_REDIS_URL=url)
    assert code == 1
    assert "FAULT  bus: Redis does not answer" in text
