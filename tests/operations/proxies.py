"""The proxies of `deploy/`, as real programs: their files, with other ports."""

from __future__ import annotations

import os
import ssl
import subprocess
from functools import cache
from pathlib import Path

from tests.services import LOOPBACK, ROOT, Program, find_program, free_port

SECRET_KEY = "the key of a server that stands behind a proxy in tests"


@cache
def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for `localhost` that signs itself, and its key."""
    shown, key = folder / "shown.pem", folder / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    into = ["-keyout", str(key), "-out", str(shown), "-days", "2"]
    subprocess.run(
        [find_program("openssl", "openssl"), "req", *made, *subject, *into],
        check=True,
        capture_output=True,
    )
    return shown, key


class Proxy(Program):
    """Speaks https at `localhost` and passes on to a port of this machine."""

    def __init__(self, folder: Path, upstream: int) -> None:
        folder.mkdir()
        super().__init__(folder)
        self.upstream = upstream
        self.shown, self.key = certificate(folder)

    @property
    def origin(self) -> str:
        """The public address, for LOOPCHAT_ORIGINS."""
        return f"https://localhost:{self.port}"

    def trust(self) -> ssl.SSLContext:
        """Believes this one certificate."""
        return ssl.create_default_context(cafile=self.shown)

    def _file(self, name: str, *changes: tuple[str, str]) -> str:
        """A file of `deploy/` in which these texts, all of which it has, are others."""
        text = (ROOT / "deploy" / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        return text


class Nginx(Proxy):
    """`without` are beginnings of directives that were forgotten, `more` ports of other servers."""

    name = "nginx"

    def __init__(
        self,
        folder: Path,
        upstream: int,
        without: tuple[str, ...] = (),
        *,
        more: tuple[int, ...] = (),
    ) -> None:
        super().__init__(folder, upstream)
        self._more = more
        self._plain_port = free_port()
        self._without = without

    def command(self) -> list[str]:
        program = find_program("nginx", "nginx-light", ["/usr/sbin"])
        (self.folder / "loopchat.conf").write_text(self._site())
        main = self.folder / "nginx.conf"
        main.write_text(self._main())
        return [program, "-p", str(self.folder), "-c", str(main), "-e", "stderr"]

    def _site(self) -> str:
        text = self._file(
            "nginx.conf",
            ("listen 80;", f"listen {LOOPBACK}:{self._plain_port};"),
            ("listen 443 ssl;", f"listen {LOOPBACK}:{self.port} ssl;"),
            ("server_name chat.example.org;", "server_name localhost;"),
            ("/etc/ssl/chat.example.org/fullchain.pem", str(self.shown)),
            ("/etc/ssl/chat.example.org/privkey.pem", str(self.key)),
            ("server 127.0.0.1:8000;", self._servers()),
        )
        for start in self._without:
            assert start in text, start
        lines = [line for line in text.splitlines() if not line.strip().startswith(self._without)]
        return "\n".join(lines if self._without else text.splitlines())

    def _servers(self) -> str:
        return " ".join(f"server {LOOPBACK}:{port};" for port in (self.upstream, *self._more))

    def _main(self) -> str:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        scratch = " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        return (
            f"{'user root;' if os.geteuid() == 0 else ''} daemon off; pid {self.folder}/nginx.pid;"
            " worker_processes 1; error_log stderr; events { worker_connections 256; }"
            f" http {{ access_log off; {scratch} include {self.folder}/loopchat.conf; }}\n"
        )


class Caddy(Proxy):
    """With our certificate instead of one that it would fetch."""

    name = "caddy"

    def command(self) -> list[str]:
        site = f"https://localhost:{self.port} {{\n\tbind {LOOPBACK}\n\ttls {self.shown} {self.key}"
        text = self._file(
            "Caddyfile",
            ("chat.example.org {", site),
            (f"{LOOPBACK}:8000", f"{LOOPBACK}:{self.upstream}"),
        )
        config = self.folder / "Caddyfile"
        config.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + text)
        return [find_program("caddy", "caddy"), "run", "--config", str(config)]

    def environment(self) -> dict[str, str]:
        own = {"XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        return {**super().environment(), **own, "HOME": str(self.folder)}
