"""The log: one transaction for many operations, each with its own outcome, without holes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from loopchat.accounts.models import User
from loopchat.chat import log, messages, posting, rooms, wire
from loopchat.chat.doors import Join, Leave
from loopchat.chat.ledger import Done, Ledger, Needs
from loopchat.chat.models import Membership, Message, Reaction, Revision, Room, RoomEvent
from loopchat.core.errors import Refused
from tests.chat.stage import (
    Told,
    actor,
    append,
    befriend,
    draft,
    head,
    listening,
    membership,
    people,
    person,
    room_of,
    send,
    seqs,
    stored,
)

pytestmark = pytest.mark.django_db


# --- what a batch is -------------------------------------------------------------------------


def test_a_batch_takes_one_number_after_the_other(room: Room, three: list[User]) -> None:
    before = head(room)
    done = append(*(draft(room, three[n % 3], f"message {n}") for n in range(256)))
    assert [d.seq for d in done] == list(range(before + 1, before + 257))
    assert seqs(room) == list(range(1, before + 257)) == list(range(1, head(room) + 1))
    assert [d.row.ordinal for d in done] == list(range(1, 257))


def test_many_rooms_in_one_batch_count_each_for_itself(three: list[User]) -> None:
    ann, ben, cyd = three
    open_rooms = [room_of(ann, ben, cyd) for _ in range(5)]
    heads = [head(room) for room in open_rooms]
    batch = [draft(open_rooms[n % 5], three[n % 3], f"{n}") for n in range(60)]
    assert all(isinstance(done, Done) for done in append(*batch))
    for room, before in zip(open_rooms, heads, strict=True):
        assert seqs(room) == list(range(1, before + 13))
        texts = [event["message"] for event in stored(room) if event["type"] == "chat_message"]
        assert texts == [str(n) for n in range(open_rooms.index(room), 60, 5)]


def test_every_kind_of_operation_shares_the_numbers(room: Room, three: list[User]) -> None:
    ann, ben, cyd = three
    message = send(room, ann)
    eve = person("eve")
    public = room_of(ann, kind="public")
    before = head(room)
    done = append(
        draft(room, ben),
        posting.Edit.draft(room.pk, actor(ann), message_id=message.id, body="better"),
        posting.React.draft(room.pk, actor(cyd), message_id=message.id, emoji="👍", on=True),
        Leave(room.pk, actor(cyd)),
        Join(public.pk, actor(eve)),
        posting.Delete(room.pk, actor(ann), message.id),
    )
    assert [d.seq for d in done] == [
        before + 1,
        before + 2,
        before + 3,
        before + 4,
        head(public),
        before + 5,
    ]
    assert seqs(room) == list(range(1, before + 6))
    assert seqs(public) == list(range(1, head(public) + 1))


def test_what_is_told_is_what_is_stored(room: Room, three: list[User], told: Told) -> None:
    before = head(room)
    for n in range(3):
        send(room, three[n], f"text {n}")
    rooms.rename(room.pk, three[0], "Another name")
    rooms.leave(room.pk, three[2])
    assert told.log(room.pk) == stored(room)[before:]
    assert [entry.seq for entry in told.entries(room.pk)] == seqs(room)[before:]


def test_an_operation_sees_what_the_one_before_it_did(room: Room, three: list[User]) -> None:
    cyd = three[2]
    stays, leaves, too_late = append(draft(room, cyd), Leave(room.pk, actor(cyd)), draft(room, cyd))
    assert stays.seq + 1 == leaves.seq == head(room)
    assert too_late == "not_found"
    eve = person("eve")
    public = room_of(three[0], kind="public")
    too_early, joined, said = append(
        draft(public, eve), Join(public.pk, actor(eve)), draft(public, eve)
    )
    assert too_early == "forbidden"
    assert (joined.seq, said.seq) == (head(public) - 1, head(public))


def test_the_number_of_queries_does_not_grow_with_the_batch(room: Room, three: list[User]) -> None:
    append(draft(room, three[0]))  # statements are prepared once
    with CaptureQueriesContext(connection) as small:
        append(*(draft(room, three[n % 3]) for n in range(3)))
    with CaptureQueriesContext(connection) as large:
        append(*(draft(room, three[n % 3]) for n in range(200)))
    single = [q["sql"] for q in large if "UPDATE" not in q["sql"]]
    assert len(single) == len([q for q in small if "UPDATE" not in q["sql"]])
    assert len(single) <= 8, single
    # One UPDATE for the room and one for each of the three members, however many messages.
    assert len(large) == len(small)


# --- the same cid ----------------------------------------------------------------------------


def test_the_same_cid_is_stored_once(room: Room, three: list[User]) -> None:
    ann = three[0]
    cid = uuid.uuid4()
    first = send(room, ann, "once", cid=cid)
    before = head(room)
    second = send(room, ann, "once", cid=cid)
    assert (second.seq, second.id, second.ts) == (first.seq, first.id, first.ts)
    assert (first.dup, second.dup) == (False, True)
    assert head(room) == before
    assert Message.objects.filter(cid=cid).count() == 1


def test_text_counts_as_it_is_stored(room: Room, three: list[User]) -> None:
    cid = uuid.uuid4()
    first = send(room, three[0], "same", cid=cid)
    assert send(room, three[0], "\n same \n".replace(" ", ""), cid=cid).seq == first.seq


def test_two_equal_cids_in_a_batch_are_one_message(room: Room, three: list[User]) -> None:
    cid = uuid.uuid4()
    before = head(room)
    first, between, again = append(
        draft(room, three[0], "x", cid=cid),
        draft(room, three[1]),
        draft(room, three[0], "x", cid=cid),
    )
    assert (first.seq, between.seq, again.seq) == (before + 1, before + 2, before + 1)
    assert (first.id, first.dup, again.dup) == (again.id, False, True)
    assert again.id > 0
    assert head(room) == before + 2


def test_two_people_may_have_the_same_cid(room: Room, three: list[User]) -> None:
    cid = uuid.uuid4()
    first, second = append(draft(room, three[0], "x", cid=cid), draft(room, three[1], "x", cid=cid))
    assert (first.dup, second.dup) == (False, False)
    assert second.seq == first.seq + 1


def test_a_known_cid_is_answered_before_permissions_are_asked(
    room: Room, three: list[User]
) -> None:
    ann, ben, _ = three
    cid = uuid.uuid4()
    first = send(room, ben, "said in time", cid=cid)
    rooms.kick(room.pk, ann, ben)
    assert append(draft(room, ben, "something new")) == ["not_found"]  # it is refused now
    (again,) = append(draft(room, ben, "said in time", cid=cid))
    assert (again.seq, again.id, again.dup) == (first.seq, first.id, True)


def test_a_known_cid_is_answered_in_an_archived_and_in_a_deleted_room(
    room: Room, three: list[User]
) -> None:
    ann = three[0]
    cid = uuid.uuid4()
    first = send(room, ann, "x", cid=cid)
    rooms.archive(room.pk, ann, True)
    assert append(draft(room, ann)) == ["archived"]
    assert append(draft(room, ann, "x", cid=cid))[0].seq == first.seq
    rooms.delete(room.pk, ann)
    assert append(draft(room, ann)) == ["not_found"]
    assert append(draft(room, ann, "x", cid=cid))[0].seq == first.seq


def test_a_known_cid_is_answered_after_an_edit_and_after_deletion(
    room: Room, three: list[User]
) -> None:
    ann = three[0]
    cid = uuid.uuid4()
    first = send(room, ann, "first words", cid=cid)
    messages.edit(room.pk, actor(ann), message_id=first.id, body="second words")
    again = send(room, ann, "first words", cid=cid)
    assert (again.seq, again.id, again.ts, again.dup) == (first.seq, first.id, first.ts, True)
    with pytest.raises(Refused) as no:  # what it says now was not sent with this cid
        send(room, ann, "second words", cid=cid)
    assert no.value.code == "cid_conflict"
    messages.delete(room.pk, actor(ann), message_id=first.id)
    again = send(room, ann, "first words", cid=cid)
    assert (again.seq, again.id, again.ts, again.dup) == (first.seq, first.id, first.ts, True)


def test_another_text_with_the_same_cid_is_a_conflict(room: Room, three: list[User]) -> None:
    cid = uuid.uuid4()
    send(room, three[0], "one", cid=cid)
    assert append(draft(room, three[0], "one", cid=cid))[0].dup
    assert append(draft(room, three[0], "two", cid=cid)) == ["cid_conflict"]


def test_another_room_with_the_same_cid_is_a_conflict(room: Room, three: list[User]) -> None:
    other = room_of(three[0])
    cid = uuid.uuid4()
    send(room, three[0], "one", cid=cid)
    assert append(draft(other, three[0], "one", cid=cid)) == ["cid_conflict"]
    assert append(draft(room, three[0], "one", cid=cid))[0].dup


def test_another_reply_with_the_same_cid_is_a_conflict(room: Room, three: list[User]) -> None:
    ann = three[0]
    target, other = send(room, ann), send(room, ann)
    cid = uuid.uuid4()
    first = send(room, ann, "one", cid=cid, reply_to=target.id)
    assert append(draft(room, ann, "one", cid=cid, reply_to=target.id))[0].seq == first.seq
    assert append(draft(room, ann, "one", cid=cid, reply_to=other.id)) == ["cid_conflict"]
    assert append(draft(room, ann, "one", cid=cid)) == ["cid_conflict"]


def test_a_conflict_within_a_batch(room: Room, three: list[User]) -> None:
    cid = uuid.uuid4()
    first, second = append(
        draft(room, three[0], "one", cid=cid), draft(room, three[0], "two", cid=cid)
    )
    assert first.seq == head(room)
    assert second == "cid_conflict"


# --- refusals --------------------------------------------------------------------------------


def test_a_refusal_takes_no_number_and_no_neighbour_with_it(room: Room, three: list[User]) -> None:
    before = head(room)
    stranger = person("stranger")
    with listening() as told:
        told_by = log.append(
            [draft(room, three[0], "a"), draft(room, stranger, "b"), draft(room, three[1], "c")]
        )
    first, refused, last = told_by.outcomes
    assert isinstance(refused, Refused)
    assert refused.code == "not_found"
    assert refused.definite
    assert isinstance(first, Done)
    assert isinstance(last, Done)
    assert (first.seq, last.seq) == (before + 1, before + 2)
    assert head(room) == before + 2
    assert [e.seq for e in told_by.committed.rooms[room.pk]] == [before + 1, before + 2]
    assert told.committed == []  # whoever runs the batch tells


def test_a_batch_of_refusals_changes_nothing(room: Room, three: list[User]) -> None:
    stranger = person("stranger")
    before = Room.objects.values().get(pk=room.pk)
    appended = log.append([draft(room, stranger) for _ in range(5)])
    assert {o.code for o in appended.outcomes if isinstance(o, Refused)} == {"not_found"}
    assert appended.committed.rooms == {}
    assert Room.objects.values().get(pk=room.pk) == before


@dataclass(frozen=True)
class Broken:
    """A bug: fails while it decides, after it has staged something."""

    room_id: int
    person_id: int
    error: Exception

    def needs(self, needs: Needs) -> None:
        needs.rooms.add(self.room_id)
        needs.people.add(self.person_id)

    def decide(self, ledger: Ledger) -> Done:
        room, _ = ledger.member(self.room_id, self.person_id)
        ledger.log(room, RoomEvent.Kind.ROOM, actor(User.objects.get(pk=self.person_id)))
        raise self.error


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("a bug"), IntegrityError("not a race"), KeyError("x")]
)
def test_only_the_culprit_fails(room: Room, three: list[User], error: Exception) -> None:
    before = head(room)
    first, broken, last = append(
        draft(room, three[0]), Broken(room.pk, three[0].pk, error), draft(room, three[1])
    )
    assert (first.seq, broken, last.seq) == (before + 1, "unavailable", before + 2)
    assert seqs(room) == list(range(1, before + 3))


def test_what_the_others_did_is_told_when_one_fails(room: Room, three: list[User]) -> None:
    before = head(room)
    appended = log.append(
        [
            draft(room, three[0]),
            Broken(room.pk, three[0].pk, ZeroDivisionError("a bug")),
            draft(room, three[1]),
        ]
    )
    assert [e.seq for e in appended.committed.rooms[room.pk]] == [before + 1, before + 2]


def test_a_bug_alone_is_not_hidden(room: Room, three: list[User]) -> None:
    with pytest.raises(ZeroDivisionError):
        append(Broken(room.pk, three[0].pk, ZeroDivisionError("a bug")))
    assert seqs(room) == list(range(1, head(room) + 1))


def test_what_cannot_be_told_is_not_stored(
    room: Room, three: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = head(room)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    with monkeypatch.context() as patched:
        patched.setattr(wire, "message", broken)
        with pytest.raises(ZeroDivisionError):
            append(draft(room, three[0]))
    assert head(room) == before
    assert append(draft(room, three[0]))[0].seq == before + 1


def test_an_emoji_that_goes_and_comes_in_one_batch_loses_no_race(
    room: Room, three: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = actor(three[0])
    message = send(room, three[0]).row
    assert message is not None
    off, on = (
        posting.React.draft(room.pk, ann, message_id=message.pk, emoji="👍", on=on)
        for on in (False, True)
    )
    append(on)
    monkeypatch.setattr(log, "ATTEMPTS", 1)
    monkeypatch.setattr(log, "_one_by_one", None)
    before = head(room)
    assert [done.seq for done in append(off, on)] == [before + 1, before + 2]
    assert Reaction.objects.filter(message=message.pk).count() == 1


def test_pins_of_other_rooms_in_the_batch_do_not_count(
    three: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PINS_MAX", 1)
    pinned = []
    for room in (room_of(three[0]), room_of(three[0])):
        message = send(room, three[0]).row
        assert message is not None
        pinned.append(posting.Pin(room.pk, actor(three[0]), message.pk, on=True))
    assert all(isinstance(done, Done) for done in append(*pinned))


@dataclass
class LosesARace:
    """Somebody else was faster, the first few times."""

    inner: posting.Send
    losses: int
    tries: int = 0

    def needs(self, needs: Needs) -> None:
        self.inner.needs(needs)

    def decide(self, ledger: Ledger) -> Done:
        done = self.inner.decide(ledger)
        self.tries += 1
        if self.tries <= self.losses:
            raise IntegrityError("somebody else was faster")
        return done


def test_a_lost_race_is_tried_three_times(room: Room, three: list[User]) -> None:
    before = head(room)
    racing = LosesARace(draft(room, three[0]), losses=2)
    first, done = append(draft(room, three[1]), racing)
    assert (first.seq, done.seq, racing.tries) == (before + 1, before + 2, 3)
    hopeless = LosesARace(draft(room, three[0]), losses=99)
    assert append(hopeless) == ["unavailable"]
    assert hopeless.tries == 3
    assert head(room) == before + 2


# --- reading ---------------------------------------------------------------------------------


def test_a_range_is_read_from_after_up_to(room: Room, three: list[User]) -> None:
    for _ in range(5):
        send(room, three[0])
    assert [e.seq for e in log.read(room.pk, after=3, upto=6)] == [4, 5, 6]
    assert log.read(room.pk, after=6, upto=6) == []
    assert log.read(room.pk, after=6, upto=2) == []
    assert [e.seq for e in log.read(room.pk, after=head(room) - 1, upto=10**6)] == [head(room)]


def test_ranges_of_many_rooms_cost_the_same_as_of_one(three: list[User]) -> None:
    befriend(three[0], three[1])
    open_rooms = [room_of(three[0], three[1]) for _ in range(60)]
    for room in open_rooms:
        done = send(room, three[0])
        messages.react(room.pk, actor(three[1]), message_id=done.id, emoji="👍", on=True)
    with CaptureQueriesContext(connection) as one:
        log.read_many({open_rooms[0].pk: (0, 100)})
    with CaptureQueriesContext(connection) as all_of_them:
        found = log.read_many({room.pk: (0, 100) for room in open_rooms})
    assert len(all_of_them) == len(one)
    assert {room: [e.seq for e in entries] for room, entries in found.items()} == {
        room.pk: list(range(1, head(room) + 1)) for room in open_rooms
    }


def test_more_rooms_than_a_statement_takes(three: list[User]) -> None:
    open_rooms = [room_of(three[0]) for _ in range(log.RANGES_PER_STATEMENT + 5)]
    found = log.read_many({room.pk: (0, 1) for room in open_rooms})
    assert all([e.seq for e in found[room.pk]] == [1] for room in open_rooms)


def test_a_deleted_room_is_read_as_nothing(room: Room, three: list[User]) -> None:
    assert log.read(room.pk, after=0, upto=10)
    rooms.delete(room.pk, three[0])
    assert log.read(room.pk, after=0, upto=10) == []


def test_a_deleted_text_is_nowhere(room: Room, three: list[User]) -> None:
    ann = three[0]
    secret = "the word that must go"
    done = send(room, ann, secret)
    messages.edit(room.pk, actor(ann), message_id=done.id, body=secret + ", again")
    messages.react(room.pk, actor(ann), message_id=done.id, emoji="👍", on=True)
    assert sum(secret in str(event) for event in stored(room)) == 2
    messages.delete(room.pk, actor(ann), message_id=done.id)
    assert not any(secret in str(event) for event in stored(room))
    assert not Revision.objects.filter(message=done.id).exists()
    assert not Reaction.objects.filter(message=done.id).exists()
    assert Message.objects.get(pk=done.id).body == ""


def test_leavers_and_receipts_are_marked_for_the_hub(three: list[User], settings: object) -> None:
    ann, ben, cyd = three
    room = room_of(ann, ben, cyd)
    settings.RECEIPTS_MAX = 2  # type: ignore[attr-defined]
    with listening() as told:
        rooms.leave(room.pk, cyd)
        rooms.kick(room.pk, ann, ben)
        rooms.invite(room.pk, ann, [ben, cyd])
    live = told.entries(room.pk)
    assert [(e.leaves, e.receipts) for e in live] == [
        (cyd.pk, True),
        (ben.pk, True),
        (None, True),
        (None, False),
    ]
    read = log.read(room.pk, after=live[0].seq - 1, upto=head(room))
    assert [e.leaves for e in read] == [cyd.pk, ben.pk, None, None]


def test_a_member_who_is_only_looked_up_is_not_written(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    before = membership(room, ben)
    send(room, ann)
    after = membership(room, ben)
    fields = [field.attname for field in Membership._meta.concrete_fields]
    assert [getattr(before, f) for f in fields] == [getattr(after, f) for f in fields]


def test_people_of_other_rooms_in_the_batch_do_not_mix(db: None) -> None:
    """Memberships are looked up by rooms times people: being in one room is not being in both."""
    ann, ben = people("ann", "ben")
    hers, his = room_of(ann), room_of(ben)
    outcomes = append(draft(hers, ann), draft(hers, ben), draft(his, ann), draft(his, ben))
    assert [o if isinstance(o, str) else "ok" for o in outcomes] == [
        "ok",
        "not_found",
        "not_found",
        "ok",
    ]
