"""Backups that a server makes by itself."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from loopchat.operations import schedule
from loopchat.operations.schedule import due_in
from tests.services import StartServer

NOW = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)


def test_the_first_is_due_at_once(tmp_path: Path) -> None:
    assert due_in(tmp_path / "not there", 24, NOW) == 0
    (tmp_path / "notes.txt").touch()
    assert due_in(tmp_path, 24, NOW) == 0


def test_the_next_is_due_so_many_hours_after_the_newest(tmp_path: Path) -> None:
    for hours, name in ((30, "1"), (5, "2")):
        made = tmp_path / f"loopchat-{name}.tar.gz"
        made.touch()
        at = (NOW - dt.timedelta(hours=hours)).timestamp()
        os.utime(made, (at, at))
    assert due_in(tmp_path, 24, NOW) == 19 * 3600
    assert due_in(tmp_path, 5, NOW) == 0


def test_what_is_dated_in_the_future_postpones_nothing(tmp_path: Path) -> None:
    made = tmp_path / "loopchat-1.tar.gz"
    made.touch()
    for ahead, wait in ((dt.timedelta(minutes=5), 24 * 3600), (dt.timedelta(days=400), 0)):
        at = (NOW + ahead).timestamp()
        os.utime(made, (at, at))
        assert due_in(tmp_path, 24, NOW) == wait


def no_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process cannot be started."""
    monkeypatch.setattr(sys, "executable", str(folder / "none"))


def vanished(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the folder cannot be looked at."""
    (folder / "loopchat-1.tar.gz").symlink_to(folder / "none")


@pytest.mark.parametrize("trouble", [no_program, vanished])
def test_what_cannot_begin_is_said_and_tried_again(
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trouble: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    settings.BACKUP_FOLDER = str(tmp_path)
    monkeypatch.setattr(schedule, "AGAIN", 0.01)
    trouble(tmp_path, monkeypatch)
    with caplog.at_level(logging.ERROR, logger=schedule.__name__):
        enough = schedule.start()
        assert enough is not None
        try:
            end = time.monotonic() + 30
            while len(caplog.messages) < 2:
                assert time.monotonic() < end, "it was not tried again"
                enough.wait(0.01)
        finally:
            enough.set()
    assert set(caplog.messages) == {"the backup could not begin"}


def test_a_backup_that_fails_is_said_and_the_server_goes_on(
    tmp_path: Path, start_server: StartServer
) -> None:
    (tmp_path / "notes").touch()
    server = start_server(env={"LOOPCHAT_BACKUP_FOLDER": str(tmp_path / "notes" / "backups")})
    end = time.monotonic() + 60
    while "the backup failed: " not in server.log:
        assert time.monotonic() < end, server.log
        server.look_again()
    assert "Traceback" not in server.log


def test_a_server_makes_them_by_itself(tmp_path: Path, start_server: StartServer) -> None:
    folder = tmp_path / "backups"
    server = start_server(env={"LOOPCHAT_BACKUP_FOLDER": str(folder)})
    noted = server.data_dir / "last-backup.json"
    end = time.monotonic() + 60
    while not noted.exists():
        assert "the backup failed" not in server.log
        assert time.monotonic() < end, server.log
        server.look_again()
    [made] = folder.iterdir()
    said = json.loads(noted.read_text())
    assert said["size"] == made.stat().st_size
    assert "messages" in said["text"]
