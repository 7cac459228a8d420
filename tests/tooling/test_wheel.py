"""The wheel alone is the whole product."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.services import ROOT, Server, direct

FILES = {
    path.relative_to(ROOT).as_posix()
    for path in ROOT.glob("loopchat/**/*")
    if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".po"
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the code as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (made,) = folder.glob("*.whl")
    return made


def test_it_holds_the_code_the_templates_and_the_static_files(wheel: Path) -> None:
    assert {path.rpartition(".")[2] for path in FILES} >= {"py", "html", "css", "js", "svg"}
    assert set(zipfile.ZipFile(wheel).namelist()) >= FILES


def test_it_holds_nothing_but_the_package_and_its_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    strange = [name for name in names if not re.match(r"loopchat(/|-[^/]*\.dist-info/)", name)]
    assert strange == []
    assert any(name.endswith("licenses/LICENSE") for name in names)


class Installed(Server):
    """The server as `pip install` leaves it, started in an empty folder."""

    def __init__(self, environment: Path, folder: Path) -> None:
        super().__init__(data_dir=folder)
        self._command = environment / "bin" / "loopchat"

    def program(self) -> list[str]:
        return [str(self._command)]


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Iterator[Installed]:
    """The wheel in an environment of its own; what it depends on is borrowed from ours."""
    environment = tmp_path / "environment"
    venv.create(environment)
    install = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps"]
    into = ["--python", str(environment / "bin" / "python")]
    subprocess.run([*install, *into, str(wheel)], capture_output=True, check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    folder = tmp_path / "empty"
    folder.mkdir()
    with Installed(environment, folder) as server:
        yield server


def _get(url: str) -> tuple[str, str]:
    with direct.open(url, timeout=20) as answer:
        return answer.headers.get_content_type(), answer.read().decode()


@pytest.mark.slow
def test_installed_it_serves_its_pages_with_their_static_files(installed: Installed) -> None:
    installed.manage("adduser", "ann", "--owner", "--password-stdin", stdin="a long sentence\n")
    kind, page = _get(f"{installed.url}/users/login/")
    assert kind == "text/html"
    linked = [urljoin(installed.url, link) for link in re.findall(r'href="(/static/[^"]+)"', page)]
    (style, *_) = (link for link in linked if link.endswith(".css"))
    script = style.partition("/css/")[0] + "/vendor/lit.js"
    assert {_get(link)[0] for link in linked} >= {"text/css", "image/svg+xml"}
    assert _get(script)[0] == "text/javascript"
