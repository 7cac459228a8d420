"""PostgreSQL with its own data, fsync on, on the server's core: for durable sends on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.peers.base import Place
from bench.processes import NotServing, on_core


@contextmanager
def postgres(where: Place) -> Iterator[str]:
    """The URL of an empty database; `NotServing` when PostgreSQL is not installed."""
    from tests.services import NotStarted, Postgres

    folder = where.folder / "postgres"
    folder.mkdir()
    where.folder.chmod(0o711)  # PostgreSQL does not run as root and must reach its folder
    cluster = Postgres(folder, durable=True)
    try:
        with on_core(where.cores.server):
            cluster.start()
        yield cluster.new_database()
    except NotStarted as why:
        raise NotServing(str(why)) from why
    finally:
        cluster.close()
