"""What stands around messages, in both themes: axe finds nothing to complain about."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import clock
from tests.browser.attention import in_a_room
from tests.browser.axe import is_clean
from tests.browser.conftest import Enter


def test_menus_dialogs_and_marks(enter: Enter) -> None:
    ann, _ben = in_a_room(enter, "ann", "ben")
    page = ann.page
    ann.say("```python\nprint('beans')\n```").say("Beans").has_sent("Beans")
    ann.act("Beans", "More")
    expect(page.get_by_role("menu", name="Message menu")).to_be_visible()
    is_clean(page)
    page.keyboard.press("Escape")

    clock.stop(page)
    for action in ("Pin", "Save"):
        ann.act("Beans", action)
    expect(page.get_by_role("button", name="Show saved")).to_be_visible()
    is_clean(page)
    page.get_by_role("button", name="Show saved").click()
    clock.go_on(page)
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(1)
    is_clean(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Pinned messages").click()
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(1)
    is_clean(page)
    page.keyboard.press("Escape")

    ann.act("Beans", "Forward")
    expect(page.get_by_role("dialog", name="Forward to")).to_be_visible()
    is_clean(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Insert emoji").click()
    expect(page.get_by_role("button", name="grinning face", exact=True)).to_be_visible()
    is_clean(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Formatting").click()
    is_clean(page)
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Menu of this conversation").click()
    page.get_by_role("button", name="Go to a date").click()
    expect(page.get_by_role("dialog", name="Go to a date")).to_be_visible()
    is_clean(page)
    page.keyboard.press("Escape")

    ann.composer.press_sequentially("@")
    expect(page.get_by_role("option").first).to_be_visible()
    is_clean(page)
    ann.composer.fill("")
    ann.act("Beans", "Select")
    expect(page.get_by_text("1 selected")).to_be_visible()
    is_clean(page)
