"""The lock files serve every supported Python from whatever index its user has."""

from __future__ import annotations

import json
import re

import pytest

from tests.services import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt")
TEXTS = tuple((ROOT / name).read_text() for name in LOCKS)
SCRIPTS_LOCK = "bin/lint-js/package-lock.json"


@pytest.mark.parametrize("name", [*LOCKS, SCRIPTS_LOCK])
def test_it_names_no_host_and_no_index(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.findall(r"\w+://\S+|--(?:extra-)?index-url.*|--find-links.*", text)


@pytest.mark.parametrize("name", LOCKS)
def test_it_has_a_hash_for_each_package(name: str) -> None:
    text = (ROOT / name).read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert packages
    assert not [line for line in packages if "--hash=sha256:" not in line]


@pytest.mark.parametrize("name", LOCKS)
def test_it_has_one_django_for_old_and_one_for_new_pythons(name: str) -> None:
    text = (ROOT / name).read_text()
    found = re.findall(
        r"^django==(\d+)\.\d+\.\d+ ; python_full_version (<|>=) '3.12'", text, re.MULTILINE
    )
    assert found == [("5", "<"), ("6", ">=")]


def test_what_users_get_is_what_developers_test_with() -> None:
    users, developers = (set(re.findall(r"^\S+==\S+", text, re.MULTILINE)) for text in TEXTS)
    assert users
    assert users <= developers


def test_the_tools_for_scripts_are_pinned_by_their_content() -> None:
    packages = json.loads((ROOT / SCRIPTS_LOCK).read_text())["packages"]
    assert [name for name, package in packages.items() if "integrity" not in package] == [""]
