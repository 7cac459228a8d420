"""What a screen reader is told: everything that a live region of a page says, in order."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.people import Person

_NOTE = """
window.told = []
const isLive = element => element?.closest(
  '[role=status], [role=alert], [role=log]:not([aria-live=off]), [aria-live=polite]')
const note = changes => {
  for (const { target, addedNodes, type } of changes) {
    const where = isLive(target instanceof Element ? target : target.parentElement)
    if (!where) continue
    const nodes = type === "characterData" ? [target] : addedNodes
    for (const node of nodes) if (node.textContent.trim()) told.push(node.textContent.trim())
  }
}
const all = { subtree: true, childList: true, characterData: true }
new MutationObserver(note).observe(document, all)
"""


def with_reader(person: Person) -> Person:
    """Let this person's pages keep what they tell; the page is loaded again."""
    person.context.add_init_script(_NOTE)
    person.page.reload()
    return person.is_online()


def told(page: Page, name: str) -> list[str]:
    """What the page has told of this person's messages, oldest first."""
    said: list[str] = page.evaluate("name => told.filter(one => one.startsWith(name + ':'))", name)
    return said


def wait_until_told(page: Page, text: str) -> None:
    """Wait until the page has told this."""
    page.wait_for_function("text => told.includes(text)", arg=text)
