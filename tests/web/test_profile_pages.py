"""Profiles and pictures: the forms, the card, and what a picture may not do."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from pytest_django import Settings

from loopchat.accounts import avatars, people, profiles, rates
from loopchat.accounts.models import User
from loopchat.accounts.profiles import Change
from loopchat.chat import appearance, reading, rooms
from loopchat.core.clock import now_ms
from loopchat.core.limits import Buckets, Rate
from loopchat.web.body_limit import BODY_MAX, UPLOADS
from tests.chat.stage import Told, direct_of, listening
from tests.web.conftest import PASSWORD

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Where pictures are kept."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def ben(owner: User) -> User:
    """Somebody else."""
    return people.create("ben", PASSWORD)


@pytest.fixture
def at_ann(ann: User) -> Client:
    """Ann's browser."""
    found = Client(HTTP_HOST="localhost:8000", HTTP_ACCEPT="text/html")
    found.force_login(ann)
    return found


@pytest.fixture
def told() -> Iterator[Told]:
    """What is told after commits."""
    with listening() as heard:
        yield heard


def picture() -> SimpleUploadedFile:
    """A file as a browser sends it; its name and type are made up by whoever sends it."""
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 10, 10)).save(out, "PNG")
    return SimpleUploadedFile("../../x.html", out.getvalue(), "text/html")


def test_the_form_shows_and_stores(at_ann: Client, ann: User) -> None:
    page = at_ann.get("/chat/settings/profile/").content.decode()
    assert 'value="Europe/Berlin"' in page

    answer = at_ann.post("/chat/settings/profile/change/", {"about": "Plants", "name": "Ann M."})

    assert answer["Location"] == "/chat/settings/profile/"
    assert "Plants" in at_ann.get("/chat/settings/profile/").content.decode()


def test_nothing_else_can_be_set(at_ann: Client, ann: User, ben: User) -> None:
    fields = {
        "about": "x",
        "username": "root",
        "is_owner": "on",
        "is_staff": "on",
        "is_bot": "on",
        "user": ben.pk,
        "user_id": ben.pk,
        "avatar": "a" * 64,
    }
    at_ann.post("/chat/settings/profile/change/", fields, **JSON)

    row = User.objects.get(pk=ann.pk)
    assert (row.username, row.is_owner, row.is_staff, row.is_bot) == ("Ann", False, False, False)
    assert (profiles.of(ann).about, profiles.of(ann).avatar) == ("x", "")
    assert profiles.of(ben).about == ""


def test_those_who_may_see_it_are_told(
    at_ann: Client, ann: User, ben: User, told: Told, django_capture_on_commit_callbacks: object
) -> None:
    room = rooms.create(ann, kind="private", name="Board", people=[ben])
    told.clear()
    until = now_ms() + 60_000

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        at_ann.post(
            "/chat/settings/profile/change/",
            {"status_emoji": "🌱", "status_text": "Out", "status_until_ts": until},
            **JSON,
        )

    news = {topic: event for topic, event, _ in told.asides() if event["type"] == "profile"}
    assert set(news) == {f"person:{ann.pk}", f"room:{room.pk}"}
    assert news[f"room:{room.pk}"]["status"] == {"emoji": "🌱", "text": "Out", "until_ts": until}


def test_a_status_that_is_over_is_seen_by_nobody(ann: User, ben: User, told: Told) -> None:
    direct_of(ann, ben)
    appearance.change(ann, Change(status_text="Lunch", status_until_ts=now_ms() + 60_000))
    profiles.Profile.objects.update(status_until_ts=now_ms() - 1)

    (seen,) = [one for one in reading.overview(ben).people if one.uid == ann.pk]
    assert seen.status is None
    told.clear()
    appearance.tidy()
    (news,) = [event for topic, event, _ in told.asides() if topic == f"person:{ann.pk}"]
    assert (news["type"], "status" in news) == ("profile", False)


def test_what_ends_together_is_told_together(
    ann: User, ben: User, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms.create(ann, kind="private", name="Board", people=[ben])
    for person in (ann, ben):
        appearance.change(person, Change(status_text="Lunch", status_until_ts=now_ms() + 60_000))
    profiles.Profile.objects.update(status_until_ts=now_ms() - 1)
    told.clear()

    with CaptureQueriesContext(connection) as queries:
        assert appearance.tidy() is False

    assert len(told.committed) == 1
    assert {event["uid"] for _, event, _ in told.asides()} == {ann.pk, ben.pk}
    assert sum(query["sql"].startswith("UPDATE") for query in queries) == 2
    assert appearance.tidy() is False
    assert len(told.committed) == 1  # nothing is said when nothing has ended
    profiles.Profile.objects.update(status_text="Again", status_until_ts=now_ms() - 1)
    monkeypatch.setattr(appearance, "PORTION", 1)
    assert [appearance.tidy() for _ in range(3)] == [True, True, False]


def test_a_card_has_the_rooms_that_both_are_in(at_ann: Client, ann: User, ben: User) -> None:
    rooms.create(ann, kind="private", name="Board", people=[ben])
    rooms.create(ben, kind="private", name="Secret of Ben")
    rooms.create(ann, kind="private", name="Mine alone")
    profiles.change(ben, Change(about="Books", time_zone="Asia/Kolkata"))

    card = at_ann.get("/chat/people/BEN/card/").json()

    assert [room["name"] for room in card["rooms"]] == ["Board"]
    assert (card["about"], card["utc_offset_min"]) == ("Books", 330)
    assert "email" not in card
    assert at_ann.get("/chat/people/nobody/card/").status_code == 404


def test_too_many_changes_are_slowed_down(at_ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "looks", Buckets(Rate(1 / 3600, 2)))

    answers = [
        at_ann.post("/chat/settings/profile/change/", {"about": "x"}, **JSON) for _ in range(3)
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


class TestPictures:
    """Uploaded, made small, served, removed."""

    def test_from_the_upload_to_the_file(self, at_ann: Client, folder: Path) -> None:
        answer = at_ann.post("/chat/settings/avatar/", {"file": picture()}, **JSON)

        name = answer.json()["avatar"]
        assert answer.status_code == 200
        for size in avatars.SIZES:
            got = at_ann.get(f"/avatars/{name}-{size}.webp")
            assert (got.status_code, got["Content-Type"]) == (200, "image/webp")
            assert got["Cache-Control"] == "private, max-age=31536000, immutable"
            assert got["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert got["X-Content-Type-Options"] == "nosniff"
        assert {path.name for path in folder.rglob("*") if path.is_file()} == {
            f"{name}-64.webp",
            f"{name}-256.webp",
        }

    def test_strangers_get_nothing(self, at_ann: Client, folder: Path) -> None:
        name = at_ann.post("/chat/settings/avatar/", {"file": picture()}, **JSON).json()["avatar"]

        answer = Client(HTTP_HOST="localhost:8000").get(f"/avatars/{name}-64.webp")

        assert answer.status_code == 302

    def test_removed_is_removed_at_once(self, at_ann: Client, folder: Path) -> None:
        name = at_ann.post("/chat/settings/avatar/", {"file": picture()}, **JSON).json()["avatar"]

        answer = at_ann.post("/chat/settings/avatar/", {"remove": "on"}, **JSON)

        assert "avatar" not in answer.json()
        assert at_ann.get(f"/avatars/{name}-64.webp").status_code == 404

    @pytest.mark.parametrize(
        "fields",
        [
            {},
            {"file": "text"},
            {"x": "1"},
            {"x": "-1", "y": "0", "size": "9"},
            {"x": "1e9", "y": "0", "size": "9"},
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, at_ann: Client, fields: dict[str, str], folder: Path
    ) -> None:
        sent = fields if not fields or "file" in fields else {**fields, "file": picture()}

        answer = at_ann.post("/chat/settings/avatar/", sent, **JSON)

        assert answer.status_code == 400
        assert not list(folder.rglob("*.webp"))

    def test_only_this_address_takes_more_than_a_form(self) -> None:
        assert list(UPLOADS) == [
            "/chat/settings/avatar/",
            "/chat/bots/avatar/",
            "/api/v1/avatar",
            "/api/v1/avatar/",
        ]
        assert all(BODY_MAX < avatars.FILE_MAX < most for most in UPLOADS.values())

    def test_it_travels_with_the_person(self, at_ann: Client, ann: User, ben: User) -> None:
        rooms.open_direct(ben, "Ann")
        name = at_ann.post("/chat/settings/avatar/", {"file": picture()}, **JSON).json()["avatar"]

        (room,) = reading.overview(ben).rooms

        assert room.peer is not None
        assert room.peer.avatar == name
        found = Client(HTTP_HOST="localhost:8000")
        found.force_login(ben)
        assert name in json.dumps(found.get(f"/chat/rooms/{room.room}/members/").json())
