"""Sending, editing, deleting and reacting: each working, then each refusal."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loopchat.accounts.models import User
from loopchat.chat import history, messages, posting, rooms
from loopchat.chat.ledger import Done
from loopchat.chat.models import Message, Reaction, Revision, Room, RoomEvent
from loopchat.chat.posting import REACTIONS_MAX
from loopchat.contacts.models import Block
from loopchat.core.errors import Refused
from loopchat.core.text import MESSAGE_MAX
from tests.chat.replica import Replica
from tests.chat.stage import (
    Told,
    actor,
    append,
    direct_of,
    draft,
    head,
    membership,
    person,
    room_of,
    send,
    stored,
)

pytestmark = pytest.mark.django_db


def edit(room: Room, who: User, message_id: int, text: str) -> Done:
    return messages.edit(room.pk, actor(who), message_id=message_id, body=text)


def delete(room: Room, who: User, message_id: int) -> Done:
    return messages.delete(room.pk, actor(who), message_id=message_id)


def react(room: Room, who: User, message_id: int, emoji: str = "👍", on: bool = True) -> Done:
    return messages.react(room.pk, actor(who), message_id=message_id, emoji=emoji, on=on)


# --- send ------------------------------------------------------------------------------------


def test_a_message_is_stored_and_told(room: Room, three: list[User], told: Told) -> None:
    ann = three[0]
    cid = uuid.uuid4()
    done = send(room, ann, "  hello\n", cid=cid)
    (event,) = told.log(room.pk)
    assert event == {
        "type": "chat_message",
        "room": room.pk,
        "seq": done.seq,
        "n": 1,
        "id": done.id,
        "uid": ann.pk,
        "username": "ann",
        "cid": str(cid),
        "message": "  hello",
        "ts": done.ts,
    }
    row = Message.objects.get(pk=done.id)
    assert (row.room_id, row.seq, row.author_id, row.body) == (room.pk, done.seq, ann.pk, "  hello")
    room.refresh_from_db()
    assert (room.head, room.message_count, room.last_message_id) == (done.seq, 1, done.id)


def test_text_of_any_script_comes_back_as_it_was_sent(room: Room, three: list[User]) -> None:
    texts = (
        "שלום",
        "é e\u0301",
        "👩‍👩‍👧‍👦",
        "\u202ex",
        "a\tb\n\nc",
        "😀" * 8000,
        "'; DROP TABLE--",
        "%s",
    )
    for text in texts:
        done = send(room, three[0], text)
        assert Message.objects.get(pk=done.id).body == text
        assert stored(room)[-1]["message"] == text


def test_a_reply_names_its_message(room: Room, three: list[User], told: Told) -> None:
    first = send(room, three[0])
    second = send(room, three[1], reply_to=first.id)
    assert told.log(room.pk)[-1]["reply_to"] == first.id
    assert Message.objects.get(pk=second.id).reply_to_id == first.id
    delete(room, three[0], first.id)
    assert send(room, three[1], reply_to=first.id).id  # what is gone keeps its place


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_request"),
        (" \n\t ", "bad_request"),
        ("\u200b", "bad_request"),
        ("a\0b", "bad_request"),
        ("a\x1bb", "bad_request"),
        ("\ud800", "bad_request"),
        ("x" * (MESSAGE_MAX + 1), "too_large"),
    ],
)
def test_a_text_that_is_no_message_is_refused(
    room: Room, three: list[User], text: str, code: str
) -> None:
    before = head(room)
    with pytest.raises(Refused) as no:
        send(room, three[0], text)
    assert (no.value.code, no.value.field, no.value.definite) == (code, "message", True)
    assert head(room) == before
    assert send(room, three[0], "x" * MESSAGE_MAX).seq == before + 1


def test_a_reply_to_nothing_is_refused(room: Room, three: list[User]) -> None:
    for target in (10**9, 0, -1):
        with pytest.raises(Refused) as no:
            send(room, three[0], reply_to=target)
        assert (no.value.code, no.value.field) == ("not_found", "reply_to")


def test_a_block_closes_a_direct_conversation_for_who_blocks(three: list[User]) -> None:
    ann, ben, cyd = three
    direct, shared = direct_of(ann, ben), room_of(ann, ben)
    assert send(direct, ann).seq
    Block.objects.create(owner=ann, blocked=ben)
    with pytest.raises(Refused) as no:
        send(direct, ann)
    assert no.value.code == "blocked"
    assert send(direct, ben).seq  # who is blocked notices nothing
    assert send(shared, ann).seq  # elsewhere they still meet
    assert send(rooms.open_direct(cyd, "ann"), cyd).seq


def test_blocks_of_others_close_nothing(three: list[User]) -> None:
    ann, _, cyd = three
    direct = rooms.open_direct(ann, "ben")
    other = rooms.open_direct(cyd, "ben")
    Block.objects.create(owner=ann, blocked=cyd)
    outcomes = append(draft(direct, ann), draft(other, cyd))  # one batch looks up all of them
    assert [type(o) for o in outcomes] == [Done, Done]


def test_who_is_blocked_can_still_write_to_themselves(three: list[User]) -> None:
    ann = three[0]
    own = rooms.open_direct(ann, "ann")
    Block.objects.create(owner=three[1], blocked=ann)
    assert send(own, ann).seq == head(own)


# --- unread ----------------------------------------------------------------------------------


def unread(room: Room, who: User) -> int:
    room.refresh_from_db()
    row = membership(room, who)
    return room.message_count - row.read_count - row.own_ahead


def counted(room: Room, who: User) -> int:
    """The slow way: messages of others after the cursor."""
    later = Message.objects.filter(room=room, seq__gt=membership(room, who).read_seq)
    return later.exclude(author=who).count()


def test_own_messages_are_never_unread(room: Room, three: list[User]) -> None:
    ann, ben, cyd = three
    done = send(room, ann)
    assert membership(room, ann).read_seq == done.seq  # nothing was unread: the cursor goes along
    assert [unread(room, who) for who in three] == [0, 1, 1]
    send(room, ben)  # with something unread it stays, and the own one is counted as own
    row = membership(room, ben)
    assert (row.read_seq < done.seq, row.own_ahead) == (True, 1)
    assert [unread(room, who) for who in three] == [1, 1, 2]
    for who in (ben, cyd, ann, ben, ben):
        send(room, who)
        assert [unread(room, w) for w in three] == [counted(room, w) for w in three]


def test_messages_of_one_batch_count_exactly(room: Room, three: list[User]) -> None:
    append(*(draft(room, three[n]) for n in (0, 1, 1, 0, 2, 1, 0, 0)))
    assert [unread(room, who) for who in three] == [counted(room, who) for who in three]
    assert [unread(room, who) for who in three] == [4, 5, 7]


def test_deleted_messages_go_on_counting(room: Room, three: list[User]) -> None:
    done = send(room, three[0])
    delete(room, three[0], done.id)
    assert unread(room, three[1]) == 1


# --- edit ------------------------------------------------------------------------------------


def test_an_edit_gives_another_text_and_keeps_the_old_one(
    room: Room, three: list[User], told: Told
) -> None:
    ann = three[0]
    done = send(room, ann, "first")
    edited = edit(room, ann, done.id, "second")
    assert edited.seq == (done.seq or 0) + 1 == head(room)
    event = told.log(room.pk)[-1]
    row = Message.objects.get(pk=done.id)
    assert event == {
        "type": "edited",
        "room": room.pk,
        "seq": edited.seq,
        "id": done.id,
        "uid": ann.pk,
        "message": "second",
        "ts": row.edited_ts,
    }
    assert (row.body, row.seq) == ("second", done.seq)
    edit(room, ann, done.id, "third")
    assert [r.body for r in Revision.objects.order_by("pk")] == ["first", "second"]
    texts = [e.get("message") for e in stored(room) if "message" in e]
    assert texts == ["third", "third", "third"]  # always as it is now


def test_an_edit_does_not_make_a_message_unread_again(room: Room, three: list[User]) -> None:
    done = send(room, three[0], "first")
    before = unread(room, three[1])
    edit(room, three[0], done.id, "second")
    assert unread(room, three[1]) == before


def test_an_edit_to_the_same_text_changes_nothing(room: Room, three: list[User]) -> None:
    ann = three[0]
    done = send(room, ann, "first")
    assert edit(room, ann, done.id, "first\n").seq == done.seq
    edited = edit(room, ann, done.id, "second")
    assert edit(room, ann, done.id, "second").seq == edited.seq
    assert head(room) == edited.seq
    assert Revision.objects.count() == 1


def test_two_edits_in_a_batch(room: Room, three: list[User], told: Told) -> None:
    ann = three[0]
    done = send(room, ann, "first")
    first, second, third = append(
        *(
            posting.Edit.draft(room.pk, actor(ann), message_id=done.id, body=text)
            for text in ("second", "second", "third")
        )
    )
    assert (first.seq, second.seq, third.seq) == (head(room) - 1, head(room) - 1, head(room))
    assert [r.body for r in Revision.objects.order_by("pk")] == ["first", "second"]


def test_in_rooms_where_history_begins_with_the_join_an_edit_tells_no_text(told: Told) -> None:
    ann = person("ann")
    room = rooms.create(ann, kind="private", name="Since", history="joined")
    done = send(room, ann, "first")
    edit(room, ann, done.id, "second")
    assert "message" not in told.log(room.pk)[-1]
    assert "message" not in stored(room)[-1]


def test_edits_are_refused(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann, "first")
    before = head(room)
    refusals = {
        "somebody else's": ("forbidden", lambda: edit(room, ben, done.id, "mine now")),
        "unknown": ("not_found", lambda: edit(room, ann, 10**9, "x")),
        "empty": ("bad_request", lambda: edit(room, ann, done.id, " ")),
        "too long": ("too_large", lambda: edit(room, ann, done.id, "x" * 8001)),
    }
    for code, act in refusals.values():
        with pytest.raises(Refused) as no:
            act()
        assert no.value.code == code
    assert head(room) == before
    assert Message.objects.get(pk=done.id).body == "first"
    assert edit(room, ann, done.id, "second").seq == before + 1


def test_a_deleted_message_cannot_be_edited(room: Room, three: list[User]) -> None:
    ann = three[0]
    done = send(room, ann, "first")
    delete(room, ann, done.id)
    with pytest.raises(Refused) as no:
        edit(room, ann, done.id, "back again")
    assert no.value.code == "not_found"
    assert Message.objects.get(pk=done.id).body == ""
    assert not Revision.objects.exists()


# --- delete ----------------------------------------------------------------------------------


def test_deletion_leaves_the_place_and_nothing_else(
    room: Room, three: list[User], told: Told
) -> None:
    ann, ben, _ = three
    done = send(room, ann, "secret")
    edit(room, ann, done.id, "secret too")
    react(room, ben, done.id)
    gone = delete(room, ann, done.id)
    row = Message.objects.get(pk=done.id)
    assert told.log(room.pk)[-1] == {
        "type": "deleted",
        "room": room.pk,
        "seq": gone.seq,
        "id": done.id,
        "uid": ann.pk,
        "ts": row.deleted_ts,
    }
    assert (row.body, row.seq, row.cid is not None) == ("", done.seq, True)
    assert not Revision.objects.exists()
    assert not Reaction.objects.exists()
    message = next(e for e in stored(room) if e["seq"] == done.seq)
    assert "message" not in message
    assert "reactions" not in message
    assert message["deleted_ts"] == row.deleted_ts


def test_a_second_deletion_is_answered_like_the_first(room: Room, three: list[User]) -> None:
    done = send(room, three[0])
    first = delete(room, three[0], done.id)
    send(room, three[1])
    before = head(room)
    assert delete(room, three[0], done.id).seq == first.seq
    assert head(room) == before
    with pytest.raises(Refused) as no:
        delete(room, three[0], 10**9)
    assert (no.value.code, no.value.field) == ("not_found", "id")


def test_two_deletions_in_a_batch(room: Room, three: list[User]) -> None:
    done = send(room, three[0])
    one, two = append(*(posting.Delete(room.pk, actor(three[0]), done.id) for _ in range(2)))
    assert one.seq == two.seq == head(room)


def test_what_a_batch_does_before_a_deletion_does_not_survive_it(
    room: Room, three: list[User], told: Told
) -> None:
    ann = three[0]
    done = send(room, ann, "first")
    append(
        posting.Edit.draft(room.pk, actor(ann), message_id=done.id, body="second"),
        posting.React.draft(room.pk, actor(ann), message_id=done.id, emoji="👍", on=True),
        posting.Delete(room.pk, actor(ann), done.id),
    )
    assert not Revision.objects.exists()
    assert not Reaction.objects.exists()
    assert Message.objects.get(pk=done.id).body == ""
    assert [e["type"] for e in stored(room)][-3:] == ["edited", "reaction", "deleted"]
    assert not any("second" in str(e) or "first" in str(e) for e in stored(room))


def test_moderators_delete_what_others_said(room: Room, three: list[User], told: Told) -> None:
    ann, ben, cyd = three
    done = send(room, cyd)
    with pytest.raises(Refused) as no:
        delete(room, ben, done.id)
    assert no.value.code == "forbidden"
    rooms.set_role(room.pk, ann, ben, "moderator")
    assert delete(room, ben, done.id).seq == head(room)
    assert told.log(room.pk)[-1]["uid"] == ben.pk


# --- react -----------------------------------------------------------------------------------


def test_a_reaction_goes_on_and_off(room: Room, three: list[User], told: Told) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    on = react(room, ben, done.id)
    assert told.log(room.pk)[-1] == {
        "type": "reaction",
        "room": room.pk,
        "seq": on.seq,
        "id": done.id,
        "uid": ben.pk,
        "username": "ben",
        "emoji": "👍",
        "on": True,
    }
    react(room, ann, done.id)
    react(room, ann, done.id, "🎉")
    shown = next(e for e in stored(room) if e["seq"] == done.seq)
    assert shown["reactions"] == {
        "👍": {"n": 2, "uids": [ben.pk, ann.pk]},
        "🎉": {"n": 1, "uids": [ann.pk]},
    }
    off = react(room, ben, done.id, on=False)
    assert (off.seq, told.log(room.pk)[-1]["on"]) == (head(room), False)
    assert Reaction.objects.count() == 2


def test_a_reaction_that_is_there_already_changes_nothing(room: Room, three: list[User]) -> None:
    done = send(room, three[0])
    react(room, three[1], done.id)
    before = head(room)
    assert react(room, three[1], done.id).seq is None
    assert react(room, three[2], done.id, on=False).seq is None
    assert head(room) == before
    assert Reaction.objects.count() == 1


def test_reactions_of_a_batch_cancel_each_other(room: Room, three: list[User]) -> None:
    done = send(room, three[0])
    react(room, three[1], done.id, "🎉")

    def staged(emoji: str, on: bool) -> posting.React:
        return posting.React.draft(room.pk, actor(three[1]), message_id=done.id, emoji=emoji, on=on)

    outcomes = append(
        staged("👍", True),
        staged("👍", False),
        staged("👍", True),
        staged("🎉", False),
        staged("🎉", True),
        staged("🎉", False),
    )
    seqs = [done.seq for done in outcomes]
    assert seqs == list(range(head(room) - 5, head(room) + 1))
    assert [r.emoji for r in Reaction.objects.all()] == ["👍"]


def test_equal_pictures_count_together(room: Room, three: list[User]) -> None:
    done = send(room, three[0])
    react(room, three[0], done.id, "❤")
    assert react(room, three[0], done.id, "❤\ufe0f").seq is None


def test_at_most_twenty_people_are_named_with_a_reaction(room: Room, three: list[User]) -> None:
    done = send(room, three[0])
    fans = [person(f"fan{n}") for n in range(23)]
    rooms.invite(room.pk, three[0], fans)
    append(
        *(
            posting.React.draft(room.pk, actor(fan), message_id=done.id, emoji="👍", on=True)
            for fan in fans
        )
    )
    shown = next(e for e in stored(room) if e["seq"] == done.seq)["reactions"]["👍"]
    assert shown == {"n": 23, "uids": [fan.pk for fan in fans[:20]]}


def test_reactions_are_refused(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    for emoji in ("", "x", "👍👍", "<b>", "👍" * 40):
        with pytest.raises(Refused) as no:
            react(room, ben, done.id, emoji)
        assert (no.value.code, no.value.field) == ("bad_request", "emoji")
    with pytest.raises(Refused) as no:
        react(room, ben, 10**9)
    assert no.value.code == "not_found"
    delete(room, ann, done.id)
    before = head(room)
    for on in (True, False):
        with pytest.raises(Refused) as no:
            react(room, ben, done.id, on=on)
        assert no.value.code == "not_found"
    assert head(room) == before


def test_one_person_has_a_limited_number_of_reactions(room: Room, three: list[User]) -> None:
    ann, ben, _ = three
    done = send(room, ann)
    emoji = [chr(0x1F600 + n) for n in range(REACTIONS_MAX + 1)]
    for one in emoji[:-1]:
        react(room, ben, done.id, one)
    with pytest.raises(Refused) as no:
        react(room, ben, done.id, emoji[-1])
    assert no.value.code == "conflict"
    assert react(room, ann, done.id, emoji[-1]).seq  # others have their own
    react(room, ben, done.id, emoji[0], on=False)
    assert react(room, ben, done.id, emoji[-1]).seq == head(room)


# --- pin -------------------------------------------------------------------------------------


def pin(room: Room, who: User, message_id: int, on: bool = True) -> posting.Pin:
    return posting.Pin(room.pk, actor(who), message_id, on)


def test_pins_of_a_batch_follow_each_other(room: Room, three: list[User]) -> None:
    ann = three[0]
    first, second = send(room, ann), send(room, ann)
    messages.pin(room.pk, actor(ann), message_id=second.id, on=True)
    outcomes = append(
        pin(room, ann, first.id),
        pin(room, ann, first.id),
        pin(room, ann, first.id, on=False),
        pin(room, ann, second.id, on=False),
        pin(room, ann, second.id),
        pin(room, ann, first.id),
        pin(room, ann, second.id, on=False),
    )
    top = head(room)
    assert [o.seq for o in outcomes] == [top - 5, None, top - 4, top - 3, top - 2, top - 1, top]
    assert [p.id for p in history.pins(ann, room.pk)] == [first.id]


def test_what_is_pinned_and_deleted_in_a_batch_is_gone(room: Room, three: list[User]) -> None:
    ann = three[0]
    done = send(room, ann)
    append(pin(room, ann, done.id), posting.Delete(room.pk, actor(ann), done.id))
    assert history.pins(ann, room.pk) == []
    assert append(pin(room, ann, done.id)) == ["not_found"]


def test_a_room_is_full_of_its_own_pins_only(
    three: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PINS_MAX", 2)
    ann = three[0]
    one, two = room_of(ann), room_of(ann)
    there = [send(one, ann).id for _ in range(3)]
    here = [send(two, ann).id for _ in range(3)]
    outcomes = append(
        *(pin(one, ann, target) for target in there), *(pin(two, ann, target) for target in here)
    )
    assert [o if isinstance(o, str) else "ok" for o in outcomes] == ["ok", "ok", "conflict"] * 2
    freed = append(
        pin(one, ann, there[0], on=False), pin(two, ann, here[2]), pin(one, ann, there[2])
    )
    assert [o if isinstance(o, str) else "ok" for o in freed] == ["ok", "conflict", "ok"]


# --- all of it -------------------------------------------------------------------------------


def test_state_and_events_are_the_state_afterwards(
    room: Room, three: list[User], told: Told
) -> None:
    ann, ben, cyd = three
    first = send(room, ann, "first")
    replicas = [Replica(who, room.pk) for who in three]
    told.clear()
    second = send(room, ben, "second", reply_to=first.id)
    edit(room, ann, first.id, "first, better")
    react(room, cyd, second.id)
    react(room, ann, second.id)
    react(room, cyd, second.id, on=False)
    third = send(room, cyd, "x" * 500)
    edit(room, cyd, third.id, "y" * 500)
    delete(room, ann, second.id)
    delete(room, cyd, third.id)
    for replica in replicas[:1] + replicas[2:]:
        replica.fold(told.log(room.pk))
        replica.summary["unread"] = sum(
            1
            for item in replica.items.values()
            if item["type"] == "chat_message"
            and item["uid"] != replica.person.pk
            and item["seq"] > membership(room, replica.person).read_seq
        )
        replica.check()


def test_sending_costs_a_fixed_number_of_queries(three: list[User]) -> None:
    ann = three[0]
    small, large = room_of(ann), room_of(ann, *three[1:])
    for _ in range(50):
        send(large, ann)
    send(small, ann)
    counts = []
    for room in (small, large):
        with CaptureQueriesContext(connection) as queries:
            send(room, ann)
        counts.append(len([q for q in queries if "SAVEPOINT" not in q["sql"]]))
    assert counts[0] == counts[1] <= 6


def test_no_event_stores_text(room: Room, three: list[User]) -> None:
    done = send(room, three[0], "needle")
    edit(room, three[0], done.id, "needle too")
    rooms.rename(room.pk, three[0], "needle room")
    rooms.set_topic(room.pk, three[0], "needle topic")
    assert not any("needle" in str(row) for row in RoomEvent.objects.values())
