"""`bin/bench client`: how fast a room is in Chromium, and what its page holds and loads.

A server and a browser of its own on the loopback, rooms of 100,000 and of 500 messages. Nothing is
pinned to a core: a browser is many processes, and nobody pins theirs. Where the system allows it,
they go before other programs. Every figure is the median of
several, with the worst one beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from tests.browser.long import fill
from tests.browser.people import DESK, PASSWORD
from tests.services import Server, chromium

_PEOPLE = ("ann", "ben", "chloe")
_NICE = -10
_LONG = "Archive"
_SHORT = tuple(f"Room {n}" for n in range(1, 9))
_RESULTS = Path(__file__).with_name("results") / "client.json"

_TELL_PAINT = """
new MutationObserver((_, watcher) => {
  if (!document.querySelector(".message")) return
  watcher.disconnect()
  requestAnimationFrame(() => setTimeout(() => (window.paintedAt = performance.now())))
}).observe(document, {childList: true, subtree: true})
"""
_LOADED = """() => performance.getEntriesByType("resource")
  .filter(one => /\\.(js|css)$/.test(one.name) && one.startTime < window.paintedAt)
  .reduce(([n, bytes], one) => [n + 1, bytes + one.encodedBodySize], [0, 0])"""
_SWITCH = """name => new Promise(resolve => {
  const rows = [...document.querySelectorAll(".sidebar .row")]
  const begun = performance.now()
  rows.find(row => row.querySelector(".row__name").textContent.trim() === name).click()
  requestAnimationFrame(() => setTimeout(() => resolve({
    ms: performance.now() - begun,
    right: document.querySelector("h1").textContent.trim() === name,
    shown: document.querySelectorAll(".message").length,
  })))
})"""
_SCROLL_UP = """async count => {
  const box = document.querySelector(".timeline__box")
  const first = () => Number(box.querySelector(".message").id.slice(2))
  const end = first() - count
  while (first() > end) {
    box.scrollTop -= 1500
    await new Promise(requestAnimationFrame)
  }
}"""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write down."""
    parser = argparse.ArgumentParser(prog="bench client", description=main.__doc__)
    parser.add_argument("--times", type=int, default=8, help="how often each thing is done")
    options = parser.parse_args(arguments)
    quick = {"LOOPCHAT_RATE_SIGN_IN": "off", "LOOPCHAT_RATE_SEND": "off"}
    with Server(env=quick) as server, sync_playwright() as playwright:
        server.manage("adduser", "owner", "--owner", "--password-stdin", stdin=PASSWORD)
        for name in _PEOPLE:
            server.manage("adduser", name, "--password-stdin", stdin=PASSWORD)
        fill(server, _PEOPLE, {_LONG: 100_000, **dict.fromkeys(_SHORT, 500)})
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        _go_first()
        found = _measure(browser, server, options.times)
        browser.close()
    for label, value in found.items():
        print(f"{label:<58} {value}")
    _RESULTS.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def _go_first() -> None:
    """Server and browser are sessions of their own, and Linux shares cores between sessions."""
    for process in psutil.Process().children(recursive=True):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
            Path(f"/proc/{process.pid}/autogroup").write_text(str(_NICE))


def _measure(browser: Browser, server: Server, times: int) -> dict[str, str]:
    signed_in = _signed_in(browser, server, "ann")
    found = _cold(browser, server, signed_in, times)
    context = browser.new_context(base_url=server.url, viewport=DESK, storage_state=signed_in)
    page = context.new_page()
    page.goto("/chat/")
    found |= _switching(page, times)
    found |= _scrolling(context, page)
    return found | _receiving(browser, server, context, page, times)


def _signed_in(browser: Browser, server: Server, name: str) -> Any:
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    page.goto("/users/login/?next=/chat/")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/chat/")
    state = context.storage_state()
    context.close()
    return state


def _cold(browser: Browser, server: Server, signed_in: Any, times: int) -> dict[str, str]:
    """Each time a new context: an empty cache, no connection."""
    painted, loaded = [], [0, 0]
    for _ in range(times + 1):
        context = browser.new_context(base_url=server.url, viewport=DESK, storage_state=signed_in)
        context.add_init_script(_TELL_PAINT)
        page = context.new_page()
        page.goto("/chat/room/archive/")
        page.wait_for_function("() => window.paintedAt")
        painted.append(page.evaluate("window.paintedAt"))
        loaded = page.evaluate(_LOADED)
        context.close()
    return {
        "cold load until the room is painted, ms": _said(painted[1:]),
        "scripts and sheets until then": f"{loaded[0]} files, {loaded[1] / 1024:.0f} KiB",
    }


def _switching(page: Page, times: int) -> dict[str, str]:
    """Rooms that were opened before; the time from the click until the frame is done."""
    for name in (*_SHORT, _LONG):
        page.evaluate(_SWITCH, name)
        page.locator(".message").nth(50).wait_for()
    taken = [page.evaluate(_SWITCH, name) for _ in range(times) for name in (*_SHORT, _LONG)]
    assert all(one["right"] and one["shown"] for one in taken), "a room was not drawn at once"
    return {"switching to a room that is held, ms": _said([one["ms"] for one in taken])}


def _scrolling(context: BrowserContext, page: Page) -> dict[str, str]:
    """Up in the long room; what is held after 500 messages and after 5,000 more."""
    client = context.new_cdp_session(page)
    client.send("Performance.enable")
    page.evaluate(_SCROLL_UP, 500)
    before = _metrics(client)
    page.evaluate(_SCROLL_UP, 5000)
    after = _metrics(client)
    busy = _work_ms(after) - _work_ms(before)
    return {
        "scrolling up, ms of work for 60 messages": f"{busy * 60 / 5000:.1f}",
        "script memory after 500 and 5,500 messages, MiB": " ".join(
            f"{one['JSHeapUsedSize'] / (1 << 20):.1f}" for one in (before, after)
        ),
        "nodes after 500 and 5,500 messages": " ".join(
            f"{one['Nodes']:.0f}" for one in (before, after)
        ),
    }


def _receiving(
    browser: Browser, server: Server, context: BrowserContext, page: Page, times: int
) -> dict[str, str]:
    """Somebody else talks while 320 messages are on the page: the work of one message."""
    page.get_by_role("button", name="To the newest message").click()
    page.locator("article.message, .message").last.wait_for()
    page.evaluate(_SCROLL_UP, 300)
    other = browser.new_context(
        base_url=server.url, storage_state=_signed_in(browser, server, "ben")
    )
    talks = other.new_page()
    talks.goto("/chat/room/archive/")
    field = talks.locator(".composer textarea")
    client = context.new_cdp_session(page)
    client.send("Performance.enable")
    held = page.locator(".message").count()
    before = _metrics(client)
    for number in range(times * 3):
        field.fill(f"news {number}")
        field.press("Enter")
        page.locator(".sidebar").get_by_text(f"news {number}", exact=False).first.wait_for()
    after = _metrics(client)
    busy = (_work_ms(after) - _work_ms(before)) / (times * 3)
    return {f"a message arrives, {held} held, ms of work": f"{busy:.1f}"}


def _work_ms(metrics: dict[str, float]) -> float:
    """Scripts, styles and layout; the rest of a page's work is painting and waiting."""
    parts = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
    return sum(metrics[part] for part in parts) * 1000


def _metrics(client: CDPSession) -> dict[str, float]:
    client.send("HeapProfiler.collectGarbage")
    return {m["name"]: m["value"] for m in client.send("Performance.getMetrics")["metrics"]}


def _said(values: Sequence[float]) -> str:
    return f"{median(values):.0f} (worst {max(values):.0f})"


if __name__ == "__main__":
    sys.exit(main())
