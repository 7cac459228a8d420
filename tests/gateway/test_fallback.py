"""Writing where a server lends nothing: in order, bounded, and never left lying."""

from __future__ import annotations

import asyncio
from typing import Any

from loopchat.gateway.fallback import Pump
from loopchat.gateway.lending import QUEUE_MAX
from loopchat.realtime.frames import frame


class Server:
    """The other end of ASGI's `send`: takes what it is given when it may."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.may = asyncio.Event()
        self.may.set()
        self.refuses: set[int] = set()
        self.is_gone = False

    async def __call__(self, message: dict[str, Any]) -> None:
        await self.may.wait()
        if self.is_gone or message.get("code") in self.refuses:
            raise RuntimeError("not now")
        self.sent.append(message)

    def texts(self) -> list[str]:
        return [m["text"] for m in self.sent if m["type"] == "websocket.send"]


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_frames_go_out_in_order_as_text() -> None:
    server = Server()
    pump = Pump(server)
    for n in range(5):
        pump.write(frame(f"n {n} ü".encode()))
    await settle()
    assert server.texts() == [f"n {n} ü" for n in range(5)]
    assert pump.waiting == 0


async def test_a_goodbye_comes_behind_what_was_written_and_nothing_behind_it() -> None:
    server, ends = Server(), []
    pump = Pump(server)
    pump.on_end = lambda: ends.append(1)
    pump.write(frame(b"last words"))
    pump.close(4001, "too slow")
    pump.write(frame(b"too late"))
    pump.close(4004, "again")
    await settle()
    assert server.texts() == ["last words"]
    assert server.sent[-1] == {"type": "websocket.close", "code": 4001, "reason": "too slow"}
    assert len(server.sent) == 2
    assert ends == [1]


async def test_a_slow_reader_is_noticed_when_too_much_waits() -> None:
    server, full = Server(), []
    pump = Pump(server)
    pump.on_full = lambda: full.append(pump.waiting)
    server.may.clear()
    piece = frame(b"x" * (QUEUE_MAX // 4))
    for _ in range(4):
        pump.write(piece)
    await settle()
    assert full == []
    pump.write(frame(b"one more"))
    assert full == [QUEUE_MAX + 8]
    server.may.set()
    await settle()
    assert pump.waiting == 0


async def test_what_is_written_when_the_task_has_just_ended_goes_out_too() -> None:
    """The queue is empty, the task is over, its callback has not run: that is when it is lost."""
    server = Server()
    pump = Pump(server)
    pump.write(frame(b"first"))
    task = pump._task
    assert task is not None
    task.remove_done_callback(pump._ended)
    task.add_done_callback(lambda _: pump.write(frame(b"second")))
    task.add_done_callback(pump._ended)
    await settle()
    assert server.texts() == ["first", "second"]


async def test_whenever_it_is_written_it_goes_out() -> None:
    server = Server()
    pump = Pump(server)
    for n in range(60):
        pump.write(frame(str(n).encode()))
        for _ in range(n % 7):
            await asyncio.sleep(0)
    await settle()
    assert server.texts() == [str(n) for n in range(60)]


async def test_a_client_that_is_gone_ends_the_writing() -> None:
    server = Server()
    pump = Pump(server)
    server.is_gone = True
    for _ in range(3):
        pump.write(frame(b"to nobody"))
    await settle()
    pump.write(frame(b"still to nobody"))
    pump.close(1012, "restart")
    await settle()
    assert server.sent == []
    assert pump.waiting == 0


async def test_a_code_that_a_server_will_not_say_is_said_in_another_way() -> None:
    server = Server()
    server.refuses = {1003, 1009, 1012, 1013}
    for code, said in ((1003, 4504), (1009, 4504), (1012, 4004), (1013, 4005), (4001, 4001)):
        Pump(server).close(code, "why")
        await settle()
        assert server.sent[-1] == {"type": "websocket.close", "code": said, "reason": "why"}
