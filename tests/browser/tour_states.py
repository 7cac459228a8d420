"""Scenes of the tour: when the network is away, and other ways to look at it all."""

from __future__ import annotations

from functools import partial

from playwright.sync_api import Page, expect

from tests.browser.people import Person
from tests.browser.tour_camera import Scene, Stage
from tests.browser.tour_rooms import GARDEN, GENERAL, RELEASE, at_end

SCENES: list[Scene] = []

_SAY = "Evening then. I bring *the long hose*."
_GONE = """attempts => {
  const { socket } = document.querySelector("loop-shell").app
  socket.attempts = attempts
  socket.restart(45_000)
}"""

_REFUSE = """() => {
  const { socket } = document.querySelector("loop-shell").app
  const ask = socket.ask.bind(socket)
  const refusal = { code: "archived", message: "This room is archived.", definite: true }
  socket.ask = (type, fields) => type === "chat_message"
    ? Promise.reject(Object.assign(new Error(refusal.message), refusal)) : ask(type, fields)
}"""


def _add(chapter: str, name: str, title: str, play: object, **more: object) -> None:
    SCENES.append(Scene(chapter, name, title, play, **more))  # type: ignore[arg-type]


def _without_network(stage: Stage) -> Person:
    person = stage.chat(GARDEN)
    person.expects_outage = True
    at_end(person)
    return person


def _offline(stage: Stage) -> Page:
    person = _without_network(stage)
    person.context.set_offline(True)
    expect(person.page.locator(".connection")).to_contain_text("Offline")
    person.say(_SAY)
    expect(person.page.get_by_text("Waiting to be sent").first).to_be_attached()
    return person.page


def _reconnecting(stage: Stage) -> Page:
    person = _without_network(stage)
    person.page.evaluate(_GONE, 2)
    expect(person.page.locator(".connection")).to_contain_text("Reconnecting in")
    person.say(_SAY)
    return person.page


def _given_up(stage: Stage) -> Page:
    person = _without_network(stage)
    person.page.evaluate(_GONE, 6)
    expect(person.page.locator(".connection")).to_contain_text("cannot be reached")
    return person.page


def _refused(stage: Stage) -> Page:
    person = _without_network(stage)
    person.page.evaluate(_REFUSE)
    person.say(_SAY)
    expect(person.page.get_by_role("button", name="Try again")).to_be_visible()
    return person.page


_add("States", "offline", "No network: what is written waits", _offline)
_add("States", "reconnecting", "The connection is gone", _reconnecting)
_add("States", "unreachable", "The server cannot be reached", _given_up)
_add("States", "failed", "A message that was refused", _refused)


def _shown(stage: Stage, path: str) -> Page:
    person = stage.chat(path)
    return at_end(person) if "/room/" in path or "/user/" in path else person.page


def _details(stage: Stage) -> Page:
    person = stage.chat(GARDEN)
    person.page.locator(".conversation__who").click()
    expect(person.page.locator(".details__page")).to_be_visible()
    return person.page


def _page(stage: Stage, path: str, name: str = "Ann") -> Page:
    return stage.at(path, name)


_AR = {"language": "ar"}
_ROOM = partial(_shown, path=RELEASE)
for _name, _title, _play in (
    ("ar-lobby", "العربية: the lobby", partial(_shown, path="/chat/")),
    ("ar-room", "العربية: a room", partial(_shown, path=GENERAL)),
    ("ar-rich", "العربية: formatted text", _ROOM),
    ("ar-details", "العربية: details", _details),
    ("ar-people", "العربية: people", partial(_shown, path="/chat/friends/")),
    ("ar-settings", "العربية: settings", partial(_page, path="/chat/settings/")),
    ("ar-sign-in", "العربية: sign in", partial(_page, path="/users/login/", name="")),
):
    _add("Other ways to look", _name, _title, _play, look=_AR)
_add("Other ways to look", "de-room", "Deutsch: a room", _ROOM, look={"language": "de"})
_add("Other ways to look", "contrast-room", "High contrast", _ROOM, look={"contrast": "more"})
_add("Other ways to look", "text-xl", "Very large text", _ROOM, look={"text": "xl"})
