"""What programs send, brought into a shape: names and types of its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, TypeVar

import msgspec

from loopchat.core.errors import Refused

MAX_INT: Final = 2**53 - 1

Id = Annotated[int, msgspec.Meta(ge=1, le=MAX_INT)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=MAX_INT)]
Short = Annotated[str, msgspec.Meta(max_length=128)]
Cid = Annotated[
    str, msgspec.Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\Z")
]

_PATH = re.compile(r"`\$\.([a-z_]+)")
_MISSING = re.compile(r"required field `([a-z_]+)`")

T = TypeVar("T")


def shaped(fields: Mapping[str, object], shape: type[T], *, what: str, strict: bool = True) -> T:
    """The fields in this shape, or `bad_request` that names the field.

    `what` begins the sentence about what is missing. Without `strict` numbers may be text, as in
    forms and addresses.
    """
    try:
        return msgspec.convert(fields, shape, strict=strict)
    except msgspec.ValidationError as error:
        text = str(error)
        found = _PATH.search(text) or _MISSING.search(text)
        said = text.split(" - at `")[0].replace("Object ", f"{what} ")
        raise Refused("bad_request", f"{said}.", field=found[1] if found else None) from None
