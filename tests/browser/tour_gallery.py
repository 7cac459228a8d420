"""docs/screens.md: all pictures of the tour on one page."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tests.browser.tour_camera import SIZES, Scene

_HEAD = """# Screens

Every screen of Loopchat, at 1440×900, 1024×768 and 390×844, in light and dark. `bin/screenshots`
takes these pictures and writes this page; `bin/screenshots lobby room` takes only those two.
"""


def write_gallery(scenes: Iterable[Scene], folder: Path, page: Path) -> None:
    """The page: a chapter for each part, a table for each scene."""
    lines = [_HEAD]
    there = [one for one in scenes if _pictures(one, folder)]
    for chapter, of_chapter in groupby(there, key=lambda one: one.chapter):
        lines.append(f"## {chapter}\n")
        lines.extend(_table(scene, folder, page) for scene in of_chapter)
    page.write_text("\n".join(lines), encoding="utf-8")


def _table(scene: Scene, folder: Path, page: Path) -> str:
    links = folder.relative_to(page.parent).as_posix()
    sizes = [size for size in SIZES if size in scene.sizes]
    rows = [f"### {scene.title}\n", "| " * len(sizes) + "|", "|---" * len(sizes) + "|"]
    for theme in scene.themes:
        cells = (
            f"![{scene.title}: {size}, {theme}]({links}/{scene.name}-{size}-{theme}.webp)"
            for size in sizes
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, ""])


def _pictures(scene: Scene, folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{scene.name}-*.webp"))
