"""A form that is refused brings people back to where it stands."""

from __future__ import annotations

import pytest
from django.test import Client

from loopchat.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)
HOST = "localhost:8000"


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        (f"http://{HOST}/chat/settings/", "/chat/settings/"),
        (f"http://{HOST}//evil.example/", "/evil.example/"),
        ("http://evil.example/chat/settings/", "/chat/"),
        (f"http://{HOST}/chat/rooms/create/", "/chat/"),
        (f"http://{HOST}/chat/settings/profile/change/", "/chat/settings/profile/"),
        ("", "/chat/"),
    ],
)
def test_it_leads_back(owner: User, ann: User, came_from: str, goes_to: str) -> None:
    browser = Client(HTTP_HOST=HOST)
    browser.force_login(ann)
    answer = browser.post("/chat/rooms/create/", {"name": ""}, HTTP_REFERER=came_from)
    assert (answer.status_code, answer["Location"]) == (302, goes_to)
    assert 'role="alert" data-tone="bad"' in browser.get("/users/password/").content.decode()


def test_a_status_keeps_what_was_typed(owner: User, ann: User) -> None:
    browser = Client(HTTP_HOST=HOST)
    browser.force_login(ann)
    typed = {"status_emoji": "so", "status_text": "Out & about", "status_until_ts_in": "60"}
    answer = browser.post("/chat/settings/profile/change/", typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert 'id="id_status_emoji_error" role="alert">Use one emoji.</p>' in page
    assert 'value="Out &amp; about"' in page
    assert '<option value="60" selected>' in page
