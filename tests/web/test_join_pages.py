"""The pages behind a link: what a stranger sees, and the ways in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from loopchat.accounts import mail, people, sign_in
from loopchat.accounts.models import User
from loopchat.chat import rooms
from loopchat.chat.models import Membership, Room
from loopchat.core.limits import Buckets, Rate
from loopchat.invitations import links
from loopchat.invitations.models import Invitation
from tests.web.conftest import PASSWORD
from tests.web.letters import Letters, letters

__all__ = ["letters"]


@pytest.fixture
def board(ann: User) -> Room:
    """A private room of Ann's."""
    return rooms.create(ann, kind="private", name="Board", topic="Takeover plans")


@pytest.fixture
def stranger(db: None) -> Client:
    """A browser that nobody has used yet."""
    return Client(HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")


def made(ann: User, board: Room | None, **fields: object) -> str:
    """The address of a new link."""
    room_id = None if board is None else board.pk
    return f"/join/{links.make(ann, room_id=room_id, **fields)[1]}/"  # type: ignore[arg-type]


def is_in(board: Room, username: str) -> bool:
    """Whether somebody of this name is in the room."""
    return Membership.objects.filter(room=board, user__username=username, left_seq=None).exists()


def test_the_secret_leaves_the_address_bar_and_goes_nowhere(
    stranger: Client, ann: User, board: Room
) -> None:
    link = made(ann, board)

    answer = stranger.get(link)

    assert (answer.status_code, answer["Location"]) == (302, "/join/")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "private, no-store"
    secret = link.split("/")[2]
    assert secret not in stranger.get("/join/").content.decode()


def test_a_stranger_learns_the_name_of_the_room_and_nothing_else(
    stranger: Client, ann: User, board: Room
) -> None:
    page = stranger.get(made(ann, board), follow=True).content.decode()

    assert "Board" in page
    for secret in ("Takeover", "Ann", board.slug or "board", f"/{board.pk}/"):
        assert secret not in page.replace("onboard", "")


@pytest.mark.parametrize("into_a_room", [True, False])
def test_a_signed_link_says_who_invites(
    stranger: Client, ann: User, board: Room, into_a_room: bool
) -> None:
    stranger.force_login(ann)
    fields = {"signed": "on"} | ({"room": board.pk} if into_a_room else {})
    stranger.post("/chat/invitations/create/", fields)
    shown = stranger.get("/chat/invitations/made/").content.decode()
    User.objects.filter(pk=ann.pk).update(name="Ann <b>Lee")

    link = re.findall(r"/join/[\w-]{24}/", shown)[0]
    page = Client(HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000").get(link, follow=True)

    place = "this room on 127.0.0.1" if into_a_room else "127.0.0.1"
    assert f"Ann &lt;b&gt;Lee (@Ann) invites you to {place}" in page.content.decode()


@pytest.mark.parametrize("path", ["/join/", "/join/nonsense/", "/join/" + "A" * 24 + "/"])
def test_what_does_not_work_says_so(stranger: Client, ann: User, path: str) -> None:
    assert stranger.get(path).status_code == 404


def test_who_tries_many_links_is_slowed_down(
    stranger: Client, ann: User, board: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "visits", Buckets(Rate(1 / 3600, 5)))

    answers = [stranger.get(f"/join/{n:024}/").status_code for n in range(7)]

    assert answers == [404] * 5 + [429] * 2
    assert stranger.get(made(ann, board)).status_code == 302  # who has a link is not


def test_one_click_for_who_is_signed_in(
    stranger: Client, ann: User, owner: User, board: Room
) -> None:
    stranger.force_login(owner)

    stranger.get(made(ann, board))
    assert "Join as olga" in stranger.get("/join/").content.decode()
    assert not is_in(board, "olga")
    answer = stranger.post("/join/")

    assert answer["Location"] == f"/room/{board.pk}/"
    assert is_in(board, "olga")


def test_who_signs_in_lands_in_the_room(
    stranger: Client, ann: User, owner: User, board: Room
) -> None:
    stranger.get(made(ann, board))

    to_sign_in = stranger.post("/join/", {"way": "sign_in"})["Location"]
    answer = stranger.post(
        to_sign_in, {"username": "olga", "password": PASSWORD, "next": "/join/"}, follow=True
    )

    assert answer.redirect_chain[-1][0].startswith("/chat/room/board")
    assert is_in(board, "olga")


@pytest.mark.parametrize("mode", ["open", "invite", "approval"])
@pytest.mark.django_db(transaction=True)
def test_who_signs_up_lands_in_the_room(
    stranger: Client, ann: User, board: Room, settings: Settings, mode: str
) -> None:
    settings.SIGNUP = mode
    link = made(ann, board, max_uses=1)
    stranger.get(link)

    to_sign_up = stranger.post("/join/", {"way": "sign_up"})["Location"]
    answer = stranger.post(
        to_sign_up, {"username": "cyd", "password": PASSWORD, "next": "/join/"}, follow=True
    )

    assert answer.redirect_chain[-1][0].startswith("/chat/room/board")
    assert is_in(board, "cyd")
    assert Invitation.objects.get().uses == 1
    assert Client(HTTP_HOST="localhost:8000").get(link).status_code == 404


def test_without_an_invitation_there_is_no_account(
    stranger: Client, ann: User, settings: Settings
) -> None:
    settings.SIGNUP = "invite"

    assert stranger.get("/users/signup/").status_code == 403
    assert stranger.get("/users/signup/?invite=nonsense").status_code == 403


def test_a_guest_needs_a_name_only(stranger: Client, ann: User, board: Room) -> None:
    stranger.get(made(ann, board, kind="guest", hours=2))

    answer = stranger.post("/join/", {"name": "Zoe"}, follow=True)

    assert answer.redirect_chain[-1][0].startswith("/chat/room/board")
    assert is_in(board, "zoe-guest")
    guest = User.objects.get(username="zoe-guest")
    assert guest.guest_until is not None
    assert guest.guest_until <= timezone.now() + timedelta(hours=2)
    User.objects.update(guest_until=timezone.now())
    assert stranger.get("/chat/room/board/").status_code == 302


def test_a_guest_becomes_an_account_and_stays(stranger: Client, ann: User, board: Room) -> None:
    stranger.get(made(ann, board, kind="guest"))
    stranger.post("/join/", {"name": "Zoe"})

    answer = stranger.post(
        "/users/guest/",
        {"username": "zoe", "password": PASSWORD, "is_owner": "on", "is_staff": "on"},
        follow=True,
    )

    assert answer.status_code == 200
    zoe = people.find("zoe")
    assert zoe is not None
    assert (zoe.is_guest, zoe.is_owner, zoe.is_staff) == (False, False, False)
    assert is_in(board, "zoe")


def test_a_link_is_made_shown_once_and_ended(stranger: Client, ann: User, board: Room) -> None:
    stranger.force_login(ann)
    fields = {"room": board.pk, "kind": "guest", "hours": 5, "max_uses": 3, "label": "Fair"}
    fields |= {"uses": 99, "created_by": 1, "digest": "x", "is_owner": "on"}

    answer = stranger.post("/chat/invitations/create/", fields, HTTP_ACCEPT="application/json")

    shown = answer.json()["invitation"]
    assert (shown["state"], shown["uses"], shown["max_uses"]) == ("open", 0, 3)
    assert re.fullmatch(r"http://\S+/join/[\w-]{24}/", shown["url"])
    assert shown["qr"].startswith("data:image/svg+xml;base64,")
    (listed,) = stranger.get("/chat/invitations/", HTTP_ACCEPT="application/json").json()["results"]
    assert "url" not in listed
    assert "Fair" in stranger.get("/chat/invitations/").content.decode()
    stranger.post(f"/chat/invitations/{shown['id']}/revoke/")
    (listed,) = stranger.get("/chat/invitations/", HTTP_ACCEPT="application/json").json()["results"]
    assert listed["state"] == "revoked"


def test_a_reload_makes_no_other_link(stranger: Client, ann: User) -> None:
    stranger.force_login(ann)

    answer = stranger.post("/chat/invitations/create/", {"label": "Fair"})

    assert (answer.status_code, answer["Location"]) == (302, "/chat/invitations/made/")
    shown = stranger.get("/chat/invitations/made/").content.decode()
    secret = re.findall(r"/join/([\w-]{24})/", shown)[0]
    assert links.find(secret).label == "Fair"
    assert 'data-copy="id_link"' in shown
    again = stranger.get("/chat/invitations/made/", follow=True)
    assert again.redirect_chain[-1][0] == "/chat/invitations/"
    assert secret not in again.content.decode()
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(
    ("origins", "host", "says"),
    [
        ((), "127.0.0.1", True),
        ((), "192.168.1.9", False),
        (("http://[::1]:8000",), "127.0.0.1", True),
        (("https://chat.example.org",), "127.0.0.1", False),
    ],
)
def test_who_makes_a_link_is_told_that_no_phone_can_open_it(
    stranger: Client, ann: User, settings: Settings, origins: tuple[str], host: str, says: bool
) -> None:
    settings.ORIGINS, settings.HOST = origins, host
    stranger.force_login(ann)

    page = stranger.post("/chat/invitations/create/", follow=True).content.decode()

    assert ("Only this computer can open" in page) is says


def test_the_address_of_a_link_comes_from_the_settings(
    stranger: Client, ann: User, settings: Settings
) -> None:
    settings.ORIGINS = ("https://chat.example.org",)
    stranger.force_login(ann)

    answer = stranger.post(
        "/chat/invitations/create/", HTTP_ACCEPT="application/json", HTTP_HOST="127.0.0.1"
    )

    url = answer.json()["invitation"]["url"]
    assert url.startswith("https://chat.example.org/join/")


def test_an_invitation_by_mail_needs_mail(stranger: Client, ann: User) -> None:
    stranger.force_login(ann)

    answer = stranger.post(
        "/chat/invitations/create/", {"email": "a@example.org"}, HTTP_ACCEPT="application/json"
    )

    assert not mail.is_on()
    assert (answer.status_code, answer.json()["field"]) == (403, "email")
    assert not Invitation.objects.exists()


def test_an_invitation_by_mail_is_for_one_person(
    stranger: Client, ann: User, letters: Letters
) -> None:
    stranger.force_login(ann)

    stranger.post("/chat/invitations/create/", {"email": "cyd@example.org", "max_uses": "50"})

    letter = letters.to("cyd@example.org")
    assert "Ann" in letter.subject
    path = letters.path_to("cyd@example.org")
    visitor = Client(HTTP_HOST="localhost:8000")
    assert visitor.get(path)["Location"] == "/join/"
    assert Invitation.objects.get().max_uses == 1
