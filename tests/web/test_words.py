"""Every text that people see is in the catalogues of all languages, and nothing else is."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from loopchat import words
from loopchat.accounts.models import User
from loopchat.core.errors import Refused
from tests.web.catalogues import (
    FORMS,
    PACKAGE,
    Entry,
    client,
    compiled,
    places,
    said_by_the_client,
    server,
)

pytestmark = pytest.mark.parametrize("language", FORMS)


@pytest.fixture
def visitor(db: None) -> Client:
    """A browser that nobody has used yet, and that minds no CSRF."""
    return Client(HTTP_ACCEPT="text/html", HTTP_HOST="localhost:8000")


ALREADY_TOLD = {
    "core/fields.py": "f'{said}.'",  # for who writes a client: what msgspec says
    "accounts/passwords.py": "said",  # by Django's validators
    "accounts/sign_in.py": "said",  # with a plural
}
"""Refusals whose text is no literal: English for programs, or in the language of the page."""


def test_the_languages_are_those_of_the_settings(language: str) -> None:
    assert [code for code, _ in settings.LANGUAGES] == ["en", *FORMS]


def test_the_client_says_nothing_that_cannot_be_looked_up(language: str) -> None:
    assert said_by_the_client().unread == []


def test_the_client_has_a_text_for_everything_it_says(language: str) -> None:
    said, known = said_by_the_client(), client(language)
    texts = {text for text, entry in known.items() if isinstance(entry, str)}
    plurals = {text for text, entry in known.items() if not isinstance(entry, str)}
    assert (texts, plurals) == (said.texts, set(said.plurals)), "run bin/words"


def test_each_plural_of_the_client_has_every_form(language: str) -> None:
    plurals = [entry for entry in client(language).values() if not isinstance(entry, str)]
    assert {tuple(entry) for entry in plurals} == {tuple(FORMS[language])}


def test_each_text_of_the_client_has_its_values(language: str) -> None:
    wrong = [text for text, entry in client(language).items() if not _is_faithful(text, entry)]
    assert wrong == []


def _is_faithful(text: str, entry: Entry) -> bool:
    if isinstance(entry, str):
        return bool(entry) and places(entry) == places(text)
    # "Two messages" is a word of its own in some languages: it needs no number.
    wordy = {"zero", "one", "two"}
    return all(
        form and places(form) <= places(text) and (name in wordy or places(form) == places(text))
        for name, form in entry.items()
    )


def test_each_text_of_the_server_is_translated(language: str) -> None:
    missing = [key for key, forms in server(language).items() if not all(forms)]
    assert missing == [], "translate it in the .po file, then run bin/words"


def test_each_text_of_the_server_has_its_values(language: str) -> None:
    wrong = [
        text
        for (_, text), forms in server(language).items()
        if len(forms) == 1 and places(forms[0]) != places(text)
    ]
    assert wrong == []


def test_the_server_reads_what_was_written(language: str) -> None:
    assert compiled(language) == server(language), "run bin/words"


def _refusals() -> Iterator[tuple[str, ast.expr]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_refusal = isinstance(node, ast.Call) and ast.unparse(node.func) == "Refused"
            if is_refusal and isinstance(node, ast.Call):
                yield path.relative_to(PACKAGE).as_posix(), node.args[1]


def test_every_refusal_is_translated(language: str) -> None:
    known = {text for _, text in server(language)}
    strange = [
        f"{path}: {ast.unparse(text)}"
        for path, text in _refusals()
        if not (isinstance(text, ast.Constant) and text.value in known)
        and ALREADY_TOLD.get(path) != ast.unparse(text)
    ]
    assert strange == [], "the text stands in the call, without values: they follow by name"
    assert len(list(_refusals())) > 50


def test_a_refusal_is_told_in_a_language(language: str) -> None:
    no = Refused("too_large", "A message has at most {n} characters.", n=8000)
    assert no.text == "A message has at most 8000 characters."
    told = words.told(no, language)
    assert told != no.text
    assert "8000" in told
    with translation.override(language):
        assert words.told(no) == told


def test_a_refusal_in_no_catalogue_is_told_as_it_is(language: str) -> None:
    assert words.told(Refused("bad_request", "{ is no value"), language) == "{ is no value"


def test_the_browser_says_the_language(language: str, visitor: Client) -> None:
    page = visitor.get("/users/login/", headers={"Accept-Language": f"xx, {language}-XX;q=0.9"})
    assert _language_of(page.content) == language
    assert {"Accept-Language", "Cookie"} <= set(page.headers["Vary"].split(", "))
    assert page.headers["Cache-Control"] == "private, no-store"


def test_a_choice_counts_more_than_the_browser(language: str, visitor: Client, ann: User) -> None:
    visitor.force_login(ann)
    visitor.post("/chat/settings/", {"language": language})
    page = visitor.get("/chat/settings/", headers={"Accept-Language": "en"})
    assert _language_of(page.content) == language
    visitor.post("/chat/settings/", {"language": "auto"})
    page = visitor.get("/chat/settings/", headers={"Accept-Language": "en"})
    assert _language_of(page.content) == "en"


def test_a_language_that_is_not_offered_cannot_be_chosen(
    language: str, visitor: Client, ann: User
) -> None:
    visitor.force_login(ann)
    assert visitor.post("/chat/settings/", {"language": f"{language}-XX"}).status_code == 400
    visitor.cookies["loopchat_language"] = "../../etc"
    page = visitor.get("/chat/settings/", headers={"Accept-Language": language})
    assert _language_of(page.content) == language


def test_the_chat_brings_its_catalogue(language: str, visitor: Client, ann: User) -> None:
    visitor.force_login(ann)
    visitor.cookies["loopchat_language"] = language
    page = visitor.get("/chat/").content.decode()
    shipped = re.search(r'id="loopchat-words"[^>]*>([^<]*)<', page)
    assert shipped is not None
    assert json.loads(shipped[1]) == client(language)


@pytest.mark.usefixtures("owner")
def test_a_form_says_in_the_language_why_it_was_refused(language: str, visitor: Client) -> None:
    visitor.cookies["loopchat_language"] = language
    wrong = {"username": "nobody", "password": "wrong"}
    page = visitor.post("/users/login/", wrong).content.decode()
    assert server(language)["", "Name or password is wrong."][0] in page


def test_a_foreign_host_is_refused_in_the_language(language: str, visitor: Client) -> None:
    answer = visitor.get(
        "/", headers={"Host": "elsewhere.example", "Accept-Language": language}
    ).json()
    assert answer["detail"] in compiled(language)["", _HOST]


_HOST = "This host name is not one of this server (LOOPCHAT_ORIGINS)."


def _language_of(page: bytes) -> str:
    found = re.search(rb'<html lang="(\w+)" dir="(\w+)"', page)
    assert found is not None
    assert found[2] == (b"rtl" if found[1] == b"ar" else b"ltr")
    return found[1].decode()


def test_the_sheets_know_no_left_and_right(language: str) -> None:
    sheets = (PACKAGE / "web" / "static" / "loopchat" / "css").glob("*.css")
    found = [f"{path.name}: {line}" for path in sorted(sheets) for line in _sided(path)]
    assert found == [], "write inline-start and inline-end, block-start and block-end"


_SIDED = re.compile(
    r"(?:^|[\s;{])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-)?(?:left|right)\b[\w-]*\s*:"
    r"|border-(?:top|bottom)-(?:left|right)-radius|(?:text-align|float|clear):\s*(?:left|right)"
    r"|(?:^|[\s;{])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-)?(?:top|bottom)\b[\w-]*\s*:"
    r"|(?:^|[\s;{])(?:(?:min|max)-)?(?:width|height)\s*:"
)
_FOUR = re.compile(
    r"(?:margin|padding|inset|border-\w+):\s*([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+)\s*(?:;|$)"
)
"""Shorthands with four sides: the second is the right one, the fourth is the left one."""


def _sided(path: Path) -> list[str]:
    return [
        line.strip()
        for line in path.read_text(encoding="utf-8").splitlines()
        if (_SIDED.search(line) and not line.lstrip().startswith(("@media", "@container")))
        or ((four := _FOUR.search(line)) and four[2] != four[4] and "pointer" not in line)
    ]
