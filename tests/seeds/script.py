"""Reading a recorded conversation: who asks for what, who sends what, who hears what.

    == S24 S44 Words above a scene: the rows that it stands for
    alice GET /chat/                                 a page is asked for
    = 200 "Garden"                                   it came, with this text in it
    alice POST /login/ {"username": "alice"}         a form is sent
    = 302 /chat/                                     it leads there
    alice POST /api/sessions/ json {"name": "Plan"}  an object is sent
    = 201 {"id": "$plan"}                            and one comes back
    alice opens talk /ws/chat/$plan/                 a socket, by a name for it
    alice.talk > {"type": "typing"}                  a frame to the server
    bob.talk < {"type": "user_typing"}               the next frame that looks like this
    bob.talk never {"type": "error"}                 no frame looks like this, up to one that is
                                                     heard, and one has to be
    bob.talk closed 4507                             the server closes it
    bob.talk leaves                                  the page is closed

An object stands for every one that has at least these fields. `"$name"` is what that name stands
for; where it stands for nothing yet, it does so from there on. `"*"` is anything at all.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_ASKED: Final = re.compile(r"(\w+) (GET|POST|PUT|PATCH|DELETE) (\S+)(?: (json))?(?: ([{\[].*))?")
_OPENED: Final = re.compile(r"(\w+) opens (\w+) (\S+)")
_SAID: Final = re.compile(r"(\w+)\.(\w+) (>|<|never) (.+)")
_CLOSED: Final = re.compile(r"(\w+)\.(\w+) closed (\d+)")
_LEFT: Final = re.compile(r"(\w+)\.(\w+) leaves")
_ANSWERED: Final = re.compile(r"= (\d{3})(?: (/\S*))?(?: ([{\[].*))?((?: \"[^\"]+\")*)")
_TEXT: Final = re.compile(r'"([^"]+)"')
_ROW: Final = re.compile(r"S\d+")


@dataclass(frozen=True, slots=True)
class Answer:
    """What has to come back."""

    status: int
    place: str | None
    value: Any
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line, or two when the second is its answer."""

    line: str
    who: str
    kind: str
    """A method of HTTP, or `opens`, `>`, `<`, `never`, `closed`, `leaves`."""
    what: str
    """An address, or the name of a socket."""
    value: Any = None
    is_json: bool = False
    answer: Answer | None = None


@dataclass(slots=True)
class Scene:
    """What belongs together, and the rows that it stands for."""

    title: str
    rows: tuple[str, ...]
    steps: list[Step] = field(default_factory=list)


def read(path: Path) -> list[Scene]:
    """The scenes of a recording; a line that says nothing is an error, or one that cannot fail."""
    scenes: list[Scene] = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        line = text.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("== "):
            scenes.append(Scene(line[3:], tuple(_ROW.findall(line))))
        elif line.startswith("= "):
            scenes[-1].steps[-1] = _answered(scenes[-1].steps[-1], line)
        else:
            scenes[-1].steps.append(_step(f"{path.name}:{number} {line}", line))
    _check_nevers([step for scene in scenes for step in scene.steps])
    return scenes


def _check_nevers(steps: list[Step]) -> None:
    """What never comes is looked for when something else has come: before, it may be on its way."""
    open_ones: dict[tuple[str, str], Step] = {}
    for step in steps:
        page = (step.who, step.what)
        if step.kind == "never":
            open_ones[page] = step
        elif step.kind == "<":
            open_ones.pop(page, None)
        elif step.kind in ("leaves", "closed") and page in open_ones:
            break
    for step in open_ones.values():
        raise ValueError(f"nothing is heard after it: {step.line}")


def _step(place: str, line: str) -> Step:
    if found := _ASKED.fullmatch(line):
        who, method, address, is_json, body = found.groups()
        return Step(place, who, method, address, json.loads(body or "null"), bool(is_json))
    if found := _OPENED.fullmatch(line):
        return Step(place, found[1], "opens", found[2], found[3])
    if found := _SAID.fullmatch(line):
        return Step(place, found[1], found[3], found[2], json.loads(found[4]))
    if found := _CLOSED.fullmatch(line):
        return Step(place, found[1], "closed", found[2], int(found[3]))
    if found := _LEFT.fullmatch(line):
        return Step(place, found[1], "leaves", found[2])
    raise ValueError(f"no step: {place}")


def _answered(step: Step, line: str) -> Step:
    found = _ANSWERED.fullmatch(line)
    if found is None or step.answer is not None:
        raise ValueError(f"no answer to {step.line}: {line}")
    status, place, body, texts = found.groups()
    value = json.loads(body) if body else None
    answer = Answer(int(status), place, value, tuple(_TEXT.findall(texts)))
    return Step(step.line, step.who, step.kind, step.what, step.value, step.is_json, answer)
