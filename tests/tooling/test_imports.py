"""Each import contract of pyproject.toml notices the violation that it is there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT

COMMAND = "from importlinter.cli import lint_imports_command; lint_imports_command()"

PLANTS = [
    ("1. Layers: composition", "core/planted.py", "import loopchat.accounts.models"),
    ("1. Layers: composition", "realtime/planted.py", "import loopchat.chat.models"),
    ("1. Layers: composition", "gateway/planted.py", "import loopchat.web.views"),
    ("1. Layers: composition", "accounts/planted.py", "import loopchat.settings"),
    ("1. Layers: composition", "planted/__init__.py", "'''In no layer.'''"),
    ("1. Layers: inside realtime", "realtime/bus_memory.py", "import loopchat.realtime.hub"),
    ("1. Layers: inside realtime", "realtime/hub.py", "import loopchat.realtime.publish"),
    ("2. Inside chat", "chat/models.py", "import loopchat.chat.writer"),
    ("2. Inside chat", "chat/log.py", "import loopchat.chat.messages"),
    ("2. Inside chat", "chat/messages.py", "import loopchat.chat.reading"),
    ("3. Only the domain", "web/planted.py", "import loopchat.realtime.publish"),
    ("3. Only the domain", "gateway/planted.py", "from loopchat.realtime import publish"),
    ("4. Core", "core/planted.py", "import django.utils"),
    ("4. Core", "realtime/events/base.py", "from django.db import models"),
    ("4. Core", "realtime/bus.py", "import redis"),
    ("5. Only the gateway", "chat/planted.py", "import channels.layers"),
    ("5. Only the gateway", "cli.py", "import uvicorn"),
    ("6. Only the Redis bus", "realtime/hub.py", "import redis.asyncio"),
    ("7. The domain is synchronous", "chat/writer.py", "import asyncio"),
    ("7. The domain is synchronous", "web/planted.py", "from asgiref.sync import async_to_sync"),
    ("9. The client", "client/planted.py", "from django.conf import settings"),
    ("9. The client", "client/planted.py", "from loopchat.realtime import hub"),
]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the package and its contracts."""
    ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
    shutil.copytree(ROOT / "loopchat", tmp_path / "loopchat", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(clone: Path) -> str:
    """What import-linter says about that copy."""
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "--no-cache", "--no-logo"],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_package_as_it_is_keeps_all_contracts(clone: Path) -> None:
    assert "0 broken" in lint_imports(clone)


@pytest.mark.parametrize(("contract", "file", "line"), PLANTS)
def test_a_planted_violation_is_caught(clone: Path, contract: str, file: str, line: str) -> None:
    planted = clone / "loopchat" / file
    planted.parent.mkdir(exist_ok=True)
    with planted.open("a") as source:
        source.write(f"\n{line}\n")
    said = lint_imports(clone)
    broken = [line for line in said.splitlines() if line.startswith(contract)]
    assert any("BROKEN" in line for line in broken), said
