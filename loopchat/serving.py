"""The steps of `loopchat serve`: refuse what cannot work, prepare the database, print, serve."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from loopchat import environment, sqlite
from loopchat.accounts import devices, joining, links, second_steps, sessions, setup
from loopchat.environment import CannotStart
from loopchat.operations import backup, schedule

_MIGRATING = 0x6C6F6F70  # a number that all servers of this kind know


def serve() -> int:
    """Everything that `loopchat serve` does after reading its settings."""
    refuse_lonely_workers()
    prepare(settings.HOST, settings.PORT)
    migrate()
    announce(settings.HOST, settings.PORT)
    return run(settings.HOST, settings.PORT, settings.WORKERS)


def prepare(host: str, port: int) -> None:
    """Refuse what cannot work, or should not, before anything is done."""
    if settings.PASSWORDLESS == "on" and not is_loopback(host):
        raise CannotStart(
            f"LOOPCHAT_PASSWORDLESS=on lets anybody in who reaches {host}; "
            "if that is wanted, set it to public"
        )
    refuse_taken_port(host, port)


def refuse_lonely_workers() -> None:
    """Several processes need a bus between them and a database for them all."""
    missing = []
    if settings.REDIS_URL is None:
        missing.append("Redis (LOOPCHAT_REDIS_URL)")
    if connection.vendor == "sqlite":
        missing.append("PostgreSQL (LOOPCHAT_DATABASE_URL)")
    if settings.WORKERS > 1 and missing:
        raise CannotStart(f"more than one worker needs {' and '.join(missing)}")


def refuse_taken_port(host: str, port: int) -> None:
    """Find out before anything else is done."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        raise CannotStart(_why_not(problem, host, port)) from problem


def migrate() -> None:
    """Bring the database to the state that this version wants; nothing is said when it is."""
    with _alone():
        executor = MigrationExecutor(connection)
        steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if steps:
            if executor.loader.applied_migrations and connection.vendor == "sqlite":
                say(f"The database as it was: {backup.snapshot()}")
            say(f"Preparing the database: {steps} steps …")
            call_command("migrate", interactive=False, verbosity=0)


def announce(host: str, port: int) -> None:
    """Print where the server is and, until there is an owner, the link that makes one."""
    if connection.vendor == "sqlite" and (note := sqlite.note_on_library()):
        say(note)
    for name in environment.unknown():
        say(f"{name} is not a setting of Loopchat: it changes nothing.")
    if settings.PASSWORDLESS != "off":
        say("Names alone are enough to enter (LOOPCHAT_PASSWORDLESS): do not keep secrets here.")
    shown = addresses(host, port)
    say(f"Loopchat: {'  '.join(shown)}")
    secret = setup.new_secret()
    if secret:
        say(f"Become its owner, once: {shown[0]}setup/{secret}/")


def run(host: str, port: int, workers: int = 1) -> int:
    """Hand over to the server; connections are not, because it may fork."""
    from loopchat.gateway import server

    sessions.forget_expired()
    devices.forget_ended()
    joining.forget_stale()
    second_steps.renew()
    for each in connections.all(initialized_only=True):
        each.close()
        if close_pool := getattr(each, "close_pool", None):
            close_pool()
    say("Ctrl+C stops it.")
    schedule.start()
    return server.run(host=host, port=port, workers=workers)


def addresses(host: str, port: int) -> list[str]:
    """Where people find this server, the best address first."""
    if settings.ORIGINS:
        return [f"{origin}/" for origin in settings.ORIGINS]
    hosts = [host]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        hosts = ["localhost", *filter(None, [links.address_in_network()])]
    return [f"http://{f'[{each}]' if ':' in each else each}:{port}/" for each in hosts]


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine reach the address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def say(text: str) -> None:
    """A line for the person at the console."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def _alone() -> Iterator[None]:
    """Several servers may start at once on one PostgreSQL; the others wait for the first.

    The lock is that of a transaction, on a connection of its own: behind a pooler in transaction
    mode a lock of the session would stay with a connection that nobody finds again. It is idle as
    long as the migrations take, and is not to be ended for that.
    """
    if connection.vendor != "postgresql":
        yield
        return
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MIGRATING])
        yield
        other.rollback()
    finally:
        other.close()


def _why_not(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"port {port} is taken by another program; choose one with --port"
    if problem.errno == errno.EACCES:
        return f"port {port} is not for ordinary users; choose one above 1023 with --port"
    return f"{host} is not an address of this machine (LOOPCHAT_HOST, --host)"
