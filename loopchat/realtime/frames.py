"""WebSocket text frames, built once and written to many sockets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

FRAME_MAX = 256 * 1024
"""Bytes of payload that objects share one frame up to; a larger single object has its own."""

_TEXT = 0x81  # FIN and opcode 1; a server's frames are not masked (RFC 6455, 5.1)


def frame(payload: bytes) -> bytes:
    """One unmasked text frame around a payload of UTF-8."""
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def payload_of(data: bytes) -> bytes:
    """The payload of a frame that `frame` built, for servers that frame by themselves."""
    code = data[1]
    return data[2 if code < 126 else 4 if code == 126 else 10 :]


def payloads(objects: Sequence[bytes]) -> Iterator[bytes]:
    """Objects joined by newlines, in order, into payloads of at most `FRAME_MAX` bytes."""
    part: list[bytes] = []
    size = 0
    for item in objects:
        if part and size + len(item) + 1 > FRAME_MAX:
            yield b"\n".join(part)
            part, size = [], 0
        part.append(item)
        size += len(item) + 1
    if part:
        yield b"\n".join(part)
