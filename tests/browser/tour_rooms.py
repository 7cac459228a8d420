"""Scenes of the tour in the chat: lobby, rooms, messages, and what opens above them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from playwright.sync_api import Page, expect

from tests.browser.people import Person
from tests.browser.tour_camera import Scene, Stage

SCENES: list[Scene] = []

GENERAL = "/chat/room/general/"
GARDEN = "/chat/room/garden/"
RELEASE = "/chat/room/release-1-0/"

_OPEN = """({ name, text }) => {
  const { app } = document.querySelector("loop-shell")
  const items = app.shown?.log.items().filter(item => item.type === "chat_message") ?? []
  const item = items.findLast(one => JSON.stringify(one).includes(text)) ?? items.at(-1)
  app.open({ name, room: app.shown, item, items: [item], kind: "group", pick() {}, answer() {},
    person: app.shown?.summary, uid: item?.uid })
}"""


def scene(
    chapter: str,
    name: str,
    title: str,
    *,
    server: str = "main",
    look: Mapping[str, str] | None = None,
    anew: bool = False,
) -> Callable[[Callable[[Stage], Page]], Callable[[Stage], Page]]:
    """Keeps the function below as a scene."""

    def keep(play: Callable[[Stage], Page]) -> Callable[[Stage], Page]:
        SCENES.append(Scene(chapter, name, title, play, server, look=look or {}, anew=anew))
        return play

    return keep


def at_end(person: Person) -> Page:
    """The end of the conversation, when it began at what is unread."""
    jump = person.page.locator(".jump:not(.jump--first)")
    expect(person.messages.first).to_be_visible()
    if jump.is_visible():
        jump.click()
    return person.page


def _dialog(
    chapter: str, name: str, title: str, dialog: str, path: str = GARDEN, text: str = ""
) -> None:
    def play(stage: Stage) -> Page:
        page = stage.chat(path).page
        if path != "/chat/":
            expect(page.get_by_role("article").first).to_be_visible()
        page.evaluate(_OPEN, {"name": dialog, "text": text})
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.get_by_role("dialog").locator("[aria-busy=true]")).to_have_count(0)
        page.evaluate(
            "document.activeElement.matches('.icon-button') && document.activeElement.blur()"
        )
        return page

    SCENES.append(Scene(chapter, name, title, play))


@scene("Lobby", "lobby-empty", "An empty server, as its owner sees it", server="empty")
def lobby_empty(stage: Stage) -> Page:
    return stage.chat(name="Olga").page


@scene("Lobby", "lobby", "The lobby")
def lobby(stage: Stage) -> Page:
    person = stage.chat()
    expect(person.page.get_by_role("button", name="Chloe").first).to_be_attached()
    return person.page


@scene("Lobby", "lobby-end", "The lobby of a newcomer")
def lobby_new(stage: Stage) -> Page:
    return stage.chat(name="Greta").page


@scene("Lobby", "account-menu", "The account's menu", anew=True)
def account_menu(stage: Stage) -> Page:
    page = stage.chat().page
    page.locator("[popovertarget=account-menu]").first.click()
    return page


@scene("Conversations", "room", "A room with something new")
def room(stage: Stage) -> Page:
    return at_end(stage.chat(GENERAL))


@scene("Conversations", "room-rich", "Formatted text, code, quotes, lists")
def room_rich(stage: Stage) -> Page:
    return at_end(stage.chat(RELEASE))


@scene("Conversations", "room-compact", "The same room, compact", look={"density": "compact"})
def room_compact(stage: Stage) -> Page:
    return at_end(stage.chat(RELEASE))


@scene("Conversations", "room-garden", "Replies, reactions, lines about the room")
def room_garden(stage: Stage) -> Page:
    return at_end(stage.chat(GARDEN))


@scene("Conversations", "direct", "A direct conversation")
def direct(stage: Stage) -> Page:
    return at_end(stage.chat("/chat/user/Ben/"))


@scene("Conversations", "group", "A group")
def group(stage: Stage) -> Page:
    person = stage.chat()
    person.row("Friday cake").first.click()
    return at_end(person)


@scene("Conversations", "room-private", "A private room, and a long message")
def room_private(stage: Stage) -> Page:
    return stage.chat("/chat/room/board/").page


@scene("Conversations", "room-join", "A room that one may join")
def room_join(stage: Stage) -> Page:
    page = stage.chat("/chat/room/books/").page
    expect(page.get_by_role("button", name="Join Books")).to_be_visible()
    return page


@scene("Conversations", "request", "A message request")
def request(stage: Stage) -> Page:
    page = stage.chat("/chat/user/Zoe/").page
    expect(page.get_by_role("article").first).to_be_visible()
    return page


@scene("Conversations", "details", "Details of a room")
def details(stage: Stage) -> Page:
    person = stage.chat(GARDEN)
    person.page.get_by_role("button", name="Details").last.click()
    expect(person.page.get_by_role("heading", name="members")).to_be_visible()
    return person.page


@scene("Conversations", "member-menu", "What can be done with a member", anew=True)
def member_menu(stage: Stage) -> Page:
    page = details(stage)
    page.get_by_role("button", name="Actions for Ben").click()
    return page


@scene("Conversations", "room-menu", "The menu of a conversation", anew=True)
def room_menu(stage: Stage) -> Page:
    page = at_end(stage.chat(GARDEN))
    page.locator("[popovertarget=room-menu]").first.click()
    return page


@scene("Messages", "message-menu", "The menu of a message", anew=True)
def message_menu(stage: Stage) -> Page:
    person = stage.chat(GARDEN)
    person.message("I can. Morning or evening?").focus()
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_role("menu", name="Message menu")).to_be_visible()
    return person.page


@scene("Messages", "message-tools", "What appears beside a message", anew=True)
def message_tools(stage: Stage) -> Page:
    person = stage.chat(GARDEN)
    person.message("Thank you!").hover()
    return person.page


@scene("Messages", "reply", "An answer is written", anew=True)
def reply(stage: Stage) -> Page:
    person = stage.chat(GARDEN, "Ben")
    person.message("Thank you!").focus()
    person.page.keyboard.press("r")
    person.composer.fill("With pleasure. I will send *pictures* of the beans.")
    return person.page


@scene("Messages", "edit", "A message is edited")
def edit(stage: Stage) -> Page:
    person = stage.chat(GARDEN)
    person.composer.press("ArrowUp")
    return person.page


@scene("Messages", "formats", "Formatting", anew=True)
def formats(stage: Stage) -> Page:
    person = stage.chat(GARDEN)
    person.page.locator("[popovertarget=formats]").first.click()
    return person.page


@scene("Messages", "completion-names", "Names are completed", anew=True)
def completion_names(stage: Stage) -> Page:
    person = stage.chat(GARDEN, "Fatima")
    person.composer.fill("")
    person.composer.press_sequentially("Shall we ask @")
    expect(person.page.get_by_role("option").first).to_be_visible()
    return person.page


@scene("Messages", "completion-emoji", "Emoji are completed", anew=True)
def completion_emoji(stage: Stage) -> Page:
    person = stage.chat(GARDEN, "Fatima")
    person.composer.fill("")
    person.composer.press_sequentially("Sunny :sun")
    expect(person.page.get_by_role("option").first).to_be_visible()
    return person.page


@scene("Messages", "emoji", "All emoji", anew=True)
def emoji(stage: Stage) -> Page:
    person = stage.chat(GARDEN)
    person.page.get_by_role("button", name="Insert emoji").click()
    expect(person.page.get_by_role("button", name="grinning face", exact=True)).to_be_visible()
    return person.page


@scene("Messages", "select", "Several messages")
def select(stage: Stage) -> Page:
    person = stage.chat(GARDEN)
    person.message("Thank you!").focus()
    person.page.keyboard.press("Enter")
    person.page.get_by_role("menuitem", name="Select").click()
    person.message("I can. Morning or evening?").click()
    return person.page


_dialog("Messages", "readers", "Who received and read a message", "readers", text="I can. Morning")
_dialog("Messages", "revisions", "The history of a message", "revisions", RELEASE, "Left to do")
_dialog("Messages", "forward", "Forward", "forward")
_dialog("Messages", "pinned", "Pinned messages", "pinned", GENERAL)
_dialog("Messages", "saved", "Saved messages", "saved")
_dialog("Messages", "date", "Go to a date", "date", GENERAL)
_dialog("Getting around", "switcher", "The switcher", "switcher")
_dialog("Getting around", "shortcuts", "Keys", "shortcuts")
_dialog("Getting around", "new-group", "A new group", "new", "/chat/")
_dialog("Getting around", "invite", "Invite people to a room", "invite")
_dialog("Getting around", "rename", "Name and topic", "rename")
_dialog("Getting around", "status", "Status", "status")
_dialog("Getting around", "notices", "Notifications", "notices")


@scene("Getting around", "new-room", "A new room")
def new_room(stage: Stage) -> Page:
    page = stage.chat().page
    page.get_by_role("button", name="New conversation").click()
    page.get_by_role("radio", name="Room", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Summer party")
    return page


@scene("People", "people", "People")
def people(stage: Stage) -> Page:
    page = stage.chat("/chat/friends/").page
    page.get_by_role("tab", name="Friends").click()
    return page


@scene("People", "people-requests", "Requests of friends")
def people_requests(stage: Stage) -> Page:
    page = stage.chat("/chat/friends/").page
    page.get_by_role("tab", name="Requests").click()
    return page


@scene("People", "people-everyone", "Everybody")
def people_everyone(stage: Stage) -> Page:
    page = stage.chat("/chat/friends/").page
    page.get_by_role("tab", name="Everybody").click()
    return page


@scene("People", "profile-card", "A person")
def profile_card(stage: Stage) -> Page:
    person = stage.chat(GARDEN)
    person.page.get_by_role("article").get_by_role("button", name="Ben", exact=True).first.click()
    expect(person.page.get_by_role("dialog")).to_be_visible()
    expect(person.page.get_by_role("dialog").locator("[aria-busy=true]")).to_have_count(0)
    return person.page
