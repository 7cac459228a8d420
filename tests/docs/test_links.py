"""What the documentation points at exists: pages, headings, files, names in the code, diagrams."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks, headings, pages, prose
from tests.services import ROOT

PAGES = pages()

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"(?:loopchat|tests|bin|bench|deploy|docs)/[\w./-]*\w/?")
_NAME = re.compile(r"(loopchat/[\w./-]+\.py):(\w+)(?:\.(\w+))?")
_MADE_BY_PROGRAMS = {"bench/results/"}
_DIAGRAMS = ("sequenceDiagram", "flowchart ")


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_its_links_lead_somewhere(document: Path) -> None:
    missing = [link for link in _links(document) if not _is_there(document, link)]
    assert missing == []


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_the_files_that_it_names_exist(document: Path) -> None:
    named = {
        match[0]
        for span in _CODE.findall(prose(document.read_text(encoding="utf-8")))
        if (match := _PATH.match(span)) and "*" not in span and "<" not in span
    }
    assert [path for path in sorted(named - _MADE_BY_PROGRAMS) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_the_names_in_the_code_that_it_names_exist(document: Path) -> None:
    found = _NAME.findall(document.read_text(encoding="utf-8"))
    missing = [name for name in found if not _is_defined(*name)]
    assert missing == []


@pytest.mark.parametrize("document", PAGES, ids=lambda document: document.name)
def test_its_diagrams_begin_as_diagrams_do(document: Path) -> None:
    for diagram in blocks(document.read_text(encoding="utf-8"), "mermaid"):
        assert diagram.startswith(_DIAGRAMS)
        assert ";" not in diagram, "a semicolon ends a statement"


def test_the_decisions_are_numbered_and_all_in_the_list() -> None:
    files = sorted(path.name for path in (DOCS / "decisions").glob("0*.md"))
    assert [name[:4] for name in files] == [f"{n:04}" for n in range(1, len(files) + 1)]
    listed = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    assert [name for name in files if f"({name})" not in listed] == []


def _links(page: Path) -> list[str]:
    found = _LINK.findall(_CODE.sub("", prose(page.read_text(encoding="utf-8"))))
    return [link for link in found if not link.startswith(("http://", "https://"))]


def _is_there(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(page: Path) -> set[str]:
    """Headings as the hosts of repositories make addresses of them."""
    text = page.read_text(encoding="utf-8")
    titles = [title for level in ("#", "##", "###") for title in headings(text, level)]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _is_defined(path: str, name: str, inner: str) -> bool:
    code = (ROOT / path).read_text(encoding="utf-8")
    defined = re.search(rf"^(?:async )?(?:def|class) {name}\b", code, re.MULTILINE)
    if defined is None and not inner:  # the method of a class that the sentence does not name
        defined = re.search(rf"^    (?:async )?def {name}\b", code, re.MULTILINE)
    body = code[defined.start() :] if defined else ""
    return bool(body) and (not inner or f"def {inner}(" in body)
