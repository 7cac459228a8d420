"""Small things that people notice: what waits is said, nothing jumps, nothing is covered."""

from __future__ import annotations

import sqlite3

from playwright.sync_api import Locator, expect

from tests.browser import clock
from tests.browser.attention import in_a_room
from tests.browser.conftest import Enter
from tests.services import Server

TABLET = {"width": 1024, "height": 768}


def test_what_waits_and_what_is_being_deleted_shows_in_the_list(
    enter: Enter, server: Server
) -> None:
    ann, _ben = in_a_room(enter, "ann", "ben")
    ann.say("First").has_sent("First").say("Second").has_sent("Second")
    expect(ann.row("Garden")).to_contain_text("You: Second")
    clock.stop(ann.page)
    ann.act("Second", "Delete")
    expect(ann.row("Garden")).to_contain_text("You: First")
    ann.page.get_by_role("button", name="Undo").click()
    expect(ann.row("Garden")).to_contain_text("You: Second")
    clock.go_on(ann.page)
    server.kill()
    ann.expects_outage = _ben.expects_outage = True
    ann.say("Is this thing on?")

    expect(ann.row("Garden")).to_contain_text("You: Is this thing on?")
    expect(ann.row("Garden").get_by_title("Waiting to be sent")).to_be_visible()


def test_the_line_about_the_connection_moves_nothing(enter: Enter, server: Server) -> None:
    ann = enter("ann").create_room("Garden").say("One").has_sent("One")
    before = _box(ann.message("One").locator(".bubble")), _box(ann.page.locator(".bar").last)
    ann.expects_outage = True
    server.kill()
    expect(ann.page.get_by_role("button", name="Retry now")).to_be_visible()

    after = _box(ann.message("One").locator(".bubble")), _box(ann.page.locator(".bar").last)
    assert after == before


def test_the_commands_of_a_message_do_not_cover_it(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("One").has_sent("One").say("Two").has_sent("Two")
    ben.say("Three").has_sent("Three")
    ann.sees("Three")
    for size in ({"width": 1440, "height": 900}, TABLET):
        ann.page.set_viewport_size(size)  # type: ignore[arg-type]
        for text in ("Two", "Three"):
            bar = ann.point_at(ann.message(text))
            assert not _overlap(_box(bar), _box(ann.message(text).locator(".bubble"))), (size, text)
            expect(bar).to_be_in_viewport(ratio=1)


def test_an_answer_to_a_deleted_message_says_so(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.say("Shall we?").has_sent("Shall we?")
    ben.sees("Shall we?").act("Shall we?", "Reply").say("We shall").has_sent("We shall")
    ann.act("Shall we?", "Delete")

    quote = ben.message("We shall").get_by_role("button").filter(has_text="ann")
    expect(quote).to_contain_text("This message was deleted")
    ben.page.reload()
    expect(quote).to_contain_text("This message was deleted")


def test_details_above_the_conversation_close_with_a_click_beside_them(enter: Enter) -> None:
    ann = enter("ann", size=TABLET).create_room("Garden")
    ann.page.get_by_role("button", name="Details", exact=True).click()
    panel = ann.page.get_by_role("complementary")
    expect(panel).to_be_visible()

    ann.page.mouse.click(300, 400)

    expect(panel).to_have_count(0)


def test_a_restored_server_voids_what_the_page_holds(enter: Enter, server: Server) -> None:
    ann = enter("ann").create_room("Garden").say("One").has_sent("One").say("Two").has_sent("Two")
    ann.expects_outage = True
    clock.stop(ann.page)
    ann.act("Two", "Delete")
    expect(ann.message("Two")).to_have_count(0)
    server.stop()
    _restore(server)
    server.start()
    clock.go_on(ann.page)

    ann.is_online()
    ann.sees("One").sees("Two")  # the deletion was meant for another history
    ann.say("Three").has_sent("Three")


def _restore(server: Server) -> None:
    """What a restored backup looks like to a client: the same rows, another epoch."""
    (file,) = server.folder.rglob("*.sqlite3")
    with sqlite3.connect(file) as database:
        database.execute("UPDATE accounts_instance SET epoch = 'another'")
    database.close()


def _box(element: Locator) -> dict[str, float]:
    found = element.bounding_box()
    assert found is not None
    return dict(found)


def _overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    apart = (
        one["x"] + one["width"] <= other["x"] + 0.5
        or other["x"] + other["width"] <= one["x"] + 0.5
        or one["y"] + one["height"] <= other["y"] + 0.5
        or other["y"] + other["height"] <= one["y"] + 0.5
    )
    return not apart
