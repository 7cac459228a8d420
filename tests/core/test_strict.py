"""Frames from strangers: what Python's JSON would let through is refused, in linear time."""

from __future__ import annotations

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopchat.core.errors import Refused
from loopchat.core.strict import DEPTH_MAX, ENTRIES_MAX, FIELDS_MAX, NUMBER_MAX, decode

FRAME_MAX = 64 * 1024

storable = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.text(storable)
numbers = st.integers(-NUMBER_MAX, NUMBER_MAX) | st.floats(-NUMBER_MAX, NUMBER_MAX)
leaves = st.none() | st.booleans() | numbers | texts
keys = texts.filter(lambda key: key != "__proto__")
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=20
)


def reason(data: str | bytes) -> str:
    with pytest.raises(Refused) as refused:
        decode(data)
    assert refused.value.code == "bad_frame"
    return refused.value.text


@given(st.dictionaries(keys, values, max_size=5), st.booleans(), st.sampled_from([None, 2]))
def test_what_is_valid_comes_through_unchanged(
    frame: dict[str, object], escaped: bool, indent: int | None
) -> None:
    text = json.dumps(frame, ensure_ascii=escaped, indent=indent)
    assert decode(text) == frame
    assert decode(text.encode()) == frame


@given(st.text(st.sampled_from('{}[]":,\\u0d8 \n1eE.+-truefalsn\ud800\x00\ufeff'), max_size=60))
def test_whatever_comes_is_read_as_json_or_refused(text: str) -> None:
    with contextlib.suppress(Refused):
        assert decode(text) == json.loads(text)


@given(st.binary(max_size=60))
def test_whatever_bytes_come_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        assert decode(data) == json.loads(data)


def test_an_ordinary_frame_is_read() -> None:
    frame = decode(
        '{"type":"chat_message","ref":1,"room":7,"message":"a \\"b\\" {[ 🎉 \\ud83c\\udf89"}'
    )
    assert frame == {"type": "chat_message", "ref": 1, "room": 7, "message": 'a "b" {[ 🎉 🎉'}


@pytest.mark.parametrize(
    "data",
    [
        "",
        " ",
        "x",
        "{",
        "}",
        '{"a"}',
        "{'a':1}",
        '{"a":1,}',
        "{a:1}",
        '{"a":01}',
        '{"a":+1}',
        "nul",
        '{"a":1} x',
        '{"a":1}{"b":2}',
        '{"a":1}\n{"b":2}',
        '{"a":1}\0',
        "\ufeff{}",
        "{}\x0b",
        '{"a":"\n"}',
        '{"a":"\x00"}',
        '{"a":"\t"}',
        '{"a":"\\x"}',
        '{"a":"\\u12"}',
        '{"a":"',
        '{"a":.5}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        b'{"a":"\xc0\x80"}',
        b'{"a":"\xed\xa0\x80"}',
        b"\x80",
        b"{\x00}",
        '{"a":"\ud800"}',
        '{"\udfff":1}',
        '{"a":1}\ud800',
    ],
)
def test_what_is_not_json_is_refused(data: str | bytes) -> None:
    assert "not JSON" in reason(data)


@pytest.mark.parametrize("text", ["[]", "[{}]", "1", "1.5", '"{}"', "null", "true"])
def test_a_frame_is_an_object(text: str) -> None:
    assert "not an object" in reason(text)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_that_are_no_numbers_are_refused(word: str) -> None:
    assert word in reason(f'{{"a":{word}}}')


@pytest.mark.parametrize(
    "number",
    [
        str(NUMBER_MAX + 1),
        str(-NUMBER_MAX - 1),
        "9" * 5000,
        "-" + "9" * 60000,
        "1e400",
        "-1e400",
        "1e308",
        "9007199254740993.5",
        "1E+99",
        "1" + "0" * 20 + ".0",
    ],
)
def test_numbers_out_of_range_are_refused(number: str) -> None:
    assert "number" in reason(f'{{"a":[{number}]}}')


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (str(NUMBER_MAX), NUMBER_MAX),
        (str(-NUMBER_MAX), -NUMBER_MAX),
        ("1.0", 1.0),
        ("-0", 0),
        ("1e3", 1000.0),
        ("1e-400", 0.0),
        ("0." + "1" * 500, 1 / 9),
    ],
)
def test_numbers_in_range_are_read(number: str, value: float) -> None:
    found = decode(f'{{"a":{number}}}')["a"]
    assert isinstance(found, type(value))
    assert math.isclose(found, value)


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"x":[{"a":1,"b":2,"a":3}]}', '{"":1,"":2}'],
)
def test_a_key_may_occur_once(text: str) -> None:
    assert "twice" in reason(text)


@pytest.mark.parametrize(
    "text", ['{"__proto__":{}}', '{"a":{"__proto__":1}}', '{"\\u005f_proto__":1}']
)
def test_keys_that_are_traps_elsewhere_are_refused(text: str) -> None:
    reason(text)


def test_a_word_that_is_a_trap_as_a_key_is_no_trap_in_a_text() -> None:
    assert decode('{"message":"__proto__"}') == {"message": "__proto__"}


@pytest.mark.parametrize(
    "text",
    ["\\ud800", "a\\uDFFFb", "\\udc00\\ud800", "\\ud83d x", "\\u0000", "a\\u0000b"],
)
@pytest.mark.parametrize("place", ['{"a":"%s"}', '{"%s":1}', '{"a":[{"b":["%s"]}]}'])
def test_characters_that_cannot_be_stored_are_refused(text: str, place: str) -> None:
    assert "stored" in reason(place % text)


@pytest.mark.parametrize(
    "text", ["\\\\ud800", "\\\\u0000", "\\ud83d\\ude00", "\\u00e9", "\\\\\\\\u0000"]
)
def test_text_about_such_characters_is_not_refused(text: str) -> None:
    assert decode(f'{{"a":"{text}"}}') == json.loads(f'{{"a":"{text}"}}')


@pytest.mark.parametrize(("before", "after"), [('{"a":', "}"), ("[", "]")])
def test_nesting_has_a_limit(before: str, after: str) -> None:
    inside = DEPTH_MAX - 1
    assert decode('{"x":' + before * inside + "1" + after * inside + "}")
    for depth in (DEPTH_MAX, 100, 500):
        assert "deep" in reason('{"x":' + before * depth + "1" + after * depth + "}")


@pytest.mark.parametrize("depth", [513, 10_000, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":', '{"":1,"a":['])
def test_bottomless_nesting_is_refused_before_it_is_read(depth: int, opening: str) -> None:
    reason(opening * depth)


@pytest.mark.parametrize("text", ["[[[" * 1000, "]]]]" * 1000, '\\"[' * 1000, '{\\"a\\":' * 1000])
def test_brackets_in_a_text_do_not_nest(text: str) -> None:
    assert decode('{"a":"' + text + '","b":[[]]}')["b"] == [[]]


def test_brackets_do_not_hide_behind_a_text() -> None:
    """Each of these would fool a reader that loses count of where strings end."""
    for text in ('"\\\\"', '"\\""', '"\\\\\\""', '"a\\u0022"'):
        assert "deep" in reason(f'{{"a":{text},"b":' + "[" * 40 + "]" * 40 + "}")
    reason('{"a":"' + "]" * 40 + '","b":' + "[" * 17 + "]" * 17 + "}")


def test_an_object_has_a_limited_number_of_fields() -> None:
    assert len(decode(json.dumps({f"f{n}": n for n in range(FIELDS_MAX)}))) == FIELDS_MAX
    assert "fields" in reason(json.dumps({f"f{n}": n for n in range(FIELDS_MAX + 1)}))


def test_a_table_by_number_may_be_longer() -> None:
    """`hello` has a cursor for each of up to 500 rooms."""
    hello = {"type": "hello", "cursors": {str(n): n for n in range(ENTRIES_MAX)}}
    assert decode(json.dumps(hello)) == hello
    hello["cursors"] = {str(n): n for n in range(ENTRIES_MAX + 1)}
    assert "fields" in reason(json.dumps(hello))


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "[]",
        "]",
        "{}",
        '"',
        '\\"',
        '"\\"',
        '{"a":',
        '{"a":1,',
        "\\",
        "\\u0000",
        "1",
        "-",
        " ",
        "\n",
        "[1,",
        '["a",',
        '"[',
        '[",',
        "e1",
        "\\ud800",
        "\ud800",
        "NaN,",
    ],
)
@pytest.mark.parametrize("around", ["%s", '{"a":"%s', '{"a":[%s', '{"a":"%s"}', '{"a":%s}'])
@pytest.mark.timeout(30)
def test_time_grows_with_the_length_alone(unit: str, around: str) -> None:
    """A quadratic step would need minutes for sixteen frames' worth of this."""
    with contextlib.suppress(Refused):
        decode(around % (unit * (16 * FRAME_MAX // len(unit))))
