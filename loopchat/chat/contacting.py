"""What people can do about each other: befriend, block, let write, show.

The rows are those of `contacts`; here is what follows from them in conversations and in what the
two hear of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from loopchat.accounts import people as accounts
from loopchat.accounts.models import User
from loopchat.chat import cursors, declined, nearby, reading
from loopchat.chat.answering import Answer, Reopen
from loopchat.chat.ledger import Actor, direct_key
from loopchat.chat.models import Membership
from loopchat.chat.standing import SetBlock
from loopchat.chat.writer import writer
from loopchat.contacts import circles, friends, pairs, privacy, telling
from loopchat.contacts.blocks import blocked_pairs
from loopchat.contacts.models import Privacy
from loopchat.core.errors import Refused
from loopchat.realtime import events, publish
from loopchat.realtime.bus import person_topic, room_topic
from loopchat.realtime.outbox import Aside

_REQUEST: Final = Membership.Standing.REQUEST
_HIDDEN: Final = Membership.Standing.HIDDEN
_STRICTNESS: Final = (Privacy.Audience.EVERYONE, Privacy.Audience.FRIENDS, Privacy.Audience.NOBODY)


def friend(person: Actor, username: str, action: str, note: str = "") -> events.ContactState:
    """Ask somebody to be a friend, or accept, reject, cancel or remove; what they are then.

    Between friends no conversation waits for an answer.
    """
    verbs: dict[str, Callable[[User, User], None]] = {
        "request": partial(friends.request, note=note),
        "accept": friends.accept,
        "reject": friends.reject,
        "cancel": friends.cancel,
        "remove": friends.remove,
    }
    if action not in verbs:
        raise Refused(
            "bad_request", "Say request, accept, reject, cancel or remove.", field="action"
        )
    other = _person(username, person.id, anew=action == "request")
    me = User.objects.get(pk=person.id)
    with _seeing_anew(me, other):
        verbs[action](me, other)
    if action in ("request", "accept"):
        declined.forget(me.pk, other.pk)
    if pairs.are_friends(me.pk, other.pk):
        _open_between(me, other)
    return telling.state(me.pk, other)


def block(person: Actor, username: str, *, on: bool) -> events.ContactState:
    """Hear nothing from somebody any more, or hear from them again; what they are then."""
    me, other = User.objects.get(pk=person.id), _person(username, person.id)
    with _seeing_anew(me, other):
        writer.run(SetBlock(person, _actor(other), on))
    return telling.state(me.pk, other)


def answer(person: Actor, room_id: int, *, accept: bool) -> None:
    """Yes or no to a conversation that somebody else began. They hear of a yes by what follows."""
    done = writer.run(Answer(room_id, person, accept))
    if accept and not done.dup:
        _begin_to_tell(person, room_id)


def show(
    person: Actor,
    *,
    last_seen: str | None = None,
    online: str | None = None,
    receipts: str | None = None,
    write: str | None = None,
) -> events.PrivacyState:
    """Change to whom somebody shows what, and who may write to them; all of it as it is now."""
    before = privacy.of(person.id)
    after = privacy.change(
        person.id, last_seen=last_seen, online=online, receipts=receipts, write=write
    )
    if _STRICTNESS.index(_audience(after.online)) > _STRICTNESS.index(_audience(before.online)):
        _vanish(person.id)
    if before.receipts != after.receipts:
        state = reading.preferences_of(person.id, after)
        event = events.Preferences(receipts=state.receipts, client=state.client)
        telling.tell(person.id, event)
    return privacy.state(after)


def _person(username: str, asker_id: int, *, anew: bool = False) -> User:
    """Somebody by name; with `anew` only who can still answer. Guests are for their rooms only."""
    found = accounts.find(username)
    is_known = found is not None and (found.is_active or not anew)
    if found is not None and found.is_guest:
        is_known = not anew and _has_met(asker_id, found.pk)
    if found is None or not is_known:
        raise Refused("not_found", "There is nobody with this name.", field="username")
    return found


def _has_met(asker_id: int, guest_id: int) -> bool:
    mine = Membership.objects.filter(user=asker_id, left_seq=None, room__deleted_ts=None)
    in_room = Membership.objects.filter(user=guest_id, room__in=mine.values("room")).exists()
    return in_room or (asker_id, guest_id) in blocked_pairs({asker_id, guest_id})


def _actor(person: User) -> Actor:
    return Actor(person.pk, person.username, person.is_guest)


def _audience(value: str) -> Privacy.Audience:
    return Privacy.Audience(value)


def _open_between(one: User, other: User) -> None:
    """What one of them has not answered, or has declined before, is theirs from now on."""
    rows = Membership.objects.filter(room__direct_key=direct_key(one.pk, other.pk), left_seq=None)
    closed = rows.filter(standing__in=(_REQUEST, _HIDDEN), room__message_count__gt=0)
    for room_id, user_id, standing in list(closed.values_list("room_id", "user_id", "standing")):
        who = _actor(one if user_id == one.pk else other)
        if standing == _REQUEST:
            answer(who, room_id, accept=True)
        elif not writer.run(Reopen(room_id, who)).dup:
            _begin_to_tell(who, room_id)


def _begin_to_tell(person: Actor, room_id: int) -> None:
    """The others may know now whether this person is here, and what they have read."""
    place = cursors.place_in(room_id, person)
    if place is not None:
        publish.aside(place)
    there = Membership.objects.filter(room=room_id, left_seq=None).exclude(user=person.id)
    for viewer_id in there.values_list("user_id", flat=True)[:50]:
        _say_presence(viewer_id, person.id, hears=True)


@contextmanager
def _seeing_anew(one: User, other: User) -> Iterator[None]:
    """What the two see of each other's presence may be different afterwards: say so to each."""
    both = ((one.pk, other.pk), (other.pk, one.pk))
    before = [_sees(viewer, seen) for viewer, seen in both]
    yield
    for (viewer, seen), saw in zip(both, before, strict=True):
        sees = _sees(viewer, seen)
        if sees != saw:  # otherwise it would only tell that something has happened
            _say_presence(viewer, seen, hears=any(sees))


def _sees(viewer_id: int, seen_id: int) -> tuple[bool, bool]:
    """Whether a viewer is told that somebody is here, and when they were here last."""
    if not _hears_of(viewer_id, seen_id):
        return False, False
    sight = privacy.sight(circles.around(viewer_id), [seen_id])
    return seen_id in sight.online, seen_id in sight.last_seen


def _hears_of(viewer_id: int, seen_id: int) -> bool:
    """Whether news of somebody's presence comes to a viewer at all, blocks and privacy aside."""
    if pairs.are_friends(viewer_id, seen_id):
        return True
    theirs = Membership.objects.filter(
        user=seen_id, left_seq=None, standing__in=Membership.SEEN, room__deleted_ts=None
    )
    mine = Membership.objects.filter(user=viewer_id, left_seq=None)
    shared = theirs.filter(room__in=mine.values("room")).select_related("room")
    return any(one.room.has_receipts for one in shared)


def _say_presence(viewer_id: int, seen_id: int, *, hears: bool) -> None:
    """Tell a viewer how somebody looks to them now."""
    told = events.Presence(uid=seen_id, state="offline")
    if hears:
        seen = User.objects.filter(pk=seen_id)
        for person in nearby.with_presence(seen, viewer_id):
            told = events.Presence(
                uid=seen_id, state=person.state, last_seen_ts=person.last_seen_ts
            )
    publish.aside(Aside(person_topic(viewer_id), events.encode(told), passing=True))


def _vanish(user_id: int) -> None:
    """Who shows less than before has left, for everybody; friends may see them come back."""
    mine = Membership.objects.filter(
        user=user_id, left_seq=None, standing__in=Membership.SEEN, room__deleted_ts=None
    ).select_related("room")
    data = events.encode(events.Presence(uid=user_id, state="offline"))
    rooms = [row.room_id for row in mine if row.room.has_receipts]
    publish.aside(*(Aside(room_topic(r), data, skip=user_id, passing=True) for r in rooms))
    for viewer_id in pairs.friends_of(user_id):
        _say_presence(viewer_id, user_id, hears=True)
