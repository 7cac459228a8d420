"""Who comes and who goes: each door working, then each refusal."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loopchat.accounts import rates
from loopchat.accounts.models import User
from loopchat.chat import access, contacting, rooms
from loopchat.chat.crowding import BY_ONE, KEPT, WAITING
from loopchat.chat.doors import GROUP_MAX, Join
from loopchat.chat.models import Membership, Room
from loopchat.core.limits import Buckets, Rate
from tests.chat.replica import Replica
from tests.chat.stage import (
    Told,
    actor,
    append,
    befriend,
    head,
    membership,
    outcome_of,
    people,
    person,
    room_of,
    send,
    stored,
)

pytestmark = pytest.mark.django_db


def count(room: Room) -> int:
    """The stored number of members, which is the number of rows."""
    room.refresh_from_db()
    assert room.member_count == Membership.objects.filter(room=room, left_seq=None).count()
    return room.member_count


def version(who: User) -> int:
    return User.objects.values_list("version", flat=True).get(pk=who.pk)


# --- join ------------------------------------------------------------------------------------


def test_joining_sets_all_cursors_to_the_join(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    room = room_of(ann, kind="public")
    for _ in range(3):
        send(room, ann)
    seq = rooms.join(room.pk, ben)
    assert told.log(room.pk)[-1] == {
        "type": "membership",
        "room": room.pk,
        "seq": seq,
        "uid": ben.pk,
        "username": "ben",
        "kind": "join",
        "role": "member",
        "ts": stored(room)[-1]["ts"],
    }
    row = membership(room, ben)
    assert (row.joined_seq, row.read_seq, row.delivered_seq) == (seq, seq, seq)
    assert (row.read_count, row.own_ahead, row.left_seq) == (3, 0, None)
    assert count(room) == 2
    assert told.people() >= {ben.pk}


def test_joining_again_is_answered_like_the_first_time(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, kind="public")
    seq = rooms.join(room.pk, ben)
    send(room, ann)
    before, rights = head(room), version(ben)
    assert rooms.join(room.pk, ben) == seq
    assert (head(room), version(ben), count(room)) == (before, rights, 2)


def test_two_joins_of_one_person_in_a_batch(three: list[User]) -> None:
    room = room_of(three[0], kind="public")
    one, two = append(*(Join(room.pk, actor(three[1])) for _ in range(2)))
    assert (one.seq, two.seq, two.dup) == (head(room), head(room), True)
    assert count(room) == 2


def test_who_was_banned_cannot_join(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, kind="public")
    rooms.join(room.pk, ben)
    rooms.ban(room.pk, ann, ben)
    assert outcome_of(lambda: rooms.join(room.pk, ben)) == "forbidden"
    rooms.unban(room.pk, ann, ben)
    assert rooms.join(room.pk, ben) == head(room)


def test_nobody_is_in_more_rooms_than_can_be_said_hello_to(three: list[User]) -> None:
    ann, ben, cyd = three
    befriend(ben, ann, cyd)
    full = [room_of(ann, kind="public") for _ in range(3)]
    fill_up(ben)
    other = room_of(ann)
    refused = {
        "join": lambda: rooms.join(full[0].pk, ben),
        "invite": lambda: rooms.invite(other.pk, ann, [ben]),
        "create": lambda: rooms.create(ben, kind="private", name="One more"),
        "created with": lambda: rooms.create(ann, kind="group", name="", people=[cyd, ben]),
        "direct": lambda: rooms.open_direct(ben, "cyd"),
        "direct from": lambda: rooms.open_direct(cyd, "ben"),
    }
    assert {name: outcome_of(act) for name, act in refused.items()} == dict.fromkeys(
        refused, "too_large"
    )
    mine = Membership.objects.filter(user=ben).first()
    assert mine is not None
    rooms.leave(mine.room_id, ben)
    assert {name: outcome_of(act) for name, act in refused.items()} == dict.fromkeys(refused, "ok")


def test_the_limit_holds_within_a_batch(three: list[User]) -> None:
    ann, ben, _ = three
    open_rooms = [room_of(ann, kind="public") for _ in range(3)]
    fill_up(ben, leave=1)
    outcomes = append(*(Join(room.pk, actor(ben)) for room in open_rooms))
    assert [o if isinstance(o, str) else "ok" for o in outcomes] == ["ok", "too_large", "too_large"]


def test_others_fill_no_more_than_a_part_of_it(three: list[User]) -> None:
    ann, ben, cyd = three
    fill_up(ben, leave=KEPT)
    brought = {
        "invite": lambda: rooms.invite(room_of(ann).pk, ann, [ben]),
        "private": lambda: room_of(ann, ben),
        "group": lambda: room_of(ann, ben, kind="group"),
        "direct": lambda: rooms.open_direct(ann, "ben"),
    }
    assert {outcome_of(act) for act in brought.values()} == {"forbidden"}
    assert outcome_of(lambda: room_of(ben, cyd)) == "ok"
    befriend(ben, ann)
    assert {outcome_of(act) for act in brought.values()} == {"ok"}


@pytest.mark.parametrize("is_blocked", [False, True])
def test_one_person_brings_somebody_into_a_few_rooms(three: list[User], is_blocked: bool) -> None:
    ann, ben, cyd = three
    shared = room_of(ann, ben, cyd)
    if is_blocked:
        contacting.block(actor(ben), "ann", on=True)
    groups = [room_of(ann, ben, kind="group") for _ in range(BY_ONE - 1)]
    more = {
        "private": lambda: room_of(ann, ben),
        "group": lambda: room_of(ann, ben, kind="group"),
        "direct": lambda: rooms.open_direct(ann, "ben"),
        "invite": lambda: rooms.invite(room_of(ann, kind="group").pk, ann, [ben]),
    }
    assert {outcome_of(act) for act in more.values()} == {"forbidden"}
    assert outcome_of(lambda: room_of(cyd, ben)) == "ok"
    assert outcome_of(lambda: rooms.join(shared.pk, ben)) == "ok"
    if not is_blocked:
        rooms.leave(groups[0].pk, ben)
        assert {outcome_of(act) for act in more.values()} == {"ok"}
        room_of(ann, ben)
        befriend(ann, ben)
        assert {outcome_of(act) for act in more.values()} == {"ok"}


def test_nobody_brings_many_strangers_in_a_short_time(
    three: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben, cyd = three
    monkeypatch.setattr(rates, "brings", Buckets(Rate(1 / 3600, 3)))
    room_of(ann, ben, cyd)
    rooms.open_direct(ann, "ben")
    rooms.open_direct(ann, "ben")
    assert outcome_of(lambda: rooms.open_direct(ann, "cyd")) == "rate_limited"
    assert outcome_of(lambda: room_of(ann)) == "ok"
    befriend(ann, cyd)
    assert outcome_of(lambda: rooms.open_direct(ann, "cyd")) == "ok"


def test_what_somebody_hides_fills_nothing(three: list[User]) -> None:
    ann, ben, cyd = three
    fill_up(ben)
    Membership.objects.filter(user=ben).update(standing=Membership.Standing.HIDDEN)
    assert outcome_of(lambda: room_of(ben, cyd)) == "ok"
    assert outcome_of(lambda: room_of(ann, ben)) == "ok"


def test_who_said_no_may_leave(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, ben, kind="group")
    Membership.objects.filter(room=room, user=ben).update(standing=Membership.Standing.HIDDEN)
    rooms.leave(room.pk, ben)
    assert not membership(room, ben).is_active
    assert outcome_of(lambda: rooms.leave(room.pk, person("dan"))) == "not_found"


def test_few_conversations_wait(three: list[User]) -> None:
    ann, ben, _ = three
    fill_up(ben, leave=access.ROOMS_PER_PERSON - WAITING)
    Membership.objects.filter(user=ben).update(standing=Membership.Standing.REQUEST)
    assert outcome_of(lambda: rooms.open_direct(ann, "ben")) == "forbidden"
    one = Membership.objects.filter(user=ben)[0]
    contacting.answer(actor(ben), one.room_id, accept=False)
    assert outcome_of(lambda: rooms.open_direct(ann, "ben")) == "ok"


def fill_up(who: User, *, leave: int = 0) -> None:
    """Put somebody in as many rooms as there may be, but a few."""
    many = Room.objects.bulk_create(
        Room(kind="private", head=1, created_ts=0, updated_ts=0)
        for _ in range(access.ROOMS_PER_PERSON - leave)
    )
    Membership.objects.bulk_create(
        Membership(room=room, user=who, joined_seq=1, read_seq=1) for room in many
    )


# --- invite ----------------------------------------------------------------------------------


def test_an_invitation_says_who_invited(three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    room = room_of(ann)
    assert rooms.invite(room.pk, ann, [ben, cyd, ben]) == 2  # twice named is once invited
    ours = told.log(room.pk)[-2:]
    assert [(e["uid"], e["by"], e["kind"]) for e in ours] == [
        (ben.pk, ann.pk, "join"),
        (cyd.pk, ann.pk, "join"),
    ]
    assert rooms.invite(room.pk, ann, [ben]) == 0
    assert count(room) == 3


def test_who_was_banned_cannot_be_invited(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, ben)
    rooms.ban(room.pk, ann, ben)
    assert outcome_of(lambda: rooms.invite(room.pk, ann, [ben])) == "forbidden"
    rooms.unban(room.pk, ann, ben)
    assert rooms.invite(room.pk, ann, [ben]) == 1


def test_a_group_stays_small(three: list[User]) -> None:
    ann, ben, cyd = three
    crowd = people(*(f"guest{n}" for n in range(GROUP_MAX - 2)))
    room = room_of(ann, *crowd, kind="group")
    rooms.invite(room.pk, ann, [ben])
    assert count(room) == GROUP_MAX
    assert outcome_of(lambda: rooms.invite(room.pk, ann, [cyd])) == "too_large"


def test_many_guests_at_once_are_too_many(room: Room, three: list[User]) -> None:
    before = head(room)
    guests = [person("eve")] * (rooms.INVITE_MAX + 1)
    assert outcome_of(lambda: rooms.invite(room.pk, three[0], guests)) == "too_large"
    assert head(room) == before


# --- leave, kick, ban ------------------------------------------------------------------------


def test_leaving_is_the_last_event_of_who_leaves(room: Room, three: list[User], told: Told) -> None:
    ann, _, cyd = three
    seq = rooms.leave(room.pk, cyd)
    entry = told.entries(room.pk)[-1]
    assert (entry.seq, entry.leaves) == (seq, cyd.pk)
    event = told.log(room.pk)[-1]
    assert (event["kind"], event["uid"], event.get("by")) == ("leave", cyd.pk, None)
    assert membership(room, cyd).left_seq == seq
    assert count(room) == 2
    send(room, ann)
    assert rooms.leave(room.pk, cyd) == seq  # again: the first one


@pytest.mark.parametrize("kind", ["kick", "ban"])
def test_a_removal_says_who_did_it(room: Room, three: list[User], told: Told, kind: str) -> None:
    ann, ben, _ = three
    before = version(ben)
    act = {"kick": rooms.kick, "ban": rooms.ban}[kind]
    seq = act(room.pk, ann, ben)
    event, entry = told.log(room.pk)[-1], told.entries(room.pk)[-1]
    assert (event["kind"], event["uid"], event["by"], event["seq"]) == (kind, ben.pk, ann.pk, seq)
    assert entry.leaves == ben.pk
    assert (version(ben), count(room)) == (before + 1, 2)
    assert ben.pk in told.people()
    assert membership(room, ben).is_banned is (kind == "ban")


def test_who_was_kicked_may_come_back_with_new_cursors(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, kind="public")
    rooms.join(room.pk, ben)
    send(room, ann)
    rooms.kick(room.pk, ann, ben)
    for _ in range(3):
        send(room, ann)
    seq = rooms.join(room.pk, ben)
    row = membership(room, ben)
    assert (row.joined_seq, row.read_seq, row.read_count, row.left_seq) == (seq, seq, 4, None)
    assert count(room) == 2
    assert Membership.objects.filter(room=room, user=ben).count() == 1


def test_somebody_who_left_can_still_be_banned(three: list[User]) -> None:
    ann, ben, _ = three
    room = room_of(ann, kind="public")
    rooms.join(room.pk, ben)
    seq = rooms.leave(room.pk, ben)
    before = head(room)
    assert rooms.ban(room.pk, ann, ben) == seq
    assert head(room) == before
    assert outcome_of(lambda: rooms.join(room.pk, ben)) == "forbidden"
    assert count(room) == 1


def test_who_is_not_there_cannot_be_removed(room: Room, three: list[User]) -> None:
    stranger = person("stranger")
    for act in (rooms.kick, rooms.ban, rooms.unban):
        assert outcome_of(lambda: act(room.pk, three[0], stranger)) == "not_found"  # noqa: B023
    rooms.leave(room.pk, three[2])
    assert outcome_of(lambda: rooms.kick(room.pk, three[0], three[2])) == "not_found"
    assert outcome_of(lambda: rooms.unban(room.pk, three[0], three[2])) == "not_found"


@pytest.mark.parametrize("kind", ["public", "private"])
def test_the_last_owner_hands_over_first(three: list[User], kind: str) -> None:
    ann, ben, _ = three
    room = room_of(ann, ben, kind=kind)
    assert outcome_of(lambda: rooms.leave(room.pk, ann)) == "conflict"
    assert outcome_of(lambda: rooms.set_role(room.pk, ann, ann, "member")) == "conflict"
    rooms.set_role(room.pk, ann, ben, "owner")
    assert outcome_of(lambda: rooms.set_role(room.pk, ann, ann, "member")) == "ok"
    assert rooms.leave(room.pk, ann) == head(room)
    assert outcome_of(lambda: rooms.leave(room.pk, ben)) == "ok"  # the last one of all may go


def test_the_last_two_owners_cannot_go_in_one_batch(three: list[User]) -> None:
    from loopchat.chat.doors import Leave

    ann, ben, cyd = three
    room = room_of(ann, ben, cyd)
    rooms.set_role(room.pk, ann, ben, "owner")
    first, second = append(Leave(room.pk, actor(ann)), Leave(room.pk, actor(ben)))
    assert (first.seq, second) == (head(room), "conflict")


# --- roles -----------------------------------------------------------------------------------


def test_a_role_is_given_and_told(room: Room, three: list[User], told: Told) -> None:
    ann, ben, _ = three
    before = version(ben)
    seq = rooms.set_role(room.pk, ann, ben, "moderator")
    event = told.log(room.pk)[-1]
    assert event == {
        "type": "membership",
        "room": room.pk,
        "seq": seq,
        "uid": ben.pk,
        "username": "ben",
        "kind": "role",
        "role": "moderator",
        "by": ann.pk,
        "ts": event["ts"],
    }
    assert (membership(room, ben).role, version(ben)) == ("moderator", before + 1)
    assert rooms.set_role(room.pk, ann, ben, "moderator") == 0
    assert head(room) == seq


def test_roles_are_refused(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    assert outcome_of(lambda: rooms.set_role(room.pk, ann, ben, "king")) == "bad_request"
    stranger = person("stranger")
    assert outcome_of(lambda: rooms.set_role(room.pk, ann, stranger, "owner")) == "not_found"
    rooms.kick(room.pk, ann, ben)
    assert outcome_of(lambda: rooms.set_role(room.pk, ann, ben, "owner")) == "not_found"


# --- all of it -------------------------------------------------------------------------------


def test_state_and_events_are_the_state_afterwards(three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    room = room_of(ann, ben, kind="public")
    replicas = [Replica(who, room.pk) for who in (ann, ben)]
    told.clear()
    rooms.join(room.pk, cyd)
    rooms.set_role(room.pk, ann, cyd, "moderator")
    rooms.leave(room.pk, cyd)
    rooms.set_role(room.pk, ann, ben, "owner")
    rooms.invite(room.pk, ben, [cyd])
    rooms.ban(room.pk, ann, cyd)
    rooms.unban(room.pk, ben, cyd)
    for replica in replicas:
        replica.fold(told.log(room.pk))
        replica.check()


def test_a_removal_raises_only_the_version_of_the_removed(room: Room, three: list[User]) -> None:
    before = [version(who) for who in three]
    rooms.kick(room.pk, three[0], three[1])
    assert [version(who) for who in three] == [before[0], before[1] + 1, before[2]]


def test_a_refused_removal_changes_nothing(room: Room, three: list[User]) -> None:
    """A ban that is refused must leave nothing behind, neither in the row nor in the batch."""
    from loopchat.chat.doors import Remove

    ann, ben, cyd = three
    rooms.set_role(room.pk, ann, ben, "moderator")
    before = [version(who) for who in three]
    outcomes = append(
        Remove(room.pk, actor(ben), actor(ann), "ban"),
        Remove(room.pk, actor(cyd), actor(ben), "ban"),
    )
    assert outcomes == ["forbidden", "forbidden"]
    assert not Membership.objects.filter(room=room, is_banned=True).exists()
    assert [version(who) for who in three] == before


def test_joining_costs_a_fixed_number_of_queries(three: list[User]) -> None:
    small = room_of(three[0], kind="public")
    large = room_of(three[0], *people(*(f"guest{n}" for n in range(40))), kind="public")
    counts = []
    for room, who in ((small, three[1]), (large, three[2])):
        with CaptureQueriesContext(connection) as queries:
            rooms.join(room.pk, who)
        counts.append(len(queries))
    assert counts[0] == counts[1]
