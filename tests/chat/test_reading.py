"""What a person sees of their rooms and of others, in a number of queries that never grows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from loopchat.accounts.models import User
from loopchat.chat import messages, nearby, reading, rooms
from loopchat.chat.cursors import Move, advance
from loopchat.chat.models import Room
from loopchat.core.errors import Refused
from loopchat.realtime.models import Present, Worker
from loopchat.realtime.presence_rows import LEASE
from tests.chat.replica import plain
from tests.chat.stage import Event, actor, befriend, direct_of, head, people, person, room_of, send

pytestmark = pytest.mark.django_db


def summary(who: User, room: Room) -> Event:
    found: Event = plain(reading.summary(who, room.pk))
    return found


def here(who: User, state: Present.State = Present.State.ONLINE, *, expired: bool = False) -> None:
    """Somebody is on a worker that lives, or on one that is dead."""
    renewed = Now() - 2 * LEASE if expired else Now()
    worker, _ = Worker.objects.get_or_create(
        id="dead" if expired else "alive", defaults={"started_at": Now(), "renewed_at": renewed}
    )
    Present.objects.create(worker=worker, user=who, state=state, change=1)


# --- rooms -----------------------------------------------------------------------------------


def test_a_summary_says_what_the_list_shows(three: list[User]) -> None:
    ann, ben, cyd = three
    room = rooms.create(ann, kind="public", name="Garden", topic="Roses", people=[ben, cyd])
    done = send(room, ann, "x" * 500)
    room.refresh_from_db()
    assert summary(ben, room) == {
        "room": room.pk,
        "kind": "public",
        "slug": "garden",
        "name": "Garden",
        "topic": "Roses",
        "head": head(room),
        "read": 2,
        "delivered": 2,
        "unread": 1,
        "role": "member",
        "receipts": True,
        "history": "shared",
        "updated_ts": room.updated_ts,
        "members": 3,
        "level": "all",
        "last": {
            "id": done.id,
            "seq": done.seq,
            "uid": ann.pk,
            "username": "ann",
            "ts": done.ts,
            "message": "x" * 160,
        },
    }


def test_a_summary_follows_what_happens(three: list[User], settings: Settings) -> None:
    ann, ben, cyd = three
    room = room_of(ann, ben, cyd)
    done = send(room, ann)
    advance({(room.pk, ben.pk): Move(actor(ben), unread_from=done.seq)})
    assert summary(ben, room)["unread_from"] == done.seq
    messages.delete(room.pk, actor(ann), message_id=done.id)
    last = summary(ben, room)["last"]
    assert ("message" in last, last["deleted_ts"] > 0) == (False, True)
    rooms.archive(room.pk, ann, True)
    assert summary(ben, room)["archived"] is True
    settings.RECEIPTS_MAX = 2
    assert summary(ben, room)["receipts"] is False


def test_a_direct_room_is_called_like_the_other_person(three: list[User]) -> None:
    ann, ben, _ = three
    ben.name = "Benjamin"
    ben.save()
    room = direct_of(ann, ben)
    assert summary(ann, room)["peer"] == {"uid": ben.pk, "username": "ben", "name": "Benjamin"}
    assert summary(ann, room)["name"] == "Benjamin"
    assert summary(ben, room)["peer"] == {"uid": ann.pk, "username": "ann"}
    assert summary(ben, room)["name"] == "ann"
    assert (summary(ann, room)["slug"], summary(ann, room)["receipts"]) == (None, True)


def test_it_says_who_is_a_bot_where_there_are_receipts(
    three: list[User], settings: Settings
) -> None:
    ann, ben, cyd = three
    User.objects.filter(pk=cyd.pk).update(is_bot=True)
    room = room_of(ann, ben, cyd)
    assert summary(ann, room)["bots"] == [cyd.pk]
    assert "bots" not in summary(ann, room_of(ann, ben))
    assert "bots" not in summary(ann, direct_of(ann, cyd))
    rooms.leave(room.pk, cyd)
    assert "bots" not in summary(ann, room)
    rooms.invite(room.pk, ann, [cyd])
    settings.RECEIPTS_MAX = 2
    assert "bots" not in summary(ann, room)


def test_a_group_without_a_name_says_who_else_is_there(three: list[User]) -> None:
    ann, ben, cyd = three
    User.objects.filter(pk=cyd.pk).update(name="Cydney")
    room = room_of(ann, ben, cyd, *people("dan", "eve"), kind="group")
    assert len(summary(ann, room)["others"]) == 3
    rooms.leave(room.pk, User.objects.get(username="dan"))
    rooms.leave(room.pk, User.objects.get(username="eve"))
    assert sorted(summary(ann, room)["others"]) == ["Cydney", "ben"]
    assert (summary(ben, room)["name"], summary(ben, room)["members"]) == ("", 3)
    assert "others" not in summary(ann, room_of(ann, ben))
    rooms.rename(room.pk, ann, "Pears")
    assert "others" not in summary(ann, room)


def test_the_last_message_is_hidden_from_who_came_after_it(three: list[User]) -> None:
    ann, ben, _ = three
    shared, since = (
        rooms.create(ann, kind="private", name="R", history=policy)
        for policy in ("shared", "joined")
    )
    for room in (shared, since):
        send(room, ann, "early")
        rooms.invite(room.pk, ann, [ben])
    assert summary(ben, shared)["last"]["message"] == "early"
    assert "last" not in summary(ben, since)
    assert summary(ann, since)["last"]["message"] == "early"
    send(since, ann, "late")
    assert summary(ben, since)["last"]["message"] == "late"


def test_only_my_rooms_are_listed_the_newest_first(three: list[User]) -> None:
    ann, ben, _ = three
    mine = [room_of(ann, ben) for _ in range(3)]
    room_of(ann)
    left, kicked, deleted = (room_of(ann, ben) for _ in range(3))
    rooms.leave(left.pk, ben)
    rooms.kick(kicked.pk, ann, ben)
    rooms.delete(deleted.pk, ann)
    for n, room in enumerate(mine):
        Room.objects.filter(pk=room.pk).update(updated_ts=1000 + n)
    assert [r.room for r in reading.overview(ben).rooms] == [r.pk for r in reversed(mine)]


def test_a_room_that_is_not_mine_has_no_summary(three: list[User]) -> None:
    room = room_of(three[0], kind="public")
    for room_id in (room.pk, 10**9):
        with pytest.raises(Refused) as no:
            reading.summary(three[1], room_id)
        assert no.value.code == "not_found"


# --- people ----------------------------------------------------------------------------------


def states(who: User) -> dict[str, str]:
    return {p.username: p.state for p in reading.overview(who).people}


def test_the_people_of_my_direct_rooms_are_known_wherever_they_are(three: list[User]) -> None:
    ann, ben, cyd = three
    for other in three:
        direct_of(ann, other)
    here(ben)
    here(cyd, Present.State.AWAY)
    assert states(ann) == {"ben": "online", "cyd": "away"}
    assert states(ben) == {"ann": "offline"}
    Present.objects.all().delete()
    User.objects.filter(pk=ben.pk).update(last_seen_ts=12345)
    seen = {p.username: p.last_seen_ts for p in reading.overview(ann).people}
    assert seen == {"ben": 12345, "cyd": None}


def test_of_small_rooms_only_who_is_there(three: list[User], settings: Settings) -> None:
    ann, ben, cyd = three
    room = room_of(ann, ben, cyd)
    stranger = person("stranger")
    here(ben)
    here(stranger)
    assert states(ann) == {"ben": "online"}
    here(ben, Present.State.AWAY, expired=True)  # a dead worker counts nobody
    here(cyd, expired=True)
    assert states(ann).get("ben") == "online"
    assert states(ann).get("cyd", "offline") == "offline"
    rooms.kick(room.pk, ann, ben)
    assert "ben" not in states(ann)
    rooms.invite(room.pk, ann, [ben])
    settings.RECEIPTS_MAX = 2
    assert states(ann) == {}


def test_on_two_workers_the_more_present_one_counts(three: list[User]) -> None:
    ann, ben, _ = three
    rooms.open_direct(ann, "ben")
    here(ben, Present.State.AWAY)
    second = Worker.objects.create(id="second", started_at=Now(), renewed_at=Now())
    Present.objects.create(worker=second, user=ben, state=Present.State.ONLINE, change=1)
    assert states(ann) == {"ben": "online"}


def test_at_most_five_hundred_people(three: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby, "PEOPLE_MAX", 3)
    for other in people(*(f"p{n}" for n in range(5))):
        rooms.open_direct(three[0], other.username)
    assert len(reading.overview(three[0]).people) == 3


# --- members ---------------------------------------------------------------------------------


def test_members_are_listed_owners_first(three: list[User]) -> None:
    ann, ben, cyd = three
    zoe = person("zoe")
    room = room_of(cyd, ann, ben, zoe)
    rooms.set_role(room.pk, cyd, zoe, "moderator")
    listed = reading.members(ann, room.pk).members
    assert [(m.username, m.role) for m in listed] == [
        ("cyd", "owner"),
        ("zoe", "moderator"),
        ("ann", "member"),
        ("ben", "member"),
    ]
    rooms.leave(room.pk, ben)
    assert [m.username for m in reading.members(ann, room.pk).members] == ["cyd", "zoe", "ann"]


def test_members_come_a_page_at_a_time(three: list[User]) -> None:
    ann, ben, cyd = three
    others = [person(f"p{n:02}") for n in range(9)]
    room = room_of(cyd, ann, ben, *others, kind="public")
    rooms.set_role(room.pk, cyd, others[4], "moderator")
    whole = [one.username for one in reading.members(ann, room.pk).members]
    assert whole[:3] == ["cyd", "p04", "ann"]
    pages, after = [], ""
    while True:
        page = reading.members(ann, room.pk, after=after, limit=2)
        assert page.count == len(whole)
        pages.append([one.username for one in page.members])
        if page.next is None:
            break
        after = page.next
        if len(pages) == 2:  # who goes or changes meanwhile moves nobody else
            rooms.leave(room.pk, others[0])
            whole.remove("p00")
    assert [name for names in pages for name in names] == whole
    found = reading.members(ann, room.pk, text="P0", limit=3)
    assert [one.username for one in found.members] == ["p04", "p01", "p02"]
    assert found.next is not None
    for bad in ("x", "3-ann", "-", "0"):
        with pytest.raises(Refused, match="next"):
            reading.members(ann, room.pk, after=bad)


# --- cost ------------------------------------------------------------------------------------


def test_an_overview_costs_the_same_for_one_room_and_for_fifty(three: list[User]) -> None:
    ann, ben, cyd = three
    here(cyd)
    befriend(cyd, ann, ben)
    for who, count in ((ann, 1), (ben, 25)):
        for n in range(count):
            send(room_of(who, cyd), cyd)
            send(rooms.open_direct(who, person(f"{who.username}-{n}").username), who)
    counts = []
    for who in (ann, ben):
        with CaptureQueriesContext(connection) as queries:
            found = reading.overview(who)
        counts.append(len(queries))
    assert len(found.rooms) == 50
    assert counts[0] == counts[1] <= 16
