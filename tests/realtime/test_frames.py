"""Frames: what RFC 6455 says, built once; and which objects share one."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from loopchat.realtime.frames import FRAME_MAX, frame, payload_of, payloads

SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000, FRAME_MAX + 1]


def parsed(data: bytes) -> Frame:
    """As a client's library reads it."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    parsing = Frame.parse(reader.read_exact, mask=False)
    try:
        while True:
            next(parsing)
    except StopIteration as end:
        found = end.value
    assert isinstance(found, Frame)
    return found


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_is_read_by_another_library(size: int) -> None:
    payload = b"x" * size
    found = parsed(frame(payload))
    assert (found.opcode, found.fin, found.data) == (Opcode.TEXT, True, payload)


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_gives_its_payload_back(size: int) -> None:
    payload = bytes(n % 251 for n in range(size))
    assert payload_of(frame(payload)) == payload


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_is_what_the_library_itself_would_write(size: int) -> None:
    payload = b"y" * size
    assert frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)


def test_nothing_makes_no_payload() -> None:
    assert list(payloads([])) == []


def test_few_objects_share_one() -> None:
    assert list(payloads([b"a", b"b", b"c"])) == [b"a\nb\nc"]


def test_an_object_larger_than_a_frame_has_its_own() -> None:
    large = b"x" * (FRAME_MAX + 5)
    assert list(payloads([b"a", large, b"b", b"c"])) == [b"a", large, b"b\nc"]


def test_a_frame_is_filled_to_its_limit() -> None:
    half = b"x" * (FRAME_MAX // 2 - 1)
    assert [len(p) for p in payloads([half, half])] == [FRAME_MAX - 1]
    assert len(list(payloads([half, half, b"y"]))) == 2


@given(st.lists(st.integers(0, FRAME_MAX // 3), max_size=20))
def test_objects_stay_in_order_and_within_the_limit(sizes: list[int]) -> None:
    objects = [b"%d" % n + b"x" * size for n, size in enumerate(sizes)]
    made = list(payloads(objects))
    assert [one for payload in made for one in payload.split(b"\n")] == objects
    assert all(len(payload) <= FRAME_MAX for payload in made)
    for left, right in itertools.pairwise(made):  # none is cut without need
        assert len(left) + 1 + len(right.split(b"\n")[0]) >= FRAME_MAX
