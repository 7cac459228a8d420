"""What takes a picture of the tour: scenes, the three sizes, both themes."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState

from tests.browser.people import PASSWORD, Person
from tests.services import Server

SIZES = {
    "wide": {"width": 1440, "height": 900},
    "tablet": {"width": 1024, "height": 768},
    "phone": {"width": 390, "height": 844},
}
THEMES = ("light", "dark")
SHOWN = {"wide": 0.6, "tablet": 0.6, "phone": 0.85}
"""How large a picture is kept, of what the screen had."""
QUALITY = 42

LARGE = {
    "room-rich-wide-light",
    "direct-wide-dark",
    "lobby-wide-light",
    "people-wide-light",
    "details-wide-dark",
    "lobby-phone-light",
    "room-phone-light",
    "room-garden-phone-dark",
    "ar-room-phone-light",
}
"""What the README shows: kept as large as it was on the screen, one folder above the others."""
LARGE_QUALITY = 68

# Nobody in front of this browser: what is unread stays so for the next picture.
_AWAY = "Object.defineProperty(document, 'hasFocus', { value: () => false })"
_READY = """async () => {
  await document.fonts.ready
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
  const seen = [...document.images].filter(one => one.checkVisibility())
  const late = new Promise(done => setTimeout(done, 3000))
  await Promise.race([Promise.allSettled(seen.map(one => one.decode())), late])
}"""
_STILL = "Promise.allSettled(document.getAnimations().map(one => one.finished))"


@dataclass(frozen=True, slots=True)
class Scene:
    """One screen in one state: how to get there, and what the gallery says of it."""

    chapter: str
    name: str
    title: str
    play: Callable[[Stage], Page]
    server: str = "main"
    themes: tuple[str, ...] = THEMES
    sizes: tuple[str, ...] = tuple(SIZES)
    look: Mapping[str, str] = field(default_factory=dict)
    anew: bool = False
    """Played again for each size: what it opens stands where the window had room."""


class Stage:
    """Where one scene is played, at one size: it opens browsers, and closes them afterwards."""

    def __init__(self, camera: Camera, scene: Scene) -> None:
        self.camera = camera
        self.scene = scene
        self.size = scene.sizes[0]
        self.server = camera.servers[scene.server]
        self._open: list[Person] = []

    def someone(self, name: str = "", **look: Any) -> Person:
        """A browser of this size; of nobody, or of somebody who is signed in."""
        state = self.camera.signed_in(self.server, name) if name else None
        look = {"size": SIZES[self.size], "storage_state": state, **look}
        person = Person(self.camera.browser, self.server, name, **look)
        person.context.set_default_timeout(12_000)
        person.context.add_init_script(_AWAY)
        cookies = {f"loopchat_{key}": value for key, value in self.scene.look.items()}
        person.context.add_cookies(
            [
                {"name": key, "value": value, "url": self.server.url}
                for key, value in cookies.items()
            ]
        )
        self._open.append(person)
        return person

    def at(self, path: str, name: str = "Ann") -> Page:
        """A page of theirs."""
        return self.someone(name).open(path).page

    def chat(self, path: str = "/chat/", name: str = "Ann") -> Person:
        """A page of the client, connected."""
        return self.someone(name).open(path).is_online()

    def close(self) -> None:
        """All browsers of this scene."""
        for person in self._open:
            person.context.close()


class Camera:
    """Plays scenes and photographs them."""

    def __init__(self, browser: Browser, servers: Mapping[str, Server], folder: Path) -> None:
        self.browser = browser
        self.servers = servers
        self.folder = folder
        self._states: dict[tuple[str, str], StorageState] = {}
        self._others = ExitStack()
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        if server := self.servers.get("main"):
            for name in ("Ben", "Chloe", "Emre"):
                person = Person(
                    self.browser, server, name, storage_state=self.signed_in(server, name)
                )
                self._others.enter_context(closing(person.context))
                person.context.add_init_script(_AWAY)
                person.open("/chat/").is_online()
        return self

    def __exit__(self, *_: object) -> None:
        self._others.close()

    def signed_in(self, server: Server, name: str) -> StorageState:
        """The cookies of somebody: they sign in once."""
        key = (server.url, name)
        if key not in self._states:
            person = Person(self.browser, server, name)
            person.page.goto("/users/login/")
            person.page.get_by_label("Name", exact=True).fill(name)
            person.page.get_by_label("Password", exact=True).fill(PASSWORD)
            person.page.get_by_role("button", name="Sign in", exact=True).click()
            person.page.wait_for_url("**/chat/")
            self._states[key] = person.context.storage_state()
            person.context.close()
        return self._states[key]

    def take(self, scene: Scene) -> None:
        """All pictures of a scene: played once, in a window that gets smaller."""
        with closing(Stage(self, scene)) as stage:
            page: Page | None = None
            for size in scene.sizes:
                stage.size = size
                if page is None or scene.anew:
                    page = scene.play(stage)
                page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
                page.evaluate(_READY)
                for theme in scene.themes:
                    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                    page.evaluate(_STILL)
                    self._keep(page.screenshot(), f"{scene.name}-{size}-{theme}", SHOWN[size])

    def _keep(self, shot: bytes, name: str, share: float) -> None:
        picture = Image.open(io.BytesIO(shot)).convert("RGB")
        if name in LARGE:
            picture.save(self.folder.parent / f"{name}.webp", quality=LARGE_QUALITY, method=6)
        size = (round(picture.width * share), round(picture.height * share))
        small = picture.resize(size, Image.Resampling.LANCZOS)
        small.save(self.folder / f"{name}.webp", quality=QUALITY, method=6)
