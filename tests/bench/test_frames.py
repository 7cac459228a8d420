"""The client's half of framing: what a server wrote is counted and read, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.frames import (
    CLOSE,
    PING,
    TEXT,
    FrameCounter,
    FrameReader,
    client_frame,
    server_frame,
)

Control = tuple[int, bytes]


def counted(data: bytes, size: int) -> tuple[int, list[Control]]:
    """Objects and control frames in `data` when it arrives `size` bytes at a time."""
    seen: list[Control] = []
    counter = FrameCounter(lambda opcode, payload: seen.append((opcode, payload)))
    buffer = bytearray(1 << 17)
    for at in range(0, len(data), size):
        part = data[at : at + size]
        buffer[: len(part)] = part
        counter.feed(buffer, len(part))
    return counter.objects, seen


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536])
def test_every_form_of_length_is_read_back(length: int) -> None:
    payload = b"x" * length
    assert FrameReader().feed(server_frame(payload)) == [(TEXT, payload)]


@pytest.mark.parametrize("length", [1, 126, 65536])
def test_a_client_frame_is_masked_with_zeros(length: int) -> None:
    payload = b"y" * length
    data = client_frame(payload)
    assert data[1] & 0x80
    assert data.endswith(b"\0\0\0\0" + payload)


def test_fragments_of_one_message_are_joined() -> None:
    first = bytes((0x01, 3)) + b"one"
    last = bytes((0x80, 3)) + b"two"
    assert FrameReader().feed(first + server_frame(b"p", PING) + last) == [
        (PING, b"p"),
        (TEXT, b"onetwo"),
    ]


def test_objects_are_frames_and_newlines_inside_them() -> None:
    data = server_frame(b"a") + server_frame(b"b\nc\nd") + server_frame(b"e" * 10)
    assert counted(data, len(data)) == (5, [])


def test_length_bytes_that_look_like_newlines_are_not_counted() -> None:
    data = server_frame(b"z" * 0x0A0A)
    assert counted(data, len(data)) == (1, [])


def test_control_frames_are_handed_over_and_not_counted() -> None:
    data = server_frame(b"a\nb") + server_frame(b"\n\n", PING) + server_frame(b"\x03\xe8", CLOSE)
    assert counted(data, 3) == (2, [(PING, b"\n\n"), (CLOSE, b"\x03\xe8")])


texts = st.binary(max_size=70).flatmap(lambda b: st.integers(1, 200).map(lambda n: b * n))
frames = st.lists(st.tuples(st.sampled_from([TEXT, TEXT, PING]), texts), max_size=8)


@settings(deadline=None)
@given(frames, st.integers(1, 4096))
def test_the_count_does_not_depend_on_how_the_bytes_are_cut(
    sent: list[tuple[int, bytes]], size: int
) -> None:
    sent = [(opcode, text[:125] if opcode == PING else text) for opcode, text in sent]
    data = b"".join(server_frame(text, opcode) for opcode, text in sent)
    objects = sum(1 + text.count(b"\n") for opcode, text in sent if opcode == TEXT)
    assert counted(data, size) == (objects, [one for one in sent if one[0] == PING])


@settings(deadline=None)
@given(frames, st.integers(1, 4096))
def test_what_is_read_does_not_depend_on_how_the_bytes_are_cut(
    sent: list[tuple[int, bytes]], size: int
) -> None:
    sent = [(opcode, text[:125] if opcode == PING else text) for opcode, text in sent]
    data = b"".join(server_frame(text, opcode) for opcode, text in sent)
    reader = FrameReader()
    found = [one for at in range(0, len(data), size) for one in reader.feed(data[at : at + size])]
    assert found == sent


def test_the_rest_of_a_reader_goes_on_in_a_counter() -> None:
    data = server_frame(b"a") + server_frame(b"b\nc")
    reader = FrameReader()
    assert reader.feed(data[:5]) == [(TEXT, b"a")]
    counter = FrameCounter(lambda _opcode, _payload: None, reader.take_held())
    rest = bytearray(data[5:])
    counter.feed(rest, len(rest))
    assert counter.objects == 2
