"""The checks that need a story of their own: who may hear what, when, and what is left undone."""

from __future__ import annotations

from tests.faults.generator import Raw
from tests.faults.history.verdict import Verdict, judge

SHARED, JOINED = "shared", "joined"


class Story:
    """A short history in one room, told in order; each step is a second after the one before."""

    def __init__(self) -> None:
        self.raws: list[Raw] = []
        self.log: list[list[object]] = []
        self._now = 0.0
        self.sockets: dict[str, str] = {}

    def tell(self, op: str, **fields: object) -> Story:
        """Write one operation."""
        self._now += 1.0
        self.raws.append({"op": op, "t": self._now, **fields})
        return self

    def connect(self, u: str, base: int = 0, login: str | None = None) -> Story:
        """A new socket that owes the events after `base`."""
        if old := self.sockets.get(u):
            self.tell("close", conn=old, code=1006)
        conn = self.sockets[u] = f"{u}/{len(self.raws)}"
        self.tell("conn", conn=conn, u=u, sess=login or f"login-{u}", worker="w1")
        return self.tell("sub", conn=conn, room="r", **{"from": base})

    def change(self, u: str, kind: str) -> Story:
        """Add or remove a person."""
        event = f"{kind}-{u}-{len(self.log) + 1}"
        self.log.append([len(self.log) + 1, event, "_sys", event, kind])
        return self.tell("member", room="r", u=u, kind=kind, seq=len(self.log), id=event)

    def send(self, u: str, cid: str, *heard_by: str) -> Story:
        """A message that is stored, acknowledged and heard."""
        self.invoke(u, cid)
        self.log.append([len(self.log) + 1, f"id-{cid}", u, cid, f"hash-{cid}"])
        self.answer(u, cid, "ok", seq=len(self.log), id=f"id-{cid}", dup=False)
        for person in heard_by:
            self.hear(person, len(self.log))
        return self

    def invoke(self, u: str, cid: str, h: str | None = None) -> Story:
        """A message leaves its author."""
        fields = {"conn": self.sockets[u], "u": u, "room": "r", "cid": cid}
        return self.tell("send", phase="invoke", **fields, h=h or f"hash-{cid}")

    def answer(self, u: str, cid: str, phase: str, **fields: object) -> Story:
        """What the author learns of it."""
        return self.tell("send", phase=phase, u=u, room="r", cid=cid, **fields)

    def hear(self, u: str, seq: int, src: str = "replay") -> Story:
        """An event of the log reaches a person's socket."""
        _, event, author, cid, h = self.log[seq - 1]
        return self.tell(
            "recv",
            conn=self.sockets[u],
            room="r",
            seq=seq,
            id=event,
            u=author,
            cid=cid,
            h=h,
            src=src,
        )

    def end(self) -> Verdict:
        """A fault, rest, the final log, and the verdict."""
        self.rest()
        self.tell("final", room="r", src="database", items=[list(item) for item in self.log])
        return judge(self.raws)

    def rest(self) -> Story:
        """All is healed and quiet."""
        self.raws.append({"op": "nemesis", "t": 0.5, "what": "kill", "stop": self._now})
        return self.tell("quiesce")


def two_people() -> Story:
    """Ann and Ben in a room, both heard themselves join; Ann came back once."""
    story = Story().connect("ann").connect("ann").connect("ben")
    story.change("ann", "add").change("ben", "add")
    for person in ("ann", "ben"):
        story.hear(person, 1).hear(person, 2)
    return story


def errors(verdict: Verdict) -> set[str]:
    return verdict.report.found


def test_the_story_is_clean_before_anything_goes_wrong() -> None:
    verdict = two_people().send("ann", "hello", "ann", "ben").end()
    assert verdict.as_dict()["errors"] == {}
    assert verdict.valid is True


# Membership


def removed_ben(policy: str = SHARED) -> Story:
    """Ben hears his own removal; Ann goes on."""
    story = two_people().send("ann", "one", "ann", "ben").change("ben", "remove")
    story.hear("ann", 4).hear("ben", 4)
    story.tell("room", room="r", history=policy)
    return story.send("ann", "two", "ann")


def test_the_own_removal_is_the_last_event() -> None:
    assert removed_ben().end().valid is True


def test_an_event_after_the_own_removal_is_a_leak() -> None:
    assert errors(removed_ben().hear("ben", 5).end()) == {"leak_outside_membership"}


def test_a_stranger_in_the_room_is_a_leak() -> None:
    story = removed_ben().connect("eve", 4).hear("eve", 5)
    assert "leak_outside_membership" in errors(story.end())


def test_a_room_open_to_all_has_no_strangers() -> None:
    story = removed_ben().connect("eve", 4).hear("eve", 5)
    assert story.tell("room", room="r", open=True).end().valid is True


def back_again(policy: str) -> Verdict:
    """Ben returns and is given what he missed while he was outside."""
    story = removed_ben(policy).change("ben", "add").hear("ann", 6)
    return story.connect("ben", 4).hear("ben", 5).hear("ben", 6).end()


def test_who_returns_may_read_up_where_history_is_shared() -> None:
    assert back_again(SHARED).valid is True


def test_who_returns_may_not_read_up_where_history_is_kept_from_newcomers() -> None:
    assert errors(back_again(JOINED)) == {"leak_outside_membership"}


def test_reading_up_before_the_return_is_a_leak() -> None:
    story = removed_ben().connect("ben", 4).hear("ben", 5)
    story.change("ben", "add").hear("ann", 6).hear("ben", 6)
    assert errors(story.end()) == {"leak_outside_membership"}


# Ephemerals and ended logins


def test_typing_may_be_heard_by_members() -> None:
    story = removed_ben()
    story.tell("eph", conn=story.sockets["ann"], room="r", kind="user_typing", u="ben")
    assert story.end().valid is True


def test_typing_may_not_be_heard_long_after_the_removal() -> None:
    story = removed_ben()
    for _ in range(11):
        story.tell("cursor", u="ann", room="r", seq=1)
    story.tell("eph", conn=story.sockets["ben"], room="r", kind="user_typing", u="ann")
    assert errors(story.end()) == {"delivered_after_revocation"}


def test_typing_may_not_be_heard_by_strangers() -> None:
    story = removed_ben().connect("eve", 5)
    story.tell("eph", conn=story.sockets["eve"], room="r", kind="user_typing", u="ann")
    assert "delivered_after_revocation" in errors(story.end())


def after_sign_out(seconds: int, *faults: str) -> Verdict:
    """Ben's login is ended and so many seconds later his socket still gets something."""
    story = two_people().send("ann", "hello", "ann").tell("revoke", sess="login-ben")
    for what in faults:
        story.tell("nemesis", what=what, phase="start")
    for _ in range(seconds - len(faults) - 1):
        story.tell("cursor", u="ann", room="r", seq=1)
    return story.hear("ben", 3).end()


def test_an_ended_login_may_hear_of_something_for_a_moment() -> None:
    assert after_sign_out(2).valid is True
    assert errors(after_sign_out(3)) == {"delivered_after_revocation"}


def test_the_moment_is_longer_while_the_bus_is_away() -> None:
    assert after_sign_out(10, "redis kill").valid is True
    assert errors(after_sign_out(11, "redis kill")) == {"delivered_after_revocation"}


# Cursors


def with_cursor(**last: object) -> Verdict:
    """Ben has not read the last two messages of three; then his socket is told so."""
    story = two_people()
    for cid in ("one", "two", "three"):
        story.send("ann", cid, "ann", "ben")
    story.send("ben", "own", "ann", "ben").rest()
    story.tell("cursor", **{"u": "ben", "room": "r", "seq": 3, "unread": 2, **last})
    story.tell("final", room="r", src="database", items=[list(item) for item in story.log])
    return judge(story.raws)


def test_an_exact_unread_count_is_right() -> None:
    assert with_cursor().valid is True


def test_a_wrong_unread_count_is_found() -> None:
    assert errors(with_cursor(unread=3)) == {"cursor_regressed"}


def test_a_cursor_beyond_the_head_is_found() -> None:
    assert errors(with_cursor(seq=9, unread=0)) == {"cursor_regressed"}


def test_devices_that_differ_are_found() -> None:
    story = two_people().rest()
    story.tell("cursor", u="ben", room="r", seq=1, conn="ben/1")
    story.tell("cursor", u="ben", room="r", seq=2, conn="ben/2")
    assert errors(judge(story.raws)) == {"cursor_regressed"}


def test_devices_may_hear_of_a_cursor_in_any_order_while_it_moves() -> None:
    story = two_people().send("ann", "one", "ann", "ben")
    story.tell("cursor", u="ben", room="r", seq=2, conn="ben/1")
    story.tell("cursor", u="ben", room="r", seq=1, conn="ben/2")
    assert story.end().valid is True


# What a client shows


def shown(*ids: str, hole: bool = False, filled: bool = False) -> Verdict:
    """Ben's client after three messages, the middle one perhaps in a declared hole."""
    story = two_people().send("ann", "one", "ann", "ben").send("ann", "two", "ann")
    if hole:
        story.tell("resync", conn=story.sockets["ben"], room="r", to=4, reason="too_far")
    else:
        story.hear("ben", 4)
    if filled:
        page = {"lo": 4, "hi": 4, "items": [story.log[3]], "head": 4}
        story.tell("page", u="ben", room="r", **page)
    story.send("ann", "three", "ann", "ben")
    story.tell("applied", client="ben", room="r", ids=list(ids))
    return story.end()


WHOLE = ("add-ann-1", "add-ben-2", "id-one", "id-two", "id-three")
WITH_HOLE = ("add-ann-1", "add-ben-2", "id-one", "id-three")


def test_a_client_shows_the_log() -> None:
    assert shown(*WHOLE).valid is True


def test_a_client_may_leave_out_a_declared_hole() -> None:
    assert shown(*WITH_HOLE, hole=True).valid is True
    assert shown(*WHOLE, hole=True).valid is True
    assert shown("id-three", hole=True).valid is True  # all that it held is void


def test_a_client_may_not_leave_out_what_it_was_sent() -> None:
    assert errors(shown(*WITH_HOLE)) == {"tail_not_delivered"}


def test_a_client_may_not_leave_out_a_hole_it_filled() -> None:
    assert errors(shown(*WITH_HOLE, hole=True, filled=True)) == {"tail_not_delivered"}
    assert shown(*WHOLE, hole=True, filled=True).valid is True


def test_a_client_shows_nothing_twice_or_in_another_order_or_of_its_own() -> None:
    assert errors(shown(*WHOLE, "id-three")) == {"tail_not_delivered"}
    assert errors(shown(*WHOLE[:3], "id-three", "id-two")) == {"tail_not_delivered"}
    assert errors(shown(*WHOLE, "id-dream")) == {"tail_not_delivered"}


# Sockets


def test_a_declared_hole_is_no_gap() -> None:
    story = two_people().send("ann", "one", "ann", "ben").send("ann", "two", "ann")
    story.tell("resync", conn=story.sockets["ben"], room="r", to=4, reason="too_far")
    assert story.send("ann", "three", "ann", "ben").end().valid is True


def test_a_hole_may_not_lead_backwards() -> None:
    story = two_people().send("ann", "one", "ann", "ben")
    story.tell("resync", conn=story.sockets["ben"], room="r", to=1, reason="too_far")
    assert "nonmonotonic" in errors(story.end())


def test_a_page_holds_its_whole_range() -> None:
    story = two_people().send("ann", "one", "ann", "ben")
    page = {"lo": 1, "hi": 3, "items": [story.log[0], story.log[2]], "head": 3}
    assert errors(story.tell("page", u="ann", room="r", **page).end()) == {"page_hole"}


def test_a_page_may_be_older_than_what_came_while_it_was_read() -> None:
    story = two_people().send("ann", "one", "ann", "ben")
    asked = story.raws[-1]["t"]
    story.send("ann", "two", "ann", "ben")
    page = {"lo": 1, "hi": 3, "items": story.log[:3], "head": 3}
    story.tell("page", u="ann", room="r", **page, asked=asked)
    read = story.raws[-1]
    assert story.end().valid is True
    del read["asked"]
    assert errors(judge(story.raws)) == {"stale_head"}


def test_pipelined_messages_keep_their_order() -> None:
    story = two_people().invoke("ann", "one").invoke("ann", "two")
    for cid in ("two", "one"):
        story.log.append([len(story.log) + 1, f"id-{cid}", "ann", cid, f"hash-{cid}"])
        story.answer("ann", cid, "ok", seq=len(story.log), id=f"id-{cid}", dup=False)
        story.hear("ann", len(story.log)).hear("ben", len(story.log))
    assert errors(story.end()) == {"session_order"}


# Outbox and answers


def test_an_unanswered_message_is_found() -> None:
    assert errors(two_people().invoke("ann", "lost").end()) == {"unresolved"}


def test_a_message_repeated_and_never_answered_is_found() -> None:
    story = two_people().invoke("ann", "lost").answer("ann", "lost", "info")
    story.invoke("ann", "lost").answer("ann", "lost", "info")
    assert errors(story.end()) == {"unresolved"}


def test_a_message_given_up_after_one_attempt_is_counted_only() -> None:
    story = two_people().send("ann", "one", "ann", "ben").invoke("ann", "lost")
    verdict = story.answer("ann", "lost", "info").end()
    assert verdict.valid is True
    assert verdict.stats["unresolved"] == 1


def test_a_refused_message_is_answered() -> None:
    story = two_people().send("ann", "one", "ann", "ben").invoke("ann", "no")
    assert story.answer("ann", "no", "fail", code="forbidden", definite=True).end().valid is True


def test_a_conflict_over_a_cid_says_nothing_about_the_first_content() -> None:
    story = two_people().send("ann", "one", "ann", "ben").invoke("ann", "one", h="other")
    story.answer("ann", "one", "fail", code="cid_conflict", definite=True)
    assert story.end().valid is True


def test_a_late_event_is_found() -> None:
    story = two_people().send("ann", "one", "ann")
    verdict = story.hear("ben", 3, src="live").end()
    assert verdict.valid is True  # the fault lasts until the end
    del story.raws[-3]["stop"]
    assert errors(judge(story.raws)) == {"lag"}
