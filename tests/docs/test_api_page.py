"""The examples of docs/api.md, tried one after the other on a real server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.backstage import Backstage
from tests.services import ROOT, StartServer

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "api.md").read_text()


def examples(language: str) -> list[str]:
    """The blocks in this language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def environment(start_server: StartServer, tmp_path: Path) -> dict[str, str]:
    """A server with ann, who owns it, and a room `garden` with the id 1."""
    server = start_server()
    with Backstage(server) as backstage:
        (ann,) = backstage.people("ann")
        assert backstage.room(ann, "garden") == 1
    command = tmp_path / "loopchat"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m loopchat "$@"\n')
    command.chmod(0o755)
    return {
        **os.environ,
        "URL": server.url,
        "TOKEN": ann.token,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "no_proxy": "*",
    }


def test_each_example_works(environment: dict[str, str]) -> None:
    said: list[Any] = []
    for script in examples("sh"):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (script, done.stderr)
        decoder = json.JSONDecoder()
        text = done.stdout.strip()
        while text:
            found, end = decoder.raw_decode(text)
            assert not (isinstance(found, dict) and found.get("status")), (script, found)
            said.append(found)
            text = text[end:].strip()
    token, me, rooms, sent, messages, history, *ids = said
    assert token["token"].startswith("lct_")
    assert me["username"] == "ann"
    assert rooms["results"][0]["slug"] == "garden"
    assert sent["rich"]
    assert messages["results"][0]["message"] == sent["message"]
    assert history["items"][-1]["id"] == sent["id"]
    assert len(ids) == 2


def test_the_python_works(environment: dict[str, str]) -> None:
    (script,) = examples("python")
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "ann Who is there?\n"
