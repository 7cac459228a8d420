"""A room of 100,000 messages: what is read stays where it is, what is far away is let go."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.conftest import Enter
from tests.browser.long import fill
from tests.browser.people import Person
from tests.services import Server

COUNT = 100_000
WINDOW = 500
"""More messages than the page holds at once."""
SCROLLED = 5000
HELD_MAX = 400
"""Messages that the page may hold at once: a little more than js/store/log.js says."""
GROWTH_MAX = 1.25

_SCROLL_UP = """async ([box, count]) => {
  const rows = () => [...box.querySelectorAll(".message")]
  const top = row => (row.querySelector(".bubble__text") ?? row).getBoundingClientRect().top
  const seq = row => Number(row.id.slice(2))
  const frame = () => new Promise(requestAnimationFrame)
  const end = seq(rows()[0]) - count
  const seen = { held: 0, moved: 0 }
  for (let turn = 0; seq(rows()[0]) > end; turn += 1) {
    if (turn > 20_000) throw new Error("older messages do not come")
    box.scrollTop -= 1500
    const read = rows().find(row => top(row) > top(box))
    const place = top(read)
    await frame()
    await frame()
    seen.moved = Math.max(seen.moved, read.isConnected ? Math.abs(top(read) - place) : 0)
    seen.held = Math.max(seen.held, rows().length)
  }
  return seen
}"""


pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def people(enter: Enter, server: Server) -> tuple[Person, Person]:
    """Ann, who looks at the end of the long room, and Ben, who is in it too."""
    ann, ben = enter("ann"), enter("ben")
    for person in (ann, ben):
        person.open("about:blank")
    fill(server, ["ann", "ben"], {"Archive": COUNT})
    ann.open("/chat/room/archive/").is_online()
    expect(ann.messages.last).to_contain_text(f"message number {COUNT}:")
    return ann, ben


def test_a_long_room_can_be_read_from_end_to_end(people: tuple[Person, Person]) -> None:
    ann, ben = people
    ben.open("/chat/room/archive/").is_online()
    client = ann.context.new_cdp_session(ann.page)
    client.send("Performance.enable")

    _scroll_up(ann, WINDOW)
    held = _memory(client)
    seen = _scroll_up(ann, SCROLLED)
    assert seen["held"] <= HELD_MAX
    assert seen["moved"] <= 2
    _does_not_grow(held, _memory(client))

    _stays_where_it_is(ann, ben)
    ann.page.get_by_role("button", name="To the newest message").click()
    expect(ann.message("Anybody here?")).to_be_in_viewport()

    _jumps_to_a_day(ann)
    _jumps_to_the_beginning(ann)
    ann.page.get_by_role("button", name="To the newest message").click()
    expect(ann.message("Anybody here?")).to_be_in_viewport()
    assert ann.messages.count() <= HELD_MAX
    _does_not_grow(held, _memory(client))


def _stays_where_it_is(ann: Person, ben: Person) -> None:
    """While somebody reads far up, a new message moves nothing."""
    read = ann.messages.nth(100)
    read.scroll_into_view_if_needed()
    place = read.bounding_box()
    text = read.inner_text()
    ben.say("Anybody here?").has_sent("Anybody here?")
    expect(ann.row("Archive")).to_contain_text("Anybody here?")
    same = ann.messages.filter(has_text=f"{text.partition(':')[0]}:").first
    box = same.bounding_box()
    assert place is not None
    assert box is not None
    assert abs(box["y"] - place["y"]) <= 2


def _jumps_to_a_day(ann: Person) -> None:
    day = datetime.now() - timedelta(days=40)  # noqa: DTZ005 - as the browser has it
    ann.page.get_by_role("button", name="Menu of this conversation").click()
    ann.page.get_by_role("button", name="Go to a date").click()
    dialog = ann.page.get_by_role("dialog", name="Go to a date")
    dialog.get_by_label("Date").fill(f"{day:%Y-%m-%d}")
    dialog.get_by_role("button", name="Go", exact=True).click()

    found = ann.page.locator(".timeline__day:has([data-flash])")
    expect(found.locator(".date")).to_have_text(f"{day.day} {day:%B %Y}")
    expect(found.locator(".message").first).to_have_attribute("data-flash", "true")
    expect(found.locator("[data-flash]")).to_be_in_viewport()


def _jumps_to_the_beginning(ann: Person) -> None:
    ann.page.locator(".date__chip").first.click()
    dialog = ann.page.get_by_role("dialog", name="Go to a date")
    dialog.get_by_role("button", name="The beginning").click()

    expect(ann.page.locator("[data-flash]")).to_contain_text("message number 1: the first one")
    expect(ann.page.get_by_text("This is the beginning of the room.")).to_be_in_viewport()


def _scroll_up(person: Person, count: int) -> dict[str, Any]:
    box = person.page.get_by_role("region", name="Messages")
    found: dict[str, Any] = person.page.evaluate(_SCROLL_UP, [box.element_handle(), count])
    return found


def _memory(client: CDPSession) -> dict[str, float]:
    """What the page holds once the rubbish is gone."""
    client.send("HeapProfiler.collectGarbage")
    found = client.send("Performance.getMetrics")["metrics"]
    values = {one["name"]: one["value"] for one in found}
    return {name: values[name] for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners")}


def _does_not_grow(before: dict[str, float], now: dict[str, float]) -> None:
    grown = {name: now[name] / before[name] for name in before}
    assert max(grown.values()) < GROWTH_MAX, (before, now)
