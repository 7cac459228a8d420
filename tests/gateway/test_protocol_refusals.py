"""Whatever a stranger sends gets the refusal that the protocol names: no traceback, no silence.

The server has its ordinary limits. After every test somebody else's socket must still be served,
and the log must hold no traceback.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator

import pytest

from tests.faults.wire import Lost, Refusal
from tests.gateway.world import Enter, World, error_of, new_cid, refusal_of, send, still_served
from tests.services import Server

FRAME_MAX = 64 * 1024
pytestmark = pytest.mark.usefixtures("unharmed")


@pytest.fixture(scope="module")
def world(database: dict[str, str]) -> Iterator[World]:
    """A server as it comes; one process, because limits are counted by each."""
    with Server(**database) as server, World(server) as found:  # type: ignore[arg-type]
        yield found


# Frames


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "hello",
        "{",
        '{"type":"ping"',
        '{"type":"ping"} x',
        '{"type":"ping"}{"type":"ping"}',
        '{"type":"ping"}\n{"type":"ping"}',
        "{'type':'ping'}",
        '{"type":"ping",}',
        '\ufeff{"type":"ping"}',
        "[]",
        '["ping"]',
        '"ping"',
        "1",
        "null",
        "true",
        '{"type":"ping","n":NaN}',
        '{"type":"ping","n":Infinity}',
        '{"type":"ping","n":-Infinity}',
        '{"type":"ping","n":1e400}',
        '{"type":"ping","n":9007199254740992}',
        '{"type":"ping","n":' + "9" * 5_000 + "}",
        '{"type":"ping","type":"presence"}',
        '{"type":"ping","__proto__":{"admin":true}}',
        '{"type":"ping","text":"\\ud800"}',
        '{"type":"ping","text":"\\udc00\\ud800"}',
        '{"type":"ping","text":"\\u0000"}',
        '{"\\u0000":1,"type":"ping"}',
        '{"type":"ping","text":"\u0000"}',
        '{"type":"ping","x":' + "[" * 17 + "]" * 17 + "}",
        '{"type":"ping","x":' + "[" * 100 + "]" * 100 + "}",
        '{"type":"ping","x":' + '{"a":' * 100 + "1" + "}" * 100 + "}",
        "[" * 60_000,
        "[" * 30_000 + "]" * 30_000,
        '{"a":' * 10_000,
        "{" + ",".join(f'"k{number}":1' for number in range(65)) + "}",
    ],
    ids=lambda raw: raw[:40].encode("unicode_escape").decode(),
)
async def test_a_frame_that_is_not_understood(world: World, enter: Enter, raw: str) -> None:
    socket = await enter(*world.people(1))
    error = await error_of(socket, raw)
    assert (error["code"], error["ref"]) == ("bad_frame", None)
    await still_served(socket)


async def test_json_of_sixteen_levels_is_fine(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    await socket.say('{"type":"ping","n":16,"x":' + "[" * 15 + "]" * 15 + "}")
    await socket.until("pong", n=16)
    await socket.say(json.dumps({"type": "ping", "n": 17, "x": "[" * 100}))
    await socket.until("pong", n=17)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
async def test_json_of_a_hundred_thousand_levels(world: World, enter: Enter, opening: str) -> None:
    socket = await enter(*world.people(1))
    await socket.say(opening * 100_000)
    assert await socket.gone() == 1009


async def test_a_frame_of_64_kib_is_read(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    await socket.say(padded(FRAME_MAX))
    await socket.until("pong", n=1)


async def test_a_frame_above_64_kib_closes(world: World, enter: Enter) -> None:
    for size in (FRAME_MAX + 1, 1024 * 1024):
        socket = await enter(*world.people(1))
        await socket.say(padded(size))
        assert await socket.gone() == 1009


async def test_a_frame_above_64_kib_before_hello_closes(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1), hello=False)
    await socket.say(padded(FRAME_MAX + 1))
    assert await socket.gone() == 1009


def padded(size: int) -> str:
    """A right command of so many bytes."""
    frame = {"type": "ping", "n": 1, "pad": ""}
    return json.dumps({**frame, "pad": "x" * (size - len(json.dumps(frame)))})


async def test_a_binary_frame_closes(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    await socket.say(b'{"type":"ping"}')
    assert await socket.gone() == 1003


@pytest.mark.parametrize(
    "raw",
    [b'{"type":"\xff"}', b"\xc0\xaf", b"\xed\xa0\x80", b"\xf0\x9f\x91", b"\xf8\x88\x80\x80\x80"],
)
async def test_invalid_utf_8_closes(world: World, enter: Enter, raw: bytes) -> None:
    socket = await enter(*world.people(1))
    await socket.say(raw, text=True)
    assert await socket.gone() == 1007


async def test_ten_bad_frames_close(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    for _ in range(10):
        await socket.say("hello")
    assert await socket.gone() == 4504
    assert len(socket.of("error", code="bad_frame")) == 10


async def test_an_unknown_type(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    for kind in ("dance", "", "__init__", "ready", "ok", "Ping", "chat_message\n"):
        await refusal_of(socket.ask(kind), "unknown_type")
    for frame in ({}, {"type": None}, {"type": 1}, {"type": ["ping"]}, {"ref": 1}):
        error = await error_of(socket, frame)
        assert (error["code"], error["field"]) == ("bad_request", "type")
    await still_served(socket)


# The order of things


async def test_no_hello(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1), hello=False)
    begun = time.monotonic()
    assert await socket.gone() == 4502
    assert time.monotonic() - begun > 4


async def test_a_command_before_hello(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    socket = await enter(ann, hello=False)
    await refusal_of(send(socket, room, "Too early"), "bad_request")
    parts = await socket.hello()
    assert parts[0]["rooms"][0]["head"] == 1


async def test_a_second_hello(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    error = await error_of(socket, {"type": "hello", "ref": 9, "cursors": {}})
    assert (error["code"], error["ref"]) == ("bad_request", 9)
    await still_served(socket)
    assert len(socket.of("ready")) == 1


@pytest.mark.parametrize("protocols", [None, ["loopchat.v2"], ["chat", "LOOPCHAT.V1"]])
async def test_another_version(world: World, enter: Enter, protocols: list[str] | None) -> None:
    socket = await enter(*world.people(1), hello=False, protocols=protocols)
    assert await socket.gone() == 4505
    assert socket.seen == []


async def test_the_version_among_others(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1), protocols=["loopchat.v2", "loopchat.v1"])
    assert socket.subprotocol == "loopchat.v1"


# Too much


async def test_messages_too_fast(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    sockets = [await enter(ann), await enter(ann)]
    refused: list[Refusal] = []
    cid = ""
    for number in range(200):  # five a second, bursts of twenty, for all sockets of a person
        cid = new_cid()
        try:
            await send(sockets[number % 2], room, "Spam", cid=cid)
        except Refusal as refusal:
            refused.append(refusal)
            break
    assert number >= 20
    (no,) = refused
    assert (no.code, no.definite) == ("rate_limited", True)
    assert 0 < no.retry_after <= 1
    await asyncio.sleep(no.retry_after)
    again = await send(sockets[0], room, "Spam", cid=cid)
    assert "dup" not in again  # it had taken no effect
    assert again["seq"] == number + 2


async def test_commands_too_fast(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    for ref in range(100):
        await socket.say({"type": "presence", "ref": ref, "state": "online"})
    answers = [await socket.any_of("ok", "error") for _ in range(100)]
    assert sorted(answer["ref"] for answer in answers) == list(range(100))
    assert 60 <= len(socket.of("ok")) < 100
    assert len(socket.of("error", code="rate_limited")) == 100 - len(socket.of("ok"))
    assert all(0 < error["retry_after_ms"] <= 1_000 for error in socket.of("error"))


async def test_hello_is_never_too_fast(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    socket = await enter(ann)
    for _ in range(100):
        await socket.say({"type": "presence", "state": "online"})
    assert (await socket.until("error"))["code"] == "rate_limited"

    await enter(ann)  # says hello: a socket that is refused it could never say it again


async def test_pings_are_never_too_fast_to_answer(world: World, enter: Enter) -> None:
    socket = await enter(*world.people(1))
    for ref in range(50):
        await socket.say({"type": "ping", "n": ref})
    await socket.until("pong", n=49)


async def test_too_many_sockets(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    sockets = [await enter(ann) for _ in range(20)]
    assert await (await enter(ann, hello=False)).gone() == 4506
    for socket in sockets:
        await still_served(socket)
    await sockets[0].close()
    while True:  # until the server has noticed
        another = await enter(ann, hello=False)
        with contextlib.suppress(Lost):
            await another.until("welcome")
            break


async def test_many_commands_in_flight_are_all_answered(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    socket = await enter(ann)
    answers = []
    for _ in range(55):  # more than the 32 that may wait, fewer than the rate forbids
        ref, answer = socket.expect()
        answers.append(answer)
        await socket.say({"type": "history", "ref": ref, "room": room})
    pages = [await answer for answer in answers]
    assert all(page["head"] == 1 for page in pages)


async def test_a_socket_that_ends_in_the_middle(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    for _ in range(10):
        socket = await enter(ann)
        for _ in range(2):
            await socket.say(
                {"type": "chat_message", "ref": 1, "room": room, "cid": new_cid(), "message": "x"}
            )
            await socket.say({"type": "history", "ref": 2, "room": room})
        socket.abort()
    page = await (await enter(ann)).ask("history", room=room, limit=100, log=True)
    assert [item["seq"] for item in page["items"]] == list(range(1, page["head"] + 1))
