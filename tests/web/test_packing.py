"""What a page of the client loads is small, and packed without changing what it means."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from loopchat.web import assets, packing

PAGE_MAX = 100 << 10
"""Bytes, compressed: scripts and sheets that a room's page loads before it is drawn."""
ALL_MAX = 150 << 10
"""Bytes, compressed: all scripts and sheets that there are."""

STATIC = Path(assets.__file__).parent / "static" / "loopchat"
FILES = {
    "js/main.js": '/** @file The first. */\n\nimport { go as walk } from "./way.js"\n'
    'import "./said.js"\nwalk(() => import("./later.js"))\n',
    "js/way.js": "/** Goes.\n * @param {any} on */\nexport const go = on => on()\n"
    "class Way {}\nexport { Way }\n"
    "export const here = import.meta.url\nexport async function stay() {}\n",
    "js/said.js": 'import { html } from "../vendor/lit.js"\nexport class Said {}\nhtml``\n',
    "js/later.js": 'import { Way } from "./way.js"\nimport { one } from "./one.js"\nnew Way(one)\n',
    "js/one.js": "export const one = 1\n",
    "vendor/lit.js": "/*! a licence */\nexport const html = String.raw\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_the_first_modules_are_one(folder: Path) -> None:
    packed = packing.modules(folder)
    assert packed.first == ("js/way.js", "vendor/lit.js", "js/said.js", "js/main.js")
    assert packed.texts["js/main.js"].splitlines() == [
        'import * as v0 from "../vendor/lit.js"',
        "const $ = Object.create(null)",
        '$["js/way.js"] = (() => {',
        "const go = on => on()",
        "class Way {}",
        'const here = new URL("./way.js", import.meta.url)',
        "async function stay() {}",
        "return { go, here, stay, Way }",
        "})()",
        '$["vendor/lit.js"] = v0',
        '$["js/said.js"] = (() => {',
        'const { html } = $["vendor/lit.js"]',
        "class Said {}",
        "html``",
        "return { Said }",
        "})()",
        '$["js/main.js"] = (() => {',
        "",
        'const { go: walk } = $["js/way.js"]',
        'walk(() => import("./later.js"))',
        "return {  }",
        "})()",
        "export const packed = $",
    ]


def test_later_modules_take_what_is_there(folder: Path) -> None:
    later = packing.modules(folder).texts["js/later.js"]
    assert later.splitlines() == [
        'import { packed as $ } from "./main.js"',
        'const { Way } = $["js/way.js"]',
        'import { one } from "./one.js"',
        "new Way(one)",
    ]


def test_modules_in_a_circle_are_refused(folder: Path) -> None:
    (folder / "js/way.js").write_text('import "./said.js"\nexport const go = 1\n')
    (folder / "js/said.js").write_text('import { go } from "./way.js"\n')
    with pytest.raises(ValueError, match=r"way\.js → js/said\.js → js/way\.js"):
        packing.modules(folder)


def test_vendored_files_keep_their_licence(folder: Path) -> None:
    assert "vendor/lit.js" not in packing.modules(folder).texts
    assert assets.served("loopchat/vendor/lit.js") is None


def test_every_module_of_the_client_is_served_in_one_way() -> None:
    names = {path.relative_to(STATIC).as_posix() for path in STATIC.glob("js/**/*.js")}
    texts = {name: assets.served(f"loopchat/{name}") or "" for name in names}
    assert all(texts[name].strip() for name in names - {"js/types.js"})
    assert not [name for name in names if "/** @file" in texts[name]]
    assert texts["js/main.js"].count("\nexport ") == 1


def test_a_room_and_all_of_the_client_stay_small() -> None:
    page = [*_names(assets.modules("room")), "loopchat/css/site.css", "loopchat/css/client.css"]
    assert sum(_compressed(name) for name in page) <= PAGE_MAX
    assert sum(_compressed(name) for name in [*page, *_others()]) <= ALL_MAX


def _others() -> list[str]:
    """Every script and sheet that does not travel with a room's page."""
    found = [*STATIC.rglob("*.js"), *STATIC.rglob("*.css")]
    sheets = {f"css/{name}.css" for names in assets.SHEETS.values() for name in names}
    packed = sheets | set(packing.modules(STATIC).first)
    names = {path.relative_to(STATIC).as_posix() for path in found} - packed
    return [f"loopchat/{name}" for name in names]


def _names(addresses: list[str]) -> list[str]:
    return [f"loopchat/{address.partition('/loopchat/')[2]}" for address in addresses]


def _compressed(name: str) -> int:
    text = assets.served(name)
    body = text.encode() if text else (STATIC.parent / name).read_bytes()
    return len(gzip.compress(body, 9))
