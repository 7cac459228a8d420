"""The shape of commands: what fits passes as it is, everything else names its field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopchat.core import strict
from loopchat.core.errors import Refused
from loopchat.gateway import shapes
from loopchat.gateway.shapes import MAX_INT, room_cursors, shaped

CID = "01234567-89ab-cdef-0123-456789abcdef"
GOOD: dict[type[Any], dict[str, Any]] = {
    shapes.Hello: {"cursors": {"1": 0, "7": MAX_INT}, "epoch": "abc"},
    shapes.ChatMessage: {"room": 1, "cid": CID, "message": "x", "reply_to": 3},
    shapes.Edit: {"room": 1, "id": 2, "message": "x"},
    shapes.Delete: {"room": 1, "id": 2},
    shapes.React: {"room": 1, "id": 2, "emoji": "👍", "on": True},
    shapes.Typing: {"room": 1, "is_typing": False},
    shapes.MarkRead: {"room": 1, "seq": 0},
    shapes.Delivered: {"cursors": {"1": 5}},
    shapes.History: {"room": 1, "before": 5, "limit": 100, "log": True},
    shapes.Readers: {"room": 1, "id": 2},
    shapes.OpenDirect: {"username": "ann"},
    shapes.InRoom: {"room": MAX_INT},
    shapes.Open: {"room": None},
    shapes.Presence: {"state": "away"},
    shapes.Ping: {"n": -1},
}


@pytest.mark.parametrize("shape", GOOD)
def test_what_fits_passes_as_it_is(shape: type[Any]) -> None:
    fields = GOOD[shape]
    found = shaped({"type": "any", "ref": 1, "unknown": [1], **fields}, shape)
    assert {name: getattr(found, name) for name in fields} == fields


@pytest.mark.parametrize("shape", GOOD)
def test_a_field_that_is_missing_is_named(shape: type[Any]) -> None:
    required = [f for f in GOOD[shape] if _is_required(shape, f)]
    for name in required:
        fields = {key: value for key, value in GOOD[shape].items() if key != name}
        with pytest.raises(Refused) as no:
            shaped(fields, shape)
        assert (no.value.code, no.value.field, no.value.definite) == ("bad_request", name, True)
        assert name in no.value.text


def _is_required(shape: type[Any], name: str) -> bool:
    return (
        name
        in shape.__struct_fields__[: len(shape.__struct_fields__) - len(shape.__struct_defaults__)]
    )


STRANGE: list[Any] = [True, 1.0, 1.5, "1", [], {}, -1, 2**53, 10**30]


@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_an_id_is_a_number_of_the_right_size(value: Any) -> None:
    for shape, name in ((shapes.InRoom, "room"), (shapes.Edit, "id"), (shapes.Readers, "id")):
        with pytest.raises(Refused) as no:
            shaped({**GOOD[shape], name: value}, shape)
        assert (no.value.code, no.value.field) == ("bad_request", name)
    with pytest.raises(Refused):
        shaped({**GOOD[shapes.MarkRead], "seq": value}, shapes.MarkRead)


@pytest.mark.parametrize("value", [None, 1, True, [], {}], ids=repr)
def test_texts_are_texts(value: Any) -> None:
    for shape, name in (
        (shapes.ChatMessage, "message"),
        (shapes.ChatMessage, "cid"),
        (shapes.React, "emoji"),
        (shapes.OpenDirect, "username"),
        (shapes.Presence, "state"),
    ):
        with pytest.raises(Refused) as no:
            shaped({**GOOD[shape], name: value}, shape)
        assert no.value.field == name


@pytest.mark.parametrize("value", [0, 1, "true", None, []], ids=repr)
def test_switches_are_true_or_false(value: Any) -> None:
    for shape, name in (
        (shapes.React, "on"),
        (shapes.Typing, "is_typing"),
        (shapes.History, "log"),
    ):
        with pytest.raises(Refused) as no:
            shaped({**GOOD[shape], name: value}, shape)
        assert no.value.field == name


@pytest.mark.parametrize(
    "cid",
    [
        "",
        CID.upper(),
        CID + "\n",
        "\n" + CID,
        CID[:-1],
        CID + "0",
        CID.replace("-", ""),
        "{" + CID + "}",
        "urn:uuid:" + CID,
        CID.replace("0", "\u0660"),
        CID.replace("a", "g"),
    ],
)
def test_a_cid_is_a_uuid_in_its_one_spelling(cid: str) -> None:
    assert shaped(GOOD[shapes.ChatMessage], shapes.ChatMessage).cid == CID
    with pytest.raises(Refused) as no:
        shaped({**GOOD[shapes.ChatMessage], "cid": cid}, shapes.ChatMessage)
    assert (no.value.code, no.value.field) == ("bad_request", "cid")


@pytest.mark.parametrize(
    ("name", "value"), [("limit", 0), ("limit", 101), ("before", 0), ("before", -1), ("after", -1)]
)
def test_pages_have_bounds(name: str, value: int) -> None:
    with pytest.raises(Refused) as no:
        shaped({**GOOD[shapes.History], name: value}, shapes.History)
    assert no.value.field == name


def test_cursors_name_their_field() -> None:
    for cursors in ({"1": -1}, {"1": "x"}, {"1": None}, {"1": 1.5}, {"1": True}, [1], "1"):
        with pytest.raises(Refused) as no:
            shaped({"cursors": cursors}, shapes.Hello)
        assert (no.value.code, no.value.field) == ("bad_request", "cursors")


def test_cursors_are_keyed_by_room_ids() -> None:
    assert room_cursors({"1": 5, str(MAX_INT): 0}) == {1: 5, MAX_INT: 0}
    assert room_cursors({}) == {}
    for key in ("", "0", "-1", "+1", " 1", "1 ", "1.0", "x", "\u0661", "²", str(2**53), "9" * 5000):
        with pytest.raises(Refused) as no:
            room_cursors({key: 1})
        assert (no.value.code, no.value.field) == ("bad_request", "cursors")


def test_a_shape_keeps_nothing_of_the_one_before() -> None:
    first = shaped({}, shapes.Hello)
    first.cursors["1"] = 5
    assert shaped({}, shapes.Hello).cursors == {}


@given(
    st.sampled_from(sorted(GOOD, key=lambda shape: shape.__name__)),
    st.dictionaries(
        st.sampled_from(sorted({name for fields in GOOD.values() for name in fields})),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
            ),
            max_leaves=5,
        ),
    ),
)
def test_whatever_comes_it_fits_or_is_refused(shape: type[Any], fields: dict[str, Any]) -> None:
    """Never another exception: that would end the socket."""
    code = _outcome(shape, fields)
    assert code in (None, "bad_request", "bad_frame")


def _outcome(shape: type[Any], fields: dict[str, Any]) -> str | None:
    try:
        found = shaped(strict.decode(json.dumps(fields)), shape)
        if isinstance(found, shapes.Hello | shapes.Delivered):
            room_cursors(found.cursors)
    except Refused as no:
        return no.code
    return None
