"""The clock of somebody's device: while it stands nobody falls silent and no word goes away.

What a page shows for some seconds only is missed by a test on a machine that stands still as long.
"""

from __future__ import annotations

from playwright.sync_api import Page

_BEFORE_S = 60
"""A clock cannot be stopped at a moment that is over by then: so it is put back first."""


def stop(*pages: Page) -> None:
    """Timers of these people's pages wait from here on: for `page.clock.run_for`, or for `go_on`.

    Those that run already run on, and cannot be taken back: stop the clock before the first word.
    """
    for page in pages:
        now = page.evaluate("Date.now() / 1000")
        page.clock.install(time=now - _BEFORE_S)
        page.clock.pause_at(now)


def go_on(*pages: Page) -> None:
    """The clocks run again."""
    for page in pages:
        page.clock.resume()
