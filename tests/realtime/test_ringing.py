"""What workers ring to each other comes back as it was, and nothing else comes in."""

from __future__ import annotations

import json
import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopchat.realtime import ringing
from loopchat.realtime.outbox import Aside, Entry

seqs = st.integers(0, 2**53 - 1)
entries = st.builds(
    Entry,
    seq=seqs,
    data=st.binary(max_size=50),
    leaves=st.none() | seqs,
    receipts=st.none() | st.booleans(),
)
asides = st.builds(
    Aside,
    topic=st.just("room:1"),
    data=st.binary(max_size=50),
    skip=st.none() | seqs,
    passing=st.booleans(),
    height=st.none() | st.tuples(st.text(max_size=10), seqs),
    only=st.none() | st.lists(seqs, max_size=3).map(tuple),
)


@given(st.lists(entries))
def test_entries_come_back_as_they_were(some: list[Entry]) -> None:
    back = ringing.decode(ringing.encode(ringing.Log(some)))
    assert back == ringing.Log(some)
    assert isinstance(back, ringing.Log)
    assert all(isinstance(one, Entry) for one in back.entries)


@given(asides)
def test_asides_come_back_as_they_were(aside: Aside) -> None:
    back = ringing.decode(ringing.encode(ringing.of_aside(aside)))
    assert isinstance(back, ringing.Say)
    assert Aside("room:1", back.data, back.skip, back.passing, back.height, back.only) == aside


@pytest.mark.parametrize("what", [ringing.Rights(), ringing.Gone()])
def test_what_has_no_content_comes_back(what: ringing.Ring) -> None:
    assert ringing.decode(ringing.encode(what)) == what


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"x",
        b"\xc1",
        b"\xdc\x00\x01\xa1\x80",
        pickle.dumps({"a": 1}),
        json.dumps(["gone"]).encode(),
        msgspec.msgpack.encode(["unknown"]),
        msgspec.msgpack.encode(["log", [["one", b"x", None, None]]]),
        msgspec.msgpack.encode({"type": "gone"}),
        ringing.encode(ringing.Rights())[:-1],
        ringing.encode(ringing.Gone()) + b"\x00",
    ],
)
def test_anything_else_is_refused(payload: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        ringing.decode(payload)


@given(st.binary(max_size=60))
def test_noise_is_refused_or_is_a_ring(payload: bytes) -> None:
    try:
        found = ringing.decode(payload)
    except msgspec.DecodeError:
        return
    assert ringing.decode(ringing.encode(found)) == found
