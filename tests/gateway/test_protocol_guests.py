"""Guests by socket: their room and nothing else, as long as their link lasts."""

from __future__ import annotations

import pytest

from loopchat.gateway import commands
from tests.faults.backstage import Person
from tests.faults.wire import Socket
from tests.gateway.world import Enter, World, error_of, refusal_of, send

PUBLIC = {"kind": "public"}


class Visit:
    """A guest in a private room of two, and what is around it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.host, self.other = world.people(2)
        self.room = world.room(self.host, self.other)
        self.garden = world.room(self.host, **PUBLIC)
        made = world.backstage.do("guest", room=self.room, by=self.host.uid, name="Zoe")
        self.link = made.pop("link")
        self.guest = Person(**made)

    async def enter(self, enter: Enter) -> Socket:
        """The guest's own socket, by cookie."""
        return await enter(self.guest.browser(self.world.server.url))


@pytest.fixture
def visit(world: World) -> Visit:
    """A new one."""
    return Visit(world)


async def test_a_guest_talks_in_the_room(visit: Visit, enter: Enter) -> None:
    host, guest = await enter(visit.host), await visit.enter(enter)
    assert [room["room"] for room in guest.of("ready")[-1]["rooms"]] == [visit.room]

    await send(guest, visit.room, "hello from outside")

    heard = await host.until("chat_message", message="hello from outside")
    assert heard["username"].endswith("-guest") or "-guest-" in heard["username"]


async def test_commands_that_are_not_for_guests_are_refused(visit: Visit, enter: Enter) -> None:
    guest = await visit.enter(enter)
    closed = [name for name, one in commands.TABLE.items() if not one.for_guests]
    assert "open_direct" in closed

    for name in closed:
        error = await error_of(guest, {"type": name, "ref": 1, "room": visit.room})
        assert error["code"] == "forbidden", name


async def test_a_public_room_is_as_good_as_not_there(visit: Visit, enter: Enter) -> None:
    guest = await visit.enter(enter)
    open_ones = {name for name, one in commands.TABLE.items() if one.for_guests}

    for name in sorted(open_ones - {"ping", "presence"}):
        for room in (visit.garden, 10**9):
            error = await error_of(guest, {"type": name, "ref": 1, "room": room})
            assert error["code"] == "not_found", name
    error = await error_of(guest, {"type": "open", "ref": 1, "room": None})
    assert error["code"] == "not_found"


async def test_nobody_makes_a_conversation_with_a_guest(visit: Visit, enter: Enter) -> None:
    host = await enter(visit.host)

    await refusal_of(host.ask("open_direct", username=visit.guest.name), "not_found")
    found = await host.ask("find_people", text="zoe")
    assert found["people"] == []


async def test_the_end_of_the_link_closes_the_sockets(visit: Visit, enter: Enter) -> None:
    guest = await visit.enter(enter)

    visit.world.backstage.do("revoke_link", link=visit.link, by=visit.host.uid)

    assert await guest.gone() == 4501


async def test_a_token_does_not_make_more_of_a_guest(visit: Visit, enter: Enter) -> None:
    guest = await enter(visit.guest)

    await refusal_of(guest.ask("open_direct", username=visit.other.name), "forbidden")


async def test_the_end_of_an_account_closes_its_sockets(
    visit: Visit, world: World, enter: Enter
) -> None:
    leaver, host = await enter(visit.other), await enter(visit.host)
    await send(leaver, visit.room, "a secret")
    await host.until("chat_message", message="a secret")

    world.backstage.do("delete_account", person=visit.other.uid)

    assert await leaver.gone() == 4503
    await host.until("membership", uid=visit.other.uid, kind="leave")
