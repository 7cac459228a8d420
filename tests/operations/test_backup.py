"""A backup taken while people write, restored elsewhere, is a beginning of the truth."""

from __future__ import annotations

import asyncio
import os
import secrets
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.backends import POSTGRES
from tests.faults.lab import UNLIMITED
from tests.faults.wire import Socket
from tests.gateway.world import World, send
from tests.services import NotStarted, Postgres, Redis, Server

NewServer = Callable[[Path], Server]


@pytest.fixture
def new_server(request: pytest.FixtureRequest, backend: str) -> NewServer:
    """A server that is not started yet, on a data folder and an empty database of its own."""

    def make(folder: Path) -> Server:
        folder.mkdir()
        options: dict[str, Any] = {}
        if backend == POSTGRES:
            postgres: Postgres = request.getfixturevalue("_postgres")
            redis: Redis = request.getfixturevalue("_redis")
            options = {"database_url": postgres.new_database(), "redis_url": redis.url}
        return Server(data_dir=folder, env=UNLIMITED, **options)

    return make


def refusal_of(server: Server, *arguments: str) -> str:
    """The line with which a command was refused."""
    with pytest.raises(NotStarted) as refused:
        server.manage(*arguments)
    assert "Traceback" not in str(refused.value)
    return next(line for line in str(refused.value).splitlines() if line.startswith("loopchat: "))


async def test_a_backup_taken_under_load_is_a_gapless_beginning(
    tmp_path: Path, new_server: NewServer
) -> None:
    first, second = new_server(tmp_path / "first"), new_server(tmp_path / "second")
    backups = tmp_path / "backups"
    texts: list[str] = []
    with first, World(first) as world:
        [ann] = world.people(1)
        room = world.room(ann)
        async with await Socket.open(first.socket_url, ann.bearer) as socket:
            welcome = await socket.until("welcome")
            await socket.hello({})
            begun, done = asyncio.Event(), asyncio.Event()
            writing = asyncio.create_task(_write(socket, room, texts, begun, done))
            await asyncio.wait_for(begun.wait(), 10)
            before = list(texts)
            said = await asyncio.to_thread(first.manage, "backup", str(backups))
            done.set()
            head = await writing
        [backup] = backups.iterdir()
        running = await asyncio.to_thread(refusal_of, first, "restore", str(backup), "--replace")
        assert "a server runs on this data" in running
    assert f"Wrote {backup} and read it back: " in said
    assert backup.stat().st_mode & 0o077 == 0

    second.manage("restore", str(backup))
    assert "there is data already" in refusal_of(second, "restore", str(backup))
    with second:
        async with await Socket.open(second.socket_url, ann.bearer) as socket:
            anew = await socket.until("welcome")
            assert anew["epoch"] != welcome["epoch"]
            await socket.hello({room: head}, epoch=welcome["epoch"])
            [resync] = socket.of("resync", room=room)
            assert resync["reason"] == "epoch"
            held = await _log(socket, room)
            stored = await send(socket, room, "after")
    assert [entry["seq"] for entry in held] == list(range(1, resync["head"] + 1))
    kept = [entry["message"] for entry in held if entry["type"] == "chat_message"]
    assert kept == texts[: len(kept)]
    assert len(kept) >= len(before)
    assert stored["seq"] == resync["head"] + 1


def test_only_the_newest_are_kept_when_asked_for(tmp_path: Path, new_server: NewServer) -> None:
    server, folder = new_server(tmp_path / "data"), tmp_path / "backups"
    server.manage("adduser", "ann", "--bot")
    for _ in range(3):
        server.manage("backup", str(folder), "--keep", "2")
    assert len(list(folder.iterdir())) == 2


def test_what_a_killed_backup_left_is_swept_when_it_is_old(
    tmp_path: Path, new_server: NewServer
) -> None:
    server, folder = new_server(tmp_path / "data"), tmp_path / "backups"
    server.manage("adduser", "ann", "--bot")
    killed_while_it_is_read_back(server, folder)
    young = left_over(tmp_path)
    assert {path.name.partition("-")[0] for path in young} == {"scratch", ".loopchat"}

    server.manage("backup", str(folder))
    assert left_over(tmp_path) == young  # perhaps it is another one that runs
    for path in young:
        for one in (path, *path.glob("*")):
            os.utime(one, (0, 0))
    server.manage("backup", str(folder))
    assert left_over(tmp_path) == []
    assert len(list(folder.glob("loopchat-*.tar.gz"))) == 2


def killed_while_it_is_read_back(server: Server, folder: Path) -> None:
    """A backup whose process ends in the middle of `verify`, as with SIGKILL."""
    dying = (
        "import os; from pathlib import Path; from loopchat.operations import backup, soundness;"
        "soundness.faults = lambda ask: os.kill(os.getpid(), 9);"
        f"backup.make(Path({str(folder)!r}))"
    )
    with pytest.raises(NotStarted):
        server.manage("manage", "shell", "-c", dying)
    assert list(folder.glob("loopchat-*")) == []  # what was not read back is no backup


def left_over(place: Path) -> list[Path]:
    """Scratch folders and drafts of backups."""
    return sorted([*place.glob("data/scratch-*"), *place.glob("backups/.loopchat-*.part")])


def test_old_scratch_databases_go_and_young_ones_stay(postgres_url: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    server = Server(data_dir=tmp_path / "data", database_url=postgres_url)
    mark = secrets.token_hex(6)
    server.manage("adduser", "ann", "--bot")
    old, young = (f"loopchat_scratch_{ts:010d}_{mark}" for ts in (1, int(time.time())))
    making = "; ".join(f"cursor.execute('CREATE DATABASE {name}')" for name in (old, young))
    server.manage("manage", "shell", "-c", f"{CURSOR}; {making}")
    server.manage("backup", str(tmp_path / "backups"))
    asked = "SELECT datname FROM pg_database WHERE strpos(datname, %s) > 0"
    asking = f'cursor.execute("{asked}", ["{mark}"]); print(cursor.fetchall())'
    said = server.manage("manage", "shell", "-v", "0", "-c", f"{CURSOR}; {asking}")
    assert said.strip() == f"[('{young}',)]"


CURSOR = "from django.db import connection; cursor = connection.cursor()"


def test_what_is_damaged_is_not_restored(tmp_path: Path, new_server: NewServer) -> None:
    server, folder = new_server(tmp_path / "data"), tmp_path / "backups"
    server.manage("adduser", "ann", "--bot")
    server.manage("backup", str(folder))
    [backup] = folder.iterdir()
    whole = backup.read_bytes()
    backup.write_bytes(whole[: len(whole) // 2])
    assert "is damaged" in refusal_of(server, "restore", str(backup), "--replace")
    backup.write_text("a poem")
    assert "is no backup of Loopchat" in refusal_of(server, "restore", str(backup), "--replace")
    assert "there is no backup" in refusal_of(server, "restore", str(tmp_path / "none"))
    backup.write_bytes(whole)
    server.manage("restore", str(backup), "--replace")
    assert "name is taken" in refusal_of(server, "adduser", "ann", "--bot")


def test_a_database_whose_log_has_a_hole_is_no_backup(
    tmp_path: Path, new_server: NewServer
) -> None:
    server, folder = new_server(tmp_path / "data"), tmp_path / "backups"
    server.manage("adduser", "ann", "--bot")
    making = (
        "from loopchat.accounts import people; from loopchat.chat import rooms;"
        "from loopchat.chat.models import Room;"
        "room = rooms.create(people.find('ann'), kind='private', name='Garden');"
        "Room.objects.filter(pk=room.pk).update(head=7)"
    )
    server.manage("manage", "shell", "-c", making)
    assert "rooms whose log has holes: " in refusal_of(server, "backup", str(folder))
    assert list(folder.iterdir()) == []


def test_a_backup_has_key_and_pictures_and_nothing_else_of_the_folder(
    tmp_path: Path, new_server: NewServer
) -> None:
    server, folder = new_server(tmp_path / "data"), tmp_path / "backups"
    server.manage("adduser", "ann", "--bot")
    for name in ("secret-key", "notes.txt", "avatars/a-64.webp"):
        file = tmp_path / "data" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("something")
    server.manage("backup", str(folder))
    [backup] = folder.iterdir()
    with tarfile.open(backup) as tar:
        assert sorted(tar.getnames()) == [
            "data/avatars",
            "data/avatars/a-64.webp",
            "data/secret-key",
            "database",
            "manifest.json",
        ]


async def _write(
    socket: Socket, room: int, texts: list[str], begun: asyncio.Event, done: asyncio.Event
) -> int:
    """Write one message after the other until it is enough; the seq of the last."""
    seq = 0
    while not done.is_set():
        text = f"message number {len(texts) + 1}"
        seq = (await send(socket, room, text))["seq"]
        texts.append(text)
        if len(texts) == 20:
            begun.set()
    return seq


async def _log(socket: Socket, room: int) -> list[dict[str, Any]]:
    """Every event of a room, oldest first."""
    held: list[dict[str, Any]] = []
    while True:
        after = held[-1]["seq"] if held else 0
        page = await socket.ask("history", room=room, after=after, limit=100, log=True)
        held += page["items"]
        if page["to"] >= page["head"]:
            return held


def test_a_backup_of_an_older_version_is_sealed_with_its_own_key(tmp_path: Path) -> None:
    """Second steps that a restore changes are readable afterwards, though the key was new here."""
    first, second = Server(data_dir=tmp_path / "first"), Server(data_dir=tmp_path / "second")
    for server in (first, second):
        (tmp_path / ("first" if server is first else "second")).mkdir()
    first.manage("adduser", "ann", "--bot")
    step = (
        "from loopchat.accounts import people; from allauth.mfa.totp.internal.auth import TOTP;"
        "TOTP.activate(people.find('ann'), 'ABCDEFGHIJKLMNOP')"
    )
    first.manage("manage", "shell", "-c", step)
    first.manage("manage", "migrate", "accounts", "0005")
    assert b"ABCDEFGHIJKLMNOP" in (tmp_path / "first" / "loopchat.sqlite3").read_bytes()
    said = first.manage("backup", str(tmp_path / "backups"))
    assert "is not in it" not in said
    [backup] = (tmp_path / "backups").iterdir()

    second.manage("restore", str(backup))

    reading = (
        "from allauth.mfa.models import Authenticator; from loopchat.accounts import sealing;"
        "data = Authenticator.objects.get().data['secret'];"
        "print(data[:5], sealing.opened(data))"
    )
    assert "gAAAA ABCDEFGHIJKLMNOP" in second.manage("manage", "shell", "-c", reading)
