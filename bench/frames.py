"""The client's half of WebSocket framing: as little of it as a load needs, so that it stays cheap.

Two readers exist. `FrameReader` gives whole payloads, for the few sockets whose answers matter.
`FrameCounter` looks at frame headers only and counts, for the thousands that just receive.
"""

from __future__ import annotations

from collections.abc import Callable

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_CONTROL = 0x8


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One masked frame. The key is zero: the server unmasks as ever and masking is free for us."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 65536:
        head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
    return head + b"\0\0\0\0" + payload


def server_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One frame as a server sends it: not masked."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big") + payload


def upgrade_request(host: str, path: str, *headers: str) -> bytes:
    """The HTTP request that opens a WebSocket, with further header lines as given."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: bG9vcGNoYXQtYmVuY2gtMQ==",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class FrameReader:
    """Collects bytes and gives back whole frames as (opcode, payload)."""

    __slots__ = ("_held", "_parts")

    def __init__(self) -> None:
        self._held = b""
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The frames that became complete; fragments of one message are joined."""
        data = self._held + data if self._held else data
        found: list[tuple[int, bytes]] = []
        at = 0
        while (header := _header(data, at)) is not None:
            first, start, size = header
            if len(data) < start + size:
                break
            at = start + size
            self._take(found, first, data[start:at])
        self._held = data[at:]
        return found

    def take_held(self) -> bytes:
        """The bytes of an unfinished frame, for the reader that takes over."""
        held, self._held = self._held, b""
        return held

    def _take(self, found: list[tuple[int, bytes]], first: int, payload: bytes) -> None:
        opcode = first & 0x0F
        if opcode & _CONTROL:
            found.append((opcode, payload))
            return
        self._parts.append(payload)
        if first & 0x80:
            found.append((TEXT, payload if len(self._parts) == 1 else b"".join(self._parts)))
            self._parts.clear()


class FrameCounter:
    """Counts objects, which are the text frames and the newlines inside them, without keeping any.

    `objects` is the count so far; control frames (small, rare) are handed to `control`.
    """

    __slots__ = ("_control", "_held", "_left", "objects")

    def __init__(self, control: Callable[[int, bytes], None], held: bytes = b"") -> None:
        self._control = control
        self._held = held
        self._left = 0
        self.objects = 0

    def feed(self, buffer: bytearray, size: int) -> None:
        """Count what the first `size` bytes of the shared `buffer` hold."""
        if self._held:
            joined = bytearray(self._held) + buffer[:size]
            self._held = b""
            buffer, size = joined, len(joined)
        at, objects, left = 0, 0, self._left
        while True:
            if left:
                end = at + left
                if end > size:
                    objects += buffer.count(b"\n", at, size)
                    left = end - size
                    break
                objects += buffer.count(b"\n", at, end)
                at, left = end, 0
            if at == size:
                break
            header = _header(buffer, at, size)
            if header is None or (header[0] & _CONTROL and header[1] + header[2] > size):
                self._held = bytes(buffer[at:size])
                break
            first, start, length = header
            if first & _CONTROL:
                at = start + length
                self._control(first & 0x0F, bytes(buffer[start:at]))
                continue
            objects += first & 0x0F  # 1 for a text frame, 0 for its continuation
            at, left = start, length
        self._left = left
        self.objects += objects


def _header(
    data: bytes | bytearray, at: int, size: int | None = None
) -> tuple[int, int, int] | None:
    """(first byte, where the payload starts, its length), or None while the header is cut off."""
    have = (len(data) if size is None else size) - at
    if have < 2:
        return None
    length = data[at + 1]
    if length < 126:
        return data[at], at + 2, length
    if length == 126:
        if have < 4:
            return None
        return data[at], at + 4, data[at + 2] << 8 | data[at + 3]
    if have < 10:
        return None
    return data[at], at + 10, int.from_bytes(data[at + 2 : at + 10], "big")
