"""What a block ends between two people, and what of it the other one can see."""

from __future__ import annotations

import pytest
from django.db import transaction

from loopchat.accounts.models import User
from loopchat.contacts import blocks, friends, pairs
from loopchat.contacts.models import Block, FriendRequest
from loopchat.core.errors import Refused
from tests.chat.stage import Told, people
from tests.contacts.stage import heard_by, seen_by


def put(owner: User, other: User) -> bool:
    with transaction.atomic():
        return blocks.put(owner, other)


def lift(owner: User, other: User) -> bool:
    with transaction.atomic():
        return blocks.lift(owner, other)


def test_a_block_ends_the_friendship(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    friends.request(ann, ben)
    friends.accept(ben, ann)
    told.clear()
    assert put(ann, ben) is True
    assert put(ann, ben) is False
    assert not pairs.are_friends(ann.pk, ben.pk)
    assert seen_by(ann) == {"ben": (True,)}
    assert seen_by(ben) == {}
    (event,) = heard_by(ben, told, "contact")  # no more than when a friendship ends
    assert event == {"type": "contact", "uid": ann.pk, "username": "ann", "friend": False}
    assert told.people() == {ann.pk, ben.pk}


def test_what_the_other_asked_goes_on_waiting_for_them(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    friends.request(ben, ann)
    told.clear()
    put(ann, ben)
    assert (seen_by(ann), seen_by(ben)) == ({"ben": (True,)}, {"ann": ("out",)})
    assert heard_by(ben, told, "contact") == []
    assert lift(ann, ben) is True
    assert lift(ann, ben) is False
    assert (seen_by(ann), seen_by(ben)) == ({}, {"ann": ("out",)})


def test_what_one_asked_oneself_is_taken_back(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    friends.request(ann, ben)
    told.clear()
    put(ann, ben)
    assert seen_by(ben) == {}
    assert heard_by(ben, told, "contact")[-1].get("request") is None


def test_a_block_is_no_way_around_a_rejection(three: list[User]) -> None:
    ann, ben, _ = three
    friends.request(ann, ben)
    friends.reject(ben, ann)
    put(ann, ben)
    lift(ann, ben)
    friends.request(ann, ben)
    assert seen_by(ben) == {}
    assert FriendRequest.objects.get().rejected_at is not None


def test_a_block_that_changes_nothing_for_the_other_is_not_told(
    three: list[User], told: Told
) -> None:
    ann, ben, _ = three
    put(ann, ben)
    assert [event for where, event, _ in told.asides() if where == f"person:{ben.pk}"] == []


def test_the_number_is_bounded_and_nobody_blocks_themselves(
    three: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCKS_MAX", 1)
    put(three[0], three[1])
    for other, code in ((three[2], "too_large"), (three[0], "bad_request")):
        with pytest.raises(Refused) as no:
            put(three[0], other)
        assert no.value.code == code


def test_pairs_in_one_query(three: list[User]) -> None:
    ann, ben, cyd = three
    (dan,) = people("dan")
    for owner, other in ((ann, ben), (cyd, ann), (dan, cyd)):
        Block.objects.create(owner=owner, blocked=other)
    assert blocks.blocked_pairs({ann.pk, ben.pk, cyd.pk}) == {(ann.pk, ben.pk), (cyd.pk, ann.pk)}
    assert blocks.apart_from([ann.pk]) == {
        ann.pk: {ben.pk, cyd.pk},
        ben.pk: {ann.pk},
        cyd.pk: {ann.pk},
    }
