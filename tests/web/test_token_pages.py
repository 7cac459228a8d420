"""The page that makes access tokens, and what the list of them says."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from loopchat.accounts import tokens
from loopchat.accounts.models import Token, User
from loopchat.chat import rooms
from tests.accounts.conftest import PASSWORD
from tests.web.forms import browser_of, fill, text

pytestmark = pytest.mark.django_db
NEW = "/users/tokens/new/"


def asked(browser: Client, **fields: str) -> str:
    """The page after the form."""
    given = {"label": "Backup", "scope": "write", "reach": "all", "days": "90", **fields}
    return html.unescape(text(fill(browser, NEW, **given)))


@pytest.fixture
def anns(client: Client, ann: User) -> Client:
    """A browser in which Ann signed in a moment ago."""
    browser = Client(HTTP_HOST="localhost:8000", HTTP_ACCEPT="text/html", enforce_csrf_checks=True)
    fill(browser, "/users/login/", username="ann", password=PASSWORD)
    return browser


def test_it_shows_the_secret_once_and_what_was_chosen_holds(ann: User, anns: Client) -> None:
    room = rooms.create(ann, kind="private", name="Pears")
    page = asked(anns, scope="read", reach="some", rooms=str(room.pk), days="30")
    assert f"loopchat tail {room.pk}\n" in page or f"loopchat tail {room.pk}<" in page
    (secret,) = re.findall(r'value="(lct_[^"]+)"', page)
    made = tokens.find(secret)
    assert made is not None
    assert (made.may_write, made.rooms, made.label) == (False, [room.pk], "Backup")
    left = made.expires_at - timezone.now()  # type: ignore[operator]
    assert timedelta(days=29) < left < timedelta(days=31)
    listed = html.unescape(text(anns.get("/users/devices/")))
    assert "reads only" in listed
    assert "only in Pears" in listed
    assert "ends on" in listed
    assert secret not in listed


def test_a_group_without_a_name_is_called_after_the_others(ann: User, anns: Client) -> None:
    ben = User.objects.create(username="ben")
    carla = User.objects.create(username="carla", name="Carla B.")
    rooms.create(ann, kind="group", name="", people=[ben, carla])
    page = html.unescape(text(anns.get(NEW)))
    assert "ben, Carla B." in page or "Carla B., ben" in page


def test_without_a_limit_it_may_do_all(anns: Client) -> None:
    (secret,) = re.findall(r'value="(lct_[^"]+)"', asked(anns, days=""))
    made = tokens.find(secret)
    assert made is not None
    assert (made.grant.is_limited, made.expires_at) == (False, None)


def test_what_is_wrong_is_said(ann: User, anns: Client) -> None:
    foreign = rooms.create(User.objects.create(username="ben"), kind="private", name="Theirs")
    assert "Choose at least one room." in asked(anns, reach="some")
    assert "Select a valid choice" in asked(anns, reach="some", rooms=str(foreign.pk))
    assert "data-invalid" in asked(anns, label="")
    assert not Token.objects.filter(user=ann).exists()


def test_it_asks_again_who_it_is(ann: User) -> None:
    old = browser_of(ann, seconds_ago=3600)
    assert old.get(NEW).headers["Location"].startswith("/users/reauthenticate/")
    assert old.post(NEW, {"label": "x"}).status_code == 302
    assert not Token.objects.filter(user=ann).exists()
