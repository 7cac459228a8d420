"""Makes small pictures of an uploaded one. Runs as a program of its own, with bounds on memory and
time: decoders of images are where files from strangers bite.

Standard input is the file, standard output are the results: the length of each as four bytes, then
the file. What cannot be read ends with exit code 3.
"""

from __future__ import annotations

import io
import sys
import warnings
from typing import Final

from PIL import Image, ImageFile, ImageOps

PIXELS_MAX: Final = 40_000_000
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
MEMORY_MAX: Final = 1024 * 1024 * 1024
SECONDS_MAX: Final = 10
UNREADABLE: Final = 3
_QUALITY: Final = 82


def squares(
    file: bytes, sizes: tuple[int, ...], crop: tuple[int, int, int] | None = None
) -> list[bytes]:
    """A square of the picture in each size, as WebP without metadata.

    `crop` is the left and upper edge and the length of a side, in pixels of the picture as it is
    seen; without it the middle is taken. Raises OSError, ValueError or SyntaxError for what is no
    picture, and Pillow's own for a picture that is too large.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = PIXELS_MAX
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        with Image.open(io.BytesIO(file), formats=FORMATS) as opened:
            if min(opened.size) < 1 or opened.width * opened.height > PIXELS_MAX:
                raise ValueError("too many pixels")
            opened.draft("RGB", (2048, 2048))  # a JPEG can be read at a fraction of its size
            scale = _scale_of(opened, file)
            seen = ImageOps.exif_transpose(opened).convert("RGBA")
    left, upper, side = _square(seen.size, crop, scale)
    face = seen.crop((left, upper, left + side, upper + side))
    return [_encoded(face, size) for size in sizes]


def _scale_of(opened: Image.Image, file: bytes) -> float:
    """How much smaller `draft` has made it."""
    with Image.open(io.BytesIO(file), formats=FORMATS) as whole:
        return opened.width / whole.width


def _square(
    size: tuple[int, int], crop: tuple[int, int, int] | None, scale: float
) -> tuple[int, int, int]:
    """The wanted square, moved and shrunk until it lies within the picture."""
    width, height = size
    if crop is None:
        side = min(width, height)
        return (width - side) // 2, (height - side) // 2, side
    left, upper, side = (int(number * scale) for number in crop)
    side = max(1, min(side, width, height))
    return max(0, min(left, width - side)), max(0, min(upper, height - side)), side


def _encoded(face: Image.Image, size: int) -> bytes:
    small = face.resize((size, size), Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", small.size)
    clean.paste(small)  # the pixels and nothing else: no profile, no text, no EXIF
    if clean.getchannel("A").getextrema() == (255, 255):
        clean = clean.convert("RGB")
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=_QUALITY, method=4)
    return out.getvalue()


def _be_bounded() -> None:
    """Where the system can: more memory or time than this ends the program."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main() -> int:
    sizes, *crop = sys.argv[1:]
    _be_bounded()
    file = sys.stdin.buffer.read()
    wanted = tuple(int(size) for size in sizes.split(","))
    box = (int(crop[0]), int(crop[1]), int(crop[2])) if crop else None
    try:
        made = squares(file, wanted, box)
    except Exception:  # noqa: BLE001 - decoders raise whatever they like
        return UNREADABLE
    for one in made:
        sys.stdout.buffer.write(len(one).to_bytes(4, "big") + one)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
