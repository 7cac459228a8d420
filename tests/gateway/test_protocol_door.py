"""Who may open a socket, from where, and what happens to it when the sign-in ends."""

from __future__ import annotations

import pytest

from tests.faults.wire import Credentials, Rejected, Socket
from tests.gateway.world import Enter, World, send, still_served

pytestmark = pytest.mark.usefixtures("unharmed")


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(),
        Credentials(token=""),
        Credentials(token="lct_" + "A" * 43),
        Credentials(token="x" * 4_000),
        Credentials(token="nothing of the kind"),
    ],
)
async def test_nobody_signed_in(world: World, enter: Enter, credentials: Credentials) -> None:
    socket = await enter(credentials, hello=False)
    assert await socket.gone() == 4501
    assert socket.seen == []


@pytest.mark.parametrize("value", ["", "wrong", "a" * 32, "x" * 4_000, "'; DROP TABLE--", '"\\'])
async def test_a_wrong_cookie(world: World, enter: Enter, value: str) -> None:
    cookie = f"loopchat_session={value}"
    socket = await enter(Credentials(cookie=cookie, origin=world.server.url), hello=False)
    assert await socket.gone() == 4501


def foreign_origins(url: str) -> list[list[str]]:
    """Sets of `Origin` headers of which none is this site's."""
    host = url.removeprefix("http://")
    name, _, port = host.partition(":")
    return [
        [],
        ["null"],
        [""],
        ["*"],
        ["http://evil.example"],
        [f"https://{host}"],
        [f"ws://{host}"],
        [f"http://{name}"],
        [f"http://{name}:{int(port) + 1}"],
        [f"http://localhost:{port}"],
        [f"http://{host}.evil.example"],
        [f"http://evil.example/{host}"],
        [f"http://{host}@evil.example"],
        [f"http://evil.example@{host}"],
        [f"{url}/"],
        [f"{url}/chat/"],
        [f" {url}, http://evil.example"],
        [f"{url} http://evil.example"],
        [host],
    ]


@pytest.mark.parametrize("number", range(len(foreign_origins("http://127.0.0.1:1"))))
async def test_a_foreign_origin_with_a_cookie(world: World, number: int) -> None:
    (ann,) = world.people(1)
    origins = foreign_origins(world.server.url)[number]
    headers = [("Origin", origin) for origin in origins]
    with pytest.raises(Rejected) as rejected:
        await Socket.open(world.server.socket_url, Credentials(cookie=ann.cookie), headers=headers)
    assert rejected.value.status == 403, origins


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("other", ["{url}", "http://evil.example"])
async def test_two_origins_with_a_cookie(world: World, first: bool, other: str) -> None:
    (ann,) = world.people(1)
    origins = [world.server.url, other.format(url=world.server.url)]
    headers = [("Origin", origin) for origin in (origins if first else origins[::-1])]
    with pytest.raises(Rejected) as rejected:
        await Socket.open(world.server.socket_url, Credentials(cookie=ann.cookie), headers=headers)
    assert rejected.value.status == 403


async def test_an_origin_does_not_matter_with_a_token(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    socket = await enter(ann, headers=[("Origin", "http://evil.example")])
    await still_served(socket)


async def test_a_token_outweighs_the_cookie(world: World, enter: Enter) -> None:
    ann, ben = world.people(2)
    both = Credentials(token=ann.token, cookie=ben.cookie, origin=world.server.url)
    socket = await enter(both)
    assert socket.of("welcome")[0]["user"]["uid"] == ann.uid
    wrong = Credentials(token="lct_wrong", cookie=ben.cookie, origin=world.server.url)
    assert await (await enter(wrong, hello=False)).gone() == 4501


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil"])
async def test_a_foreign_host(world: World, host: str) -> None:
    (ann,) = world.people(1)
    with pytest.raises(Rejected) as rejected:
        await Socket.open(world.server.socket_url, ann.bearer, host=host)
    assert rejected.value.status == 400


async def test_another_path(world: World) -> None:
    (ann,) = world.people(1)
    with pytest.raises(Rejected) as rejected:
        await Socket.open(world.server.socket_url, ann.bearer, path="/ws/nowhere/")
    assert rejected.value.status == 404


async def test_a_token_in_the_address_is_none(world: World, enter: Enter) -> None:
    (ann,) = world.people(1)
    socket = await enter(Credentials(), hello=False, path=f"/ws/?token={ann.token}")
    assert await socket.gone() == 4501


@pytest.mark.parametrize("how", ["revoke_token", "disable", "end_session"])
async def test_a_login_that_ends_closes_its_sockets(world: World, enter: Enter, how: str) -> None:
    ann, ben = world.people(2)
    room = world.room(ann, ben)
    kept = await enter(ben)
    by_token, by_cookie = await enter(ann), await enter(ann.browser(world.server.url))
    fields: dict[str, dict[str, object]] = {
        "revoke_token": {"token": ann.token},
        "disable": {"person": ann.uid},
        "end_session": {"cookie": ann.cookie},
    }
    world.backstage.do(how, **fields[how])
    closing = {"revoke_token": [by_token], "end_session": [by_cookie]}.get(
        how, [by_token, by_cookie]
    )
    for socket in closing:
        assert await socket.gone(within=30) == (4503 if how == "disable" else 4501)
    for socket in {by_token, by_cookie} - set(closing):
        await still_served(socket)
    await send(kept, room, "Who is left?")
    await kept.until("chat_message", message="Who is left?")
    assert all("Who is left?" not in str(socket.seen) for socket in closing)
