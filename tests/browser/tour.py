"""The pictures of the README's tour: `bin/screenshots` takes them from a server of its own.

Run it after a change that one can see, and look at each picture.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.people import DESK, PASSWORD, PHONE, Person
from tests.services import Server, chromium

COLOURS = 256
LAPTOP = {"width": 1280, "height": 800}
PEOPLE = ("Ann", "Ben", "Chloe", "Dmitri", "Emre", "Fatima")

_SEED = Path(__file__).with_name("tour_seed.py")


def take(folder: Path) -> None:
    """Write all pictures into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    quick = {"LOOPCHAT_RATE_SIGN_IN": "off", "LOOPCHAT_RATE_SEND": "off"}
    with Server(env=quick) as server, sync_playwright() as playwright:
        _fill(server)
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--font-render-hinting=none"]
        )
        _pictures(Camera(browser, server, folder))
        browser.close()


class Camera:
    """Opens browsers as somebody and photographs them."""

    def __init__(self, browser: Browser, server: Server, folder: Path) -> None:
        self.browser = browser
        self.server = server
        self.folder = folder

    def person(self, name: str, path: str, **look: Any) -> Person:
        """Somebody signed in, at a page."""
        person = Person(self.browser, self.server, name, **look)
        person.open(f"/users/login/?next={path}")
        person.page.get_by_label("Name", exact=True).fill(name)
        person.page.get_by_label("Password", exact=True).fill(PASSWORD)
        person.page.get_by_role("button", name="Sign in").click()
        person.page.wait_for_url(f"**{path}")
        person.page.evaluate("document.fonts.ready")
        return person

    def shoot(self, person: Person, name: str) -> None:
        """Photograph what this person sees."""
        person.page.mouse.move(0, 0)
        person.page.evaluate(
            "Promise.allSettled(document.getAnimations().map(one => one.finished))"
        )
        picture = Image.open(io.BytesIO(person.page.screenshot()))
        small = picture.convert("RGB").quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)
        small.save(self.folder / f"{name}.png", optimize=True)


def _pictures(camera: Camera) -> None:
    friends = [camera.person(name, "/chat/") for name in ("Ben", "Chloe", "Emre")]
    ben = friends[0].open("/chat/room/general/").is_online()

    ann = camera.person("Ann", "/chat/", size=DESK)
    expect(ann.page.get_by_role("button", name="Chloe")).to_be_visible()
    camera.shoot(ann, "lobby")
    for theme in ("light", "dark"):
        seen = camera.person("Ann", "/chat/room/general/", size=DESK, color_scheme=theme)
        seen.is_online()
        jump = seen.page.get_by_role("button", name="To the newest message")
        if jump.is_visible():
            jump.click()
        ben.composer.press_sequentially("One is ")
        expect(seen.page.get_by_role("main").get_by_text("Ben is typing…")).to_be_visible()
        camera.shoot(seen, f"room-{theme}")
        ben.composer.fill("")
        seen.open("/chat/user/Ben/").is_online()
        camera.shoot(seen, f"direct-{theme}")
        seen.context.close()

    details = camera.person("Ann", "/chat/room/garden/", size=LAPTOP).is_online()
    details.page.get_by_role("button", name="Details").last.click()
    expect(details.page.get_by_role("heading", name="members")).to_be_visible()
    camera.shoot(details, "details")
    details.page.get_by_role("button", name="New conversation").click()
    details.page.get_by_role("radio", name="Room", exact=True).click()
    details.page.get_by_label("Name", exact=True).fill("Summer party")
    camera.shoot(details, "new-room")
    _phone(camera)


def _phone(camera: Camera) -> None:
    sign_in = Person(camera.browser, camera.server, "", size=PHONE).open("/users/login/")
    camera.shoot(sign_in, "phone-sign-in")
    for theme in ("light", "dark"):
        phone = camera.person("Chloe", "/chat/", size=PHONE, color_scheme=theme).is_online()
        camera.shoot(phone, f"phone-list-{theme}")
        phone.open("/chat/room/garden/").is_online()
        camera.shoot(phone, f"phone-room-{theme}")


def _fill(server: Server) -> None:
    server.manage("adduser", "Olga", "--owner", "--password-stdin", stdin=PASSWORD)
    for name in PEOPLE:
        server.manage("adduser", name, "--password-stdin", stdin=PASSWORD)
    server.manage("manage", "shell", "--command", _SEED.read_text(encoding="utf-8"))


if __name__ == "__main__":
    take(Path(sys.argv[1]))
