"""The server goes away, the page goes away: nothing that was written is lost or doubled."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Enter
from tests.browser.people import OWNER, Person
from tests.services import Server, StartServer


def test_what_is_written_during_an_outage_is_delivered_once_after_it(
    enter: Enter, server: Server
) -> None:
    ann, ben = _in_a_room(enter)
    ann.say("Before").has_sent("Before")
    server.kill()
    ann.say("During, one").say("During, two")
    expect(ann.page.get_by_text("Waiting to be sent")).to_have_count(2)

    server.start()

    ann.is_online()
    expect(ann.page.get_by_text("Waiting to be sent")).to_have_count(0)
    _is_the_same_for(ann, ben)


def test_the_outbox_survives_a_closed_page(enter: Enter, server: Server) -> None:
    ann, ben = _in_a_room(enter)
    ann.say("Before").has_sent("Before")
    server.kill()
    ann.say("During, one").say("During, two")
    expect(ann.page.get_by_text("Waiting to be sent")).to_have_count(2)
    ann.page.wait_for_function(f"({_OUTBOX_SIZE})().then(size => size === 2)")
    ann.page.close()
    server.start()

    ann.new_page()
    ann.open("/chat/room/garden/")

    _is_the_same_for(ann, ben)


def test_a_message_without_an_answer_is_sent_again_and_stored_once(
    enter: Enter, server: Server
) -> None:
    ann, ben = _in_a_room(enter)
    ann.say("Before").has_sent("Before")
    _lose_answers(ann)
    ann.say("During, one").say("During, two")
    ben.sees("During, one")
    _answers_come_again(ann)

    _is_the_same_for(ann, ben)


def test_a_refused_message_says_why_and_can_be_sent_again(enter: Enter, server: Server) -> None:
    ann, ben = _in_a_room(enter)
    server.kill()
    ben.say("Too late")
    ben.page.wait_for_function(f"({_OUTBOX_SIZE})().then(size => size === 1)")
    ben.page.close()
    server.start()
    ann.open("/chat/room/garden/").page.get_by_role("button", name="Details").last.click()
    ann.page.get_by_role("button", name="Archive").click()
    expect(ann.page.get_by_role("button", name="Reopen")).to_be_visible()

    ben.new_page()
    ben.open("/chat/room/garden/")
    refusal = ben.page.get_by_role("alert")
    expect(refusal).to_contain_text("Not sent: This room is archived")
    ben.page.reload()
    expect(refusal).to_contain_text("Not sent: This room is archived")
    ann.page.get_by_role("button", name="Reopen").click()
    expect(ben.composer).to_be_visible()
    refusal.get_by_role("button", name="Try again").click()

    ben.has_sent("Too late")
    ann.sees("Too late")
    expect(refusal).to_have_count(0)


def test_who_writes_too_fast_waits_and_loses_nothing(
    browser: Browser, start_server: StartServer
) -> None:
    slow = start_server(env={"LOOPCHAT_RATE_SEND": "4/s:2"}, owner=OWNER)
    ann = Person(browser, slow, "ann").sign_up().create_room("Garden").is_online()
    said = [f"number {n}" for n in range(8)]
    for text in said:
        ann.say(text)

    for text in said:
        ann.has_sent(text)
    expect(ann.page.locator(".bubble__text")).to_have_text(said)
    assert ann.problems == []
    ann.context.close()


def test_the_line_says_how_it_is_and_retries_at_once(enter: Enter, server: Server) -> None:
    ann, _ben = _in_a_room(enter)
    ann.page.clock.install()
    server.kill()
    line = ann.page.locator(".connection")

    for _ in range(6):
        ann.page.clock.run_for(40_000)
    expect(line).to_contain_text(re.compile("The server cannot be reached|Connecting"))
    expect(line.get_by_role("button", name="Retry now")).to_be_visible()
    server.start()
    line.get_by_role("button", name="Retry now").click()

    ann.is_online()


def test_signing_out_leaves_nothing_behind(enter: Enter, server: Server) -> None:
    ann = enter("ann").create_room("Garden").is_online()
    ann.composer.fill("a draft")
    ann.page.evaluate("localStorage.setItem('other', 'stays')")

    ann.page.get_by_role("button", name="Account and settings").click()
    ann.page.get_by_role("button", name="Sign out").click()

    expect(ann.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert ann.page.evaluate("Object.keys(localStorage)") == ["other"]
    assert ann.page.evaluate(_OUTBOX_SIZE) == 0


_OUTBOX_SIZE = """() => new Promise(done => {
  const opening = indexedDB.open("loopchat-outbox")
  opening.onsuccess = () => {
    const stores = [...opening.result.objectStoreNames]
    if (!stores.length) return done(0)
    const count = opening.result.transaction(stores).objectStore(stores[0]).count()
    count.onsuccess = () => done(count.result)
  }
})"""


def _in_a_room(enter: Enter) -> tuple[Person, Person]:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden").is_online()
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    expect(ben.composer).to_be_visible()
    for person in (ann, ben):
        person.expects_outage = True
    return ann, ben


def _is_the_same_for(*people: Person) -> None:
    for person in people:
        expect(person.messages).to_have_count(3)
        texts = person.page.locator(".bubble__text")
        expect(texts).to_have_text(["Before", "During, one", "During, two"])


def _lose_answers(person: Person) -> None:
    """What the client sends arrives; what the server answers from now on does not."""
    person.page.evaluate(
        """() => {
          const send = WebSocket.prototype.send
          WebSocket.prototype.send = function (data) {
            this.onmessage = null
            window.deaf = this
            send.call(this, data)
          }
          window.hears = () => {
            WebSocket.prototype.send = send
            window.deaf.onclose({ code: 1006 })
          }
        }"""
    )


def _answers_come_again(person: Person) -> None:
    person.page.evaluate("window.hears()")
