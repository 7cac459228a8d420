"""What people say of themselves, and how others see it: card, status, picture, quiet, privacy."""

from __future__ import annotations

import io
import re

from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.browser.attention import in_a_room, look_away, notices, wait_for_notice, with_desktop
from tests.browser.axe import is_clean
from tests.browser.conftest import Enter


def test_a_status_set_in_passing_is_seen_at_once(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.say("Hello").has_sent("Hello")
    ben.page.get_by_role("button", name="Account and settings").click()
    ben.page.get_by_role("button", name="Set a status").click()
    dialog = ben.page.get_by_role("dialog", name="Status")
    dialog.get_by_role("textbox", name="What are you doing?").fill("Digging")
    dialog.get_by_role("button", name="Emoji of the status").click()
    picker = ben.page.get_by_role("dialog", name="Emoji", exact=True)
    picker.get_by_label("Search emoji").fill("seedling")
    picker.get_by_role("button", name="seedling").first.click()
    expect(picker).to_have_count(0)
    dialog.get_by_label("Ends after").select_option("1 hour")
    is_clean(ben.page, "dialog[open]")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)

    ann.message("Hello").get_by_role("button", name="Profile of ben").click()
    card = ann.page.get_by_role("dialog", name="Profile")
    expect(card.get_by_text("🌱 Digging")).to_be_visible()
    ben.page.get_by_role("button", name="Account and settings").click()
    ben.page.get_by_role("button", name="🌱 Digging").click()
    dialog.get_by_role("button", name="Clear status").click()
    expect(card.get_by_text("Digging")).to_have_count(0)


def test_a_picture_is_cropped_shown_and_removed(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.say("Hello").has_sent("Hello")
    file = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 10, 10)).save(file, "PNG")
    room = ben.page
    ben.new_page()
    ben.open("/chat/settings/profile/")
    ben.page.get_by_label("Name that is shown").fill("Ben Okafor")
    ben.page.get_by_label("Time zone").select_option("Asia/Tokyo")
    ben.page.get_by_role("textbox", name="About you").fill("Beans, peas and bees.")
    ben.page.get_by_role("button", name="Save", exact=True).click()
    expect(ben.page.get_by_text("Saved.")).to_be_visible()
    chosen = FilePayload(name="me.png", mimeType="image/png", buffer=file.getvalue())
    ben.page.get_by_label("A picture of you").set_input_files(chosen)
    part = ben.page.get_by_role("img", name="The part that is shown")
    part.press("ArrowRight")
    is_clean(ben.page)
    ben.page.get_by_label("Zoom").fill("2")
    ben.page.get_by_role("button", name="Show this picture").click()
    expect(ben.page.get_by_alt_text("Your picture")).to_be_visible()
    is_clean(ben.page)

    face = ann.message("Hello").get_by_role("button", name="Profile of Ben Okafor")
    expect(face.locator("img")).to_have_js_property("naturalWidth", 64)
    face.click()
    card = ann.page.get_by_role("dialog", name="Profile")
    expect(card.get_by_text("Beans, peas and bees.")).to_be_visible()
    expect(card.get_by_text("where they are")).to_be_visible()
    expect(card.get_by_role("link", name="Garden")).to_be_visible()
    is_clean(ann.page, "dialog[open]")
    ben.page.get_by_role("button", name="Remove the picture").click()
    expect(ben.page.get_by_role("button", name="Remove the picture")).to_have_count(0)
    expect(card.locator("img")).to_have_count(0)
    ben.page = room


def test_who_is_not_to_be_disturbed_gets_no_notices(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    with_desktop(ann).page.evaluate("localStorage.setItem('permission', 'granted')")
    ann.page.get_by_role("button", name="Account and settings").click()
    ann.page.get_by_role("button", name="Set a status").click()
    dialog = ann.page.get_by_role("dialog", name="Status")
    dialog.get_by_role("button", name="30 minutes").click()
    expect(dialog.get_by_text(re.compile("^Until "))).to_be_visible()  # today, or tomorrow
    ann.page.keyboard.press("Escape")
    look_away(ann.page)
    ben.say("@ann are you there?").has_sent("@ann are you there?")
    ann.sees("@ann are you there?")
    ann.message("@ann are you there?").get_by_role("button", name="ben", exact=True).click()
    expect(ann.page.get_by_role("dialog", name="Profile")).to_be_visible()
    assert notices(ann.page) == []
    ann.page.keyboard.press("Escape")
    ann.page.get_by_role("button", name="Account and settings").click()
    ann.page.get_by_role("button", name="Do not disturb").click()
    dialog.get_by_role("button", name="Turn off").click()
    expect(dialog.get_by_role("button", name="30 minutes")).to_be_visible()
    ben.say("And now?").has_sent("And now?")

    wait_for_notice(ann.page)


def test_who_hides_is_not_seen_and_does_not_see(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.begin_with("ann").say("Hello").has_sent("Hello")
    ann.row("ben").click()
    status = ann.page.locator(".conversation__status")
    expect(status).to_have_text("online")
    ben.open("/chat/settings/")
    group = ben.page.get_by_role("group", name="Who sees that you are here")
    group.get_by_role("radio", name="Nobody").check()
    is_clean(ben.page)
    ben.page.get_by_role("button", name="Save privacy").click()
    expect(ben.page.get_by_text("Saved.")).to_be_visible()
    expect(status).not_to_have_text("online")
    ben.open("/chat/user/ann/").is_online()
    expect(ben.page.locator(".conversation__status")).not_to_have_text("online")


def test_people_are_found_and_the_switcher_shows_who_they_are(enter: Enter) -> None:
    ann, _ben = enter("ann"), enter("ben")
    ann.page.get_by_role("link", name="People").first.click()
    ann.page.wait_for_url("**/chat/friends/")
    panel = ann.page.get_by_role("tabpanel", name="Everybody")
    expect(panel.get_by_role("button", name="Profile of ben")).to_be_visible()
    panel.get_by_label("Search people").fill("OWN")
    expect(panel.get_by_role("button", name="Profile of ben")).to_have_count(0)
    panel.get_by_role("button", name="Profile of owner").click()
    ann.page.get_by_role("dialog", name="Profile").get_by_role("button", name="Close").click()
    ann.page.get_by_role("tab", name="Everybody").focus()
    ann.page.keyboard.press("ArrowLeft")
    expect(ann.page.get_by_text("Nobody waits for an answer.")).to_be_visible()

    ann.page.keyboard.press("Control+k")
    ann.page.get_by_role("combobox").fill("ben")
    expect(ann.page.get_by_role("option", name="ben")).to_be_visible()
    ann.page.keyboard.press("Control+Enter")
    card = ann.page.get_by_role("dialog", name="Profile")
    card.get_by_role("button", name="Write to ben").click()
    expect(ann.header("ben")).to_be_visible()


def test_the_people_page_works_without_scripts(enter: Enter, again: Enter) -> None:
    _ann, ben = enter("ann"), enter("ben")
    ben.open("/chat/friends/").page.get_by_role("button", name="Add ann as a friend").click()
    ben.page.get_by_role("button", name="Send request").click()
    expect(ben.page.get_by_role("button", name="Cancel the request to ann")).to_be_visible()
    ben.open("/chat/friends/?plain")
    is_clean(ben.page)
    ben.open("/chat/friends/").is_online()
    plain = again("ann", java_script_enabled=False)
    plain.open("/chat/friends/").page.wait_for_url("**/chat/friends/?plain")
    plain.page.get_by_role("button", name="Accept").click()
    expect(plain.page.get_by_role("button", name="Remove friend")).to_be_visible()
    is_friend = ben.page.get_by_role("list", name="Friends who are here")
    expect(is_friend.get_by_role("button", name="ann")).to_be_visible()
