"""`loopchat backup` and `loopchat restore`.

A backup that was never read is a hope: each one is read back into a scratch place and looked at
before it counts as made.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.db import DatabaseError, connection

from loopchat import __version__, environment
from loopchat.core.clock import now_ms
from loopchat.environment import CannotStart
from loopchat.instance_files import secret_key
from loopchat.operations import archive, leftovers, soundness
from loopchat.operations.databases import SQLite, copies
from loopchat.realtime.report import LAST_BACKUP, Backup

PATTERN: Final = "loopchat-*.tar.gz"
_KEY: Final = "LOOPCHAT_SECRET_KEY"
_KEY_FILE: Final = "secret-key"
SNAPSHOTS: Final = 3
"""Copies from before a change of the database that are kept."""


def make(folder: Path) -> tuple[Path, str]:
    """Back up into a folder and verify it; the file, and how much is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    leftovers.sweep(folder)
    made_ts = now_ms()
    target = folder / f"loopchat-{_stamp(made_ts)}.tar.gz"
    draft = target.with_name(f".{target.name}{leftovers.PART}")
    with archive.removed_on_failure(draft):
        _write(draft, made_ts)
        size = verify(draft)
        draft.replace(target)
    _note(Backup(made_ts, target.stat().st_size, size))
    return target, size


def _write(draft: Path, made_ts: int) -> None:
    with _scratch() as scratch:
        database = scratch / "database"
        copies().take(database)
        archive.write(
            draft,
            vendor=connection.vendor,
            version=__version__,
            made_ts=made_ts,
            database=database,
            data=settings.DATA_DIR,
        )


def verify(source: Path) -> str:
    """Restore a backup into a scratch place and look at it; how much is in it.

    Raises `CannotStart` when it is damaged or its logs are not whole.
    """
    with _scratch() as scratch:
        unpacked = archive.unpack(source, scratch)
        _refuse_other_kind(unpacked)
        try:
            with copies().scratch(unpacked.database) as ask:
                if found := soundness.faults(ask):
                    raise CannotStart(f"the backup is not sound: {'; '.join(found)}")
                return soundness.size(ask)
        except DatabaseError as problem:
            first = str(problem).strip().partition("\n")[0]
            raise CannotStart(f"the backup could not be tried out: {first}") from problem


def restore(source: Path, *, replace: bool) -> None:
    """Make this server's data what the backup is, with a new epoch.

    Refuses while a server runs on the data, and to write over data unless it is told to.
    """
    verify(source)
    if is_served():
        raise CannotStart("a server runs on this data: stop it first, or wait a minute after it")
    if not replace and _holds_people():
        raise CannotStart("there is data already; --replace puts the backup in its place")
    with _scratch() as scratch:
        unpacked = archive.unpack(source, scratch)
        copies().put_back(unpacked.database)
        for name in archive.KEPT:
            _put(unpacked.data / name, settings.DATA_DIR / name)
    # What a change of the restored database seals from here on is read with the restored key.
    settings.SECRET_KEY = secret_key(_KEY, settings.DATA_DIR / _KEY_FILE)


def lacks_key() -> bool:
    """Whether the secret key comes from elsewhere than the data folder, and so is in no backup."""
    return bool(environment.secret(_KEY))


def _note(made: Backup) -> None:
    """For the page for operators: in the data folder, for a backup writes to no database."""
    target = settings.DATA_DIR / LAST_BACKUP
    draft = target.with_name(f".{target.name}.part")
    draft.write_bytes(msgspec.json.encode(made))
    draft.replace(target)


def begin_anew() -> None:
    """After a restore: a new epoch, so that clients void what they know of the lost future."""
    from loopchat.accounts.models import Instance, new_epoch
    from loopchat.realtime.models import Present, Worker

    Instance.objects.update(epoch=new_epoch())
    Present.objects.all().delete()
    Worker.objects.all().delete()


def snapshot() -> Path:
    """A copy of an SQLite database before it is changed; the newest few are kept."""
    folder = settings.DATA_DIR / "snapshots"
    folder.mkdir(mode=0o700, exist_ok=True)
    target: Path = folder / f"before-{_stamp(now_ms())}.sqlite3"
    with archive.removed_on_failure(target):
        SQLite().take(target)
    for old in sorted(folder.glob("before-*.sqlite3"))[:-SNAPSHOTS]:
        old.unlink()
    return target


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups of a folder; those that went."""
    made = sorted(folder.glob(PATTERN))
    gone = made[: max(0, len(made) - keep)]
    for path in gone:
        path.unlink()
    return gone


def is_served() -> bool:
    """Whether a server has renewed its lease on this database within the last minute."""
    from loopchat.realtime.presence_rows import is_anybody_alive

    try:
        return is_anybody_alive()
    except DatabaseError:
        return False  # no database, or an older one without this table


def _holds_people() -> bool:
    from loopchat.accounts.models import User

    try:
        return User.objects.exists()
    except DatabaseError:
        return False


def _refuse_other_kind(unpacked: archive.Unpacked) -> None:
    kind = unpacked.manifest.vendor
    if kind != connection.vendor:
        raise CannotStart(f"the backup is of {kind}, this server is on {connection.vendor}")


def _put(source: Path, target: Path) -> None:
    if not source.exists():
        return
    if source.is_dir():
        draft = target.with_name(f"{target.name}.restored")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    else:
        shutil.copyfile(source, target)
        target.chmod(0o600)


def _stamp(ts: int) -> str:
    moment = dt.datetime.fromtimestamp(ts / 1000, tz=dt.UTC)
    return moment.strftime("%Y%m%d-%H%M%S-") + f"{ts % 1000:03d}"


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder beside the data: there is room for a database, and it is not others' to read."""
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=leftovers.SCRATCH) as name:
        yield Path(name)
