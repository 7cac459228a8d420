"""The list of browsers and tokens, and ending them one by one or all at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from loopchat.accounts import devices, people, sessions, tokens
from loopchat.accounts.models import Device, Token, User
from tests.accounts.conftest import PASSWORD
from tests.web.forms import fill, person_in, text

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


def signed_in(agent: str = FIREFOX, address: str = "192.0.2.7") -> Client:
    """A browser of Ann's."""
    client = Client(
        enforce_csrf_checks=True,
        HTTP_ACCEPT="text/html",
        HTTP_HOST="localhost:8000",
        HTTP_USER_AGENT=agent,
        REMOTE_ADDR=address,
    )
    fill(client, "/users/login/", username="ann", password=PASSWORD)
    return client


def is_in(client: Client) -> bool:
    """Whether this browser is signed in still."""
    return client.get("/chat/settings/").status_code == 200


def test_it_shows_where_somebody_is_signed_in(ann: User) -> None:
    here = signed_in()
    signed_in(SAFARI, "2001:db8::9")

    page = text(here.get("/users/devices/"))

    assert page.index("Firefox · Linux") < page.index(">here<") < page.index("192.0.2.7")
    assert "Safari · iPhone" in page
    assert "2001:db8::9" in page


@pytest.mark.django_db(transaction=True)
def test_one_is_ended(ann: User, told: list[set[int]]) -> None:
    here, there = signed_in(), signed_in(SAFARI)
    device = Device.objects.get(agent=SAFARI)

    fill(here, "/users/devices/", to=f"/users/devices/{device.pk}/end/")

    assert (is_in(here), is_in(there)) == (True, False)
    assert told[-1] == {ann.pk}
    assert "Safari" not in text(here.get("/users/devices/"))


@pytest.mark.django_db(transaction=True)
def test_all_others_are_ended(ann: User, told: list[set[int]]) -> None:
    here, *others = signed_in(), signed_in(SAFARI), signed_in()

    fill(here, "/users/devices/", to="/users/devices/end-others/")

    assert is_in(here)
    assert not any(is_in(other) for other in others)
    assert told[-1] == {ann.pk}


def test_an_ended_login_is_over_for_sockets_too(ann: User) -> None:
    here, there = signed_in(), signed_in(SAFARI)
    login = sessions.login_of_session(there.session.session_key or "")
    assert login is not None

    fill(here, "/users/devices/", to="/users/devices/end-others/")

    assert sessions.ended([login]) == {login: "signed_out"}


def test_nobody_ends_what_is_somebody_elses(ann: User, owner: User) -> None:
    theirs = signed_in()
    _, secret = tokens.create(ann)
    device, token = Device.objects.get(user=ann), Token.objects.get(user=ann)
    other = Client(enforce_csrf_checks=True, HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")
    fill(other, "/users/login/", username="olga", password=PASSWORD)

    fill(other, "/users/password/", to=f"/users/devices/{device.pk}/end/")
    fill(other, "/users/password/", to=f"/users/tokens/{token.pk}/end/")

    assert is_in(theirs)
    assert tokens.find(secret) is not None


@pytest.mark.django_db(transaction=True)
def test_tokens_are_listed_and_ended(ann: User, told: list[set[int]]) -> None:
    here = signed_in()
    token, secret = tokens.create(ann, label="robot")
    page = text(here.get("/users/devices/"))
    assert "robot" in page
    assert secret not in page

    fill(here, "/users/devices/", to=f"/users/tokens/{token.pk}/end/")

    assert tokens.find(secret) is None
    assert told[-1] == {ann.pk}


def test_another_password_ends_tokens_when_that_is_wanted(ann: User) -> None:
    here = signed_in()
    _, secret = tokens.create(ann)
    changed = {"old_password": PASSWORD, "new_password": "another fine secret"}
    fill(here, "/users/password/", **changed)
    assert tokens.find(secret) is not None

    back = {"old_password": "another fine secret", "new_password": PASSWORD, "end_tokens": "on"}
    fill(here, "/users/password/", **back)

    assert tokens.find(secret) is None
    assert is_in(here)


def test_signing_out_takes_the_row_along(ann: User) -> None:
    here = signed_in()

    fill(here, "/users/password/", to="/users/logout/")

    assert person_in(here) is None
    assert not Device.objects.exists()


def test_another_password_hides_the_others(ann: User) -> None:
    here = signed_in()
    signed_in(SAFARI)

    fill(here, "/users/password/", old_password=PASSWORD, new_password="another fine secret")

    person = people.find("ann")
    assert person is not None
    assert [each.agent for each in devices.of(person)] == [FIREFOX]


def test_rows_without_a_session_are_forgotten(ann: User) -> None:
    signed_in()
    signed_in(SAFARI)
    Session.objects.filter(session_key=Device.objects.get(agent=SAFARI).session_key).delete()

    devices.forget_ended()
    assert Device.objects.get().agent == FIREFOX
    Device.objects.update(last_active_at=timezone.now() - timedelta(days=400))
    devices.forget_ended()

    assert not Device.objects.exists()


def test_a_visit_is_noted_once_in_a_while(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    here = signed_in()
    Device.objects.update(last_active_at=timezone.now() - timedelta(days=3))
    is_in(here)
    assert timezone.now() - Device.objects.get().last_active_at > timedelta(days=2)

    monkeypatch.setattr(devices, "_noted", {})
    is_in(here)

    assert timezone.now() - Device.objects.get().last_active_at < timedelta(days=2)


def test_a_socket_is_a_visit_too(ann: User) -> None:
    here = signed_in()
    Device.objects.update(last_active_at=timezone.now() - timedelta(days=3))
    sessions.login_of_session(here.session.session_key or "")

    devices.store_visits()

    assert timezone.now() - Device.objects.get().last_active_at < timedelta(days=2)


def test_a_session_from_before_gets_its_row(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    here = signed_in()
    Device.objects.all().delete()
    monkeypatch.setattr(devices, "_noted", {})

    assert "Firefox" in text(here.get("/users/devices/"))


@pytest.mark.parametrize(
    ("agent", "title"),
    [
        ("", ""),
        ("curl/8.0", "curl"),
        ("my robot \N{PILE OF POO}\x00" + "x" * 99, "my robot " + "x" * 31),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140", "Edge · Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605", "Safari · macOS"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537", "Chrome · Android"),
    ],
)
def test_browsers_have_names_that_people_know(agent: str, title: str) -> None:
    assert devices.title(agent) == title
