"""Coming by a link: with an account, with a new one, as a guest; and going again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from loopchat.accounts import invited, people, sessions
from loopchat.accounts.models import User
from loopchat.chat import messages, reading, rooms
from loopchat.chat.models import Membership, Message, Room
from loopchat.core.errors import Refused
from loopchat.invitations import arrivals, links
from loopchat.invitations.models import Invitation
from tests.accounts.conftest import PASSWORD
from tests.chat.stage import listening


def is_in(room: Room, person: User) -> bool:
    """Whether somebody is in a room now."""
    return Membership.objects.filter(room=room, user=person, left_seq=None).exists()


def refused(act: Callable[[], object]) -> str:
    """The code of a refusal."""
    with pytest.raises(Refused) as no:
        act()
    return no.value.code


class TestMembers:
    """People with an account."""

    def test_a_link_lets_somebody_in_and_counts_each_person_once(
        self, ann: User, ben: User, board: Room
    ) -> None:
        made, secret = links.make(ann, room_id=board.pk, max_uses=1)

        assert arrivals.use(links.find(secret), ben) == board.pk
        rooms.leave(board.pk, ben)
        assert arrivals.use(links.find(secret, ben), ben) == board.pk

        made.refresh_from_db()
        assert made.uses == 1
        assert is_in(board, ben)
        cyd = people.create("cyd", PASSWORD)
        assert refused(lambda: arrivals.use(made, cyd)) == "not_found"
        assert not is_in(board, cyd)

    def test_who_was_banned_stays_out_and_costs_no_use(
        self, ann: User, ben: User, board: Room
    ) -> None:
        rooms.invite(board.pk, ann, [ben])
        rooms.ban(board.pk, ann, ben)
        made, _ = links.make(ann, room_id=board.pk, max_uses=1)

        assert refused(lambda: arrivals.use(made, ben)) == "forbidden"

        made.refresh_from_db()
        assert made.uses == 0

    def test_sign_up_by_code_takes_a_use_and_leads_into_the_room(
        self, ann: User, board: Room, transactional_db: None
    ) -> None:
        _, secret = links.make(ann, room_id=board.pk, max_uses=1)
        found = invited.opened(secret)
        assert found is not None

        cyd = people.create("cyd", PASSWORD, also=found.use)

        assert is_in(board, cyd)
        assert invited.opened(secret) is None
        assert refused(lambda: people.create("dan", PASSWORD, also=found.use)) == "not_found"
        assert people.find("dan") is None

    def test_a_link_for_guests_makes_no_account(self, ann: User, board: Room) -> None:
        _, secret = links.make(ann, room_id=board.pk, kind="guest")

        assert invited.opened(secret) is None


@pytest.fixture
def visit(ann: User, board: Room) -> Invitation:
    """A link for guests to the board."""
    return links.make(ann, room_id=board.pk, kind="guest", hours=1)[0]


@pytest.fixture
def guest(visit: Invitation) -> User:
    """Somebody who came by it."""
    return arrivals.enter_as_guest(visit, "Zoë Q.")


class TestGuests:
    """People without an account."""

    def test_a_guest_is_marked_and_stays_as_long_as_the_link(
        self, guest: User, visit: Invitation, board: Room
    ) -> None:
        assert (guest.name, guest.username) == ("Zoë Q.", "zoë-q-guest")
        assert guest.guest_until == visit.expires_at
        assert is_in(board, guest)
        there = reading.members(guest, board.pk).members
        member = next(one for one in there if one.uid == guest.pk)
        assert (member.guest, member.role) == (True, "member")

    def test_two_guests_may_have_one_name(self, guest: User, visit: Invitation) -> None:
        other = arrivals.enter_as_guest(visit, "Zoë Q.")

        assert other.username != guest.username
        assert other.name == guest.name

    @pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 65, "a\nb", "a\u202eb"])
    def test_a_name_is_a_name(self, visit: Invitation, name: str) -> None:
        assert refused(lambda: arrivals.enter_as_guest(visit, name)) in ("bad_request", "too_large")
        visit.refresh_from_db()
        assert visit.uses == 0

    def test_nothing_but_the_room_is_for_guests(
        self, guest: User, ann: User, ben: User, board: Room
    ) -> None:
        garden = rooms.create(ann, kind="public", name="Garden")

        acts: list[Callable[[], object]] = [
            lambda: rooms.join(garden.pk, guest),
            lambda: rooms.create(guest, kind="private", name="Mine"),
            lambda: rooms.create(ben, kind="group", name="", people=[guest]),
            lambda: rooms.open_direct(guest, "ben"),
            lambda: rooms.open_direct(ben, guest.username),
            lambda: rooms.invite(board.pk, guest, [ben]),
            lambda: rooms.invite(garden.pk, ann, [guest]),
            lambda: rooms.set_role(board.pk, ann, guest, "moderator"),
            lambda: links.make(guest, room_id=board.pk),
            lambda: links.of(guest),
            lambda: reading.visible_room(guest.pk, garden.pk),
            lambda: reading.members(guest, garden.pk),
        ]
        assert {refused(act) for act in acts} <= {"forbidden", "not_found"}
        assert not Membership.objects.filter(user=guest).exclude(room=board).exists()
        assert Membership.objects.get(user=guest).role == "member"

    def test_revoking_the_link_ends_the_visit(
        self, guest: User, visit: Invitation, ann: User, board: Room
    ) -> None:
        browser = Client()
        browser.force_login(guest)
        key = browser.session.session_key or ""
        login = sessions.login_of_session(key)
        assert login is not None
        assert login.is_guest

        arrivals.revoke(visit.pk, ann)

        assert sessions.login_of_session(key) is None
        assert sessions.ended([login]) == {login: "signed_out"}
        assert not is_in(board, guest)
        assert refused(lambda: arrivals.enter_as_guest(visit, "Again")) == "not_found"

    def test_the_end_of_the_link_ends_the_visit_before_anybody_tidies(
        self, guest: User, board: Room
    ) -> None:
        browser = Client()
        browser.force_login(guest)
        key = browser.session.session_key or ""
        login = sessions.login_of_session(key)
        assert login is not None

        User.objects.filter(pk=guest.pk).update(guest_until=timezone.now() - timedelta(seconds=1))

        assert sessions.login_of_session(key) is None
        assert sessions.ended([login]) == {login: "signed_out"}
        assert is_in(board, guest)
        assert arrivals.tidy() is False
        assert not is_in(board, guest)
        assert User.objects.get(pk=guest.pk).is_active is False

    @pytest.mark.django_db(transaction=True)
    def test_the_others_learn_that_somebody_is_no_guest_any_more(
        self, ann: User, board: Room
    ) -> None:
        made, _ = links.make(ann, room_id=board.pk, kind="guest")
        guest = arrivals.enter_as_guest(made, "Zoe")

        with listening() as told:
            arrivals.become_account(guest, username="zoe", password=PASSWORD)

        news = {topic: event for topic, event, _ in told.asides() if event["type"] == "profile"}
        assert news[f"room:{board.pk}"]["username"] == "zoe"
        assert "guest" not in news[f"room:{board.pk}"]

    def test_who_becomes_an_account_keeps_what_they_wrote(
        self, guest: User, visit: Invitation, ann: User, board: Room
    ) -> None:
        messages.send(board.pk, rooms.actor(guest), cid=uuid.uuid4(), body="hello")

        person = arrivals.become_account(guest, username="zoe", password=PASSWORD)

        assert (person.pk, person.username, person.is_guest) == (guest.pk, "zoe", False)
        assert Message.objects.get(author=person).body == "hello"
        arrivals.revoke(visit.pk, ann)
        assert is_in(board, person)
        assert people.find("zoe") == person
        assert rooms.create(person, kind="private", name="Mine").name == "Mine"

    @pytest.mark.parametrize("mode", ["invite", "closed", "approval"])
    def test_sign_up_is_not_got_around(self, guest: User, settings: Settings, mode: str) -> None:
        settings.SIGNUP = mode

        become = lambda: arrivals.become_account(guest, username="zoe", password=PASSWORD)  # noqa: E731
        assert refused(become) == "forbidden"
        guest.refresh_from_db()
        assert guest.is_guest

    def test_an_invitation_makes_an_account_of_a_guest(
        self, guest: User, ann: User, settings: Settings
    ) -> None:
        settings.SIGNUP = "invite"
        made, secret = links.make(ann, max_uses=1)

        arrivals.become_account(guest, username="zoe", password=PASSWORD, code=secret)

        made.refresh_from_db()
        assert made.uses == 1

    def test_the_name_of_somebody_else_is_taken(self, guest: User, ben: User) -> None:
        become = lambda: arrivals.become_account(guest, username="BEN", password=PASSWORD)  # noqa: E731

        assert refused(become) == "conflict"
