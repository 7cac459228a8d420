"""Lines of the log: for people, for programs, and without what is nobody's business."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from loopchat.core import recent, trace
from loopchat.core.trace import Trace
from loopchat.log_lines import JSONFormatter, LineFormatter, Remembering, WithoutPaths


@pytest.fixture(autouse=True)
def _nothing_is_worked_on() -> Iterator[None]:
    trace.begin(Trace())
    yield
    trace.begin(Trace())


def line(text: str, *arguments: object, **more: object) -> logging.LogRecord:
    record = logging.LogRecord("loopchat.web", logging.WARNING, "", 0, text, arguments, None)
    record.__dict__.update(more)
    return record


def test_people_read_what_was_worked_on_behind_the_message() -> None:
    trace.begin(Trace(request="0af7651916cd43dd", user=7))
    written = LineFormatter().format(line("%s is slow", "this", fields={"ms": 12}))
    assert written.endswith(
        "WARNING loopchat.web: this is slow [request=0af7651916cd43dd user=7 ms=12]"
    )


def test_programs_read_one_object_a_line() -> None:
    trace.begin(Trace(socket="a372a2f9956d1792"))
    record = line('said "%s"', "a\nb")
    record.exc_info = (ValueError, ValueError("no\nway"), None)
    written = JSONFormatter().format(record)
    assert "\n" not in written
    found = json.loads(written)
    assert found["message"] == 'said "a\nb"'
    assert (found["level"], found["logger"]) == ("warning", "loopchat.web")
    assert found["socket"] == "a372a2f9956d1792"
    assert found["ts"].endswith("+00:00")
    assert "ValueError" in found["exception"]


@pytest.mark.parametrize("formatter", [LineFormatter(), JSONFormatter()])
def test_passwords_in_addresses_are_blacked_out(formatter: logging.Formatter) -> None:
    written = formatter.format(line("postgres://loopchat:hunter22@db/x and smtp://mail:25/"))
    assert "hunter22" not in written
    assert "smtp://mail:25/" in written


def test_a_path_becomes_its_pattern() -> None:
    found = SimpleNamespace(route="chat/user/<str:username>/")
    request = SimpleNamespace(path="/chat/user/bob/", resolver_match=found)
    record = line("Forbidden (%s): %s", "CSRF", "/chat/user/bob/", request=request)
    assert WithoutPaths().filter(record)
    assert record.getMessage() == "Forbidden (CSRF): /chat/user/<username>/"


def test_the_newest_problems_are_remembered() -> None:
    recent.problems.clear()
    for number in range(recent.KEPT + 1):
        Remembering().emit(line("problem %d\nwith more", number, fields={"ms": 12}))
    assert len(recent.problems) == recent.KEPT
    assert recent.problems[-1].text == f"problem {recent.KEPT} (ms 12)"
