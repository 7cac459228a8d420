"""A hundred at once: no more come in than the link is for, whatever they do."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.chat import rooms
from loopchat.chat.models import Membership, Room
from loopchat.core.errors import Refused
from loopchat.invitations import arrivals, links
from loopchat.invitations.models import Admission, Invitation
from tests.accounts.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

MANY, PLACES = 100, 7


@pytest.fixture
def room() -> Room:
    """A private room."""
    host = people.create_owner("olga", "correct horse battery")
    return rooms.create(host, kind="private", name="Board")


def code(answer: object) -> str:
    """What became of one of many."""
    return answer.code if isinstance(answer, Refused) else "in"


def link(room: Room, **fields: object) -> Invitation:
    """A link to the room with a few places."""
    return links.make(User.objects.get(), room_id=room.pk, max_uses=PLACES, **fields)[0]  # type: ignore[arg-type]


def inside(room: Room) -> int:
    """How many are in the room beside its owner."""
    return Membership.objects.filter(room=room, left_seq=None).count() - 1


def test_no_more_people_than_places(room: Room) -> None:
    made = link(room)
    crowd = [User(username=f"person{n}", username_key=f"person{n}") for n in range(MANY)]
    User.objects.bulk_create(crowd)

    answers = at_once([partial(arrivals.use, made, person) for person in crowd])

    assert Counter(map(code, answers)) == {"in": PLACES, "not_found": MANY - PLACES}
    made.refresh_from_db()
    assert (made.uses, inside(room), Admission.objects.count()) == (PLACES, PLACES, PLACES)


def test_no_more_guests_than_places_and_nothing_of_the_others(room: Room) -> None:
    made = link(room, kind="guest")

    answers = at_once([partial(arrivals.enter_as_guest, made, "Zoe") for _ in range(MANY)])

    assert Counter(map(code, answers)) == {"in": PLACES, "not_found": MANY - PLACES}
    made.refresh_from_db()
    assert (made.uses, inside(room)) == (PLACES, PLACES)
    assert User.objects.filter(is_guest=True).count() == PLACES


def test_one_person_many_times_is_one_use(room: Room) -> None:
    made = link(room)
    person = people.create("ann", None, is_bot=True)

    answers = at_once([partial(arrivals.use, made, person) for _ in range(20)])

    assert set(map(code, answers)) == {"in"}
    made.refresh_from_db()
    assert (made.uses, inside(room)) == (1, 1)


def test_who_comes_while_the_link_is_revoked_is_not_left_over(room: Room) -> None:
    host = User.objects.get()
    made = link(room, kind="guest")

    calls = [partial(arrivals.enter_as_guest, made, "Zoe") for _ in range(6)]
    at_once([*calls, partial(arrivals.revoke, made.pk, host)])
    arrivals.tidy()

    assert inside(room) == 0
    assert not User.objects.filter(is_guest=True, is_active=True).exists()
