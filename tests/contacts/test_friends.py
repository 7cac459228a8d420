"""Friend requests: from both sides, said twice, said too often, said to somebody who blocks."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from loopchat.accounts.models import User
from loopchat.contacts import blocks, circles, friends, pairs
from loopchat.contacts.models import Block, FriendRequest, Friendship
from loopchat.core.errors import Refused
from loopchat.core.limits import Buckets
from tests.chat.stage import Told, people, refused
from tests.contacts.stage import heard_by, seen_by


@pytest.fixture(autouse=True)
def _fresh_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(friends, "_asking", Buckets(friends.ASKING))


def test_asking_and_agreeing(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    friends.request(ann, ben, "  We met at the lake ")
    assert (seen_by(ann), seen_by(ben)) == ({"ben": ("out",)}, {"ann": ("in",)})
    (event,) = heard_by(ben, told, "contact")
    assert event["note"] == "We met at the lake"
    (notice,) = heard_by(ben, told, "notification")
    assert (notice["kind"], notice["sender"], notice["preview"]) == (
        "friend_request",
        "ann",
        "We met at the lake",
    )
    told.clear()
    friends.accept(ben, ann)
    assert (seen_by(ann), seen_by(ben)) == ({"ben": ("friend",)}, {"ann": ("friend",)})
    assert [n["kind"] for n in heard_by(ann, told, "notification")] == ["friend_accepted"]
    assert heard_by(ben, told, "contact") == [
        {"type": "contact", "uid": ann.pk, "username": "ann", "friend": True}
    ]
    assert told.people() == {ann.pk, ben.pk}


def test_everything_may_be_said_twice(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    for _ in range(2):
        friends.request(ann, ben)
    assert len(heard_by(ben, told, "notification")) == 1
    for _ in range(2):
        friends.cancel(ann, ben)
    assert (seen_by(ann), seen_by(ben)) == ({}, {})
    friends.request(ann, ben)
    for _ in range(2):
        friends.accept(ben, ann)
    friends.request(ann, ben)
    assert Friendship.objects.count() == 1
    assert FriendRequest.objects.count() == 0
    for _ in range(2):
        friends.remove(ben, ann)
    assert (seen_by(ann), seen_by(ben)) == ({}, {})


def test_requests_that_cross_are_a_friendship(three: list[User]) -> None:
    ann, ben, _ = three
    friends.request(ann, ben)
    friends.request(ben, ann)
    assert pairs.are_friends(ann.pk, ben.pk)
    assert FriendRequest.objects.count() == 0


def test_requests_at_the_same_moment_are_one_friendship(three: list[User]) -> None:
    ann, ben, _ = three
    start, failed = threading.Barrier(8), []

    def ask(sender: User, receiver: User) -> None:
        start.wait()
        try:
            friends.request(sender, receiver)
        except Exception as error:  # noqa: BLE001 - shown below
            failed.append(error)
        finally:
            connection.close()

    crowd = [threading.Thread(target=ask, args=pair) for pair in [(ann, ben), (ben, ann)] * 4]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert failed == []
    assert Friendship.objects.count() == 1
    assert FriendRequest.objects.count() == 0


def test_a_rejection_is_not_told_and_silences_for_a_while(three: list[User], told: Told) -> None:
    ann, ben, _ = three
    friends.request(ann, ben)
    told.clear()
    friends.reject(ben, ann)
    assert (seen_by(ann), seen_by(ben)) == ({"ben": ("out",)}, {})
    assert heard_by(ann, told, "contact") == []

    told.clear()
    friends.cancel(ann, ben)
    assert seen_by(ann) == {}
    friends.request(ann, ben, "Please")
    assert (seen_by(ann), seen_by(ben)) == ({"ben": ("out",)}, {})
    assert [e for who in (ben,) for e in heard_by(who, told, "contact")] == []
    with refused("not_found"):
        friends.accept(ben, ann)

    row = FriendRequest.objects.get()
    assert row.rejected_at is not None
    FriendRequest.objects.update(rejected_at=row.rejected_at - friends.SILENCE - timedelta(1))
    friends.request(ann, ben, "After a month")
    assert seen_by(ben) == {"ann": ("in",)}


def test_who_said_no_may_ask_and_both_are_friends(three: list[User]) -> None:
    ann, ben, _ = three
    friends.request(ann, ben)
    friends.reject(ben, ann)
    friends.request(ben, ann)
    assert pairs.are_friends(ann.pk, ben.pk)


def test_a_request_to_somebody_who_blocks_looks_like_any_other(
    three: list[User], told: Told
) -> None:
    ann, ben, _ = three
    Block.objects.create(owner=ben, blocked=ann)
    friends.request(ann, ben)
    assert seen_by(ann) == {"ben": ("out",)}
    assert heard_by(ann, told, "contact")[0]["request"] == "out"
    assert heard_by(ben, told, "contact") == heard_by(ben, told, "notification") == []
    with refused("blocked"):
        friends.request(ben, ann)


def test_limits_against_spam(three: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    ann = three[0]
    monkeypatch.setattr(friends, "OPEN_MAX", 3)
    others = people(*(f"p{n}" for n in range(4)))
    for other in others[:3]:
        friends.request(ann, other)
    with refused("too_large"):
        friends.request(ann, others[3])
    friends.reject(others[0], ann)  # an answer that she is not told frees nothing
    with refused("too_large"):
        friends.request(ann, others[3])
    friends.cancel(ann, others[1])
    friends.request(ann, others[3])
    monkeypatch.setattr(friends, "OPEN_MAX", 100)
    with refused("rate_limited"):
        for other in people(*(f"q{n}" for n in range(20))):
            friends.request(ann, other)


def test_asking_again_and_again_ends_alike_for_the_blocked(three: list[User]) -> None:
    ann, ben, cyd = three
    Block.objects.create(owner=ben, blocked=ann)
    for receiver in (ben, cyd):
        friends._asking = Buckets(friends.ASKING)
        for _ in range(20):
            friends.request(ann, receiver)
            assert seen_by(ann)[receiver.username] == ("out",)
            friends.cancel(ann, receiver)
            assert receiver.username not in seen_by(ann)
        with refused("rate_limited"):
            friends.request(ann, receiver)
    friends._asking = Buckets(friends.ASKING)
    friends.request(ann, cyd)
    friends.reject(cyd, ann)  # nor does a no show
    for _ in range(19):
        friends.cancel(ann, cyd)
        friends.request(ann, cyd)
    friends.cancel(ann, cyd)
    with refused("rate_limited"):
        friends.request(ann, cyd)


@pytest.mark.parametrize("note", ["x" * 201, "two\nlines", "\x00"])
def test_a_note_is_one_short_line(three: list[User], note: str) -> None:
    with pytest.raises(Refused) as no:
        friends.request(three[0], three[1], note)
    assert no.value.field == "note"
    assert FriendRequest.objects.count() == 0


def test_nobody_is_their_own_friend(three: list[User]) -> None:
    with refused("bad_request"):
        friends.request(three[0], three[0])


def test_the_circle_costs_one_statement(
    three: list[User], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ann, ben, cyd = three
    friends.request(ann, ben)
    friends.accept(ben, ann)
    Block.objects.create(owner=cyd, blocked=ann)
    with django_assert_num_queries(1):
        circle = circles.around(ann.pk)
    assert (circle.friends, circle.apart) == ({ben.pk}, {cyd.pk})
    assert [one.username for one in circle.contacts] == ["ben"]  # who blocks is not named


def test_friends_among_some(three: list[User]) -> None:
    ann, ben, cyd = three
    for other in (ben, cyd):
        friends.request(ann, other)
        friends.accept(other, ann)
    assert pairs.friends_of(ann.pk) == {ben.pk, cyd.pk}
    assert pairs.friends_of(ann.pk, [cyd.pk, 10**9]) == {cyd.pk}
    assert circles.friends_of_each([ben.pk, cyd.pk]) == {ben.pk: {ann.pk}, cyd.pk: {ann.pk}}
    assert blocks.apart_from([ann.pk]) == {}
