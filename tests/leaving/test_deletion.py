"""The end of an account: what goes, what stays, and for whom it is not yet possible."""

from __future__ import annotations

import pytest
from django.db.models import CASCADE
from django.test import Client
from pytest_django import Settings

from loopchat.accounts import people, profiles, sessions, tokens
from loopchat.accounts.models import Profile, Token, User
from loopchat.accounts.profiles import Change
from loopchat.chat import appearance, history, messages, personal, reading, rooms
from loopchat.chat.models import Draft, Membership, Message, Room, Saved
from loopchat.contacts import friends
from loopchat.contacts.models import Friendship
from loopchat.core.errors import Refused
from loopchat.invitations import arrivals, links
from loopchat.leaving import deletion, housekeeping
from loopchat.leaving.models import Erasure
from tests.accounts.conftest import PASSWORD
from tests.chat.stage import listening, send


def finished() -> None:
    """Everything is done that was left to do."""
    for _ in range(50):
        if not deletion.tidy():
            return
    raise AssertionError("it goes on and on")


@pytest.fixture
def room(ann: User, ben: User) -> Room:
    """Ann's room with Ben in it."""
    return rooms.create(ann, kind="private", name="Board", people=[ben])


def test_what_was_theirs_alone_is_gone(ann: User, ben: User, room: Room) -> None:
    profiles.change(ann, Change(name="Ann Miller", about="Plants"))
    profiles.set_avatar(ann, "a" * 64)
    friends.request(ann, ben)
    friends.accept(ben, ann)
    _, secret = tokens.create(ann)
    said = send(room, ben, "of Ben")
    personal.save(rooms.actor(ann), room.pk, said.id, on=True)
    personal.set_draft(rooms.actor(ann), room.pk, "half", reply_to=None)
    browser = Client()
    browser.force_login(ann)
    login = sessions.login_of_session(browser.session.session_key or "")
    assert login is not None

    deletion.delete(ann, takes_texts=False)

    row = User.objects.get(pk=ann.pk)
    assert (row.username, row.name, row.email) == (f"deleted-{ann.pk}", "Deleted account", "")
    assert not any((row.is_active, row.is_owner, row.is_staff, row.has_usable_password()))
    assert sessions.ended([login]) == {login: "disabled"}
    assert sessions.login_of_token(secret) is None
    for rows in (Profile, Token, Saved, Draft):
        assert not rows.objects.filter(user=ann).exists(), rows
    assert not Friendship.objects.exists()
    assert not profiles.is_shown("a" * 64)


def test_no_table_keeps_more_than_conversations_need(ann: User) -> None:
    deletion.delete(ann, takes_texts=True)

    kept = {deletion._label(one) for one in deletion.relations() if one.on_delete is not CASCADE}
    kept |= deletion._STAYS
    assert kept == {"chat.Membership", "chat.Message", "chat.RoomEvent", "chat.Reaction"}


def test_texts_stay_under_another_name(ann: User, ben: User, room: Room) -> None:
    send(room, ann, "what I said")

    deletion.delete(ann, takes_texts=False)
    finished()

    (shown,) = [one for one in history.page(ben, room.pk).items if hasattr(one, "message")]
    assert (shown.message, shown.username) == ("what I said", f"deleted-{ann.pk}")
    assert not Erasure.objects.exists()


def test_texts_go_when_they_wish(
    ann: User, ben: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletion, "PORTION", 3)
    direct = rooms.open_direct(ann, "ben")
    for number in range(8):
        done = send(room, ann, f"secret {number}")
    messages.edit(room.pk, rooms.actor(ann), message_id=done.id, body="secret again")
    send(direct, ann, "secret too")
    kept = send(room, ben, "of Ben")

    with listening() as told:
        deletion.delete(ann, takes_texts=True)
        finished()

    left = Message.objects.filter(author=ann)
    assert {row.body for row in left} == {""}
    assert all(row.deleted_ts and not row.revisions.exists() for row in left)
    assert Message.objects.get(pk=kept.id).body == "of Ben"
    deleted = [event for event in told.log(room.pk) if event["type"] == "deleted"]
    assert len(deleted) == 8


def test_they_leave_their_rooms_and_somebody_else_becomes_the_owner(
    ann: User, ben: User, room: Room
) -> None:
    cyd = people.create("cyd", PASSWORD)
    rooms.invite(room.pk, ann, [cyd])
    rooms.set_role(room.pk, ann, cyd, "moderator")
    archived = rooms.create(ann, kind="public", name="Old", people=[ben])
    rooms.archive(archived.pk, ann, True)
    alone = rooms.create(ann, kind="private", name="Alone")

    deletion.delete(ann, takes_texts=False)

    there = Membership.objects.filter(left_seq=None)
    assert not there.filter(user=ann).exists()
    assert there.get(room=room, role="owner").user == cyd
    assert there.get(room=archived, role="owner").user == ben
    assert not there.filter(room=alone).exists()


def test_a_direct_conversation_stays_for_the_other(ann: User, ben: User) -> None:
    direct = rooms.open_direct(ann, "ben")
    send(direct, ann, "hello Ben")

    with listening() as told:
        deletion.delete(ann, takes_texts=False)
        finished()

    assert [one.message for one in history.page(ben, direct.pk).items if hasattr(one, "message")]
    assert [event["archived"] for event in told.log(direct.pk)] == [True]
    with pytest.raises(Refused, match="deleted") as no:
        send(direct, ben, "Are you there?")
    assert no.value.code == "archived"
    summary = reading.summary(rooms.actor(ben), direct.pk)
    assert summary.archived
    assert summary.peer is not None
    assert (summary.peer.deleted, summary.name) == (True, deletion.NAME)
    assert rooms.find_direct(ben, f"deleted-{ann.pk}")[1] == direct
    with pytest.raises(Refused, match="nobody"):
        rooms.open_direct(ben, f"deleted-{ann.pk}")


@pytest.mark.django_db(transaction=True)
def test_everybody_hears_that_an_account_is_gone(
    ann: User, ben: User, room: Room, settings: Settings
) -> None:
    settings.RECEIPTS_MAX = 1  # in large rooms nothing else is told of how people look

    with listening() as told:
        deletion.delete(ann, takes_texts=False)

    news = {topic: event for topic, event, _ in told.asides() if event["type"] == "profile"}
    assert news[f"room:{room.pk}"]["deleted"] is True
    [face] = appearance.faces_of(ben, [ann.pk])
    assert (face.deleted, face.name) == (True, deletion.NAME)


def test_nobody_gets_the_name(ann: User) -> None:
    deletion.delete(ann, takes_texts=False)

    for name in ("Ann", "ANN", "\uff41\uff4e\uff4e"):
        with pytest.raises(Refused, match="taken"):
            people.create(name, PASSWORD)
    assert people.find("ann") is None


def test_links_end_and_guests_go(ann: User, ben: User, room: Room) -> None:
    made, secret = links.make(ann, room_id=room.pk, kind="guest")
    guest = arrivals.enter_as_guest(made, "Zoe")

    deletion.delete(ann, takes_texts=False)

    with pytest.raises(Refused):
        links.find(secret)
    assert User.objects.get(pk=guest.pk).may_come is False


def test_the_last_owner_stays(owner: User, ann: User) -> None:
    with pytest.raises(Refused) as no:
        deletion.delete(owner, takes_texts=False)
    assert no.value.code == "conflict"
    assert people.find("olga") == owner

    User.objects.filter(pk=ann.pk).update(is_owner=True)
    deletion.delete(owner, takes_texts=False)
    assert people.find("olga") is None


def test_a_crash_in_between_is_made_good(
    ann: User, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(room, ann, "secret")
    with monkeypatch.context() as broken:
        broken.setattr(deletion, "_leave_rooms", lambda person: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deletion.delete(ann, takes_texts=True)
    assert User.objects.get(pk=ann.pk).is_active is False

    while housekeeping.tidy():
        pass

    assert not Membership.objects.filter(user=ann, left_seq=None).exists()
    assert Message.objects.get(author=ann).body == ""
