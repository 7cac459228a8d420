"""The catalogues of words: what the code says, and what has been translated.

`bin/words` runs this file: it brings every catalogue up to date with the code and says what is
still to translate.
"""

from __future__ import annotations

import gettext
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "loopchat"
SCRIPTS: Final = PACKAGE / "web" / "static" / "loopchat" / "js"

FORMS: Final = {
    "de": ["one", "other"],
    "ar": ["zero", "one", "two", "few", "many", "other"],
}
"""The plural forms of each language, by their names in `Intl.PluralRules`."""

Entry = str | dict[str, str]

_CALL = re.compile(r"(?<![\w.$#])(tn?)\(")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_WHEN = re.compile(r'^"(?:POT-Creation-Date|Report-Msgid-Bugs-To):.*\n', re.MULTILINE)
_PLACE = re.compile(r"\{(\w+)\}|%\((\w+)\)[sd]")


@dataclass(slots=True)
class Said:
    """What the client says: keys of `t`, plurals of `tn` with their singulars, calls unread."""

    texts: set[str] = field(default_factory=set)
    plurals: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def said_by_the_client() -> Said:
    """Every text in a call of `t` or `tn` in the client's modules."""
    said = Said()
    for path in sorted(SCRIPTS.rglob("*.js")):
        if path.name != "i18n.js":
            _read(path, said)
    return said


def _read(path: Path, said: Said) -> None:
    code = path.read_text(encoding="utf-8")
    for call in _CALL.finditer(code):
        arguments = list(_arguments(code, call.end()))
        literals = arguments[1:3] if call[1] == "tn" else arguments[:1]
        if not literals or not all(_LITERAL.fullmatch(one) for one in literals):
            said.unread.append(f"{path.name}: {call[1]}({', '.join(arguments)})")
            continue
        words = [json.loads(one) for one in literals]
        if call[1] == "t":
            said.texts.add(words[0])
        else:
            said.plurals[words[1]] = words[0]


def _arguments(code: str, start: int) -> Iterator[str]:
    """The arguments of the call whose parenthesis ends before `start`."""
    depth, begin, at = 0, start, start
    while True:
        literal = _LITERAL.match(code, at)
        if literal:
            at = literal.end()
            continue
        character = code[at]
        if character in ",)" and depth == 0:
            yield code[begin:at].strip()
            begin = at + 1
            if character == ")":
                return
        depth += (character in "([{") - (character in ")]}")
        at += 1


def client(language: str) -> dict[str, Entry]:
    """The client's catalogue in a language."""
    found: dict[str, Entry] = json.loads(_of_client(language).read_text(encoding="utf-8"))
    return found


def _of_client(language: str) -> Path:
    return PACKAGE / "web" / "words" / f"{language}.json"


def server(language: str) -> dict[tuple[str, str], list[str]]:
    """The server's catalogue in a language, as it was written: (context, text) to its forms."""
    found: dict[tuple[str, str], list[str]] = {}
    for block in _source(language).read_text(encoding="utf-8").split("\n\n"):
        if "#, fuzzy" in block or re.search("^#~", block, re.MULTILINE):
            found["fuzzy or obsolete", block] = [""]
            continue
        parts = dict(_parts(block))
        if parts.get("msgid"):
            forms = [words for name, words in parts.items() if name.startswith("msgstr")]
            found[parts.get("msgctxt", ""), parts["msgid"]] = forms
    return found


def _parts(block: str) -> Iterator[tuple[str, str]]:
    pattern = re.compile(r'^(msg\w+(?:\[\d\])?) ((?:".*"\n?)+)', re.MULTILINE)
    for name, lines in pattern.findall(block):
        yield name, "".join(json.loads(line) for line in lines.splitlines())


def compiled(language: str) -> dict[tuple[str, str], list[str]]:
    """The server's catalogue in a language, as the server reads it."""
    with _source(language).with_suffix(".mo").open("rb") as file:
        catalogue: dict[str | tuple[str, int], str] = vars(gettext.GNUTranslations(file))[
            "_catalog"
        ]
    found: dict[tuple[str, str], list[str]] = {}
    for key, words in catalogue.items():
        name = key if isinstance(key, str) else key[0]
        context, _, text = name.rpartition("\x04")
        if text:
            found.setdefault((context, text), []).append(words)
    return found


def _source(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def places(text: str) -> set[str]:
    """The names of the values in a text: `{name}`, `%(name)s`."""
    return {one or two for one, two in _PLACE.findall(text)}


def bring_up_to_date() -> list[str]:
    """Add what the code says and drop what it does not; returns what is still to translate."""
    _manage("makemessages", "--all", "--no-location", "--no-obsolete", "--no-wrap")
    for language in FORMS:
        text = _source(language).read_text(encoding="utf-8")
        _source(language).write_text(_WHEN.sub("", text), encoding="utf-8")
    _manage("compilemessages")
    said = said_by_the_client()
    missing: list[str] = []
    for language in FORMS:
        path = _of_client(language)
        known = client(language) if path.is_file() else {}
        wanted: dict[str, Entry] = dict.fromkeys(sorted(said.texts), "")
        wanted |= {many: dict.fromkeys(FORMS[language], "") for many in sorted(said.plurals)}
        whole = {text: known.get(text, empty) for text, empty in wanted.items()}
        text = json.dumps(whole, ensure_ascii=False, indent=2)
        path.write_text(text + "\n", encoding="utf-8")
        missing += [f"{path.name}: {text}" for text, words in whole.items() if not _is_full(words)]
        known_there = server(language).items()
        missing += [f"{language}.po: {key[1]}" for key, words in known_there if "" in words]
    return missing


def _manage(*arguments: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments, "--verbosity", "0"]
    subprocess.run(command, cwd=PACKAGE, check=True)


def _is_full(words: Entry) -> bool:
    return all(words.values()) if isinstance(words, dict) else bool(words)


if __name__ == "__main__":
    print("\n".join(bring_up_to_date()))  # noqa: T201
