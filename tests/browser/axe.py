"""What axe has to say about a page, in light and in dark."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

REAL_TIMER = "setTimeoutOfTheBrowser"
"""What a page calls `setTimeout` by: axe goes on while a test has stopped the clock of the page."""

_RUN = """async ([part, options]) => {
  const { violations } = await axe.run(part, { ...options, resultTypes: ["violations"] })
  return violations.map(({ id, nodes }) => [id, ...nodes.map(one => one.html.slice(0, 160))])
}"""
_ALL: dict[str, object] = {}
_COLOURS: dict[str, object] = {"runOnly": ["color-contrast"]}


def is_clean(page: Page, part: str = "html") -> None:
    """Both themes with one page that follows the system: in the second only colours differ."""
    if not page.evaluate("'axe' in window"):
        timer = f"window.{REAL_TIMER} ?? window.setTimeout"
        page.evaluate(f"(setTimeout => {{ {Axe().axe_script}\n }})({timer})")
    for theme, options in (("light", _ALL), ("dark", _COLOURS)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")
        found = page.evaluate(_RUN, [part, options])
        assert found == [], f"{page.url}, {theme}: {found}"
