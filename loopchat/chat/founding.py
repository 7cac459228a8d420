"""Rooms themselves: how they begin, change and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loopchat.chat import access, admission, attention, declined
from loopchat.chat.crowding import refuse_crowding, refuse_too_many_rooms
from loopchat.chat.doors import GROUP_MAX, enter
from loopchat.chat.ledger import Actor, Done, Ledger, Needs, direct_key
from loopchat.chat.lookups import founding_key
from loopchat.chat.models import Membership, Room, RoomEvent
from loopchat.chat.standing import show
from loopchat.contacts import pairs
from loopchat.core.errors import Refused
from loopchat.core.text import clean_room_name, clean_topic, slug_from


@dataclass(frozen=True, slots=True)
class Create:
    """A new public, private or group room."""

    by: Actor
    kind: Room.Kind
    name: str
    topic: str
    history: Room.History
    people: tuple[Actor, ...]
    key: str | None = None
    """By which the same room is found when it is asked for again."""

    @classmethod
    def draft(
        cls,
        by: Actor,
        *,
        kind: str,
        name: str,
        topic: str,
        history: str,
        people: Sequence[Actor],
        key: str = "",
    ) -> Create:
        """Check what was asked for."""
        if kind not in (Room.Kind.PUBLIC, Room.Kind.PRIVATE, Room.Kind.GROUP):
            raise Refused("bad_request", "A room is public, private or a group.", field="kind")
        if history not in Room.History.values:
            raise Refused("bad_request", "History is shared or joined.", field="history")
        guests = tuple(dict.fromkeys(person for person in people if person.id != by.id))
        if kind == Room.Kind.GROUP and len(guests) + 1 > GROUP_MAX:
            raise Refused(
                "too_large", "A group has at most {n} people.", field="people", n=GROUP_MAX
            )
        named = kind != Room.Kind.GROUP or bool(name.strip())
        name, topic = clean_room_name(name) if named else "", clean_topic(topic)
        asked = (kind, name, topic, history, sorted(person.id for person in guests))
        return cls(
            by,
            Room.Kind(kind),
            name,
            topic,
            Room.History(history),
            guests,
            founding_key(by.id, key, asked) if key else None,
        )

    def needs(self, needs: Needs) -> None:
        needs.people.add(self.by.id)

    def decide(self, ledger: Ledger) -> Done:
        access.at_home(self.by.is_guest, *(person.is_guest for person in self.people))
        if self.key and (known := self._made_before(ledger, self.key)):
            return Done(known.pk, None, dup=True)
        names = {person.id: person.username for person in self.people}
        if self.kind == Room.Kind.GROUP:
            landed = admission.standings(self.by.id, names)
        else:
            admission.refuse_unwanted(self.by.id, names)
            landed = {}
        refuse_crowding(ledger, self.by, [self.by, *self.people])
        room = ledger.add_room(
            Room(
                kind=self.kind,
                slug=None if self.kind == Room.Kind.GROUP else _free_slug(self.name),
                name=self.name,
                topic=self.topic,
                history=self.history,
                direct_key=self.key,
            )
        )
        seq = enter(ledger, room, self.by, role=Membership.Role.OWNER)
        for person in self.people:
            standing = landed.get(person.id, Membership.Standing.OPEN)
            seq_of = enter(ledger, room, person, by=self.by, standing=standing)
            attention.bring_in(ledger, room, self.by, person, seq_of)
        return Done(room.pk, seq)

    def _made_before(self, ledger: Ledger, key: str) -> Room | None:
        """The room of this key. One person's are looked for one after the other."""
        pairs.lock(self.by.id, self.by.id)
        known = ledger.find_founded(key)
        if known is not None and known.direct_key != key:
            raise Refused("cid_conflict", "This Idempotency-Key was used for another room.")
        return known


@dataclass(frozen=True, slots=True)
class OpenDirect:
    """The room of two people, or of one with themselves."""

    by: Actor
    other: Actor

    def needs(self, needs: Needs) -> None:
        needs.people.update((self.by.id, self.other.id))

    def decide(self, ledger: Ledger) -> Done:
        access.at_home(self.by.is_guest, self.other.is_guest)
        pairs.lock(self.by.id, self.other.id)
        landed = admission.standings(self.by.id, [self.other.id])[self.other.id]
        key = direct_key(self.by.id, self.other.id)
        known = ledger.find_direct(key, self.by.id)
        if known is not None:
            mine = ledger.memberships[(known.pk, self.by.id)]
            if not mine.is_shown:  # declined once; who asks for it wants it after all
                refuse_too_many_rooms(ledger, [self.by])
                declined.forget(self.by.id, self.other.id)
                show(ledger, known, mine, Membership.Standing.OPEN)
            return Done(known.pk, None, dup=True)
        refuse_crowding(ledger, self.by, [self.by, self.other])
        room = ledger.add_room(Room(kind=Room.Kind.DIRECT, direct_key=key))
        seq = enter(ledger, room, self.by)
        if self.other.id != self.by.id:
            # They see it when something is said. Until then they are as far as they let be seen.
            is_open = landed == Membership.Standing.OPEN
            unseen = Membership.Standing.BEGUN if is_open else Membership.Standing.HIDDEN
            enter(ledger, room, self.other, standing=unseen)
        return Done(room.pk, seq)


@dataclass(frozen=True, slots=True)
class Change:
    """A room's name, topic or archive flag changes; not when it is no more as it was `seen`."""

    room_id: int
    by: Actor
    name: str | None = None
    topic: str | None = None
    archived: bool | None = None
    seen: tuple[str, str, bool] | None = None

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.by.id)

    def decide(self, ledger: Ledger) -> Done:
        role = Membership.Role.MODERATOR if self.archived is None else Membership.Role.OWNER
        room, _ = ledger.managing(self.room_id, self.by.id, role=role)
        if self.seen not in (None, (room.name, room.topic, room.archived_ts is not None)):
            raise access.changed_meanwhile()
        changed = []
        if self.name is not None and self.name != room.name:
            room.name = self.name
            changed.append("name")
        if self.topic is not None and self.topic != room.topic:
            room.topic = self.topic
            changed.append("topic")
        if self.archived is not None and self.archived != (room.archived_ts is not None):
            room.archived_ts = ledger.now if self.archived else None
            changed.append("archived")
        if not changed:
            return Done(room.pk, None)
        detail = ",".join(changed)
        return Done(room.pk, ledger.log(room, RoomEvent.Kind.ROOM, self.by, detail=detail))


@dataclass(frozen=True, slots=True)
class Settle:
    """A group becomes a private room, with its log and its people."""

    room_id: int
    by: Actor
    name: str

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.by.id)

    def decide(self, ledger: Ledger) -> Done:
        room, _ = ledger.managing(self.room_id, self.by.id, role=Membership.Role.OWNER)
        if room.kind != Room.Kind.GROUP:
            raise Refused("conflict", "This is no group.")
        room.kind, room.name, room.slug = Room.Kind.PRIVATE, self.name, _free_slug(self.name)
        return Done(room.pk, ledger.log(room, RoomEvent.Kind.ROOM, self.by, detail="kind,name"))


@dataclass(frozen=True, slots=True)
class Delete:
    """A room ends."""

    room_id: int
    by: Actor

    def needs(self, needs: Needs) -> None:
        needs.want(self.room_id, self.by.id)

    def decide(self, ledger: Ledger) -> Done:
        room, _ = ledger.managing(self.room_id, self.by.id, role=Membership.Role.OWNER)
        members = Membership.objects.filter(room=room.pk, left_seq=None)
        ledger.touch(members.values_list("user_id", flat=True))
        ledger.close(room)
        return Done(room.pk, None)


def _free_slug(name: str) -> str:
    """The name's slug, with the first free number behind it when it is taken."""
    slug = slug_from(name)
    taken = set(Room.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    if slug not in taken:
        return slug
    return next(s for n in range(2, len(taken) + 3) if (s := f"{slug}-{n}") not in taken)
