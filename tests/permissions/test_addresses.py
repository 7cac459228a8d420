"""Who may do what at every address: the site map against pages.txt and api.txt.

People whom an address treats alike, because it is about no room or because none of them is in the
conversation, take turns: each row is asked by one of them (of outsiders by two). With
`PERMISSIONS_ALL=1` each row is asked by each of the ten.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from loopchat.accounts.models import User
from loopchat.chat.models import Membership
from tests.permissions.asking import Asker
from tests.permissions.cast import ACTORS, Cast
from tests.permissions.sitemap import METHODS, Address, addresses, path
from tests.permissions.table import OTHER, Row, read

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

HERE = Path(__file__).parent
EVERYBODY = bool(os.environ.get("PERMISSIONS_ALL"))
ORDINARY = ("stranger", "former", "member", "moderator", "owner", "banned", "blocked")
OUTSIDERS = ("stranger", "former", "moderator", "owner", "administrator", "banned")
"""Those who are not in the direct conversation."""
FOREIGN = {"private": ("stranger", "former", "administrator", "banned"), "direct": OUTSIDERS}
"""To whom a room of this kind must look like none."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are nothing to write down."""
    log = logging.getLogger("django.request")
    log.disabled = True
    yield
    log.disabled = False


@cache
def rows() -> list[Row]:
    """Both tables."""
    return [row for name in ("pages", "api") for row in read(HERE / f"{name}.txt", methods=True)]


@cache
def matched() -> tuple[list[Row], list[tuple[Address, str]]]:
    """A row for each address that has one, and the methods of addresses that have none."""
    found: list[Row] = []
    rest: list[tuple[Address, str]] = []
    for address in addresses():
        of_it = [row for row in rows() if row.covers(str(address))]
        exact = {row.what for row in of_it if not row.is_wide}
        for method in METHODS:
            named = [row for row in of_it if row.method == method]
            named = [row for row in named if not row.is_wide] or named
            found.extend(replace(row, what=str(address)) for row in named)
            if not named and not any(row.method == OTHER for row in of_it if row.is_wide or exact):
                rest.append((address, method))
    return found, rest


def is_asked(row: Row, place: str, actor: str, number: int) -> bool:
    """Whether it is this one's turn."""
    if EVERYBODY:
        return True
    said = row.expected[place]
    for alike, asked in ((ORDINARY, 1), (OUTSIDERS, 2)):
        if place == ("anywhere" if alike is ORDINARY else "direct") and actor in alike:
            turn = (alike.index(actor) - number) % len(alike)
            return turn < asked or len({said[one] for one in alike}) > 1
    return True


def test_every_address_has_a_row() -> None:
    """What is declared, and what has no declaration at all."""
    covered = {(row.method, row.what) for row in matched()[0]}
    for address in addresses():
        methods = address.methods
        missing = [m for m in methods or () if (m, str(address)) not in covered]
        if methods is None and not any(what == str(address) for _, what in covered):
            missing = ["GET or POST"]
        assert not missing, (
            f"{address} has no row for {', '.join(missing)}: say in tests/permissions/pages.txt or"
            f" api.txt who may ask for it, as in “{missing[0]} {address}”"
        )


def test_every_row_has_an_address() -> None:
    known = [str(address) for address in addresses()]
    gone = [str(row) for row in rows() if not any(row.covers(what) for what in known)]
    assert gone == [], "these rows are about addresses that there are not any more"


@pytest.mark.parametrize("actor", ACTORS)
def test_it_is_as_the_table_says(cast: Cast, actor: str) -> None:
    """What is answered; and that what is refused has written nothing."""
    asker = Asker(cast)
    wrong: list[str] = []
    for number, row in enumerate(matched()[0]):
        for place, letters in row.expected.items():
            if not is_asked(row, place, actor, number):
                continue
            said, answer = letters[actor], asker.ask(actor, row, place)
            if answer.letter != said and (said != "*" or answer.letter == "5"):
                wrong.append(f"{row} ({place}): {actor} gets {answer.letter}, should get {said}")
            elif answer.letter not in "+>" and answer.writes and "logout" not in row.what:
                wrong.append(f"{row} ({place}): refused to {actor}, it wrote {answer.writes}")
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("actor", OUTSIDERS)
def test_what_is_foreign_looks_like_nothing(cast: Cast, actor: str) -> None:
    """The answer about somebody else's room is the one about no room: status and body."""
    asker = Asker(cast)
    differing: list[str] = []
    for number, row in enumerate(matched()[0]):
        for place, strangers in FOREIGN.items():
            if place not in row.expected or actor not in strangers:
                continue
            # Who was in it may leave again; that is no news to them.
            was_in_it = row.expected[place][actor] != "-" and actor in ("former", "banned")
            if was_in_it or not is_asked(row, place, actor, number):
                continue
            foreign, nothing = (asker.ask(actor, row, place, missing=no) for no in (False, True))
            if foreign.shape != nothing.shape:
                differing.append(f"{row} ({place}): {actor} {foreign.shape} {nothing.shape}")
    assert differing == [], "\n".join(differing)


@pytest.mark.parametrize("actor", ["anonymous", "member"])
def test_other_methods_are_refused(cast: Cast, actor: str) -> None:
    """A method that no row names does nothing; if it does something it needs a row."""
    asker = Asker(cast)
    wrong: list[str] = []
    for address, method in matched()[1]:
        if actor == "anonymous" and method in ("PUT", "PATCH"):
            continue  # DELETE stands for them
        answer = asker.send(actor, method, path(str(address), cast.words(actor, "private")), {})
        if answer.letter in "+5" or answer.writes:
            wrong.append(f"{method} {address}: {actor} gets {answer.letter}; it needs a row")
    assert wrong == [], "\n".join(wrong)


RIGHTS = {
    **dict.fromkeys(("is_staff", "is_superuser", "is_owner", "is_active", "may_write"), "true"),
    **dict.fromkeys(("is_bot", "is_guest", "is_passwordless"), "true"),
    **dict.fromkeys(("owner", "created_by", "author", "uid", "user", "user_id", "id"), "1"),
}


def test_no_field_gives_a_right(cast: Cast) -> None:
    """What a member sends beside the fields of a form, or of the API, is not stored anywhere."""
    before = rights()
    changed: list[set[tuple[object, ...]]] = []
    asker = Asker(cast, look=lambda: changed.append(rights() ^ before))
    for row in matched()[0]:
        if row.method == "GET" or row.is_wide:
            continue
        for place in row.expected:
            changed.clear()
            asker.ask("member", row, place, **RIGHTS)
            assert not changed[0], f"{row}: {changed[0]}"


def rights() -> set[tuple[object, ...]]:
    """Who may do what on the server, and who may moderate which room that there was before."""
    flags = ("is_staff", "is_superuser", "is_owner", "is_bot", "is_guest", "is_passwordless")
    special = [row for row in User.objects.values_list("pk", *flags) if any(row[1:])]
    active = [(pk,) for pk in User.objects.filter(is_active=False).values_list("pk", flat=True)]
    named = Membership.objects.exclude(role="member").filter(left_seq=None)
    own = named.filter(room__name__startswith="The ").values_list("room", "user", "role")
    return {*special, *active, *own}


PUBLIC = {"/healthz", "/readyz", "/metrics", "/api/schema/", "/api/docs/"}


def test_no_answer_is_for_shared_caches(cast: Cast) -> None:
    """G17: what somebody who is signed in is answered is kept by nobody on the way."""
    asker, kept = Asker(cast), []
    for row in matched()[0]:
        for place in row.expected if row.method == "GET" else ():
            response = asker.ask("member", row, place).response
            told = response.headers.get("Cache-Control", "")
            if "no-store" not in told and row.what not in PUBLIC:
                kept.append(f"{row}: {told or 'nothing'}")
    assert kept == []
