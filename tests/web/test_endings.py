"""Whoever was here a moment ago reads above the form to sign in why they are not any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.chat import rooms
from loopchat.chat.models import Room
from loopchat.invitations import arrivals, links
from loopchat.invitations.models import Invitation

MARK = "notice__title"


@pytest.fixture
def board(ann: User) -> Room:
    """A private room of Ann's."""
    return rooms.create(ann, kind="private", name="Board")


@pytest.fixture
def invitation(ann: User, board: Room) -> Invitation:
    """A link for guests to it."""
    return links.make(ann, room_id=board.pk, kind="guest")[0]


@pytest.fixture
def guest(invitation: Invitation, browser: Client) -> User:
    """Somebody who came by the link, signed in."""
    zoe = arrivals.enter_as_guest(invitation, "Zoe")
    browser.force_login(zoe)
    return zoe


def sign_in_page(browser: Client) -> str:
    """The form that a closed page leads to."""
    answer = browser.get("/chat/settings/")
    assert answer.status_code == 302
    return str(browser.get(answer["Location"]).content.decode())


def test_strangers_and_who_leaves_read_nothing(owner: User, ann: User, browser: Client) -> None:
    assert MARK not in sign_in_page(browser)
    browser.force_login(ann)
    token = browser.get("/chat/settings/").context["csrf_token"]
    browser.post("/users/logout/", {"csrfmiddlewaretoken": str(token)})
    assert MARK not in sign_in_page(browser)


def test_who_was_signed_out_from_afar(owner: User, ann: User, browser: Client) -> None:
    browser.force_login(ann)
    Session.objects.all().delete()

    page = browser.get("/users/login/").content.decode()  # where an open page leads to

    assert "You were signed out here" in page


def test_whose_account_is_disabled(owner: User, ann: User, browser: Client) -> None:
    browser.force_login(ann)
    people.disable(ann)

    page = sign_in_page(browser)

    assert "Your account is disabled" in page
    people.enable(ann)
    assert browser.get("/chat/settings/").status_code == 200


def test_a_guest_whose_link_was_ended(
    owner: User, ann: User, guest: User, invitation: Invitation, browser: Client
) -> None:
    arrivals.revoke(invitation.pk, ann)

    page = sign_in_page(browser)

    assert "Your visit has ended" in page
    assert "The link that brought you to “Board” was ended." in page
    assert "Ask Ann for a new link" in page


def test_a_guest_whose_link_has_expired(
    owner: User, guest: User, invitation: Invitation, browser: Client
) -> None:
    over = timezone.now() - timedelta(seconds=1)
    Invitation.objects.update(expires_at=over)
    User.objects.filter(pk=guest.pk).update(guest_until=over)

    assert "The link that brought you to “Board” has expired." in sign_in_page(browser)


def test_a_guest_who_was_sent_away_by_the_owners(owner: User, guest: User, browser: Client) -> None:
    people.disable(guest)

    assert "Somebody who runs this server has ended it." in sign_in_page(browser)


def test_a_guest_who_was_removed_from_the_room(
    owner: User, ann: User, guest: User, board: Room, browser: Client
) -> None:
    rooms.kick(board.pk, ann, guest)

    answer = browser.get("/chat/")

    assert answer.status_code == 404
    assert "somebody removed you" in answer.content.decode()
    assert browser.get("/users/guest/").status_code == 200


def test_the_browser_of_a_guest_remembers_the_visit_for_a_while(
    owner: User, ann: User, board: Room, browser: Client
) -> None:
    made, secret = links.make(ann, room_id=board.pk, kind="guest")
    browser.get(f"/join/{secret}/")
    token = browser.get("/join/").context["csrf_token"]
    browser.post("/join/", {"csrfmiddlewaretoken": str(token), "name": "Zoe"})

    assert made.expires_at is not None
    assert Session.objects.get().expire_date > made.expires_at + timedelta(days=6)
