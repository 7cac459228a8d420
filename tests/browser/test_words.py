"""Two people read Arabic and one reads German, in the same room."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser import clock
from tests.browser.conftest import Ask
from tests.browser.people import DESK, PASSWORD, PHONE, Person
from tests.services import Server
from tests.web.catalogues import client

SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])

_SIDEWAYS = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
_OPEN = """page => [...document.querySelectorAll("[dir=auto], p, span, h1, h2, button")]
  .filter(one => one.checkVisibility() && one.getBoundingClientRect().left < -1)
  .filter(one => !one.closest(".sr-only, .skip"))
  .map(one => one.className)"""


class Reader(Person):
    """Somebody whose browser asks for a language."""

    def __init__(
        self, browser: Browser, server: Server, name: str, language: str, **look: Any
    ) -> None:
        super().__init__(browser, server, name, locale=language, **look)
        self.words: dict[str, str] = {
            key: words for key, words in client(language[:2]).items() if isinstance(words, str)
        }

    def enter(self) -> Reader:
        """Sign up with the form, whatever its words are."""
        self.page.goto("/users/signup/")
        self.page.locator("[name=username]").fill(self.name)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("form button[type=submit]").first.click()
        self.page.wait_for_url("**/chat/")
        return self

    @property
    def composer(self) -> Locator:
        return self.page.locator(".composer__field")

    def button(self, english: str) -> Locator:
        """The button with this text in the language of the page."""
        return self.page.get_by_role("button", name=self.words[english], exact=True)

    def fits(self) -> None:
        """Nothing reaches out of the window at its side."""
        assert self.page.evaluate(_SIDEWAYS) == 0
        assert self.page.evaluate(_OPEN) == []


@pytest.mark.timeout(180)  # three browsers
def test_two_in_arabic_and_one_in_german(browser: Browser, server: Server) -> None:
    fatima = Reader(browser, server, "fatima", "ar-EG").enter()
    omar = Reader(browser, server, "omar", "ar-EG").enter()
    jens = Reader(browser, server, "jens", "de-AT").enter()
    people = (fatima, omar, jens)

    expect(fatima.page.locator("html[lang=ar][dir=rtl]")).to_have_count(1)
    expect(jens.page.locator("html[lang=de][dir=ltr]")).to_have_count(1)
    fatima.fits()

    fatima.button("New room").click()
    dialog = fatima.page.get_by_role("dialog", name=fatima.words["New conversation"])
    dialog.get_by_label(fatima.words["Name"], exact=True).fill("حديقة")
    fatima.fits()
    dialog.get_by_role("button", name=fatima.words["Create room"]).click()
    expect(fatima.header("حديقة")).to_be_visible()
    path = fatima.page.evaluate("decodeURI(location.pathname)")
    for other in (omar, jens):
        other.open(path).page.locator(".main .button--primary").click()
        expect(other.composer).to_be_visible()

    _types(jens, fatima)
    fatima.say("صباح الخير!")
    omar.sees("صباح الخير!").say("Good morning!")
    jens.sees("Good morning!").say("Guten Morgen!")
    for one in people:
        one.sees("صباح الخير!").sees("Good morning!").sees("Guten Morgen!")
        one.fits()

    own, other = fatima.message("صباح الخير!"), fatima.message("Good morning!")
    assert _middle(own.locator(".bubble")) < _middle(other.locator(".bubble"))
    assert _middle(own.locator(".ticks")) < _middle(own.locator(".bubble__text"))
    expect(
        own.get_by_text(re.compile(f"^({fatima.words['Read']}|{fatima.words['Delivered']})$"))
    ).to_have_count(1)
    assert (
        other.locator(".bubble__text").evaluate("one => getComputedStyle(one).direction") == "ltr"
    )
    expect(jens.page.locator(".conversation__status")).to_contain_text("3 Mitglieder")

    fatima.page.keyboard.press("Control+K")
    expect(fatima.page.get_by_role("dialog", name=fatima.words["Go to"])).to_be_visible()
    fatima.fits()
    fatima.page.keyboard.press("Escape")
    fatima.button("Details").first.click()
    expect(fatima.page.get_by_role("heading", name=fatima.words["Room details"])).to_be_visible()
    fatima.fits()
    _refused_in_their_language(fatima, jens)
    for one in people:
        one.context.close()
    assert [problem for one in people for problem in one.problems] == []


def _types(jens: Reader, fatima: Reader) -> None:
    """She reads that he does; before anybody has said anything, because the server takes few."""
    clock.stop(fatima.page, jens.page)
    jens.composer.press_sequentially("Wer")
    typing = fatima.words["{name} is typing…"].replace("{name}", "\u2068jens\u2069")
    expect(fatima.page.locator(".conversation__status")).to_have_text(typing)
    clock.go_on(fatima.page, jens.page)


def _refused_in_their_language(fatima: Reader, jens: Reader) -> None:
    """A command that the server refuses, over the socket that the page has."""
    told = {}
    for one in (fatima, jens):
        told[one.name] = one.page.evaluate(
            """async () => {
              const address = location.origin.replace("http", "ws") + "/ws/"
              const socket = new WebSocket(address, "loopchat.v1")
              const ask = what => socket.send(JSON.stringify(what))
              return new Promise(done => {
                socket.onmessage = event => {
                  for (const one of [JSON.parse(event.data)].flat()) {
                    if (one.type === "welcome") ask({ type: "hello", ref: 1 })
                    if (one.type === "ready") ask({ type: "join", ref: 2, room: 999999 })
                    if (one.type === "error") done((socket.close(), one.message))
                  }
                }
              })
            }"""
        )
    assert told == {"fatima": "لا توجد غرفة كهذه.", "jens": "Diesen Raum gibt es nicht."}


@SIZES
def test_the_pages_run_from_right_to_left(
    browser: Browser, server: Server, size: dict[str, int]
) -> None:
    reader = Reader(browser, server, "fatima", "ar", size=size)
    for path in ("/users/login/", "/users/signup/"):
        reader.open(path).fits()
    reader.enter().open("/chat/user/owner/")
    begin = reader.page.locator("#main .button--primary")
    expect(begin.or_(reader.composer).first).to_be_visible()
    reader.fits()
    for path in ("/chat/friends/", "/chat/settings/", "/chat/room/nothing/"):
        reader.open(path).fits()
        expect(reader.page.locator("html[dir=rtl]")).to_have_count(1)
    reader.context.close()
    assert reader.problems == []


def test_a_language_is_chosen_in_the_settings(browser: Browser, server: Server) -> None:
    reader = Reader(browser, server, "ann", "ar").enter()
    reader.open("/chat/settings/").page.get_by_role("radio", name="Deutsch").check()
    reader.page.locator("form button[type=submit]").first.click()
    expect(reader.page.locator("html[lang=de]")).to_have_count(1)
    reader.open("/chat/")
    expect(reader.page.get_by_role("button", name="Neue Unterhaltung").first).to_be_visible()
    reader.context.close()
    assert reader.problems == []


def test_the_forms_of_a_number(ask: Ask) -> None:
    forms = {form: f"{form} {{n}}" for form in ("zero", "one", "two", "few", "many", "other")}
    question = """(m, forms, language, numbers) => {
      document.documentElement.lang = language
      m.useCatalogue({ "{n} cats": forms })
      const said = numbers.map(n => m.tn(n, "{n} cat", "{n} cats"))
      m.useCatalogue({})
      return [...said, m.tn(1, "{n} cat", "{n} cats"), m.tn(2, "{n} cat", "{n} cats")]
    }"""
    arabic = ask("i18n.js", question, forms, "ar", [0, 1, 2, 3, 11, 100])
    assert [text.split()[0] for text in arabic[:6]] == list(forms)
    german = ask("i18n.js", question, {"one": "{n} Katze", "other": "{n} Katzen"}, "de", [1, 1234])
    assert german[:2] == ["1 Katze", "1.234 Katzen"]
    assert ask("i18n.js", question, forms, "en", [])[-2:] == ["1 cat", "2 cats"]


def _middle(where: Locator) -> float:
    box = where.first.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2
