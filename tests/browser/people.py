"""People who use Loopchat in a browser of their own, and notice when something is wrong with it."""

from __future__ import annotations

import contextlib
import re
from typing import Any, Self

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Response,
    TimeoutError,  # noqa: A004 - it is Playwright's
    expect,
)

from tests.browser.axe import REAL_TIMER
from tests.services import Server

PASSWORD = "correct horse battery"
OWNER = ("owner", PASSWORD)
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
_FOLLOWS = 15

_KEEP_TIMER = f"window.{REAL_TIMER} = window.setTimeout.bind(window)"
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", event =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))
"""

# Words about what was done go away after some seconds: what they said is kept.
_KEEP_WORDS = """
window.wordsSaid = []
new MutationObserver(() => {
  const said = document.querySelector(".toast[data-shown=true] .toast__text")?.textContent
  if (said && said !== wordsSaid.at(-1)) wordsSaid.push(said)
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true,
  attributeFilter: ["data-shown"] })
"""


class Person:
    """Somebody with a browser context of their own, on a page of the server."""

    def __init__(
        self,
        browser: Browser,
        server: Server,
        name: str,
        *,
        size: dict[str, int] = DESK,
        **look: Any,
    ) -> None:
        self.name = name
        self.server = server
        self.problems: list[str] = []
        self.expects_outage = False
        self.context: BrowserContext = browser.new_context(
            base_url=server.url, viewport=size, **{"locale": "en-GB", **look}
        )
        for script in (_KEEP_TIMER, _TELL_VIOLATIONS, _KEEP_WORDS):
            self.context.add_init_script(script)
        self.page: Page = self.new_page()

    def new_page(self) -> Page:
        """Another tab, watched like the first."""
        page = self.context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))
        page.on("response", self._note_failure)
        self.page = page
        return page

    def sign_up(self) -> Self:
        """Make an account by the form; the lobby opens."""
        self.page.goto("/users/signup/")
        self.page.get_by_label("Name", exact=True).fill(self.name)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Create account").click()
        self.page.wait_for_url("**/chat/")
        return self

    def sign_in(self, page: str = "/chat/") -> Self:
        """Somebody who has an account already comes in by the form, on another device."""
        self.page.goto(f"/users/login/?next={page}")
        self.page.get_by_label("Name", exact=True).fill(self.name)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"**{page}")
        return self

    def open(self, path: str) -> Self:
        """Load a page."""
        self.page.goto(path)
        return self

    def begin_with(self, username: str) -> Self:
        """The first conversation with somebody, by their address."""
        self.open(f"/chat/user/{username}/")
        self.page.get_by_role("button", name="Begin a conversation").click()
        return self

    def create_room(self, name: str, *, kind: str = "Public", topic: str = "") -> Self:
        """Create a room by the dialog; it opens."""
        self.page.get_by_role("button", name="New conversation").click()
        dialog = self.page.get_by_role("dialog", name="New conversation")
        dialog.get_by_role("radio", name="Room", exact=True).click()
        dialog.get_by_label("Name", exact=True).fill(name)
        dialog.get_by_label("Topic").fill(topic)
        dialog.get_by_role("radio", name=kind).check()
        dialog.get_by_role("button", name="Create room").click()
        expect(self.header(name)).to_be_visible()
        return self

    def say(self, text: str) -> Self:
        """Write a message and send it."""
        self.composer.fill(text)
        self.composer.press("Enter")
        return self

    def sees(self, text: str) -> Self:
        """Expect exactly one message with this text."""
        expect(self.message(text)).to_have_count(1)
        return self

    def has_sent(self, text: str) -> Self:
        """Expect exactly one message with this text, acknowledged by the server."""
        state = self.message(text).get_by_text(re.compile("^(Sent|Delivered|Read)$"))
        expect(state).to_have_count(1)
        return self

    def is_online(self) -> Self:
        """Expect the connection to stand; the line about it is empty."""
        line = self.page.locator(".connection[data-state=online]")
        expect(line).to_have_attribute("data-empty", "")
        return self

    def was_told(self, text: str) -> Self:
        """Expect that this page said this about what was done, even if the word is gone again."""
        self.page.wait_for_function("text => wordsSaid.includes(text)", arg=text)
        return self

    @property
    def composer(self) -> Locator:
        """The field in which a message is written."""
        return self.page.get_by_role("textbox", name=re.compile("^Message "))

    @property
    def messages(self) -> Locator:
        """All messages on the screen."""
        return self.page.get_by_role("article")

    def message(self, text: str) -> Locator:
        """The messages with this text."""
        return self.messages.filter(has=self.page.get_by_text(text, exact=True))

    def header(self, name: str) -> Locator:
        """The name above the conversation."""
        return self.page.get_by_role("heading", level=1, name=name, exact=True)

    def row(self, name: str) -> Locator:
        """A conversation in the list."""
        rows = self.page.get_by_role("navigation", name="Conversations").get_by_role("link")
        return rows.filter(has=self.page.get_by_text(name, exact=True))

    def point_at(self, message: Locator) -> Locator:
        """Put the mouse on a message; its buttons show.

        A line that comes at this moment moves the message away from under the mouse, which follows.
        """
        buttons = message.get_by_role("toolbar", name="Message actions")
        for _ in range(_FOLLOWS):
            message.hover()
            with contextlib.suppress(TimeoutError):
                buttons.wait_for(timeout=2000)
                break
        expect(buttons).to_be_visible()
        return buttons

    def act(self, text: str, action: str) -> Self:
        """Use a button of a message, or an entry of its menu."""
        message = self.message(text).first
        self.point_at(message)
        more = message.get_by_role("button", name="More", exact=True)
        button = message.get_by_role("button", name=action, exact=True)
        if button.count():
            button.click()
            return self
        more.click()
        menu = self.page.get_by_role("menu", name="Message menu")
        menu.get_by_role("menuitem", name=action, exact=True).click()
        return self

    def _note(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if self.expects_outage and re.search("ERR_|WebSocket connection", message.text):
            return
        if "Failed to load resource: the server responded" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _note_failure(self, response: Response) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} {response.url}")
