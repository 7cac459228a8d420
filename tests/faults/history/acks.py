"""V7, V12 and V13: acknowledgements agree with one another and with the order of things."""

from __future__ import annotations

from tests.faults.history import ops
from tests.faults.history.history import Fate, History
from tests.faults.history.report import Report


def check(history: History, report: Report) -> None:
    """Report acknowledgements that change, run ahead of time or break a socket's order."""
    _stable(history, report)
    _real_time(history, report)
    _pipeline(history, report)


def _stable(history: History, report: Report) -> None:
    """V7: all acknowledgements of one cid are equal."""
    for key, fate in history.fates.items():
        places = {(ack.seq, ack.id) for ack in fate.acks}
        if len(places) > 1:
            report.add(
                "ack_unstable",
                t=fate.acks[0].t,
                **key._asdict(),
                places=sorted(map(list, places), key=str),
            )


def _real_time(history: History, report: Report) -> None:
    """V12: what was acknowledged before a message was first sent stands before it."""
    for key, seq in _places(history).items():
        fate = history.fates[key]
        if seq <= fate.bound:
            report.add(
                "realtime_violation", t=fate.t, **key._asdict(), seq=seq, acked_before=fate.bound
            )


def _places(history: History) -> dict[ops.Key, int]:
    """Where each message ended up, by its acknowledgement or, without one, by the final log."""
    places: dict[ops.Key, int] = {}
    for room, log in history.truth.items():
        for seq, value in log.items():
            key = ops.Key(room, value.u, value.cid)
            if key in history.fates:
                places[key] = seq
    for key, fate in history.fates.items():
        if fate.acks:
            places[key] = fate.acks[0].seq
    return places


def _pipeline(history: History, report: Report) -> None:
    """V13: messages sent one after another on one socket keep their order.

    A message that was refused once and sent again later has left the pipeline.
    """
    last: dict[tuple[ops.Name, ops.Name], tuple[int, ops.Name]] = {}
    for key, fate in history.fates.items():
        if not fate.acks or fate.fails or _was_put_off(fate):
            continue
        line = (fate.conn, key.room)
        seq = fate.acks[0].seq
        before, cid = last.get(line, (0, ""))
        if seq <= before:
            report.add(
                "session_order",
                t=fate.t,
                conn=fate.conn,
                **key._asdict(),
                seq=seq,
                after={"cid": cid, "seq": before},
            )
        last[line] = max((before, cid), (seq, key.cid), key=lambda place: place[0])


def _was_put_off(fate: Fate) -> bool:
    return fate.attempts > 1 and fate.infos > 0 and fate.acks[0].dup is False
