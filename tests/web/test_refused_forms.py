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
        ("", "/chat/"),
    ],
)
def test_it_leads_back(owner: User, ann: User, came_from: str, goes_to: str) -> None:
    browser = Client(HTTP_HOST=HOST)
    browser.force_login(ann)
    answer = browser.post("/chat/rooms/create/", {"name": ""}, HTTP_REFERER=came_from)
    assert (answer.status_code, answer["Location"]) == (302, goes_to)
