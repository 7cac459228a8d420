"""How a conversation looks: formats, groups, days, lines about the room, what one has chosen."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Locator, expect

from tests.browser.attention import in_a_room, say_lines
from tests.browser.conftest import Enter
from tests.browser.people import Person

_TEXT = """**bold** _italic_ ~~gone~~ `code` ||secret|| https://example.com/x

> quoted

- one
- two

```python
def grow(beans: int) -> None: return "up"
```"""


def test_what_is_written_with_signs_is_drawn(enter: Enter) -> None:
    ann, ben = in_a_room(enter, "ann", "ben")
    ben.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ann.say(_TEXT)
    bubble = ben.messages.last.locator(".bubble__text")
    for part, text in (
        ("strong", "bold"),
        ("em", "italic"),
        ("s", "gone"),
        ("p > code", "code"),
        ("blockquote", "quoted"),
        ("ul > li >> nth=1", "two"),
        ("pre", 'def grow(beans: int) -> None: return "up"'),
    ):
        expect(bubble.locator(part)).to_have_text(re.compile(rf"^\s*{re.escape(text)}\s*$"))
    expect(bubble.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer nofollow")
    colours = bubble.locator("pre span").evaluate_all(
        "all => new Set(all.map(one => getComputedStyle(one).color)).size"
    )
    assert colours >= 3
    spoiler = bubble.get_by_role("button", name="Spoiler: show it")
    spoiler.focus()
    ben.page.keyboard.press("Enter")
    expect(bubble.get_by_text("secret")).to_be_visible()

    buttons = ben.point_at(ben.messages.last)
    buttons.get_by_role("button", name="More", exact=True).click()
    ben.page.get_by_role("menuitem", name="Copy text").click()
    ben.was_told("Copied")
    assert ben.page.evaluate("navigator.clipboard.readText()") == _TEXT
    ann.say("🌱").say("so 🌱")
    assert _size(ben.sees("🌱"), "🌱") > 1.5 * _size(ben.sees("so 🌱"), "so 🌱")


def test_the_menu_of_formats(enter: Enter) -> None:
    ann = enter("ann").create_room("Garden")
    for name, made in (
        ("Strikethrough", "~~beans~~"),
        ("Code", "`beans`"),
        ("Block of code", "```\nbeans\n```"),
        ("Quote", "> beans"),
        ("List", "- beans"),
    ):
        ann.composer.fill("beans")
        ann.composer.press("ControlOrMeta+a")
        ann.page.get_by_role("button", name="Formatting").click()
        ann.page.locator("#formats").get_by_role(
            "button", name=re.compile(f"^{name}( Ctrl|$)")
        ).click()
        expect(ann.composer).to_have_value(made)


def test_groups_days_and_lines_about_the_room(enter: Enter) -> None:
    ann, ben, cara = in_a_room(enter, "ann", "ben", "cara")
    ann.say("One").say("Two").has_sent("Two")
    ben.say("Three").has_sent("Three")
    for person, first, last in ((cara, "One", "Two"), (cara, "Three", "Three")):
        expect(person.message(first)).to_have_attribute("data-first", "true")
        expect(person.message(last)).to_have_attribute("data-last", "true")
    expect(cara.message("Two")).not_to_have_attribute("data-first", "true")
    expect(ann.message("Two")).to_have_attribute("data-own", "true")
    backgrounds = [_background(ann.sees(text), text) for text in ("Two", "Three")]
    assert backgrounds[0] != backgrounds[1]

    ann.page.get_by_role("button", name="Details").last.click()
    details = ann.page.get_by_label("Details").last
    expect(details.get_by_role("listitem")).to_have_count(3)
    details.get_by_role("button", name="Name and topic").click()
    dialog = ann.page.get_by_role("dialog", name="Name and topic")
    dialog.get_by_label("Name", exact=True).fill("Orchard")
    dialog.get_by_label("Topic").fill("Apples")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    ann.page.get_by_role("button", name="Actions for ben").click()
    ann.page.get_by_role("button", name="Make moderator").click()
    for line in (
        "You and ben joined",
        "The room is now called “Orchard”",
        "The topic is now “Apples”",
        "ben is now moderator",
    ):
        expect(cara.page.get_by_text(line, exact=True)).to_be_visible()
    expect(cara.header("Orchard")).to_be_visible()
    expect(cara.row("Orchard")).to_be_visible()

    say_lines(ben, 30)
    cara.sees("Line 30")
    _stays_on_top(cara)
    said = datetime.now(UTC)
    for days, word in ((1, "Yesterday"), (3, r"\w+day"), (30, r"\d+ \w+ \d{4}|\d+ \w+")):
        cara.page.clock.set_system_time(said + timedelta(days=days))
        cara.page.reload()
        expect(cara.page.locator(".date").first).to_have_text(re.compile(f"^({word})$"))


def test_what_one_has_chosen_is_how_it_looks(enter: Enter) -> None:
    ann = enter("ann").create_room("Garden").say("Plain").has_sent("Plain")
    size = _size(ann, "Plain")
    ann.open("/chat/settings/")
    for label in ("Very large", "High", "Little", "2:05 PM", "Begins a new line", "Dark"):
        ann.page.get_by_role("radio", name=label).check()
    ann.page.get_by_role("button", name="Save", exact=True).first.click()
    expect(ann.page.locator("html[data-contrast=more]")).to_have_count(1)
    expect(ann.page.get_by_role("radio", name="Very large")).to_be_checked()
    ann.open("/chat/room/garden/").is_online()

    root = ann.page.locator("html")
    for name, value in (("theme", "dark"), ("contrast", "more"), ("motion", "less")):
        expect(root).to_have_attribute(f"data-{name}", value)
    assert _size(ann, "Plain") > 1.2 * size
    expect(ann.message("Plain").locator("time")).to_have_text(re.compile(r"\d:\d\d\s?[AaPp][Mm]"))
    ann.composer.press_sequentially("One")
    ann.composer.press("Enter")
    ann.composer.press_sequentially("Two")
    expect(ann.composer).to_have_value("One\nTwo")
    ann.composer.press("ControlOrMeta+Enter")
    expect(ann.composer).to_have_value("")
    expect(ann.messages).to_have_count(2)


def _stays_on_top(person: Person) -> None:
    """The day of what one reads stands at the top, however far one scrolls."""
    box = person.page.get_by_role("region", name="Messages")
    chip = person.page.get_by_text("Today", exact=True)
    box.evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(chip).to_be_in_viewport()
    distance = "([chip, box]) => chip.getBoundingClientRect().top - box.getBoundingClientRect().top"
    handles = [chip.element_handle(), box.element_handle()]
    assert 0 <= person.page.evaluate(distance, handles) < 60


def _size(person: Person, text: str) -> float:
    return _text(person, text).evaluate("one => parseFloat(getComputedStyle(one).fontSize)")


def _background(person: Person, text: str) -> str:
    bubble = person.message(text).locator(".bubble")
    return str(bubble.evaluate("one => getComputedStyle(one).backgroundColor"))


def _text(person: Person, text: str) -> Locator:
    return person.message(text).locator(".bubble__text")
