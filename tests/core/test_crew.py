"""Threads for work that may hang."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from loopchat.core.crew import Crew

LIMIT = 30.0

HANGS = """
import threading
from loopchat.core.crew import Crew
begun = threading.Event()
def hang():
    begun.set()
    threading.Event().wait()
Crew(2, "hangs").submit(hang)
assert begun.wait(30)
print("over")
"""


def test_a_process_ends_whatever_its_threads_are_at() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=LIMIT, check=True
    )
    assert done.stdout == "over\n"


def test_so_many_work_at_once_and_no_more() -> None:
    crew, go, begun = Crew(2, "crew"), threading.Event(), threading.Barrier(3)
    names: list[str] = []

    def work(number: int) -> int:
        names.append(threading.current_thread().name)
        if number < 2:
            begun.wait(LIMIT)
        go.wait(LIMIT)
        return number

    futures = [crew.submit(work, number) for number in range(6)]
    begun.wait(LIMIT)
    assert len(names) == 2
    go.set()
    assert [one.result(LIMIT) for one in futures] == list(range(6))
    assert set(names) <= {"crew_1", "crew_2"}


def test_what_fails_fails_for_who_asked_and_for_nobody_else() -> None:
    crew = Crew(1, "crew")
    failing = crew.submit(int, "no number")
    with pytest.raises(ValueError, match="no number"):
        failing.result(LIMIT)
    assert crew.submit(int, "5").result(LIMIT) == 5


def test_what_was_taken_back_is_not_done() -> None:
    crew, go = Crew(1, "crew"), threading.Event()
    first = crew.submit(go.wait, LIMIT)
    second = crew.submit(int, "no number")
    assert second.cancel()
    go.set()
    assert first.result(LIMIT)
    assert crew.submit(int, "5").result(LIMIT) == 5
