"""Pictures are kept under the hash of what is in them, whole or not at all."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from loopchat.accounts import avatars, profiles
from loopchat.accounts.models import User
from loopchat.core.errors import Refused


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where they are; housekeeping has never looked there."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(avatars, "_tidied_at", -float(avatars._GRACE_S))
    yield tmp_path / "avatars"
    avatars._left.clear()


def picture(shade: int = 0) -> bytes:
    """A file as somebody uploads it."""
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (shade, 100, 100)).save(out, "PNG")
    return out.getvalue()


def test_the_same_picture_is_one_file_in_each_size(folder: Path) -> None:
    first, again, other = (avatars.store(picture(shade)) for shade in (1, 1, 200))

    assert first == again != other
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{name}-{size}.webp" for name in (first, other) for size in avatars.SIZES}
    found = avatars.read(f"{first}-64.webp")
    assert found is not None
    assert found[0] == first
    assert found[1][:4] == b"RIFF"


@pytest.mark.parametrize("file", [b"", b"nonsense", b"\x89PNG\r\n\x1a\n", b"GIF89a" + b"\0" * 50])
def test_what_is_no_picture_is_refused_and_leaves_nothing(folder: Path, file: bytes) -> None:
    with pytest.raises(Refused) as no:
        avatars.store(file)

    assert (no.value.code, no.value.field) == ("bad_request", "file")
    assert not folder.exists() or not list(folder.iterdir())


def test_a_file_above_five_mib_is_not_even_opened() -> None:
    with pytest.raises(Refused) as no:
        avatars.store(b"\0" * (avatars.FILE_MAX + 1))

    assert no.value.code == "too_large"


@pytest.mark.parametrize(
    "name",
    [
        "../secret-key",
        "..%2fsecret-key",
        "/etc/passwd",
        "a" * 64 + "-64.webp/../../secret-key",
        "A" * 64 + "-64.webp",
        "a" * 64 + "-65.webp",
        "a" * 64 + "-64.webp\n",
        "a" * 64 + "-64.webp\0",
        "",
    ],
)
def test_only_names_of_pictures_are_read(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder.parent / "secret-key").write_text("secret")

    assert avatars.read(name) is None


def test_what_nobody_shows_goes_when_it_is_old(folder: Path, ann: User) -> None:
    shown, unused, fresh = (avatars.store(picture(shade)) for shade in (10, 120, 240))
    profiles.set_avatar(ann, shown)
    (folder / ".half.part").write_bytes(b"x")
    old = time.time() - 2 * avatars._GRACE_S
    for path in folder.iterdir():
        if fresh not in path.name:
            os.utime(path, (old, old))

    avatars.tidy()

    left = {path.name.partition("-")[0] for path in folder.iterdir()}
    assert left == {shown, fresh}
    assert unused not in left
