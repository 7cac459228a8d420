"""Receipts as a choice, and the conversations on the pages beside the chat."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from loopchat.accounts import people
from loopchat.accounts.models import User
from loopchat.chat import cursors, messages, personal, reading, rooms
from loopchat.chat.cursors import Move
from loopchat.chat.models import Room
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ben(owner: User) -> User:
    """Somebody else."""
    return people.create("ben", PASSWORD)


@pytest.fixture
def garden(ann: User, ben: User) -> Room:
    """A room of both, with two messages of Ben's, one of which names Ann."""
    room = rooms.create(ben, kind="public", name="Garden")
    rooms.join(room.pk, ann)
    for body in ("Hello", "@ann hello"):
        messages.send(room.pk, rooms.actor(ben), cid=uuid4(), body=body)
    return room


@pytest.fixture
def at_ann(ann: User) -> Client:
    """Ann's browser, signed in."""
    browser = Client(HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")
    browser.force_login(ann)
    return browser


class TestReceipts:
    """Whoever tells nothing hears nothing."""

    def test_they_are_switched_off_and_on_in_the_settings(self, at_ann: Client, ann: User) -> None:
        chosen = 'name="receipts" value="{}" checked'
        assert chosen.format("everyone") in _text(at_ann, "/chat/settings/")

        at_ann.post("/chat/settings/privacy/", {"receipts": "nobody"})
        assert reading.preferences_of(ann.pk).receipts is False
        assert chosen.format("nobody") in _text(at_ann, "/chat/settings/")
        at_ann.post("/chat/settings/privacy/", {"receipts": "everyone"})

        assert reading.preferences_of(ann.pk).receipts is True

    @pytest.mark.parametrize("silent", ["ann", "ben"])
    def test_no_cursors_are_told_then(
        self, garden: Room, ann: User, ben: User, silent: str
    ) -> None:
        actors = {"ann": rooms.actor(ann), "ben": rooms.actor(ben)}
        cursors.advance({(garden.pk, ben.pk): Move(actors["ben"], read=3)})
        assert [place.uid for place in reading.cursors_of(ann.pk, garden.pk)] == [ben.pk]

        personal.set_preferences(actors[silent], receipts=False, client=None)

        assert reading.cursors_of(ann.pk, garden.pk) == []


class TestConversations:
    """The list on the pages for people and settings."""

    @pytest.mark.parametrize("path", ["/chat/friends/?plain", "/chat/settings/"])
    def test_it_leads_to_each_and_counts(self, at_ann: Client, garden: Room, path: str) -> None:
        text = _text(at_ann, path)

        assert 'href="/chat/room/garden/" data-unread' in text
        assert f'<span class="badge">2{_WAITING}' in text
        assert '<span class="badge badge--call">@' in text

    @pytest.mark.parametrize(("level", "counted"), [("all", 2), ("mentions", 1), ("nothing", 0)])
    def test_levels_and_mutes_decide_what_counts(
        self, at_ann: Client, ann: User, garden: Room, level: str, counted: int
    ) -> None:
        actor = rooms.actor(ann)
        personal.set_level(actor, garden.pk, level=level, muted_until=None)
        badge = f'<span class="badge">{counted}{_WAITING}'
        assert (badge in _text(at_ann, "/chat/friends/?plain")) is bool(counted)

        personal.set_level(actor, garden.pk, level=level, muted_until=2**53 - 1)

        assert _WAITING not in _text(at_ann, "/chat/friends/?plain")


_WAITING = '<span class="sr-only"> unread</span></span></span></button>'
"""How the number on the button of the conversations ends."""


def _text(browser: Client, path: str) -> str:
    return browser.get(path).content.decode()
