"""Without a mouse: everything can be reached, one sees where one is, and nobody gets lost."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.attention import in_a_room, to_lobby
from tests.browser.conftest import Enter
from tests.browser.people import Person

STOPS_MAX = 300

_MARK = """() => {
  const able = "a[href], button:not(:disabled), input, textarea, select, [tabindex='0']"
  const isStop = one => one.checkVisibility({ visibilityProperty: true })
    && one.tabIndex >= 0 && !(one.type === "radio" && !one.checked)
  const stops = [...document.querySelectorAll(able)].filter(isStop)
  stops.forEach((one, n) => { one.dataset.stop = n })
  return stops.length
}"""

_HERE = """() => {
  const one = document.activeElement
  const around = one.closest("search, .composer__row, .choice, .check")
  const hasCaret = one.matches("textarea, input:not([type=radio], [type=checkbox])")
  const looks = [one, around].filter(Boolean).map(each => getComputedStyle(each))
  const isMarked = looks.some(look => look.outlineStyle !== "none" || look.boxShadow !== "none")
  return [one.dataset.stop ?? "", one.outerHTML.slice(0, 160), hasCaret || isMarked]
}"""


def test_tab_reaches_everything_and_one_sees_where(enter: Enter) -> None:
    ann, _ben = in_a_room(enter, "ann", "ben")
    ann.say("See https://example.com ||secret||").say("`x`\n```python\nx = 1\n```")
    expect(ann.messages).to_have_count(2)
    ann.page.get_by_role("button", name="Details").last.click()
    expect(ann.page.get_by_role("button", name="Actions for ben")).to_be_visible()
    _tab_through(ann.page)
    to_lobby(ann)
    _tab_through(ann.page)
    ann.open("/chat/friends/").is_online()
    expect(ann.page.get_by_role("button", name="Profile of ben")).to_be_visible()
    _tab_through(ann.page)
    ann.open("/chat/settings/")
    expect(ann.row("Garden")).to_be_visible()
    _tab_through(ann.page)


def test_nobody_gets_lost(enter: Enter) -> None:
    ann, _ben = in_a_room(enter, "ann", "ben")
    press = ann.page.keyboard.press
    for text in ("One", "Two", "Three"):
        ann.say(text).has_sent(text)
    ann.page.get_by_role("region", name="Messages").focus()
    for _ in range(2):
        press("ArrowUp")
    expect(ann.message("Two")).to_be_focused()
    press("Delete")
    expect(ann.message("Two")).to_have_count(0)
    expect(ann.message("Three")).to_be_focused()
    press("Delete")
    expect(ann.message("One")).to_be_focused()

    for way in ("Message info", "Forward"):
        press("Enter")
        item = ann.page.get_by_role("menuitem", name=way, exact=True)
        expect(ann.page.get_by_role("menuitem", name="Reply")).to_be_focused()
        for _ in range(20):
            if item.evaluate("one => one === document.activeElement"):
                break
            press("ArrowDown")
        press("Enter")
        expect(ann.page.get_by_role("dialog")).to_be_visible()
        press("Escape")
        expect(ann.page.get_by_role("dialog")).to_have_count(0)
        expect(ann.message("One")).to_be_focused()
    press("e")
    thumb = ann.page.get_by_role("button", name="React with 👍")
    expect(thumb).to_be_visible()
    press("Tab")
    expect(thumb).to_be_focused()
    press("Enter")
    expect(ann.message("One").get_by_role("button", name="👍, 1")).to_be_visible()

    details = ann.page.get_by_role("button", name="Details", exact=True)
    details.focus()
    press("Enter")
    expect(details).to_have_attribute("aria-expanded", "true")
    ann.page.get_by_role("button", name="Close details").focus()
    press("Enter")
    expect(details).to_be_focused()
    press("Enter")
    ann.page.get_by_role("button", name="Close details").focus()
    press("Escape")
    expect(details).to_be_focused()
    expect(details).to_have_attribute("aria-expanded", "false")
    expect(ann.header("Garden")).to_be_visible()


def test_a_conversation_without_a_mouse(enter: Enter) -> None:
    ann, _ben = enter("ann"), enter("ben")
    press = ann.page.keyboard.press
    ann.page.get_by_role("button", name="New conversation").focus()
    press("Enter")
    dialog = ann.page.get_by_role("dialog", name="New conversation")
    _tab_to(ann, "Room")
    press("Enter")
    _tab_to(ann, "Name")
    ann.page.keyboard.type("Shed")
    press("Enter")
    expect(dialog).to_have_count(0)
    expect(ann.header("Shed")).to_be_visible()
    expect(ann.composer).to_be_focused()
    ann.page.keyboard.type("Hello")
    press("Enter")
    ann.has_sent("Hello")

    press("Control+k")
    expect(ann.page.get_by_role("combobox")).to_be_focused()
    ann.page.keyboard.type("ben")
    expect(ann.page.get_by_role("option", name="ben").first).to_be_visible()
    press("Enter")
    expect(ann.header("ben")).to_be_visible()
    press("Alt+ArrowDown")
    expect(ann.header("Shed")).to_be_visible()


def _tab_to(person: Person, name: str) -> None:
    """Press Tab until something with this name, or label, has the focus."""
    named = """name => {
      const one = document.activeElement
      return [one.textContent, one.ariaLabel, one.labels?.[0]?.textContent].some(
        text => text?.trim() === name)
    }"""
    for _ in range(STOPS_MAX):
        if person.page.evaluate(named, name):
            return
        person.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name}")


def _tab_through(page: Page) -> None:
    """Go round once and meet each stop, always with a ring around where one is."""
    page.evaluate("document.activeElement?.blur()")
    missing = {str(n) for n in range(page.evaluate(_MARK))}
    assert missing
    for _ in range(STOPS_MAX):
        page.keyboard.press("Tab")
        stop, what, is_marked = page.evaluate(_HERE)
        assert is_marked or stop == "", what
        missing.discard(stop)
        if not missing:
            return
    names = [
        page.locator(f'[data-stop="{n}"]').evaluate("one => one.outerHTML.slice(0, 160)")
        for n in missing
    ]
    raise AssertionError(f"Tab does not reach {names}")
