"""What happens behind a server's back: people, rooms and removals by another process on its data.

`Backstage` starts this module as a program and talks to it in lines of JSON. It is what a
management command is: a process without sockets that changes the same database.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tests.faults.wire import Credentials, Frame
from tests.services import ROOT, Server

if TYPE_CHECKING:
    from loopchat.accounts.models import User


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token and a browser session."""

    name: str
    uid: int
    token: str
    cookie: str

    @property
    def bearer(self) -> Credentials:
        """Signed in as a program."""
        return Credentials(token=self.token)

    def browser(self, origin: str) -> Credentials:
        """Signed in with a cookie, on a page of this origin."""
        return Credentials(cookie=self.cookie, origin=origin)


class Backstage:
    """The running program, asked one thing at a time."""

    def __init__(self, server: Server) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.faults.backstage"],
            cwd=server.folder,
            env={**server.environment(), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._turn = asyncio.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program."""
        with self._process:
            self._process.kill()

    def people(self, *names: str) -> list[Person]:
        """Make these accounts; the first one ever owns the server."""
        return [Person(**made) for made in self._call("people", names=names)]

    def room(self, owner: Person, name: str, *members: Person, **fields: str) -> int:
        """Make a room; `kind` and `history` are public and shared unless named."""
        uids = [member.uid for member in members]
        return int(self._call("room", owner=owner.uid, name=name, members=uids, **fields))

    def log(self, room: int) -> list[Frame]:
        """Every event of a room straight from the tables, in the words of the protocol."""
        frames = self._call("log", room=room)
        assert isinstance(frames, list)
        return frames

    def do(self, action: str, **fields: object) -> Any:
        """Anything else: the functions below."""
        return self._call(action, **fields)

    async def soon(self, action: str, **fields: object) -> Any:
        """The same while the loop goes on."""
        async with self._turn:
            return await asyncio.to_thread(self._call, action, **fields)

    def _call(self, action: str, **fields: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"action": action, **fields}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"backstage ended during {action}"
        return json.loads(line)


# The program. Django is set up before anything of Loopchat is imported.


def main() -> None:
    """Answer each line of standard input with one line."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loopchat.settings")
    django.setup()
    from django.db import connection

    from loopchat import serving

    with contextlib.redirect_stdout(sys.stderr):
        serving.migrate()
    for line in sys.stdin:
        asked = json.loads(line)
        answer = _ACTIONS[asked.pop("action")](**asked)
        connection.close()
        if forget := getattr(connection, "close_pool", None):
            forget()  # the database may be another process the next time
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _people(names: list[str]) -> list[dict[str, object]]:
    from loopchat.accounts import instance, people

    made = []
    for name in names:
        if instance.is_claimed():
            made.append(_signed_in(people.create(name, None)))
        else:
            made.append(_signed_in(people.create_owner(name, "correct horse battery")))
    return made


def _signed_in(person: User) -> dict[str, object]:
    from loopchat.accounts import tokens

    return {
        "name": person.username,
        "uid": person.pk,
        "token": tokens.create(person)[1],
        "cookie": _cookie(person),
    }


def _cookie(person: User) -> str:
    """Of another browser of theirs."""
    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore
    from django.http import HttpRequest

    from loopchat.accounts import sign_in

    request = HttpRequest()
    request.session = SessionStore()
    sign_in.begin(request, person)
    request.session.save()
    return f"{settings.SESSION_COOKIE_NAME}={request.session.session_key}"


def _room(owner: int, name: str, members: list[int], **fields: str) -> int:
    from loopchat.chat import rooms

    options = {"kind": "public", **fields}
    people = [_user(uid) for uid in members]
    return rooms.create(_user(owner), name=name, people=people, **options).pk


def _change(verb: str, room: int, by: int, **fields: Any) -> object:
    """One of the operations on a room that name who does it."""
    from loopchat.chat import rooms

    if "person" in fields:
        fields["person"] = _user(fields["person"])
    if "people" in fields:
        fields["people"] = [_user(uid) for uid in fields["people"]]
    return getattr(rooms, verb)(room, _user(by), **fields)


def _leave(room: int, person: int) -> int:
    from loopchat.chat import rooms

    return rooms.leave(room, _user(person))


def _join(room: int, person: int) -> int:
    from loopchat.chat import rooms

    return rooms.join(room, _user(person))


def _about(verb: str, by: int, **fields: Any) -> None:
    """What somebody does about another person: friend, block, answer, show."""
    from loopchat.chat import contacting, rooms

    getattr(contacting, verb)(rooms.actor(_user(by)), **fields)


def _befriend(one: int, other: int) -> None:
    _about("friend", one, username=_user(other).username, action="request")
    _about("friend", other, username=_user(one).username, action="accept")


def _revoke_token(token: str) -> None:
    from loopchat.accounts import tokens

    found = tokens.find(token)
    assert found is not None
    tokens.revoke(found)


def _token_id(token: str) -> int:
    from loopchat.accounts import tokens

    found = tokens.find(token)
    assert found is not None
    return found.pk


def _expire_token(token: str) -> None:
    """Its time is over; nobody does anything then."""
    from django.utils import timezone

    from loopchat.accounts.models import Token

    Token.objects.filter(pk=_token_id(token)).update(expires_at=timezone.now())


def _equip(person: int, password: str) -> dict[str, object]:
    """A password, codes from an app, and two browsers that are signed in."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    found = _user(person)
    found.set_password(password)
    found.save()
    step = TOTP.activate(found, generate_totp_secret()).instance
    return {"cookies": [_cookie(found), _cookie(found)], "step": step.pk}


def _browser(person: int) -> int:
    """Another browser in which somebody is signed in; the id that it has as a device."""
    from loopchat.accounts.models import Device

    key = _cookie(_user(person)).partition("=")[2]
    return int(Device.objects.get(session_key=key).pk)


def _take_second_step(person: int) -> None:
    from loopchat.accounts import second_steps

    second_steps.take_away(_user(person))


def _limited_token(person: int, may_write: bool = True, rooms: list[int] | None = None) -> str:
    from loopchat.accounts import tokens
    from loopchat.accounts.grants import Grant

    limits = Grant(may_write, None if rooms is None else frozenset(rooms))
    return tokens.create(_user(person), grant=limits)[1]


def _disable(person: int) -> None:
    from loopchat.accounts import people

    people.disable(_user(person))


def _guest(room: int, by: int, name: str) -> dict[str, object]:
    """Somebody who came by a new link for guests, and the link."""
    from loopchat.invitations import arrivals, links

    made, _ = links.make(_user(by), room_id=room, kind="guest", hours=1)
    return _signed_in(arrivals.enter_as_guest(made, name)) | {"link": made.pk}


def _revoke_link(link: int, by: int) -> None:
    from loopchat.invitations import arrivals

    arrivals.revoke(link, _user(by))


def _delete_account(person: int) -> None:
    from loopchat.leaving import deletion

    deletion.delete(_user(person), takes_texts=True)


def _end_session(cookie: str) -> None:
    """Delete the row and nothing else, as an administrator with SQL would."""
    from django.contrib.sessions.models import Session

    Session.objects.filter(session_key=cookie.partition("=")[2]).delete()


def _expire_session(cookie: str) -> None:
    """Its time is over; nobody does anything then."""
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    found = Session.objects.filter(session_key=cookie.partition("=")[2])
    found.update(expire_date=timezone.now())


def _drop_constraint(table: str, name: str) -> None:
    """Take a constraint of PostgreSQL away, by a part of its name."""
    from django.db import connection

    with connection.cursor() as cursor:
        named = (
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND conname LIKE %s"
        )
        cursor.execute(named, [table, f"%{name}%"])
        for (constraint,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{constraint}"')


def _number_by_sequences(rooms: list[int]) -> None:
    """Make a sequence of PostgreSQL for each room's log: only a broken server uses them."""
    from django.db import connection

    from loopchat.chat.models import Room

    with connection.cursor() as cursor:
        for room in Room.objects.filter(pk__in=rooms):
            cursor.execute(f"CREATE SEQUENCE log_of_{room.pk} START {room.head + 1}")


def _set_password(person: int) -> None:
    from loopchat.accounts import people

    people.set_password(_user(person), "quite another battery")


def _counts() -> dict[str, int]:
    """How many rows each table has but those of who is here; how long all logs are together."""
    from django.apps import apps
    from django.db.models import Sum

    from loopchat.chat.models import Room

    kept = [model for model in apps.get_models() if model._meta.app_label != "realtime"]
    counts = {model._meta.label: model._default_manager.count() for model in kept}
    return counts | {"heads": Room.objects.aggregate(all=Sum("head"))["all"]}


def _log(room: int) -> list[dict[str, object]]:
    from loopchat.chat.models import Message, RoomEvent

    messages = [_message(row) for row in Message.objects.filter(room=room)]
    others = [_event(row) for row in RoomEvent.objects.filter(room=room)]
    return sorted([*messages, *others], key=lambda frame: int(str(frame["seq"])))


def _message(row: Any) -> dict[str, object]:
    frame = {
        "type": "chat_message",
        "room": row.room_id,
        "seq": row.seq,
        "id": row.pk,
        "uid": row.author_id,
        "cid": str(row.cid),
        "message": row.body,
    }
    changed = {"edited_ts": row.edited_ts, "deleted_ts": row.deleted_ts}
    return frame | {name: ts for name, ts in changed.items() if ts is not None}


def _event(row: Any) -> dict[str, object]:
    frame: dict[str, object] = {"type": row.kind, "room": row.room_id, "seq": row.seq}
    if row.kind == "membership":
        return frame | {"kind": row.detail, "uid": row.subject_id or row.actor_id}
    if row.kind == "reaction":
        return frame | {
            "id": row.message_id,
            "uid": row.actor_id,
            "emoji": row.detail,
            "on": row.on,
        }
    return frame | {"id": row.message_id, "uid": row.actor_id}


def _webhook(owner: int, room: int, url: str, command: str = "") -> int:
    """A bot with a webhook that hears everything in a room, or a command; the id of the bot."""
    from loopchat.bots import founding
    from loopchat.chat import rooms
    from loopchat.hooks import managing

    bot = founding.create(_user(owner), name="Listener")
    rooms.invite(room, _user(owner), [bot.user])
    wanted = managing.Wanted(url=url, rooms=[room])
    if command:
        wanted = managing.Wanted(url=url, commands=[managing.Named(command, "<where>")])
    managing.create(bot, wanted)
    return bot.pk


def _end_leases() -> None:
    """Whoever is at a delivery of a webhook is taken for dead."""
    from loopchat.hooks.models import Delivery

    Delivery.objects.filter(status="waiting").update(due_ts=0)


def _user(uid: int) -> User:
    from loopchat.accounts.models import User

    return User.objects.get(pk=uid)


_ACTIONS: dict[str, Callable[..., object]] = {
    "people": _people,
    "webhook": _webhook,
    "end_leases": _end_leases,
    "room": _room,
    "change": _change,
    "leave": _leave,
    "join": _join,
    "about": _about,
    "befriend": _befriend,
    "revoke_token": _revoke_token,
    "limited_token": _limited_token,
    "token_id": _token_id,
    "expire_token": _expire_token,
    "equip": _equip,
    "browser": _browser,
    "take_second_step": _take_second_step,
    "disable": _disable,
    "guest": _guest,
    "revoke_link": _revoke_link,
    "delete_account": _delete_account,
    "end_session": _end_session,
    "expire_session": _expire_session,
    "drop_constraint": _drop_constraint,
    "number_by_sequences": _number_by_sequences,
    "set_password": _set_password,
    "counts": _counts,
    "log": _log,
    "pid": os.getpid,
}

if __name__ == "__main__":
    main()
