"""Two people, two browsers: what one does, the other sees."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser import clock
from tests.browser.conftest import Enter

_LOSE_MARK_READ = """() => {
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (frame) {
    if (!frame.includes("mark_read")) send.call(this, frame)
  }
}"""


def test_two_people_meet_in_a_room_and_talk(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden", topic="What grows where")
    expect(ann.page).to_have_url(re.compile("/chat/room/garden/$"))

    ben.open("/chat/")
    ben.page.get_by_role("button", name="Join Garden").click()
    expect(ben.header("Garden")).to_be_visible()
    expect(ann.page.get_by_text("ben joined")).to_be_visible()
    ann.say("The beans are up").sees("The beans are up")
    ben.sees("The beans are up").say("All of them?").sees("All of them?")
    ann.sees("All of them?")

    expect(ann.messages).to_have_count(2)
    expect(ann.messages.first).to_contain_text("The beans are up")


def test_the_door_of_a_public_room_lets_one_in(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden").say("Hello?")

    ben.open("/chat/room/garden/")
    expect(ben.header("Garden")).to_be_visible()
    expect(ben.composer).to_have_count(0)
    ben.page.get_by_role("button", name="Join Garden").click()

    ben.sees("Hello?")
    expect(ben.composer).to_be_focused()


def test_each_sees_the_other_type(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden")
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    expect(ben.composer).to_be_visible()
    clock.stop(ann.page, ben.page)

    ben.composer.press_sequentially("I wo")
    expect(ann.page.get_by_role("main").get_by_text("ben is typing…")).to_be_visible()
    ann.composer.press_sequentially("Yes")
    expect(ben.page.get_by_role("main").get_by_text("ann is typing…")).to_be_visible()
    ben.composer.press("Enter")

    expect(ann.page.get_by_text("ben is typing…")).to_have_count(0)


def test_switching_rooms_keeps_address_back_button_and_draft(enter: Enter) -> None:
    ann = enter("ann")
    ann.create_room("Garden").say("In the garden").create_room("Kitchen").say("In the kitchen")
    ann.composer.fill("half a thou")

    ann.row("Garden").click()
    ann.sees("In the garden")
    expect(ann.page).to_have_url(re.compile("/chat/room/garden/$"))
    expect(ann.page).to_have_title("Garden – Loopchat")
    expect(ann.composer).to_have_value("")

    ann.page.go_back()
    ann.sees("In the kitchen")
    expect(ann.composer).to_have_value("half a thou")
    ann.page.reload()
    ann.sees("In the kitchen")
    expect(ann.composer).to_have_value("half a thou")


def test_a_direct_conversation_and_its_ticks(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.open("/chat/")
    ann.page.get_by_role("button", name="New conversation").click()
    ann.page.get_by_role("searchbox", name="Search people").fill("ben")
    ann.page.get_by_role("dialog").get_by_role("button", name="ben").click()
    expect(ann.page).to_have_url(re.compile("/chat/user/ben/$"))
    ann.say("Are you there?")

    expect(ann.message("Are you there?").get_by_text("Delivered")).to_be_attached()
    expect(ben.page).to_have_title("(1) Lobby – Loopchat")
    ben.row("ann").click()
    ben.sees("Are you there?")

    expect(ann.message("Are you there?").get_by_text("Read")).to_be_attached()
    expect(ben.page).to_have_title("ann – Loopchat")
    ann.page.reload()
    expect(ann.message("Are you there?").get_by_text("Read")).to_be_attached()


def test_unread_messages_are_counted_marked_and_read(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden")
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    ben.say("First").page.get_by_role("link", name="Loopchat, to the lobby").click()

    ann.sees("First").say("Second").say("Third")
    badge = ben.row("Garden").get_by_text("2 unread")
    expect(badge).to_be_visible()
    expect(ben.page).to_have_title("(2) Lobby – Loopchat")

    ben.row("Garden").click()
    expect(ben.page.get_by_text("2 new messages")).to_be_visible()
    expect(ben.page).to_have_title("Garden – Loopchat")
    ben.page.reload()
    ben.sees("Third")
    expect(ben.page.get_by_text("new messages")).to_have_count(0)


def test_what_was_seen_is_seen_although_the_server_was_not_told(enter: Enter, again: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden")
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    ben.say("First").page.get_by_role("link", name="Loopchat, to the lobby").click()
    ann.sees("First").say("Second")
    expect(ben.row("Garden").get_by_text("1 unread")).to_be_visible()

    ben.page.evaluate(_LOSE_MARK_READ)
    ben.row("Garden").click()
    expect(ben.page.get_by_text("1 new message")).to_be_visible()
    expect(ben.page).to_have_title("Garden – Loopchat")
    other = again("ben")
    expect(other.row("Garden").get_by_text("1 unread")).to_be_visible()

    ben.page.reload()
    ben.sees("Second")
    expect(ben.page.get_by_text("new message")).to_have_count(0)
    expect(other.row("Garden").get_by_text("1 unread")).to_have_count(0)


def test_a_message_is_edited_answered_reacted_to_and_deleted(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden").say("Teh beans")
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    ben.sees("Teh beans")

    ann.composer.press("ArrowUp")
    expect(ann.composer).to_have_value("Teh beans")
    ann.say("The beans").sees("The beans")
    ben.sees("The beans")
    expect(ben.message("The beans").get_by_text("edited")).to_be_visible()

    ben.act("The beans", "React")
    ben.page.get_by_role("button", name="React with ❤️").click()
    expect(ann.message("The beans").get_by_role("button", name="❤️, 1")).to_be_visible()

    ben.act("The beans", "Reply").say("What about them?")
    answer = ann.messages.filter(has_text="What about them?")
    expect(answer.get_by_role("button", name="You The beans")).to_be_visible()

    ann.act("The beans", "Delete")
    expect(ben.page.locator(".bubble__gone")).to_be_visible()
    expect(ben.message("The beans")).to_have_count(0)


def test_the_keyboard_reaches_every_message(enter: Enter) -> None:
    ann = enter("ann")
    ann.create_room("Garden").say("One").say("Two").has_sent("Two")
    ann.page.get_by_role("region", name="Messages").focus()

    ann.page.keyboard.press("ArrowUp")
    expect(ann.message("Two")).to_be_focused()
    ann.page.keyboard.press("ArrowUp")
    expect(ann.message("One")).to_be_focused()
    expect(ann.message("One").get_by_role("toolbar", name="Message actions")).to_be_visible()
    ann.page.keyboard.press("r")
    expect(ann.composer).to_be_focused()
    ann.page.keyboard.type("Answer")
    ann.page.keyboard.press("Enter")

    answer = ann.messages.filter(has_text="Answer")
    expect(answer.get_by_role("button", name="You One")).to_be_visible()


def test_two_tabs_of_one_person_agree(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden")
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    first = ann.page
    ann.open("/chat/")
    ann.new_page()
    ann.open("/chat/")
    ben.say("Hello, both of you")
    for page in (first, ann.page):
        expect(page).to_have_title("(1) Lobby – Loopchat")

    ann.row("Garden").click()
    ann.sees("Hello, both of you")

    expect(first).to_have_title("Lobby – Loopchat")


def test_reload_and_deep_links_land_where_they_were(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden", kind="Private").say("Only for some")

    ann.new_page()
    ann.open("/chat/room/garden/").sees("Only for some")
    for path in ("/chat/room/garden/", "/chat/room/no-such-room/", "/chat/user/nobody/"):
        assert ben.page.goto(path).status == 404  # type: ignore[union-attr]
        expect(ben.page.get_by_role("heading", name="Nothing here")).to_be_visible()
    ann.page.get_by_role("button", name="Details").last.click()
    ann.page.get_by_role("button", name="Add people").click()
    ann.page.get_by_role("dialog").get_by_role("button", name="ben").click()
    ann.page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(ann.page.get_by_text("ben was added")).to_be_visible()

    ben.open("/chat/room/garden/").sees("Only for some")


def test_who_is_removed_is_shown_the_way_out(enter: Enter) -> None:
    ann, ben = enter("ann"), enter("ben")
    ann.create_room("Garden")
    ben.open("/chat/room/garden/").page.get_by_role("button", name="Join Garden").click()
    expect(ben.composer).to_be_visible()

    ann.page.get_by_role("button", name="Details").last.click()
    ann.page.get_by_role("button", name="Actions for ben").click()
    ann.page.get_by_role("button", name="Remove from room").click()

    expect(ben.header("Hello, ben")).to_be_visible()
    expect(ben.row("Garden")).to_have_count(0)
