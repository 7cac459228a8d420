"""Small pictures of uploaded ones: nothing but pixels comes through."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from loopchat.core import pictures

SECRET = b"52.5200N13.4050E"


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def halves(size: tuple[int, int] = (400, 200)) -> Image.Image:
    """Left red, right blue."""
    picture = Image.new("RGB", size, (255, 0, 0))
    picture.paste((0, 0, 255), (size[0] // 2, 0, size[0], size[1]))
    return picture


def colour(file: bytes, x: float, y: float) -> str:
    """What is seen at a place, in parts of the whole."""
    with Image.open(io.BytesIO(file)) as picture:
        rgb = picture.convert("RGB")
        red, _green, blue = rgb.getpixel((int(rgb.width * x), int(rgb.height * y)))  # type: ignore[misc]
    return {(True, False): "red", (False, True): "blue"}.get((red > 150, blue > 150), "other")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_size_is_a_square_of_webp(kind: str) -> None:
    small, large = pictures.squares(saved(halves(), kind), (64, 256))

    for file, size in ((small, 64), (large, 256)):
        with Image.open(io.BytesIO(file)) as made:
            assert (made.format, made.size) == ("WEBP", (size, size))
    assert (colour(large, 0.1, 0.5), colour(large, 0.9, 0.5)) == ("red", "blue")


def test_a_square_of_it_can_be_chosen() -> None:
    (left,) = pictures.squares(saved(halves(), "PNG"), (64,), (0, 0, 200))
    (right,) = pictures.squares(saved(halves(), "PNG"), (64,), (200, 0, 200))

    assert (colour(left, 0.9, 0.5), colour(right, 0.1, 0.5)) == ("red", "blue")


def test_a_square_beyond_the_picture_is_moved_into_it() -> None:
    (made,) = pictures.squares(saved(halves(), "PNG"), (64,), (99_999, 99_999, 99_999))

    assert colour(made, 0.5, 0.5) == "blue"


def test_it_is_turned_as_it_is_seen_and_cropped_then() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the camera on its side
    file = saved(halves(), "JPEG", exif=exif, quality=95)

    (top,) = pictures.squares(file, (64,), (0, 0, 200))

    assert colour(top, 0.5, 0.9) == "red"


def test_a_large_photo_is_read_small_and_cropped_at_the_same_place() -> None:
    file = saved(halves((6000, 3000)), "JPEG", quality=95)

    (right,) = pictures.squares(file, (64,), (3100, 0, 2800))

    assert colour(right, 0.05, 0.5) == "blue"


def test_nothing_but_pixels_comes_through() -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    text = PngInfo()
    text.add_text("Comment", SECRET.decode() + "<script>")
    files = [
        saved(halves(), "JPEG", exif=exif, comment=SECRET),
        saved(halves(), "PNG", pnginfo=text, exif=exif),
        saved(halves(), "WEBP", exif=exif, xmp=SECRET),
        saved(halves(), "GIF", comment=SECRET) + b"PK\x03\x04" + SECRET,
    ]
    for file in files:
        assert SECRET in file
        assert all(SECRET not in made for made in pictures.squares(file, (64, 256)))


def png_that_says(width: int, height: int) -> bytes:
    """A header that promises more than anybody wants to see."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
    "another format": lambda: saved(halves(), "BMP"),
    "cut off": lambda: saved(halves((800, 800)), "PNG")[:-400],
    "50,000 squared": lambda: png_that_says(50_000, 50_000),
    "one line of two thousand million": lambda: png_that_says(2**31 - 1, 1),
    "no pixel": lambda: png_that_says(0, 0),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_picture_or_too_large_raises(kind: str) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - decoders raise whatever they like
        pictures.squares(HOSTILE[kind](), (64,))


def test_many_frames_are_one_picture() -> None:
    frames = [Image.new("L", (32, 32), shade % 256) for shade in range(300)]
    file = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])

    (made,) = pictures.squares(file, (64,))

    with Image.open(io.BytesIO(made)) as picture:
        assert getattr(picture, "n_frames", 1) == 1
