"""V3 to V6, V8 and V9: what the log holds after the run against what was ever said of it."""

from __future__ import annotations

from collections.abc import Sequence

from tests.faults.history import ops
from tests.faults.history.history import Fate, History
from tests.faults.history.report import Report
from tests.faults.history.values import sightings


def check(history: History, report: Report) -> None:
    """Report what is lost, vanished, invented, corrupt, refused yet there, full of holes."""
    _acks(history, report)
    _vanished(history, report)
    _invented(history, report)
    _holes(history, report)
    _divergence(history, report)


def _acks(history: History, report: Report) -> None:
    """V3: an acknowledged message is where it was said to be."""
    for key, fate in history.fates.items():
        truth = history.truth.get(key.room)
        for ack in fate.acks if truth is not None else ():
            there = truth.get(ack.seq) if truth else None
            if there is None or (there.id, there.u, there.cid) != (ack.id, ack.u, ack.cid):
                report.add("lost_ack", t=ack.t, **key._asdict(), seq=ack.seq, id=ack.id)


def _vanished(history: History, report: Report) -> None:
    """V4: what somebody saw once is there for ever."""
    ids = {room: {value.id for value in log.values()} for room, log in history.truth.items()}
    reported: set[tuple[ops.Name, ops.Name]] = set()
    for seen in sightings(history):
        there = ids.get(seen.room)
        place = (seen.room, seen.value.id)
        if there is not None and seen.value.id not in there and place not in reported:
            reported.add(place)
            report.add("vanished", t=seen.t, room=seen.room, seq=seen.seq, id=seen.value.id)


def _invented(history: History, report: Report) -> None:
    """V5 and V6: each message was sent by its author, as it stands, and not refused."""
    for room, finals in history.finals.items():
        reported: set[ops.Value] = set()
        for final in finals:
            for seq, value in final.items:
                if value.u != ops.SYSTEM and value not in reported:
                    reported.add(value)
                    _judge(
                        history.fates.get(ops.Key(room, value.u, value.cid)),
                        room,
                        seq,
                        value,
                        report,
                    )


def _judge(fate: Fate | None, room: ops.Name, seq: int, value: ops.Value, report: Report) -> None:
    case = {"room": room, "seq": seq, "id": value.id, "u": value.u, "cid": value.cid}
    if fate is None:
        report.add("phantom", **case)
        return
    if value.h not in fate.hashes:
        report.add("corrupt", **case, h=value.h, sent=sorted(fate.hashes))
    if fate.fails and not fate.acks:
        report.add("aborted_read", t=fate.fails[0].t, **case, code=fate.fails[0].code)


def _holes(history: History, report: Report) -> None:
    """V8: a final log is 1..n and a page is exactly its range."""
    for room, finals in history.finals.items():
        for final in finals:
            if missing := _not_exactly(final.items, 1, len(final.items)):
                report.add("final_not_gapless", room=room, src=final.src, **missing)
    for page in history.each(ops.Page):
        if wrong := _not_exactly(page.items, page.lo, page.hi):
            report.add(
                "page_hole", t=page.t, room=page.room, u=page.u, lo=page.lo, hi=page.hi, **wrong
            )


def _not_exactly(items: Sequence[ops.Item], lo: int, hi: int) -> dict[str, object]:
    seqs = [item.seq for item in items]
    if seqs == list(range(lo, hi + 1)):
        return {}
    end = max([hi, *seqs])
    missing = sorted(set(range(lo, end + 1)) - set(seqs)) if end - lo < 10**7 else []
    return {"missing": missing[:20], "count": len(seqs)}


def _divergence(history: History, report: Report) -> None:
    """V9: every worker and the database tell the same log."""
    for room, finals in history.finals.items():
        truth = history.truth[room]
        for final in finals:
            told = dict(final.items)
            if told != truth:
                differ = sorted(
                    seq for seq in truth.keys() | told.keys() if truth.get(seq) != told.get(seq)
                )
                report.add("final_divergence", room=room, src=final.src, seqs=differ[:20])
