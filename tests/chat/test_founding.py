"""How rooms begin, change and end: each working, then each refusal."""

from __future__ import annotations

import pytest

from loopchat.accounts.models import User
from loopchat.chat import reading, rooms
from loopchat.chat.doors import GROUP_MAX
from loopchat.chat.founding import Create
from loopchat.chat.ledger import Actor, direct_key
from loopchat.chat.models import Membership, Room, RoomEvent
from loopchat.core.errors import Refused
from tests.chat.replica import Replica, drawn
from tests.chat.stage import (
    Told,
    actor,
    append,
    head,
    membership,
    outcome_of,
    people,
    person,
    room_of,
    send,
    seqs,
)

pytestmark = pytest.mark.django_db


# --- create ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["public", "private", "group"])
def test_a_room_begins_with_its_people(three: list[User], told: Told, kind: str) -> None:
    ann, ben, cyd = three
    room = rooms.create(ann, kind=kind, name="Garden", topic=" Roses ", people=[ben, cyd])
    assert (room.kind, room.name, room.topic, room.history) == (kind, "Garden", "Roses", "shared")
    assert (room.slug is None) is (kind == "group")
    assert (room.head, room.message_count, room.member_count) == (3, 0, 3)
    events = told.log(room.pk)
    assert [(e["seq"], e["uid"], e["role"], e.get("by")) for e in events] == [
        (1, ann.pk, "owner", None),
        (2, ben.pk, "member", ann.pk),
        (3, cyd.pk, "member", ann.pk),
    ]
    assert [membership(room, who).joined_seq for who in three] == [1, 2, 3]
    assert told.people() == {ann.pk, ben.pk, cyd.pk}
    assert drawn(ann, room.pk) == events


def test_somebody_named_twice_comes_in_once(three: list[User]) -> None:
    ann, ben, _ = three
    room = rooms.create(ann, kind="private", name="Twice", people=[ben, ann, ben])
    assert seqs(room) == [1, 2]
    assert room.member_count == 2 == Membership.objects.filter(room=room).count()
    same = Create.draft(
        actor(ann),
        kind="private",
        name="Same",
        topic="",
        history="shared",
        people=[actor(ben), actor(ann), actor(ben)],
    )
    (done,) = append(same)
    assert Room.objects.get(pk=done.room_id).member_count == 2


def test_two_rooms_of_one_name_have_two_addresses(three: list[User]) -> None:
    names = ["The Kitchen", "the kitchen", "The  Kitchen!", "The kitchen 2"]
    slugs = [rooms.create(three[0], kind="public", name=name).slug for name in names]
    assert slugs == ["the-kitchen", "the-kitchen-2", "the-kitchen-3", "the-kitchen-2-2"]


def test_a_batch_of_rooms_of_one_name(three: list[User]) -> None:
    same = Create.draft(
        actor(three[0]), kind="public", name="Same", topic="", history="shared", people=[]
    )
    done = append(same, same, same)
    slugs = [Room.objects.get(pk=d.room_id).slug for d in done]
    assert slugs == ["same", "same-2", "same-3"]


def test_an_address_is_never_a_word_of_the_site_map(three: list[User]) -> None:
    for name in ("create", "New", "lobby", "2024", "!!!", "group"):
        slug = rooms.create(three[0], kind="public", name=name).slug or ""
        assert slug not in ("create", "new", "lobby", "2024", "", "group")
        assert not slug.isdecimal()


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"kind": "direct"}, "bad_request", "kind"),
        ({"kind": "secret"}, "bad_request", "kind"),
        ({"history": "none"}, "bad_request", "history"),
        ({"name": ""}, "bad_request", "name"),
        ({"name": "\u200b"}, "bad_request", "name"),
        ({"name": "x" * 65}, "too_large", "name"),
        ({"topic": "x" * 251}, "too_large", "topic"),
    ],
)
def test_a_room_is_refused(
    three: list[User], fields: dict[str, str], code: str, field: str
) -> None:
    rooms.create(three[0], kind="public", name="A room")
    with pytest.raises(Refused) as no:
        rooms.create(three[0], **{"kind": "public", "name": "A room", **fields})
    assert (no.value.code, no.value.field) == (code, field)
    assert Room.objects.count() == 1


def test_a_group_of_too_many_is_refused(three: list[User]) -> None:
    crowd = people(*(f"guest{n}" for n in range(GROUP_MAX)))
    assert outcome_of(lambda: rooms.create(three[0], kind="group", name="", people=crowd)) == (
        "too_large"
    )
    assert rooms.create(three[0], kind="group", name="", people=crowd[1:]).member_count == GROUP_MAX


def test_a_key_makes_one_room_in_one_batch_and_later(three: list[User]) -> None:
    ann, ben, cyd = (actor(one) for one in three)
    asked = {"kind": "private", "topic": "", "history": "shared", "key": "weekly"}

    def founded(name: str, *guests: Actor, by: Actor = ann) -> Create:
        return Create.draft(by, name=name, people=guests, **asked)

    for _ in range(2):
        made, again, renamed, smaller, other = append(
            founded("Board", ben, cyd),
            founded("Board", cyd, ben),
            founded("Table", ben, cyd),
            founded("Board", ben),
            founded("Board", by=ben),
        )
        assert (again.room_id, again.dup) == (made.room_id, True)
        assert (renamed, smaller) == ("cid_conflict", "cid_conflict")
        assert other.room_id != made.room_id
    assert Room.objects.count() == 2


# --- direct ----------------------------------------------------------------------------------


def test_two_people_have_one_conversation(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    room = rooms.open_direct(ann, "ben")
    assert (room.kind, room.slug, room.name, room.member_count) == ("direct", None, "", 2)
    assert seqs(room) == [1, 2]
    assert told.people() == {ann.pk, ben.pk}
    assert rooms.open_direct(ben, "ANN").pk == room.pk == rooms.open_direct(ann, "ben").pk
    assert seqs(room) == [1, 2]
    for who, other in ((ann, ben), (ben, ann)):
        summary = reading.summary(who, room.pk)
        assert summary.peer is not None
        assert (summary.peer.uid, summary.name) == (other.pk, other.username)


def test_names_that_look_like_two_names_are_no_problem(db: None) -> None:
    """The seeds' room `private_a_b_c` was the room of a_b and c, and of a and b_c."""
    ab, c, a, bc = people("a_b", "c", "a", "b_c")
    first, second = rooms.open_direct(ab, "c"), rooms.open_direct(a, "b_c")
    assert first.pk != second.pk
    assert direct_key(ab.pk, c.pk) == direct_key(c.pk, ab.pk) != direct_key(a.pk, bc.pk)


def test_a_conversation_with_oneself(three: list[User]) -> None:
    ann = three[0]
    room = rooms.open_direct(ann, "ann")
    assert (room.member_count, seqs(room)) == (1, [1])
    assert send(room, ann).seq == 2
    summary = reading.summary(ann, room.pk)
    assert summary.peer is not None
    assert (summary.peer.uid, summary.unread) == (ann.pk, 0)


def test_a_conversation_with_nobody_is_refused(three: list[User]) -> None:
    gone = person("gone")
    gone.is_active = False
    gone.save()
    for name in ("nobody", "gone", "", "\0", "x" * 5000):
        with pytest.raises(Refused) as no:
            rooms.open_direct(three[0], name)
        assert (no.value.code, no.value.field) == ("not_found", "username")
    assert not Room.objects.exists()


# --- change ----------------------------------------------------------------------------------


def test_changes_are_told_field_by_field(room: Room, three: list[User], told: Told) -> None:
    ann = three[0]
    slug = room.slug
    first = rooms.rename(room.pk, ann, " Another name ")
    second = rooms.set_topic(room.pk, ann, "A topic")
    third = rooms.archive(room.pk, ann, True)
    fourth = rooms.archive(room.pk, ann, False)
    events = told.log(room.pk)
    changed = [{k: e[k] for k in ("name", "topic", "archived") if k in e} for e in events]
    assert changed == [
        {"name": "Another name"},
        {"topic": "A topic"},
        {"archived": True},
        {"archived": False},
    ]
    assert [e["seq"] for e in events] == [first, second, third, fourth]
    assert {(e["type"], e["uid"]) for e in events} == {("room", ann.pk)}
    room.refresh_from_db()
    assert (room.name, room.topic, room.archived_ts, room.slug) == (
        "Another name",
        "A topic",
        None,
        slug,
    )


def test_a_change_to_the_same_is_none(room: Room, three: list[User]) -> None:
    before = head(room)
    assert rooms.rename(room.pk, three[0], room.name) == 0
    assert rooms.set_topic(room.pk, three[0], "") == 0
    assert rooms.archive(room.pk, three[0], False) == 0
    assert head(room) == before


def test_bad_names_and_topics_are_refused(room: Room, three: list[User]) -> None:
    before = head(room)
    for name in ("", " ", "x" * 65, "a\nb" * 40, "\0"):
        assert outcome_of(lambda: rooms.rename(room.pk, three[0], name)) != "ok"  # noqa: B023
    assert outcome_of(lambda: rooms.set_topic(room.pk, three[0], "x" * 251)) == "too_large"
    assert head(room) == before


def test_state_and_events_are_the_state_afterwards(
    room: Room, three: list[User], told: Told
) -> None:
    replicas = [Replica(who, room.pk) for who in three]
    told.clear()
    rooms.rename(room.pk, three[0], "One")
    rooms.set_topic(room.pk, three[0], "Something")
    rooms.rename(room.pk, three[0], "Two")
    rooms.archive(room.pk, three[0], True)
    rooms.set_topic(room.pk, three[0], "")
    rooms.archive(room.pk, three[0], False)
    for replica in replicas:
        replica.fold(told.log(room.pk))
        replica.check()


# --- delete ----------------------------------------------------------------------------------


def test_a_deleted_room_is_gone_for_everybody_at_once(
    room: Room, three: list[User], told: Told
) -> None:
    ann, _, cyd = three
    rooms.leave(room.pk, cyd)
    versions = {who.pk: User.objects.get(pk=who.pk).version for who in three}
    told.clear()
    rooms.delete(room.pk, ann)
    assert told.gone() == {room.pk}
    assert told.people() == {ann.pk, three[1].pk}  # who had left has nothing to lose
    raised = {w.pk: User.objects.get(pk=w.pk).version - versions[w.pk] for w in three}
    assert raised == {ann.pk: 1, three[1].pk: 1, cyd.pk: 0}
    assert room.pk not in [r.room for r in reading.overview(ann).rooms]
    assert Room.objects.get(pk=room.pk).slug is None


def test_the_address_of_a_deleted_room_is_free(three: list[User]) -> None:
    first = rooms.create(three[0], kind="public", name="Garden")
    rooms.delete(first.pk, three[0])
    second = rooms.create(three[0], kind="public", name="Garden")
    assert (second.slug, second.pk != first.pk) == ("garden", True)


def test_a_room_is_deleted_once(room: Room, three: list[User]) -> None:
    rooms.delete(room.pk, three[0])
    assert outcome_of(lambda: rooms.delete(room.pk, three[0])) == "not_found"
    assert RoomEvent.objects.filter(room=room).count() == 3  # rows go later, in portions


# --- find ------------------------------------------------------------------------------------


def test_public_rooms_are_found_by_part_of_their_name(three: list[User]) -> None:
    ann, ben, _ = three
    garden = rooms.create(ann, kind="public", name="Rose Garden")
    kitchen = rooms.create(ann, kind="public", name="Kitchen")
    assert [r.pk for r in rooms.find(ben, "gard")] == [garden.pk]
    assert {r.pk for r in rooms.find(ben, " ")} == {garden.pk, kitchen.pk}
    for text in ("%", "_", "\0", "x" * 5000, "'"):
        assert rooms.find(ben, text) == []


def test_nothing_else_is_found(three: list[User]) -> None:
    ann, ben, _ = three
    found = rooms.create(ann, kind="public", name="Garden")
    mine = rooms.create(ann, kind="public", name="Garden, mine")
    rooms.join(mine.pk, ben)
    for kind in ("private", "group"):
        rooms.create(ann, kind=kind, name="Garden, hidden")
    archived = rooms.create(ann, kind="public", name="Garden, archived")
    rooms.archive(archived.pk, ann, True)
    deleted = rooms.create(ann, kind="public", name="Garden, deleted")
    rooms.delete(deleted.pk, ann)
    assert rooms.find(ben, "garden") == [found]
    rooms.leave(mine.pk, ben)
    assert {r.pk for r in rooms.find(ben, "garden")} == {found.pk, mine.pk}


def test_room_of_makes_what_the_other_tests_expect(three: list[User]) -> None:
    room = room_of(*three)
    assert (room.kind, membership(room, three[0]).role) == ("private", "owner")
