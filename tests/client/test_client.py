"""The clients for programs, against a real server."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from typing import Any

import pytest

from loopchat.client import Client, Gone, History, Lost, Refusal, Rest
from loopchat.client.terminal import follow
from loopchat.realtime import events
from tests.faults.backstage import Backstage, Person
from tests.gateway.world import World
from tests.hooks.receiver import receiving, says
from tests.services import ROOT, StartServer

pytestmark = pytest.mark.slow

WITHIN = 30.0


def client(world: World, person: Person) -> Client:
    """A client that does not wait long."""
    return Client(world.server.url, person.token, first_pause=0.05)


async def next_message(happening: Any, text: str) -> events.ChatMessage:
    """The next message, which has to be this one."""
    async with asyncio.timeout(WITHIN):
        async for event in happening:
            if isinstance(event, events.ChatMessage):
                assert event.message == text
                return event
    raise AssertionError("it ended")


async def test_two_programs_talk(world: World) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben, name="Board of two")
    async with client(world, ann) as anns, client(world, ben) as bens:
        assert anns.me is not None
        assert anns.me.username == ann.name
        assert anns.room("board of TWO").room == anns.room(room).room == room
        happening = bens.events()
        heard = asyncio.ensure_future(next_message(happening, "Hello **ben**"))
        await asyncio.sleep(0)
        sent = await anns.send(room, "Hello **ben**")
        assert (await heard).seq == sent.seq
        await bens.read(room, sent.seq)
        page = await bens.history(room, limit=1)
        assert page.messages[0].id == sent.id
        with pytest.raises(Refusal) as refused:
            await anns.send(10**9, "Nowhere")
        assert refused.value.code == "not_found"
        with pytest.raises(Refusal):
            await anns.ask("dance")


async def test_many_messages_keep_their_order(world: World) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    async with client(world, ann) as anns:
        async with asyncio.timeout(WITHIN):
            found = await asyncio.gather(*(anns.send(room, str(n)) for n in range(50)))
    assert [one.seq for one in found] == sorted(one.seq for one in found)
    assert len({one.seq for one in found}) == 50


async def test_who_may_not_come_is_told(world: World) -> None:
    (ann,) = world.people(1)
    with pytest.raises(Gone) as gone:
        async with Client(world.server.url, "lct_wrong"):
            pass
    assert gone.value.code == 4501
    async with client(world, ann) as anns:
        happening = anns.events()
        waiting = asyncio.ensure_future(anext(happening, None))
        await asyncio.sleep(0)
        world.backstage.do("revoke_token", token=ann.token)
        async with asyncio.timeout(WITHIN):
            assert await waiting is None


async def test_after_the_end_nobody_waits(world: World) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    async with client(world, ann) as anns:
        happening = anns.events()
        world.backstage.do("revoke_token", token=ann.token)
        async with asyncio.timeout(WITHIN):
            assert await anext(happening, None) is None
            with pytest.raises(Lost):
                await anns.ask("ping")
            with pytest.raises(Lost):
                await anns.send(room, "Too late")
            assert await anext(anns.events(), None) is None
    (ben,) = world.people(1)
    async with client(world, ben) as bens:
        assert (await bens.ask("ping"))["type"] in ("ok", "pong")
    async with asyncio.timeout(WITHIN):
        with pytest.raises(Lost):
            await bens.history(room)


async def test_who_waits_for_a_connection_learns_of_the_end(start_server: StartServer) -> None:
    server = start_server()
    with Backstage(server) as backstage:
        (ann,) = backstage.people("ann")
    async with Client(server.url, ann.token, first_pause=0.05) as anns:
        await asyncio.to_thread(server.stop)
        waiting = asyncio.create_task(anns.ask("ping"))
        await asyncio.sleep(0)
    async with asyncio.timeout(WITHIN):
        with pytest.raises(Lost):
            await waiting


async def test_it_comes_back_and_misses_nothing(start_server: StartServer) -> None:
    server = start_server(env={"LOOPCHAT_RATE_SEND": "off"})
    with Backstage(server) as backstage:
        ann, ben = backstage.people("ann", "ben")
        room = backstage.room(ann, "Board", ben, kind="private")
    async with (
        Client(server.url, ann.token, first_pause=0.05) as anns,
        Client(server.url, ben.token, first_pause=0.05) as bens,
    ):
        texts: list[str | None] = []
        heard = asyncio.create_task(collect(bens, texts, until="Later"))
        await asyncio.sleep(0)
        await anns.send(room, "Before")
        await asyncio.to_thread(server.stop)
        later = [asyncio.create_task(anns.send(room, text)) for text in ("Between", "Later")]
        await asyncio.sleep(0)
        await asyncio.to_thread(server.start)
        async with asyncio.timeout(WITHIN):
            between, last = await asyncio.gather(*later)
            await heard
        assert between.seq + 1 == last.seq
        assert texts == ["Before", "Between", "Later"]


async def collect(chat: Client, texts: list[str | None], *, until: str) -> None:
    """What is said, up to that."""
    async for event in chat.events():
        if isinstance(event, events.ChatMessage):
            texts.append(event.message)
            if event.message == until:
                return


class Hurried(Client):
    """Somebody to whom a message comes while the past is on its way."""

    async def history(self, room: int, **fields: object) -> History:
        """The page, with what was sent just before."""
        await self.send(room, "Meanwhile")
        return await super().history(room, **fields)


async def test_what_comes_while_the_past_is_read_is_shown_once(world: World) -> None:
    (ann,) = world.people(1)
    room = world.room(ann)
    async with Hurried(world.server.url, ann.token) as anns, asyncio.timeout(WITHIN):
        said = follow(anns, room, 5)
        assert (await anext(said))[1:] == (ann.name, "Meanwhile")
        await anns.send(room, "After")
        assert (await anext(said))[1:] == (ann.name, "After")


def test_rest(world: World) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    rest = Rest(world.server.url, ann.token)
    assert [one.room for one in rest.rooms()] == [room]
    sent = rest.send(room, "By REST", reply_to=None)
    assert rest.call("GET", f"messages/{sent.id}")["message"] == "By REST"
    for n in range(5):
        rest.send(room, str(n))
    found = list(rest.pages(f"rooms/{room}/messages", limit=2))
    assert [one["message"] for one in found] == ["4", "3", "2", "1", "0", "By REST"]
    with pytest.raises(Refusal) as refused:
        rest.send(10**9, "Nowhere")
    assert (refused.value.code, refused.value.definite) == ("not_found", True)
    with pytest.raises(Lost):
        Rest("http://127.0.0.1:9", "lct_x").call("GET", "me")


def loopchat(url: str, person: Person, *words: str, **options: Any) -> Any:
    """The command with somebody's token."""
    environment = {**os.environ, "LOOPCHAT_TOKEN": person.token, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-m", "loopchat", *words, "--url", url]
    return subprocess.Popen(
        command, env=environment, text=True, stdout=-1, stderr=-1, stdin=-1, **options
    )


def test_send_and_tail_on_the_command_line(world: World) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben, name=f"Terminal of {ann.name}")
    first = loopchat(world.server.url, ann, "send", f"Terminal of {ann.name}", "Hello")
    said, wrong = first.communicate(timeout=60)
    assert first.returncode == 0, wrong
    assert said.strip().isdecimal()
    listening = loopchat(world.server.url, ben, "tail", str(room))
    try:
        assert listening.stdout.readline().endswith(f"{ann.name}: Hello\n")
        second = loopchat(world.server.url, ann, "send", f"@{ben.name}", "-")
        second.communicate("From a pipe\n", timeout=60)
        third = loopchat(world.server.url, ann, "send", str(room))
        _, wrong = third.communicate("Two\nlines\u202e\n", timeout=60)
        assert third.returncode == 0, wrong
        assert listening.stdout.readline().endswith(f"{ann.name}: Two\n")
        assert listening.stdout.readline() == "    lines\ufffd\n"
    finally:
        listening.kill()
        listening.communicate()
    nowhere = loopchat(world.server.url, ann, "send", "Nowhere at all", "x")
    assert "There is no room" in nowhere.communicate(timeout=60)[1]
    assert nowhere.returncode == 1


def test_tail_says_that_it_waits_and_that_the_server_is_back(start_server: StartServer) -> None:
    server = start_server()
    with Backstage(server) as backstage:
        (ann,) = backstage.people("ann")
        room = backstage.room(ann, "Board", kind="private")
    server.stop()
    listening = loopchat(server.url, ann, "tail", str(room))
    try:
        assert listening.stderr.readline().startswith(f"Waiting for {server.url}: ")
        server.start()
        assert listening.stderr.readline() == f"{server.url} is back.\n"
        Rest(server.url, ann.token).send(room, "Here")
        assert listening.stdout.readline().endswith("ann: Here\n")
        server.stop()
        assert listening.stderr.readline().startswith(f"Waiting for {server.url}: ")
    finally:
        listening.kill()
        _, more = listening.communicate()
    assert more == ""  # each once


def test_send_says_that_it_waits(world: World) -> None:
    (ann,) = world.people(1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        sending = loopchat(url, ann, "send", "1", "Hello")
        try:
            assert sending.stderr.readline() == f"Waiting for {url}: no answer yet\n"
        finally:
            sending.kill()
            sending.communicate()


async def test_a_command_and_what_is_whispered(start_server: StartServer) -> None:
    server = start_server(
        env={"LOOPCHAT_WEBHOOK_ALLOW": "127.0.0.1", "LOOPCHAT_BOT_MAKERS": "everybody"}
    )
    with Backstage(server) as backstage, receiving() as receiver:
        (ann,) = backstage.people("ann")
        room = backstage.room(ann, "Board", kind="private")
        deploy = {"url": receiver.url, "command": "deploy"}
        backstage.do("webhook", owner=ann.uid, room=room, **deploy)
        receiver.answer = says("It **is** out")
        async with Client(server.url, ann.token) as anns, asyncio.timeout(WITHIN):
            happening = anns.events()
            cid = await anns.command(room, "/deploy now")
            assert await anns.command(room, "/deploy now", cid=cid) == cid
            async for event in happening:
                if isinstance(event, events.Whisper):
                    break
            assert (event.command, event.cid, event.message) == ("deploy", cid, "It **is** out")
            assert event.rich is not None
            with pytest.raises(Refusal):
                await anns.command(room, "/dance")
        assert [one.json["text"] for one in receiver.all()] == ["now"]
