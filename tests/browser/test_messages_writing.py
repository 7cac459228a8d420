"""Writing: completion of names and emoji, formats, drafts on all devices, code to copy."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import clock
from tests.browser.attention import in_a_room
from tests.browser.conftest import Enter


def test_names_are_completed_by_keyboard_and_pointer(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.composer.press_sequentially("Hello @be")
    offers = ann.page.get_by_role("listbox", name="Suggestions")
    expect(offers.get_by_role("option", name="ben @ben")).to_have_attribute("aria-selected", "true")
    ann.composer.press("Enter")
    expect(ann.composer).to_have_value("Hello @ben ")
    expect(offers).to_have_count(0)
    ann.composer.press("Enter")
    expect(ben.messages.get_by_text("@ben")).to_be_visible()

    ann.composer.press_sequentially("@")
    offers.get_by_role("option", name="@all").click()
    expect(ann.composer).to_have_value("@all ")
    expect(ann.composer).to_be_focused()
    ann.composer.press_sequentially("@be")
    expect(offers.get_by_role("option", name="ben @ben")).to_be_visible()
    ann.composer.press("Escape")
    expect(offers).to_have_count(0)
    expect(ann.composer).to_have_value("@all @be")


def test_emoji_are_completed_and_an_address_is_not(enter: Enter) -> None:
    ann, _ben = in_a_room(enter, "ann", "ben")
    ann.composer.press_sequentially("Up :tada")
    ann.page.get_by_role("option", name=":tada:").wait_for()
    ann.composer.press("Tab")
    expect(ann.composer).to_have_value("Up 🎉 ")

    ann.composer.press_sequentially(":seedling:")
    expect(ann.composer).to_have_value("Up 🎉 🌱 ")
    ann.composer.press_sequentially("at 10:30 and http://a")
    expect(ann.page.get_by_role("listbox", name="Suggestions")).to_have_count(0)
    ann.composer.fill("")
    ann.page.get_by_role("button", name="Insert emoji").click()
    ann.page.get_by_role("searchbox", name="Search emoji").fill("seedling")
    expect(ann.page.get_by_role("button", name="seedling", exact=True)).to_be_visible()
    ann.page.keyboard.press("Enter")
    expect(ann.composer).to_have_value("🌱")


def test_keys_and_menu_format_the_selection(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.composer.fill("beans")
    ann.composer.press("ControlOrMeta+a")
    ann.composer.press("ControlOrMeta+b")
    expect(ann.composer).to_have_value("**beans**")
    ann.composer.press("ControlOrMeta+i")
    expect(ann.composer).to_have_value("***beans***")
    ann.composer.press("ControlOrMeta+i")
    expect(ann.composer).to_have_value("**beans**")
    ann.page.get_by_role("button", name="Formatting").click()
    ann.page.get_by_role("button", name="Spoiler").click()
    expect(ann.composer).to_have_value("**||beans||**")
    ann.composer.press("Enter")

    spoiler = ben.messages.get_by_role("button", name="Spoiler: show it")
    expect(spoiler.locator("span")).to_be_hidden()
    spoiler.click()
    expect(ben.messages.get_by_text("beans")).to_be_visible()


def test_a_draft_follows_to_another_device_and_is_gone_when_sent(
    enter: Enter, again: Enter
) -> None:
    ann, _ben = in_a_room(enter, "ann", "ben")
    ann.say("What grows?").has_sent("What grows?")
    phone = again("ann")
    phone.open("/chat/room/garden/").sees("What grows?").is_online()

    phone.act("What grows?", "Reply").composer.press_sequentially("Beans, I th")
    expect(ann.composer).to_have_value("Beans, I th")
    expect(ann.page.get_by_role("button", name="Cancel")).to_be_visible()
    ann.composer.press("End")
    ann.composer.press_sequentially("ink")
    expect(phone.composer).to_have_value("Beans, I think")
    ann.page.reload()
    expect(ann.composer).to_have_value("Beans, I think")

    ann.composer.press("Enter")
    phone.sees("Beans, I think")
    expect(phone.composer).to_have_value("")


def test_code_is_copied_as_it_is(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ann.say("```python\nif beans:\n    eat()\n```")
    clock.stop(ben.page)
    ben.page.get_by_role("button", name="Copy code").click()
    expect(ben.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = ben.page.evaluate("navigator.clipboard.readText()")
    assert copied.rstrip() == "if beans:\n    eat()"


def test_the_compact_density_names_everybody(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ann.context.add_cookies(
        [{"name": "loopchat_density", "value": "compact", "url": ann.server.url}]
    )
    ann.page.reload()
    ann.say("One").has_sent("One")
    ben.sees("One").say("Two")
    ann.sees("Two")
    expect(ann.message("One").get_by_text("ann", exact=True)).to_be_visible()
    expect(ann.message("Two").get_by_text("ben", exact=True)).to_be_visible()
