"""The pages of export and deletion ask who one is."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.test import AsyncClient, Client
from pytest_django import Settings

from loopchat.accounts import people
from loopchat.accounts.models import User
from tests.web.conftest import PASSWORD
from tests.web.forms import browser_of


@pytest.fixture
def at_ann(ann: User) -> Client:
    """Ann's browser, where she has signed in with her password."""
    found = Client(HTTP_HOST="localhost:8000", HTTP_ACCEPT="text/html")
    found.post("/users/login/", {"username": "ann", "password": PASSWORD})
    return found


@pytest.mark.parametrize("path", ["/users/export/", "/users/delete/"])
def test_they_are_for_people_who_are_signed_in(owner: User, path: str) -> None:
    answer = Client(HTTP_HOST="localhost:8000").get(path)

    assert answer["Location"].startswith("/users/login/")


def test_the_export_asks_for_the_password_of_an_old_session(ann: User) -> None:
    browser = Client(HTTP_HOST="localhost:8000")
    browser.force_login(ann)

    for act in (browser.get, browser.post):
        assert act("/users/export/")["Location"].startswith("/users/reauthenticate/")


@pytest.mark.django_db(transaction=True)
async def test_the_export_is_a_zip(at_ann: Client, settings: Settings) -> None:
    browser = AsyncClient(headers={"host": "localhost:8000"})
    browser.cookies = at_ann.cookies

    answer = await browser.post("/users/export/")

    assert answer["Content-Type"] == "application/zip"
    body = b"".join([part async for part in answer.streaming_content])
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert "messages.json" in archive.namelist()


def test_a_wrong_password_deletes_nothing(at_ann: Client, ann: User) -> None:
    answer = at_ann.post("/users/delete/", {"texts": "keep", "password": "wrong"})

    assert answer.status_code == 403
    assert people.find("ann") == ann


def test_the_right_one_does_and_signs_out(at_ann: Client, ann: User) -> None:
    answer = at_ann.post("/users/delete/", {"texts": "keep", "password": PASSWORD})

    assert answer.status_code == 200
    assert people.find("ann") is None
    assert at_ann.get("/chat/").status_code == 302
    again = at_ann.post("/users/login/", {"username": "ann", "password": PASSWORD})
    assert again.status_code == 400


def test_the_last_owner_is_told_why_not(owner: User) -> None:
    browser = Client(HTTP_HOST="localhost:8000")
    browser.force_login(owner)

    page = browser.get("/users/delete/").content.decode()
    assert "only owner" in page
    assert "loopchat manage owner NAME" in page
    browser.post("/users/delete/", {"texts": "keep", "password": PASSWORD})
    assert people.find("olga") == owner


def test_the_command_line_makes_another_owner(owner: User, ann: User) -> None:
    call_command("owner", "ANN", stdout=io.StringIO())

    ann.refresh_from_db()
    assert (ann.is_owner, ann.is_staff, ann.is_superuser) == (True, True, True)
    browser_of(owner, seconds_ago=1).post("/users/delete/", {"texts": "keep", "password": PASSWORD})
    assert people.find("olga") is None


def test_nobody_else_becomes_an_owner(owner: User) -> None:
    bot = people.create("robot", None, is_bot=True)
    for name in (bot.username, "nobody"):
        with pytest.raises(CommandError):
            call_command("owner", name)
    bot.refresh_from_db()
    assert not bot.is_owner


def test_without_a_password_the_own_name_is_asked_for(owner: User) -> None:
    zoe = people.create("zoe", None)
    browser = browser_of(zoe, seconds_ago=1)

    browser.post("/users/delete/", {"texts": "keep", "username": "olga"})
    assert people.find("zoe") == zoe
    browser.post("/users/delete/", {"texts": "keep", "username": "ZOE"})
    assert people.find("zoe") is None
