"""The client's files as they are served: few, and without their comments.

A browser needs longer for a hundred requests than for all that they bring. So `main.js` and every
module that it imports travel as one module, each of them in a function of its own; the sheets of a
page travel as one sheet. Modules that come later, by `import("…")`, take what they share with the
first ones from there: nothing exists twice. This reads our own modules only, which are written in
one way: imports and exports stand at the beginning of a line, and nothing imports in a circle.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ENTRY: Final = "js/main.js"

_COMMENT: Final = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_IMPORT: Final = re.compile(r'^import (?:(\{[^}]*\}) from )?"(\.[^"]+)"\n', re.MULTILINE)
_LATER: Final = re.compile(r'\bimport\("(\.[^"]+)"\)')
_DECLARED: Final = re.compile(r"^export ((?:async )?function\*?|class|const) (\w+)", re.MULTILINE)
_LISTED: Final = re.compile(r"^export \{([^}]*)\}\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Packed:
    """What is served in place of files, by name; and the modules that come first, in order."""

    texts: Mapping[str, str]
    first: tuple[str, ...]


def without_comments(text: str) -> str:
    """Without the comments that have their lines for themselves."""
    return _COMMENT.sub("", text)


def sheet(folder: Path, names: Iterable[str]) -> str:
    """Several sheets of a folder as one."""
    texts = ((folder / f"{name}.css").read_text(encoding="utf-8") for name in names)
    return "".join(without_comments(text) for text in texts)


def modules(folder: Path) -> Packed:
    """The client's modules, those of `vendor/` excepted: they are served as they are."""
    found = [*folder.glob("js/**/*.js"), *folder.glob("vendor/*.js")]
    texts = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found
    }
    own = {name: without_comments(text) for name, text in texts.items() if _is_own(name)}
    first = _order(own)
    packed = {ENTRY: _pack(own, first)}
    later = {name: _unpacked(name, own[name], first) for name in own if name not in first}
    return Packed({**own, **later, **packed}, tuple(first))


def _is_own(name: str) -> bool:
    return not name.startswith("vendor/")


def _target(name: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def _order(own: Mapping[str, str]) -> list[str]:
    """What the entry imports, directly or not: each module after those that it needs."""
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"modules import each other: {' → '.join((*above, name))}")
        if name in order:
            return
        for _, address in _IMPORT.findall(own.get(name, "")):
            visit(_target(name, address), (*above, name))
        order.append(name)

    visit(ENTRY, ())
    return order


def _pack(own: Mapping[str, str], first: Iterable[str]) -> str:
    imports: list[str] = []
    bodies: list[str] = []
    for name in first:
        if _is_own(name):
            bodies.append(_wrapped(name, own[name]))
        else:
            imports.append(f'import * as v{len(imports)} from "{_from_entry(name)}"\n')
            bodies.append(f'$["{name}"] = v{len(imports) - 1}\n')
    start = "const $ = Object.create(null)\n"
    return "".join([*imports, start, *bodies, "export const packed = $\n"])


def _wrapped(name: str, text: str) -> str:
    """A module as a function that answers what it exports."""
    body = _IMPORT.sub(lambda found: _taken(name, found), text)
    body = _LATER.sub(lambda found: f'import("{_from_entry(_target(name, found[1]))}")', body)
    body = body.replace("import.meta.url", f'new URL("{_from_entry(name)}", import.meta.url)')
    exported = [declared for _, declared in _DECLARED.findall(body)]
    exported += [one.strip() for listed in _LISTED.findall(body) for one in listed.split(",")]
    body = _LISTED.sub("", _DECLARED.sub(r"\1 \2", body))
    return (
        f'$["{name}"] = (() => {{\n{body}return {{ {", ".join(filter(None, exported))} }}\n}})()\n'
    )


def _unpacked(name: str, text: str, first: Iterable[str]) -> str:
    """A module that comes later: what is in the pack already is taken from there."""
    known = set(first)

    def taken(found: re.Match[str]) -> str:
        return _taken(name, found) if _target(name, found[2]) in known else found[0]

    entry = posixpath.relpath(ENTRY, posixpath.dirname(name))
    entry = entry if entry.startswith(".") else f"./{entry}"
    return f'import {{ packed as $ }} from "{entry}"\n' + _IMPORT.sub(taken, text)


def _taken(name: str, found: re.Match[str]) -> str:
    names, address = found[1], found[2]
    if not names:
        return ""
    return f'const {names.replace(" as ", ": ")} = $["{_target(name, address)}"]\n'


def _from_entry(name: str) -> str:
    address = posixpath.relpath(name, posixpath.dirname(ENTRY))
    return address if address.startswith(".") else f"./{address}"
