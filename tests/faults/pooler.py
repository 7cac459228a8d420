"""PgBouncer in transaction mode: each transaction may be on another connection."""

from __future__ import annotations

import contextlib
import os
import shutil

import psycopg

from tests.services import LOOPBACK, Postgres, Program, find_program

CONNECTIONS = 8
"""To PostgreSQL, however many programs there are."""


class PgBouncer(Program):
    """Before one PostgreSQL; the name of the database is the same here as there."""

    name = "pgbouncer"

    def __init__(self, postgres: Postgres) -> None:
        super().__init__()
        self._postgres = postgres

    def command(self) -> list[str]:
        program = find_program("pgbouncer", "pgbouncer", ["/usr/sbin"])
        settings = {
            "listen_addr": LOOPBACK,
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "any",
            "pool_mode": "transaction",
            "default_pool_size": CONNECTIONS,
            "max_client_conn": 500,
            "server_login_retry": 1,
            "query_wait_timeout": 10,
        }
        lines = [
            "[databases]",
            f"* = host={LOOPBACK} port={self._postgres.port} user=loopchat",
            "[pgbouncer]",
            *(f"{name} = {value}" for name, value in settings.items()),
        ]
        file = self.folder / "pgbouncer.ini"
        file.write_text("\n".join([*lines, ""]))
        if account := self.account():
            for path in (self.folder, file):
                shutil.chown(path, account)
        return [program, str(file)]

    def account(self) -> str | None:
        return "postgres" if os.geteuid() == 0 else None

    def ready(self) -> bool:
        url = f"postgres://loopchat@{LOOPBACK}:{self.port}/postgres"
        with contextlib.suppress(psycopg.Error), psycopg.connect(url):
            return True
        return False
