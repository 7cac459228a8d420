"""A long conversation: pages load on scrolling, the view stays still, the page stays small."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter
from tests.browser.people import Person
from tests.services import Server

HELD_MAX = 400
"""Rows that the page may hold at once: a little more than js/store/log.js says."""

_SCROLLED_UP_TO = """([box, text]) => {
  const texts = [...box.querySelectorAll(".bubble__text")].map(one => one.textContent)
  if (texts.includes(text)) return true
  box.scrollTop = 0
}"""

_FILL = """
from uuid import uuid4
from loopchat.accounts.models import User
from loopchat.chat import messages
from loopchat.chat.models import Room
room, ben = Room.objects.get(slug="garden"), User.objects.get(username="ben")
for n in range({first}, {last} + 1):
    messages.send(room.pk, ben, cid=uuid4(), body=f"message number {{n}}")
"""


def test_older_messages_load_on_scrolling_up_and_the_newest_come_back(
    enter: Enter, server: Server
) -> None:
    ann, _ben = _meet(enter)
    ann.open("/chat/")
    _write(server, 1, 700)
    ann.open("/chat/room/garden/")
    expect(ann.page.get_by_role("button", name="700 new messages")).to_be_visible()
    ann.sees("message number 700")

    _scroll_up_to(ann, "message number 1")
    assert ann.messages.count() <= HELD_MAX
    ann.page.get_by_role("button", name="To the newest message").click()

    ann.sees("message number 700")
    expect(ann.message("message number 700")).to_be_in_viewport()


def test_the_view_does_not_jump_while_somebody_reads(enter: Enter, server: Server) -> None:
    ann, ben = _meet(enter)
    _write(server, 1, 150)
    ann.open("/chat/room/garden/").sees("message number 150")
    _scroll_up_to(ann, "message number 60")
    place = _place_of(ann.message("message number 60"))

    ben.open("/chat/room/garden/").say("Anybody here?")
    expect(ann.page.get_by_role("button", name="1 new")).to_be_visible()
    assert abs(_place_of(ann.message("message number 60")) - place) < 2
    ann.page.get_by_role("button", name="1 new").click()

    expect(ann.message("Anybody here?")).to_be_in_viewport()
    expect(ann.page.get_by_role("button", name="To the newest message")).to_have_count(0)


def test_a_quote_leads_to_what_it_answers(enter: Enter, server: Server) -> None:
    ann, ben = _meet(enter)
    ann.say("Where are the beans?").has_sent("Where are the beans?")
    _write(server, 1, 200)
    ben.open("/chat/room/garden/").sees("message number 200")
    _scroll_up_to(ben, "Where are the beans?")
    ben.act("Where are the beans?", "Reply").say("Behind the shed")

    ann.open("/chat/room/garden/").sees("Behind the shed")
    expect(ann.page.get_by_text("Where are the beans?", exact=True)).to_have_count(1)
    ann.page.get_by_role("button", name="You Where are the beans?").click()

    expect(ann.page.locator("[data-flash]")).to_contain_text("Where are the beans?")
    expect(ann.page.locator("[data-flash]")).to_be_in_viewport()


def test_a_long_text_folds_and_unfolding_it_moves_nothing_above(
    enter: Enter, server: Server
) -> None:
    ann, _ben = _meet(enter)
    _write(server, 1, 30)
    ann.open("/chat/room/garden/").sees("message number 30")
    ann.say("Here is the list").has_sent("Here is the list")
    ann.say("\n".join(f"line {n}" for n in range(40)))
    text = ann.page.locator(".bubble__text", has_text="line 39")
    expect(text).to_have_attribute("data-folded", "true")
    folded, place = _height_of(text), _place_of(ann.message("Here is the list"))

    ann.page.get_by_role("button", name="Show more").click()

    expect(text).not_to_have_attribute("data-folded", "true")
    assert _height_of(text) > 2 * folded
    assert abs(_place_of(ann.message("Here is the list")) - place) < 2
    expect(ann.page.get_by_role("button", name="Show more")).to_have_count(0)


def _meet(enter: Enter) -> tuple[Person, Person]:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden")
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    expect(ben.composer).to_be_visible()
    ben.open("/chat/")
    return ann, ben


def _write(server: Server, first: int, last: int) -> None:
    server.manage("manage", "shell", "--command", _FILL.format(first=first, last=last))


def _scroll_up_to(person: Person, text: str) -> None:
    log = person.page.get_by_role("region", name="Messages")
    log.hover()
    person.page.wait_for_function(_SCROLLED_UP_TO, arg=[log.element_handle(), text])
    person.message(text).first.scroll_into_view_if_needed()


def _height_of(text: Locator) -> float:
    box = text.bounding_box()
    assert box is not None
    return box["height"]


def _place_of(message: Locator) -> float:
    box = message.bounding_box()
    assert box is not None
    return box["y"]
