"""What people show goes both ways, whatever each of the two has said."""

from __future__ import annotations

import itertools

import pytest

from loopchat.accounts.models import User
from loopchat.contacts import circles, friends, privacy
from loopchat.contacts.models import Block, Privacy
from loopchat.core.errors import Refused
from loopchat.realtime.veil import CLEAR, Veil, meet
from tests.chat.stage import Told
from tests.contacts.stage import heard_by

LEVELS = ("everyone", "friends", "nobody")


@pytest.mark.parametrize(("one", "other"), list(itertools.product(LEVELS, LEVELS)))
def test_two_people_see_what_both_show(one: str, other: str) -> None:
    strictest = max(one, other, key=LEVELS.index)
    for are_friends in (False, True):
        expected = {"everyone": True, "friends": are_friends, "nobody": False}[strictest]
        assert meet(one, other, are_friends) is expected  # type: ignore[arg-type]


def test_everything_is_shown_unless_said_otherwise(three: list[User], told: Told) -> None:
    ann = three[0]
    assert privacy.state(privacy.of(ann.pk)) == privacy.state(Privacy())
    privacy.change(ann.pk, online="friends", write="rooms")
    row = privacy.of(ann.pk)
    assert (row.online, row.last_seen, row.receipts, row.write) == (
        "friends",
        "everyone",
        "everyone",
        "rooms",
    )
    assert heard_by(ann, told, "privacy") == [
        {
            "type": "privacy",
            "last_seen": "everyone",
            "online": "friends",
            "receipts": "everyone",
            "write": "rooms",
        }
    ]
    assert told.people() == {ann.pk}


@pytest.mark.parametrize("field", ["last_seen", "online", "receipts", "write"])
def test_other_words_are_refused(three: list[User], field: str) -> None:
    for word in ("all", "", "nobody" if field == "write" else "rooms"):
        with pytest.raises(Refused) as no:
            privacy.change(three[0].pk, **{field: word})
        assert (no.value.code, no.value.field) == ("bad_request", field)


def test_who_sees_whom(three: list[User]) -> None:
    ann, ben, cyd = three
    ids = [who.pk for who in three]

    def online(viewer: User) -> set[int]:
        return set(privacy.sight(circles.around(viewer.pk), ids).online) - {viewer.pk}

    assert online(ann) == {ben.pk, cyd.pk}
    privacy.change(ann.pk, online="nobody")
    assert online(ann) == set()
    assert online(ben) == {cyd.pk}
    privacy.change(ann.pk, online="friends")
    friends.request(ann, ben)
    friends.accept(ben, ann)
    assert (online(ann), online(ben), online(cyd)) == ({ben.pk}, {ann.pk, cyd.pk}, {ben.pk})
    Block.objects.create(owner=cyd, blocked=ben)
    assert (online(ben), online(cyd)) == ({ann.pk}, set())


def test_receipts_are_for_whom_both_say(three: list[User]) -> None:
    ann, ben, cyd = three
    ids = [who.pk for who in three]
    friends.request(ann, ben)
    friends.accept(ben, ann)
    privacy.change(ann.pk, receipts="friends")
    privacy.change(cyd.pk, receipts="nobody")
    assert privacy.telling_receipts(ann.pk, ids) == {ann.pk, ben.pk}
    assert privacy.telling_receipts(ben.pk, ids) == {ann.pk, ben.pk}
    assert privacy.telling_receipts(cyd.pk, ids) == set()
    assert privacy.receipts_to(ids) == {ann.pk: (ben.pk,), cyd.pk: ()}


def test_a_block_ends_receipts_both_ways(three: list[User]) -> None:
    ann, ben, cyd = three
    ids = [who.pk for who in three]
    Block.objects.create(owner=ann, blocked=ben)
    assert privacy.telling_receipts(ann.pk, ids) == {ann.pk, cyd.pk}
    assert privacy.telling_receipts(ben.pk, ids) == {ben.pk, cyd.pk}
    assert privacy.telling_receipts(cyd.pk, ids) == set(ids)


def test_a_veil_is_there_only_for_who_needs_one(three: list[User]) -> None:
    ann, ben, cyd = three
    ids = [who.pk for who in three]
    friends.request(ann, ben)
    friends.accept(ben, ann)
    assert privacy.veils(ids, {}) == dict.fromkeys(ids, CLEAR)
    assert all(veil is CLEAR for veil in privacy.veils(ids, {}).values())
    Block.objects.create(owner=ann, blocked=cyd)
    privacy.change(ann.pk, receipts="friends", last_seen="nobody")
    wanted = Veil(
        apart=frozenset({cyd.pk}),
        last_seen="nobody",
        receipts="friends",
        friends=frozenset({ben.pk}),
        quiet=frozenset({7}),
    )
    assert privacy.veils(ids, {ann.pk: {7}}) == {
        ann.pk: wanted,
        ben.pk: CLEAR,
        cyd.pk: Veil(apart=frozenset({ann.pk})),
    }
    assert privacy.veil(privacy.of(ann.pk), circles.around(ann.pk), [7]) == wanted
