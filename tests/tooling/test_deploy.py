"""The files of `deploy/` are what the programs that read them accept, as far as those are here."""

from __future__ import annotations

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.test_settings_documented import _documented
from tests.operations.proxies import Caddy, Nginx
from tests.services import ROOT, find_program

DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
COMPOSE = sorted(DEPLOY.glob("compose*.yaml"))


def test_nginx_accepts_its_file(tmp_path: Path) -> None:
    words = Nginx(tmp_path / "nginx", 8000).command()
    done = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_caddy_accepts_its_file(tmp_path: Path) -> None:
    program, _, *words = Caddy(tmp_path / "caddy", 8000).command()
    done = subprocess.run(
        [program, "validate", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with a program that is here."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        (tmp_path / unit.name).write_text(
            text.replace("/opt/loopchat/bin/loopchat", sys.executable)
        )
    return tmp_path


@pytest.mark.parametrize("name", [unit.name for unit in UNITS])
def test_systemd_accepts_the_units(units: Path, name: str) -> None:
    done = _systemd("verify", str(units / name))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", [unit.name for unit in UNITS if unit.suffix == ".service"])
def test_systemd_finds_them_hardened(units: Path, name: str) -> None:
    """Exposure from 0 to 10; what serves the Internet without more is about 9."""
    done = _systemd("security", "--offline=true", "--threshold=25", str(units / name))
    assert done.returncode == 0, done.stdout


def _systemd(*words: str) -> subprocess.CompletedProcess[str]:
    program = find_program("systemd-analyze", "systemd")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("file", COMPOSE, ids=lambda file: file.name)
def test_compose_files_name_only_what_they_declare(file: Path) -> None:
    whole: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    services = whole["services"]
    used: dict[str, set[str]] = {"volumes": set(), "networks": set(), "secrets": set()}
    for service in services.values():
        used["volumes"] |= {volume.partition(":")[0] for volume in service.get("volumes", [])}
        used["networks"] |= set(service.get("networks", []))
        used["secrets"] |= set(service.get("secrets", []))
        assert set(service.get("depends_on", {})) <= set(services)
        assert service["restart"] == "unless-stopped"
        for port in service.get("ports", []):
            assert service is services["caddy"], f"only the proxy is open to others, not {port}"
    for kind, names in used.items():
        assert names == set(whole.get(kind, {})), kind
    _is_locked_in(services["loopchat"])


def _is_locked_in(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    names = {name.removesuffix("_FILE") for name in service["environment"]}
    assert names <= set(_documented())


def test_the_image_is_made_of_what_is_sent_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    words = [line.split(maxsplit=1) for line in lines]
    last = next(at for at in range(len(words) - 1, -1, -1) if words[at][0] == "FROM")
    final = [word for word, _ in words[last:]]
    assert final.index("USER") < final.index("ENTRYPOINT")
    assert {"HEALTHCHECK", "STOPSIGNAL", "VOLUME"} <= set(final)
    [user] = [rest for word, rest in words[last:] if word == "USER"]
    assert not user.startswith(("0", "root"))
    for word, rest in words[:last]:
        if word == "COPY":
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert _is_sent(source), source
    named = set(re.findall(r"\bLOOPCHAT_[A-Z_]+", text))
    assert named <= set(_documented())


def _is_sent(source: str) -> bool:
    """What `.dockerignore` lets through: the last rule that fits decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        rule = line.removeprefix("!")
        if line and not line.startswith("#") and fnmatch(source.removeprefix("./"), rule):
            sent = line.startswith("!")
    return sent
