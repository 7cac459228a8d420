"""What people keep for themselves: saved messages, drafts, levels, preferences."""

from __future__ import annotations

import pytest

from loopchat.accounts.models import User
from loopchat.chat import history, messages, nearby, personal, reading, rooms
from loopchat.chat.models import Draft, Room, Saved
from loopchat.core.errors import Refused
from loopchat.core.text import MESSAGE_MAX
from tests.chat.stage import Event, Told, actor, head, membership, person, room_of, send

pytestmark = pytest.mark.django_db


def own(told: Told, who: User, kind: str) -> list[Event]:
    """What the person's own devices were told."""
    topic = f"person:{who.pk}"
    return [event for t, event, _ in told.asides() if t == topic and event["type"] == kind]


def saved_texts(who: User) -> list[str | None]:
    """What the person's saved messages say, the newest first."""
    return [item["message"].message for item in personal.saves(actor(who)).items]  # type: ignore[attr-defined]


# --- saved messages ------------------------------------------------------------------------


def test_a_message_is_saved_once_and_let_go(room: Room, three: list[User], told: Told) -> None:
    ann, ben, _ = three
    done = send(room, ann, "keep this")
    for _ in range(2):
        personal.save(actor(ben), room.pk, done.id, on=True)
    assert saved_texts(ben) == ["keep this"]
    assert saved_texts(ann) == []
    personal.save(actor(ben), room.pk, done.id, on=False)
    assert saved_texts(ben) == []
    assert [event["on"] for event in own(told, ben, "saved")] == [True, True, False]


def test_saved_messages_come_in_pages(room: Room, three: list[User]) -> None:
    ann = three[0]
    for number in range(5):
        done = send(room, ann, f"message {number}")
        personal.save(actor(ann), room.pk, done.id, on=True)
        Saved.objects.filter(message=done.id).update(ts=number)
    first = personal.saves(actor(ann), limit=2)
    assert first.next == 3
    rest = personal.saves(actor(ann), before=first.next, limit=10)
    assert [item["ts"] for item in [*first.items, *rest.items]] == [4, 3, 2, 1, 0]
    assert rest.next is None


def test_a_stranger_saves_nothing(room: Room, three: list[User]) -> None:
    done = send(room, three[0], "secret")
    personal.save(actor(three[1]), room.pk, done.id, on=True)  # a member could
    with pytest.raises(Refused) as no:
        personal.save(actor(person("eve")), room.pk, done.id, on=True)
    assert no.value.code == "not_found"


def test_who_left_reads_no_saved_message_of_the_room(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann, "for members")
    personal.save(actor(ben), room.pk, done.id, on=True)
    assert saved_texts(ben) == ["for members"]
    rooms.kick(room.pk, ann, ben)
    assert saved_texts(ben) == []


def test_who_came_back_reads_what_the_room_shows_them() -> None:
    ann, ben = person("ann"), person("ben")
    for policy, seen in (("shared", ["old"]), ("joined", [])):
        room = room_of(ann, ben, history=policy)
        done = send(room, ann, "old")
        personal.save(actor(ben), room.pk, done.id, on=True)
        rooms.kick(room.pk, ann, ben)
        rooms.invite(room.pk, ann, [ben])
        assert saved_texts(ben) == seen
        Saved.objects.all().delete()


def test_a_deleted_message_is_saved_by_nobody(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann, "regretted")
    personal.save(actor(ben), room.pk, done.id, on=True)
    messages.delete(room.pk, actor(ann), message_id=done.id)
    assert saved_texts(ben) == []


# --- drafts ----------------------------------------------------------------------------------


def test_a_draft_follows_the_person(room: Room, three: list[User], told: Told) -> None:
    ann, ben, _ = three
    ts = personal.set_draft(actor(ann), room.pk, "half a", reply_to=7)
    draft = reading.summary(ann, room.pk).draft
    assert draft is not None
    assert (draft.message, draft.ts, draft.reply_to) == ("half a", ts, 7)
    assert reading.summary(ben, room.pk).draft is None
    assert [event["message"] for event in own(told, ann, "draft")] == ["half a"]


def test_an_empty_draft_is_gone(room: Room, three: list[User], told: Told) -> None:
    ann = three[0]
    personal.set_draft(actor(ann), room.pk, "half a", reply_to=None)
    personal.set_draft(actor(ann), room.pk, "", reply_to=None)
    assert Draft.objects.count() == 0
    assert [event["message"] for event in own(told, ann, "draft")] == ["half a", ""]


def test_it_refuses_a_draft_of_a_stranger_and_a_long_one(room: Room, three: list[User]) -> None:
    with pytest.raises(Refused) as no:
        personal.set_draft(actor(person("eve")), room.pk, "x", reply_to=None)
    assert no.value.code == "not_found"
    with pytest.raises(Refused) as no:
        personal.set_draft(actor(three[0]), room.pk, "x" * (MESSAGE_MAX + 1), reply_to=None)
    assert no.value.code == "too_large"


# --- levels and preferences ------------------------------------------------------------------


def test_a_level_is_the_persons_own(room: Room, three: list[User], told: Told) -> None:
    ann, ben, _ = three
    personal.set_level(actor(ann), room.pk, level="mentions", muted_until=99)
    assert (membership(room, ann).level, membership(room, ann).muted_until) == ("mentions", 99)
    assert membership(room, ben).level == "all"
    (event,) = own(told, ann, "room_settings")
    assert (event["level"], event["muted_until"]) == ("mentions", 99)


def test_it_refuses_an_unknown_level(room: Room, three: list[User]) -> None:
    with pytest.raises(Refused) as no:
        personal.set_level(actor(three[0]), room.pk, level="loud", muted_until=None)
    assert (no.value.code, no.value.field) == ("bad_request", "level")


def test_preferences_change_what_is_given(three: list[User], told: Told) -> None:
    ann = actor(three[0])
    personal.set_preferences(ann, receipts=None, client={"theme": "dark"})
    state = personal.set_preferences(ann, receipts=False, client=None)
    assert (state.receipts, bytes(state.client)) == (False, b'{"theme":"dark"}')
    assert len(own(told, three[0], "preferences")) == 2


def test_it_refuses_too_many_preferences(three: list[User]) -> None:
    with pytest.raises(Refused) as no:
        personal.set_preferences(actor(three[0]), receipts=None, client={"x": "y" * 5000})
    assert no.value.code == "too_large"


def test_who_tells_no_receipts_is_told_none(room: Room, three: list[User], told: Told) -> None:
    from loopchat.chat.cursors import Move
    from loopchat.chat.writer import writer

    ann, ben, cyd = three
    done = send(room, ann, "read me")
    personal.set_preferences(actor(ben), receipts=False, client=None)
    told.clear()
    for reader in (ben, cyd):
        writer.move((room.pk, reader.pk), Move(actor(reader), read=done.seq or 0))
    others = [e["uid"] for t, e, _ in told.asides() if t == f"room:{room.pk}"]
    assert others == [cyd.pk]
    found = history.readers(actor(ann), room.pk, done.id)
    assert [reader["uid"] for reader in found.read_by] == [cyd.pk]
    assert history.readers(actor(ben), room.pk, done.id).read_by == []


def test_everything_is_read_at_once(three: list[User]) -> None:
    ann, ben, _ = three
    two = [room_of(ann, ben), room_of(ann, ben)]
    for room in two:
        send(room, ann)
    assert [one.unread for one in reading.overview(ben).rooms] == [1, 1]
    assert personal.mark_all_read(actor(ben)) == 2
    assert [one.unread for one in reading.overview(ben).rooms] == [0, 0]
    assert personal.mark_all_read(actor(ben)) == 0
    assert membership(two[0], ben).read_seq == head(two[0])


# --- pins and revisions ----------------------------------------------------------------------


def test_a_pin_is_an_event_and_is_listed(room: Room, three: list[User], told: Told) -> None:
    ann, ben, _ = three
    done = send(room, ben, "the plan")
    pinned = messages.pin(room.pk, actor(ann), message_id=done.id, on=True)
    assert messages.pin(room.pk, actor(ann), message_id=done.id, on=True).seq is None
    assert [message.message for message in history.pins(actor(ben), room.pk)] == ["the plan"]
    assert reading.summary(ben, room.pk).pinned == 1
    messages.pin(room.pk, actor(ann), message_id=done.id, on=False)
    assert history.pins(actor(ben), room.pk) == []
    kinds = [(e["type"], e.get("on")) for e in told.log(room.pk)]
    assert kinds == [("chat_message", None), ("pinned", True), ("pinned", False)]
    assert pinned.seq == (done.seq or 0) + 1


def test_members_pin_in_groups_and_not_in_rooms(room: Room, three: list[User]) -> None:
    ann, ben, cyd = three
    group = room_of(ann, ben, kind="group")
    done = send(group, ben)
    assert messages.pin(group.pk, actor(ben), message_id=done.id, on=True).seq is not None
    done = send(room, cyd)
    with pytest.raises(Refused) as no:
        messages.pin(room.pk, actor(cyd), message_id=done.id, on=True)
    assert no.value.code == "forbidden"


def test_a_deleted_message_is_not_pinned(room: Room, three: list[User]) -> None:
    ann = three[0]
    done = send(room, ann)
    messages.pin(room.pk, actor(ann), message_id=done.id, on=True)
    messages.delete(room.pk, actor(ann), message_id=done.id)
    assert history.pins(actor(ann), room.pk) == []
    with pytest.raises(Refused) as no:
        messages.pin(room.pk, actor(ann), message_id=done.id, on=True)
    assert no.value.code == "not_found"


def test_revisions_end_with_the_present(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann, "one")
    for text in ("two", "**three**"):
        messages.edit(room.pk, actor(ann), message_id=done.id, body=text)
    found = history.revisions(actor(ben), room.pk, done.id)
    assert [revision["message"] for revision in found] == ["one", "two", "**three**"]
    assert ["rich" in revision for revision in found] == [False, False, True]
    with pytest.raises(Refused) as no:
        history.revisions(actor(person("eve")), room.pk, done.id)
    assert no.value.code == "not_found"


def test_a_page_around_a_place_touches_both_sides(room: Room, three: list[User]) -> None:
    ann = three[0]
    done = [send(room, ann, f"message {number}") for number in range(20)]
    at, page = history.around(actor(ann), room.pk, seq=done[10].seq, limit=6)
    texts = [item.message for item in page.items]  # type: ignore[union-attr]
    assert at == done[10].seq
    assert texts == [f"message {number}" for number in range(8, 14)]
    assert (page.start, page.end) == (done[8].seq, done[13].seq)
    by_time, _ = history.around(actor(ann), room.pk, ts=0, limit=6)
    assert by_time == done[0].seq


def test_people_are_found_by_the_beginning_of_a_name(three: list[User]) -> None:
    assert [found.username for found in nearby.find_people(three[0].pk, "B")] == ["ben"]
    assert nearby.find_people(three[0].pk, "zzz") == []
    grows_when_folded = "\ufdfa" * 50_000
    assert nearby.find_people(three[0].pk, grows_when_folded) == []
