"""V19: when all is quiet, every message that was not given up has had its answer."""

from __future__ import annotations

from tests.faults.history import ops
from tests.faults.history.history import Fate, History
from tests.faults.history.report import Report


def check(history: History, report: Report) -> None:
    """Report messages left in an outbox, or sent again and never answered."""
    if history.quiesced is None:
        return
    for key, fate in unresolved(history).items():
        if not _given_up(fate):
            report.add(
                "unresolved", t=fate.t, **key._asdict(), attempts=fate.attempts, infos=fate.infos
            )


def unresolved(history: History) -> dict[ops.Key, Fate]:
    """The messages that ended neither acknowledged nor refused."""
    return {key: fate for key, fate in history.fates.items() if fate.open}


def _given_up(fate: Fate) -> bool:
    return fate.attempts == 1 and fate.infos > 0
