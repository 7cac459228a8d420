"""The connection breaks, the page sleeps, somebody falls silent: what the screen says of it."""

from __future__ import annotations

import re

from playwright.sync_api import CDPSession, Page, expect

from tests.browser import clock
from tests.browser.attention import in_a_room, look_away, say_lines, scroll_up
from tests.browser.conftest import Enter
from tests.browser.people import Person
from tests.browser.reading import told, wait_until_told, with_reader
from tests.services import Server

# Those who listen already hear of it first.
_NOTE_OFFLINE = """() => {
  window.wentOffline = new Promise(done => addEventListener("offline", () => done(true)))
}"""

SILENT_MS = 2_000
"""Whoever pressed no key for so long is not typing."""
FORGOTTEN_MS = 7_000
"""After this long without another word nobody is typing any more; the server says 6 s."""


def test_the_line_counts_down_fails_after_five_attempts_and_still_recovers(
    enter: Enter, server: Server
) -> None:
    ann = enter("ann").create_room("Garden").is_online()
    ann.expects_outage = True
    line = ann.page.locator(".connection")
    clock.stop(ann.page)
    # Each pause is as long as it may be: 0.5 s, 1 s, 2 s …
    ann.page.evaluate("Math.random = () => 1")
    server.kill()
    _wait_for_attempt(ann.page, 1)
    for attempt, seconds in ((2, 1), (3, 2), (4, 4), (5, 8)):
        ann.page.clock.run_for(seconds * 500)
        _wait_for_attempt(ann.page, attempt)
        ann.page.clock.run_for(1)
        expect(line).to_contain_text(f"Reconnecting in {seconds} s")
    ann.page.clock.run_for(3_000)
    expect(line).to_contain_text("Reconnecting in 5 s")

    ann.page.clock.run_for(5_000)
    _wait_for_attempt(ann.page, 6)
    expect(line).to_contain_text("The server cannot be reached. Next attempt in 16 s.")
    expect(line.get_by_role("button", name="Retry now")).to_be_visible()
    ann.say("Written meanwhile")
    expect(ann.message("Written meanwhile").get_by_text("Waiting to be sent")).to_be_attached()
    server.start()
    ann.page.clock.run_for(16_100)

    ann.is_online().has_sent("Written meanwhile")
    _is_offline_and_back(ann)


def _is_offline_and_back(ann: Person) -> None:
    """A device without a network says so, and does not count attempts."""
    line = ann.page.locator(".connection")
    ann.page.evaluate(_NOTE_OFFLINE)
    ann.context.set_offline(True)
    ann.page.evaluate("wentOffline")
    ann.page.clock.run_for(11_000)
    expect(line).to_contain_text("Offline: messages will be sent when you are back.")
    ann.context.set_offline(False)
    ann.is_online()


def test_a_page_that_slept_through_an_outage_has_and_tells_everything_once(
    enter: Enter, server: Server
) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    with_reader(ann)
    for person in (ann, ben):
        person.expects_outage = True
    ben.say("Before").has_sent("Before")
    wait_until_told(ann.page, "ben: Before")
    asleep = _sleep(ann)
    server.kill()
    server.start()
    ben.is_online().say("During").say("During")
    expect(ben.message("During").get_by_text("Sent", exact=True)).to_have_count(2)
    _wake(asleep)

    ann.is_online()
    expect(ann.page.locator(".bubble__text")).to_have_text(["Before", "During", "During"])
    ben.say("After")
    wait_until_told(ann.page, "ben: After")
    texts = [text.partition(": ")[2] for text in told(ann.page, "ben")]
    assert texts == ["Before", "During", "During", "After"]
    ben.page.reload()
    expect(ben.messages).to_have_count(4)
    expect(ben.message("After").get_by_text("Read", exact=True)).to_be_attached()


def test_each_message_is_told_once_in_one_of_two_tabs(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    with_reader(ann)
    first = ann.page
    ann.new_page()
    ann.open("/chat/room/garden/").is_online()
    look_away(first)

    ben.say("Yes").say("Yes").say("No")
    wait_until_told(ann.page, "ben: No")
    ann.page.evaluate("document.querySelector('loop-shell').app.socket.restart(0)")
    ann.say("Mine").has_sent("Mine")
    ben.sees("Mine").say("Maybe")
    wait_until_told(ann.page, "ben: Maybe")

    assert told(ann.page, "ben") == ["ben: Yes", "ben: Yes", "ben: No", "ben: Maybe"]
    assert told(ann.page, "ann") == []
    expect(first.get_by_role("article")).to_have_count(5)
    assert told(first, "ben") == []


def test_who_falls_silent_or_vanishes_types_no_more(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    status = ann.page.locator(".conversation__status")
    clock.stop(ann.page, ben.page)
    ben.composer.press_sequentially("I")
    expect(status).to_have_text("ben is typing…")
    expect(ann.row("Garden")).to_contain_text("ben is typing…")
    ben.page.clock.run_for(SILENT_MS)
    expect(status).to_contain_text("2 online")

    bens_status = ben.page.locator(".conversation__status")
    ann.composer.press_sequentially("I")
    expect(bens_status).to_have_text("ann is typing…")
    _sleep(ann)
    ben.page.clock.run_for(FORGOTTEN_MS)
    expect(bens_status).to_contain_text("2 members")


def test_what_is_out_of_sight_is_not_read(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    say_lines(ben, 30)
    expect(ann.message("Line 30")).to_be_in_viewport()
    scroll_up(ann)

    ben.say("Below")
    expect(ann.page).to_have_title("(1) Garden – Loopchat")
    expect(ben.message("Below").get_by_text("Delivered")).to_be_attached()
    ann.page.get_by_role("button", name=re.compile("1 new")).click()

    expect(ben.message("Below").get_by_text("Read", exact=True)).to_be_attached()
    expect(ann.page).to_have_title("Garden – Loopchat")


def _sleep(person: Person) -> CDPSession:
    """The page stands still, as when the lid of the laptop is closed: no timer, no event."""
    client = person.context.new_cdp_session(person.page)
    client.send("Debugger.enable")
    client.send("Debugger.pause")
    return client


def _wake(client: CDPSession) -> None:
    client.send("Debugger.resume")
    client.send("Debugger.disable")


def _wait_for_attempt(page: Page, number: int) -> None:
    """So many attempts in a row have failed."""
    page.wait_for_function(
        "number => document.querySelector('loop-shell').app.socket.attempts === number",
        arg=number,
        polling=50,
    )
