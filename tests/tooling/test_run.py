"""`bin/run` on a machine that has just Python, or not even that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.services import ROOT, Server

PYTHONS = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")

NEEDED = ("bash", "cmp", "dirname")
SHELL = "/bin/sh"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a newcomer has after `git clone`."""
    target = tmp_path / "a clone"
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("bin", "loopchat"):
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, target)
    return target


def _run_with_pythons(clone: Path, script: str) -> str:
    """What `bin/run` says where each Python is this script."""
    programs = clone / "programs"
    programs.mkdir()
    for name in PYTHONS:
        (programs / name).write_text(f"#!{SHELL}\n{script}\n")
        (programs / name).chmod(0o755)
    for name in NEEDED:
        (programs / name).symlink_to(shutil.which(name) or name)
    done = subprocess.run(
        [str(clone / "bin" / "run")],
        env={"PATH": str(programs), "HOME": str(clone)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def test_it_says_which_python_it_needs(clone: Path) -> None:
    said = _run_with_pythons(clone, "exit 1")
    assert "Python 3.11 or newer" in said


def test_it_says_what_to_install_where_python_cannot_make_environments(clone: Path) -> None:
    broken = f'case "$*" in *ensurepip*) exit 1 ;; *) exec {sys.executable} "$@" ;; esac'
    said = _run_with_pythons(clone, broken)
    assert "apt install python3-venv" in said


class Run(Server):
    """The server that `bin/run` starts."""

    def __init__(self, clone: Path, folder: Path) -> None:
        super().__init__(data_dir=folder)
        self._clone = clone

    def command(self) -> list[str]:
        return [str(self._clone / "bin" / "run"), "--port", str(self.port)]


@pytest.mark.slow
def test_its_second_start_serves_without_installing(clone: Path, tmp_path: Path) -> None:
    environment = clone / ".venv"
    venv.create(environment)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    shutil.copy(clone / "requirements.txt", environment)
    with Run(clone, tmp_path) as server:
        assert "Installing" not in server.log
        assert os.access(environment / "bin" / "loopchat", os.X_OK)
