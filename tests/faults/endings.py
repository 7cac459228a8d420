"""What ends people's rights, by the pages as people do it, or behind the servers' backs.

By a page, the process that answers tells the others: the doorbell. Behind their backs nobody tells
them anything, and only their look at the database, every few seconds, can find it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

import requests

from tests.faults.backstage import Person
from tests.gateway.world import World
from tests.services import Server

SIGNED_OUT, DISABLED = 4501, 4503
PASSWORD: Final = "correct horse battery"

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Victim:
    """Somebody who is about to lose something."""

    person: Person
    """With the cookie of the browser that has sockets."""
    desk: str
    """The cookie of another browser of theirs."""
    step: int
    """The number of their second step."""
    link: int = 0
    """The guest link by which they came."""

    @classmethod
    def of(cls, world: World, person: Person) -> Self:
        """With a password, a second step, and two browsers."""
        made = world.backstage.do("equip", person=person.uid, password=PASSWORD)
        return cls(replace(person, cookie=made["cookies"][0]), made["cookies"][1], made["step"])


class Browser:
    """Somebody's browser without JavaScript."""

    def __init__(self, server: Server, cookie: str) -> None:
        self._server = server
        self._session = requests.Session()
        name, _, value = cookie.partition("=")
        self._session.cookies[name] = value
        self._session.headers["Accept"] = "text/html"

    def send(self, path: str, *, page: str = "/chat/settings/", **fields: object) -> None:
        """Send the form that stands on a page; `path` is where it goes."""
        url = self._server.url
        token = _TOKEN.search(self._session.get(url + page, timeout=30).text)
        assert token is not None, page
        sent = {"csrfmiddlewaretoken": token[1], **fields}
        answer = self._session.post(url + path, sent, headers={"Origin": url}, timeout=30)
        assert answer.status_code == 200, (path, answer.status_code)


Act = Callable[[World, Victim], object]


@dataclass(frozen=True, slots=True)
class End:
    """What ends which sockets of a person, and with what code; the others stay."""

    act: Act
    code: int = SIGNED_OUT
    browsers: bool = True
    programs: bool = True
    is_guest: bool = False


def _office(world: World) -> Browser:
    """Where the owner of the server sits."""
    return Browser(world.server, world.owner.cookie)


def _sign_out(world: World, who: Victim) -> None:
    Browser(world.server, who.person.cookie).send("/users/logout/")


def _sign_out_there(world: World, who: Victim) -> None:
    Browser(world.server, who.desk).send("/users/devices/end-others/")


def _another_password(world: World, who: Victim) -> None:
    fields = {"old_password": PASSWORD, "new_password": "quite another battery"}
    Browser(world.server, who.desk).send("/users/password/", page="/users/password/", **fields)


def _disable(world: World, who: Victim) -> None:
    page = f"/admin/accounts/user/{who.person.uid}/change/"
    _office(world).send(page, page=page, name="", email="")  # `is_active` is not ticked


def _delete_account(world: World, who: Victim) -> None:
    fields = {"texts": "remove", "password": PASSWORD}
    Browser(world.server, who.desk).send("/users/delete/", page="/users/delete/", **fields)


def _take_second_step(world: World, who: Victim) -> None:
    page = f"/admin/mfa/authenticator/{who.step}/delete/"
    _office(world).send(page, page=page, post="yes")


def _end_token(world: World, who: Victim) -> None:
    number = world.backstage.do("token_id", token=who.person.token)
    Browser(world.server, who.desk).send(f"/users/tokens/{number}/end/")


def _revoke_link(world: World, who: Victim) -> None:
    _office(world).send(f"/chat/invitations/{who.link}/revoke/")


def remove_by_page(world: World, room: int, verb: str, person: Person) -> None:
    """`kick` or `ban` by the owner of the room."""
    _office(world).send(f"/chat/rooms/{room}/{verb}/", username=person.name)


def lower_by_page(world: World, room: int, person: Person) -> None:
    """A moderator is one no more."""
    fields = {"username": person.name, "role": "member"}
    _office(world).send(f"/chat/rooms/{room}/role/", **fields)


def remove_behind(world: World, room: int, verb: str, person: Person) -> None:
    """The same by a program on the same data."""
    world.change(verb, room, world.owner, person=person.uid)


def lower_behind(world: World, room: int, person: Person) -> None:
    """The same by a program on the same data."""
    world.change("set_role", room, world.owner, person=person.uid, role="member")


_BY_PAGES: Final[Mapping[str, End]] = {
    "F06 sign-out": End(_sign_out, programs=False),
    "F07 another password": End(_another_password, programs=False),
    "F08 disabled": End(_disable, DISABLED),
    "F08 deleted": End(_delete_account, DISABLED),
    "F11 signed out from elsewhere": End(_sign_out_there, programs=False),
    "F11 a token is ended": End(_end_token, browsers=False),
    "the second step is taken away": End(_take_second_step, programs=False),
    "a guest's link is revoked": End(_revoke_link, is_guest=True),
}


def _behind(action: str, *names: str) -> Act:
    """By a program on the same data."""

    def act(world: World, who: Victim) -> object:
        known = {
            "person": who.person.uid,
            "cookie": who.person.cookie,
            "token": who.person.token,
            "link": who.link,
            "by": world.owner.uid,
        }
        return world.backstage.do(action, **{name: known[name] for name in names})

    return act


_BEHIND: Final[Mapping[str, End]] = {
    "F07 another password": End(_behind("set_password", "person"), programs=False),
    "F08 disabled": End(_behind("disable", "person"), DISABLED),
    "F08 deleted": End(_behind("delete_account", "person"), DISABLED),
    "F10 the row is gone": End(_behind("end_session", "cookie"), programs=False),
    "F10 it has expired": End(_behind("expire_session", "cookie"), programs=False),
    "F11 a token is revoked": End(_behind("revoke_token", "token"), browsers=False),
    "a token has expired": End(_behind("expire_token", "token"), browsers=False),
    "the second step is taken away": End(_behind("take_second_step", "person"), programs=False),
    "a guest's link is revoked": End(_behind("revoke_link", "link", "by"), is_guest=True),
}


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which rights end: for whole sign-ins, in a room, and a role."""

    ends: Mapping[str, End]
    remove: Callable[[World, int, str, Person], object]
    lower: Callable[[World, int, Person], object]


BY_PAGES: Final = Way(_BY_PAGES, remove_by_page, lower_by_page)
BEHIND_THEIR_BACKS: Final = Way(_BEHIND, remove_behind, lower_behind)
