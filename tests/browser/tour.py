"""The pictures of the tour: `bin/screenshots` takes them from servers of its own.

Every screen and state, at three sizes, in light and dark. Run it after a change that one can see,
and look at the pictures: docs/screens.md shows them all.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from pathlib import Path

from playwright.sync_api import Error, expect, sync_playwright

from tests.browser import tour_pages, tour_programs, tour_rooms, tour_states
from tests.browser.tour_camera import Camera, Scene
from tests.browser.tour_gallery import write_gallery
from tests.browser.tour_servers import servers
from tests.services import chromium

SCENES: list[Scene] = [
    *tour_pages.SCENES,
    *tour_rooms.SCENES,
    *tour_states.SCENES,
    *tour_programs.SCENES,
]
FOLDER = Path("docs/img/screens")
PATIENCE_MS = 15_000


def main() -> int:
    """Take what the command line names; how many pictures could not be taken."""
    wanted = _wanted()
    expect.set_options(timeout=PATIENCE_MS)
    scenes = [one for one in SCENES if not wanted.scenes or one.name in wanted.scenes]
    failed = 0
    with servers({one.server for one in scenes}) as open_servers, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--font-render-hinting=none"],
        )
        with Camera(browser, open_servers, wanted.folder) as camera:
            for scene in scenes:
                failed += not _taken(camera, scene)
        browser.close()
    if wanted.folder == FOLDER:
        write_gallery(SCENES, wanted.folder, Path("docs/screens.md"))
    return min(failed, 1)


def _taken(camera: Camera, scene: Scene) -> bool:
    try:
        camera.take(scene)
    except (Error, AssertionError):
        traceback.print_exc(limit=3)
        print(f"{scene.name}: no picture", file=sys.stderr, flush=True)  # noqa: T201
        return False
    return True


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", help="only these, by their names")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
