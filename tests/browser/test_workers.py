"""The same conversation when everybody is at another worker: PostgreSQL and Redis between them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.backends import POSTGRES
from tests.browser import clock
from tests.browser.attention import (
    look_away,
    look_back,
    notices,
    to_lobby,
    wait_for_notice,
    with_desktop,
)
from tests.browser.people import PASSWORD, Person
from tests.services import Redis, Server, StartServer

WORKERS = 3
SETTINGS = {
    "LOOPCHAT_RATE_SIGN_IN": "off",
    "LOOPCHAT_RATE_SEND": "off",
    "LOOPCHAT_SECRET_KEY": "the same key for all the workers, which share a database",
}


@pytest.fixture
def workers(start_server: StartServer, postgres_url: str, redis_server: Redis) -> list[Server]:
    """Three workers, each on a port of its own: who opens which address is at which worker."""
    urls = {"database_url": postgres_url, "redis_url": redis_server.url}
    started = [
        start_server(backend=POSTGRES, workers=1, env=SETTINGS, **urls) for _ in range(WORKERS)
    ]
    started[0].manage("adduser", "owner", "--owner", "--password-stdin", stdin=PASSWORD)
    return started


@pytest.mark.timeout(240)
def test_people_at_three_workers_see_the_same(
    browser: Browser, workers: list[Server], visitors: list[Person]
) -> None:
    names = ("ann", "ben", "cara")
    visitors += [Person(browser, at, name) for at, name in zip(workers, names, strict=True)]
    ann, ben, cara = (person.sign_up() for person in visitors)
    ann.create_room("Garden")
    for person in (ben, cara):
        person.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
        expect(person.composer).to_be_visible()
    visitors.append(Person(browser, workers[2], "ann"))
    phone = visitors[-1].sign_in().open("/chat/room/garden/").is_online()

    _who_is_here_and_types(ann, ben, cara)
    _ticks(ann, ben, cara)
    _edited_reacted_deleted(ann, ben, cara)
    _drafts(ann, phone)
    _called(ann, cara)
    _a_worker_is_gone_for_a_moment(ann, ben, cara, workers[1])


def _who_is_here_and_types(ann: Person, ben: Person, cara: Person) -> None:
    for person in (ann, ben, cara):
        expect(_status(person)).to_contain_text("3 members · 3 online")
    clock.stop(ann.page, ben.page, cara.page)
    ben.composer.press_sequentially("I")
    for person in (ann, cara):
        expect(_status(person)).to_have_text("ben is typing…")
    ben.composer.fill("")
    clock.go_on(ann.page, ben.page, cara.page)
    expect(_status(ann)).to_contain_text("3 online")


def _ticks(ann: Person, ben: Person, cara: Person) -> None:
    look_away(cara.page)
    ann.say("Hello").has_sent("Hello")
    ben.sees("Hello")
    expect(_state(ann, "Hello", "Delivered")).to_be_attached()
    look_back(cara.page)
    expect(_state(ann, "Hello", "Read")).to_be_attached()


def _edited_reacted_deleted(ann: Person, ben: Person, cara: Person) -> None:
    ben.act("Hello", "React")
    ben.page.get_by_role("button", name="React with ❤️").click()
    for person in (ann, cara):
        expect(person.message("Hello").get_by_role("button", name="❤️, 1")).to_be_visible()
    ann.composer.press("ArrowUp")
    ann.say("Hello all")
    for person in (ben, cara):
        expect(person.message("Hello all").get_by_text("edited")).to_be_visible()
    ann.say("Drop me").has_sent("Drop me").act("Drop me", "Delete")
    expect(ann.message("Drop me")).to_have_count(0)
    ann.page.reload()
    for person in (ann.is_online(), ben, cara):
        expect(person.message("Drop me")).to_have_count(0)
    expect(cara.page.get_by_text("This message was deleted")).to_be_visible()


def _drafts(ann: Person, phone: Person) -> None:
    phone.composer.press_sequentially("Half a thou")
    expect(ann.composer).to_have_value("Half a thou")
    ann.composer.press_sequentially("ght")
    expect(phone.composer).to_have_value("Half a thought")
    ann.composer.press("Enter")
    expect(phone.composer).to_have_value("")
    phone.sees("Half a thought")


def _called(ann: Person, cara: Person) -> None:
    cara.page.evaluate("localStorage.setItem('permission', 'granted')")
    to_lobby(with_desktop(cara))
    look_away(cara.page)
    ann.say("One").say("@cara two")
    expect(cara.row("Garden").get_by_text("2 unread")).to_be_visible()
    expect(cara.row("Garden").get_by_text("@ you were mentioned")).to_be_visible()
    expect(cara.page).to_have_title("(2) Lobby – Loopchat")
    wait_for_notice(cara.page, 2)
    assert [one["title"] for one in notices(cara.page)][-1] == "ann mentioned you in Garden"
    look_back(cara.page)
    cara.row("Garden").click()
    expect(_state(ann, "One", "Read")).to_be_attached()
    expect(cara.page).to_have_title("Garden – Loopchat")


def _a_worker_is_gone_for_a_moment(ann: Person, ben: Person, cara: Person, worker: Server) -> None:
    """Who was there misses nothing, and nobody gets anything twice."""
    ben.expects_outage = True
    worker.kill()
    ann.say("While you were away").has_sent("While you were away")
    ben.say("Me too")
    expect(ben.page.get_by_text("Waiting to be sent")).to_have_count(1)
    worker.start()
    for person in (ann, ben, cara):
        person.sees("While you were away").sees("Me too")
    for text, person in (("While you were away", ann), ("Me too", ben)):
        expect(_state(person, text, "Read")).to_be_attached()


def _status(person: Person) -> Locator:
    return person.page.locator(".conversation__status")


def _state(person: Person, text: str, state: str) -> Locator:
    return person.message(text).get_by_text(state, exact=True)
