"""Who asks, and what they ask about: ten kinds of people and one room of each kind."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from loopchat.accounts import people, tokens
from loopchat.accounts.models import Application, Device, User
from loopchat.bots import founding, incoming
from loopchat.bots.models import Bot
from loopchat.chat import contacting, messages, rooms
from loopchat.chat.models import Message, Room
from loopchat.hooks import managing
from loopchat.hooks.managing import Wanted
from loopchat.hooks.models import Delivery, Hook
from loopchat.invitations import arrivals, links

ANONYMOUS = "anonymous"
ACTORS = (
    ANONYMOUS,
    "stranger",
    "former",
    "member",
    "moderator",
    "owner",
    "administrator",
    "banned",
    "blocked",
    "guest",
)
PLACES = ("private", "public", "direct")
NOWHERE = 2**40
"""The id of nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A room and a message in it."""

    room: Room
    message: Message


@dataclass
class Cast:
    """The people of the table. `peer` is an ordinary member whom things are done to; the peer
    blocks `blocked`. The direct conversation is between `member` and the peer; `blocked` has one
    of their own, everybody else is a stranger to both."""

    everybody: dict[str, User]
    peer: User
    newcomer: User
    applicant: User
    places: dict[str, Place]
    direct_of_blocked: Place
    link: str
    more: dict[str, object] = field(default_factory=dict)

    def place(self, actor: str, kind: str) -> Place:
        """The room of this kind that the table is about, for this actor."""
        if kind == "direct" and actor == "blocked":
            return self.direct_of_blocked
        return self.places[kind]

    def words(self, actor: str, kind: str) -> dict[str, object]:
        """What stands for `$name` in the table, and in the places of an address."""
        place = self.place(actor, kind if kind in PLACES else "private")
        return {
            "room": place.room.pk,
            "room_id": place.room.pk,
            "slug": place.room.slug or "direct",
            "message": place.message.pk,
            "message_id": place.message.pk,
            "username": self.peer.username,
            "peer": self.peer.username,
            "peer_id": self.peer.pk,
            "banned": self.everybody["banned"].username,
            "newcomer": self.newcomer.username,
            "user_id": self.applicant.pk,
            "link": self.link,
            **self.more,
        }


def gathered(administrator: User) -> Cast:
    """Everybody, in their places."""
    names = [name for name in ACTORS if name not in (ANONYMOUS, "administrator", "guest")]
    made = {name: people.create(name, None) for name in (*names, "peer", "newcomer", "applicant")}
    peer = made["peer"]
    everybody = {name: made[name] for name in names} | {"administrator": administrator}
    places = {kind: _room(kind, everybody, peer) for kind in ("private", "public")}
    link, _ = links.make(everybody["owner"], room_id=places["private"].room.pk, kind="guest")
    everybody["guest"] = arrivals.enter_as_guest(link, "Gus")
    places["direct"] = _direct(everybody["member"], peer)
    direct_of_blocked = _direct(everybody["blocked"], peer)
    contacting.block(rooms.actor(peer), "blocked", on=True)
    invitation, secret = links.make(everybody["owner"], room_id=places["private"].room.pk)
    Application.objects.create(user=made["applicant"], needs_approval=True)
    device = Device.objects.create(user=peer, session_key="somebody")
    bot = founding.create(None, name="Deploys")
    Bot.objects.filter(pk=bot.pk).update(owner=everybody["owner"])
    board = places["private"].room
    hook, _ = incoming.make(everybody["owner"], board.pk, bot_id=bot.pk)
    more = {
        "invitation_id": invitation.pk,
        "device_id": device.pk,
        "token_id": tokens.create(peer)[0].pk,
        "secret": secret,
        "bot_id": bot.pk,
        "hook_id": hook.pk,
        **_webhook(bot, places["private"]),
    }
    return Cast(
        everybody,
        peer,
        made["newcomer"],
        made["applicant"],
        places,
        direct_of_blocked,
        secret,
        more,
    )


def _webhook(bot: Bot, place: Place) -> dict[str, object]:
    """A webhook of the bot that has delivered something."""
    hook, _ = managing.create(bot, Wanted(url="https://bot.example/"))
    return {"webhook_id": hook.pk, "delivery_id": _delivered(hook, place).pk}


def _delivered(hook: Hook, place: Place) -> Delivery:
    return Delivery.objects.create(
        hook=hook,
        key=uuid.uuid4(),
        kind=Delivery.Kind.MESSAGE,
        trigger="mention",
        room=place.room,
        message=place.message,
        status=Delivery.Status.DONE,
        due_ts=0,
        created_ts=0,
    )


def _room(kind: str, everybody: dict[str, User], peer: User) -> Place:
    owner = everybody["owner"]
    inside = ("former", "member", "moderator", "banned", "blocked")
    room = rooms.create(
        owner, kind=kind, name=f"The {kind} one", people=[*(everybody[one] for one in inside), peer]
    )
    rooms.kick(room.pk, owner, everybody["former"])
    rooms.ban(room.pk, owner, everybody["banned"])
    rooms.set_role(room.pk, owner, everybody["moderator"], "moderator")
    return Place(room, said(room.pk, everybody["member"]))


def _direct(one: User, other: User) -> Place:
    room = rooms.open_direct(one, other.username)
    return Place(room, said(room.pk, one))


def said(room_id: int, author: User) -> Message:
    """Something that an actor has said there."""
    messages.send(room_id, rooms.actor(author), cid=uuid.uuid4(), body="What was said here")
    return Message.objects.filter(room=room_id).latest("seq")
