"""docs/operating.md has every variable that the code reads, with its default, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.docs.pages import DOCS, rows, section
from tests.services import ROOT

_NAME = re.compile(r"LOOPCHAT_[A-Z_]+")
_READ_SECRETS = (
    "secret",
    "secret_key",
    "older_keys",
    "database",
    "redis_url",
    "mail",
    "providers",
    "sentry_dsn",
)


def test_it_has_every_variable_that_the_code_reads_and_no_other() -> None:
    assert set(_documented()) == _read_by_the_code()


def test_it_has_the_defaults_of_the_code() -> None:
    defaults = _defaults()
    assert len(defaults) > 8
    documented = _documented()
    assert {name: documented[name] for name in defaults} == defaults


def test_it_names_the_secrets_that_a_file_may_hold() -> None:
    paragraph = section(_page(), "## Settings").partition("hold secrets")[0].rpartition("\n\n")[2]
    assert set(_NAME.findall(paragraph)) == set(_secrets())


def _page() -> str:
    return (DOCS / "operating.md").read_text(encoding="utf-8")


def _documented() -> dict[str, str]:
    """Each variable of the table with what stands in the column of defaults."""
    table = {row[0]: row[1] for row in rows(section(_page(), "## Settings"))}
    return {name.strip("`"): default.strip("`") for name, default in table.items()}


def _read_by_the_code() -> set[str]:
    """Names that stand alone in a string; the others are in sentences."""
    names = {
        node.value
        for tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _NAME.fullmatch(node.value)
    }
    files = {f"{name}_FILE" for name in _secrets()}
    stems = {name for name in names if f"{name}_FILE" in names - files}
    return names - files - stems


def _defaults() -> dict[str, str]:
    """`env.number("LOOPCHAT_PORT", 8000, …)`: names and defaults that are written as values."""
    found: dict[str, str] = {}
    for call in _calls():
        name, *more = call.args
        if more and isinstance(more[0], ast.Constant) and isinstance(name, ast.Constant):
            found[str(name.value)] = str(more[0].value)
    return found


def _secrets() -> Iterator[str]:
    """Variables whose reader looks for a `_FILE` too."""
    for call in _calls():
        reader = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        if reader in _READ_SECRETS and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def _calls() -> Iterator[ast.Call]:
    """Calls whose first argument is the name of a variable."""
    tree = ast.parse((ROOT / "loopchat" / "settings.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.args[0].value
            if isinstance(name, str) and _NAME.fullmatch(name):
                yield node


def _modules() -> Iterator[ast.Module]:
    for path in sorted((ROOT / "loopchat").glob("**/*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))
