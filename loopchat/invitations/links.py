"""Invitation links: make, list, revoke, and what is behind one.

A link is worth what its maker may do at the moment when it is used: whoever was removed from a
room, demoted or disabled brings nobody in any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Literal

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.utils import timezone

from loopchat.accounts import tokens
from loopchat.accounts.models import User
from loopchat.chat import access
from loopchat.chat.models import Membership, Room
from loopchat.core.errors import Refused
from loopchat.invitations import letters
from loopchat.invitations.models import Admission, Invitation

State = Literal["open", "used_up", "expired", "revoked"]

USES_MAX: Final = 10_000
HOURS_MAX: Final = 24 * 365
GUEST_HOURS_MAX: Final = 24 * 90
GUEST_HOURS: Final = 24 * 7
"""How long guests may come when nothing else was said: a week."""

OPEN_MAX: Final = 200
"""Links of one person that work at the same time."""

LISTED: Final = 200
"""Links on one page of the list."""

LABEL_MAX: Final = 64
_SECRET_BYTES: Final = 18
_HAS_LEFT: Final = Q(max_uses=None) | Q(uses__lt=F("max_uses"))


def make(
    by: User,
    *,
    room_id: int | None = None,
    kind: str = Invitation.Kind.MEMBER,
    hours: int | None = None,
    max_uses: int | None = None,
    label: str = "",
    email: str = "",
    is_signed: bool = False,
) -> tuple[Invitation, str]:
    """A new link and its secret, which nobody can read again later.

    `hours` until it ends (None: never, for guests a week), `max_uses` people (None: any number).
    `is_signed`: its page says who made it. With an `email` it is sent there, for one person, and
    says so anyway.
    """
    refuse_who_may_not_invite(by)
    email = letters.address(email)
    if kind not in Invitation.Kind.values:
        raise Refused("bad_request", "An invitation is for a member or a guest.", field="kind")
    is_guest = kind == Invitation.Kind.GUEST
    if is_guest and room_id is None:
        raise Refused("bad_request", "A guest is invited to a room.", field="room")
    room = None if room_id is None else _room_to_open(by, room_id, for_guests=is_guest)
    if _working().filter(created_by=by).count() >= OPEN_MAX:
        raise Refused("too_large", "At most {n} links that work at the same time.", n=OPEN_MAX)
    ends_at = _ends_at(hours, is_guest=is_guest)
    most = 1 if email else _between("max_uses", max_uses, USES_MAX)
    if email:
        letters.refuse_to_write(by)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    invitation = Invitation.objects.create(
        digest=tokens.digest_of(secret),
        kind=kind,
        room=room,
        created_by=by,
        expires_at=ends_at,
        max_uses=most,
        label=label.strip()[:LABEL_MAX],
        email=email,
        is_signed=is_signed or bool(email),
    )
    if email:
        letters.send(invitation, secret)
    return invitation, secret


def refuse_who_may_not_invite(by: User) -> None:
    """Who may make links at all is the operator's choice; never guests."""
    access.at_home(by.is_guest)
    if not may_invite(by):
        raise Refused("forbidden", "Only the owners of this server may invite people.")


def may_invite(by: User) -> bool:
    """Whether this server lets somebody make links that bring people in."""
    if by.is_guest:
        return False
    return settings.INVITERS != "owners" or by.is_owner or by.is_staff


def find(secret: str, person: User | None = None) -> Invitation:
    """The link with this secret if it works now; one refusal for every other reason.

    A link that is used up works on for a person who came by it.
    """
    return _opened(_working().filter(digest=tokens.digest_of(secret)).first(), person)


def find_by_id(invitation_id: int, person: User | None = None) -> Invitation:
    """A link that somebody has opened before, if it works still."""
    return _opened(_working().filter(pk=invitation_id).first(), person)


def refusal() -> Refused:
    """What is said about every link that does not work, whatever the reason."""
    return Refused("not_found", "This link does not work, or does not work any more.")


def of(person: User, room_id: int | None = None, *, number: int = 0) -> list[Invitation]:
    """A page of the links that somebody may see: those that let people in first, then the newest.

    They are their own, and those to rooms they moderate. The owners of the server see those that
    lead to the server too.
    """
    found = _shown_to(person)
    if room_id is not None:
        found = found.filter(room=room_id)
    ends = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    lets_in = Q(ends, _HAS_LEFT, revoked_at=None)
    first = found.order_by(Case(When(lets_in, then=0), default=1), "-pk")
    return list(first[number * LISTED : (number + 1) * LISTED])


def newest(
    person: User, room_id: int | None = None, *, before: int | None = None, most: int = LISTED
) -> list[Invitation]:
    """The same links, the newest first, those made before the one with this id."""
    found = _shown_to(person)
    if room_id is not None:
        found = found.filter(room=room_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:most])


def revocable(invitation_id: int, by: User) -> Invitation:
    """A link that somebody may end; for everybody else there is none."""
    found = _shown_to(by).filter(pk=invitation_id).first()
    if found is None:
        raise Refused("not_found", "There is no such invitation.")
    return found


def rooms_of(by: User) -> list[Room]:
    """Rooms with a name to which somebody may make links, in order of their names."""
    mine = Membership.objects.filter(user=by, left_seq=None, room__deleted_ts=None)
    found = []
    for membership in mine.select_related("room").order_by("room__name", "room"):
        with suppress(Refused):
            found.append(access.inviting(membership.room, membership)[0])
    return [room for room in found if room.name]


def count_use(invitation: Invitation) -> bool:
    """Count one more person, unless the link has ended meanwhile or is used up.

    The condition is part of the statement: of any number at once no more than `max_uses` get in.
    """
    return bool(_alive().filter(_HAS_LEFT, pk=invitation.pk).update(uses=F("uses") + 1))


def give_back(invitation: Invitation) -> None:
    """Somebody could not come in after all."""
    Invitation.objects.filter(pk=invitation.pk, uses__gt=0).update(uses=F("uses") - 1)


def end(invitations: Iterable[Invitation]) -> None:
    """From now on these links bring nobody in."""
    ids = [one.pk for one in invitations]
    with transaction.atomic():
        Invitation.objects.filter(pk__in=ids, revoked_at=None).update(revoked_at=timezone.now())


def _shown_to(person: User) -> QuerySet[Invitation]:
    access.at_home(person.is_guest)
    shown = Q(created_by=person) | Q(room__in=_moderated(person))
    if person.is_owner or person.is_staff:
        shown |= Q(room=None)
    found = Invitation.objects.filter(shown, Q(room=None) | Q(room__deleted_ts=None))
    return found.select_related("room", "created_by")


def _alive() -> QuerySet[Invitation]:
    ends = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return Invitation.objects.filter(ends, revoked_at=None)


def _working() -> QuerySet[Invitation]:
    """Links that may still let somebody in, or let in again who came by them."""
    room = Q(room=None) | Q(room__deleted_ts=None, room__archived_ts=None)
    return _alive().filter(room, created_by__is_active=True).select_related("room", "created_by")


def _opened(found: Invitation | None, person: User | None) -> Invitation:
    if found is None or (_is_used_up(found) and not _came_by(found, person)):
        raise refusal()
    if found.room is not None:
        try:
            _room_to_open(
                found.created_by, found.room.pk, for_guests=found.kind == Invitation.Kind.GUEST
            )
        except Refused as no:
            raise refusal() from no
    return found


def state_of(invitation: Invitation) -> State:
    """Whether somebody can come by it, and if not, why."""
    if invitation.revoked_at is not None:
        return "revoked"
    if invitation.expires_at is not None and invitation.expires_at <= timezone.now():
        return "expired"
    return "used_up" if _is_used_up(invitation) else "open"


def _is_used_up(invitation: Invitation) -> bool:
    return invitation.max_uses is not None and invitation.uses >= invitation.max_uses


def _came_by(invitation: Invitation, person: User | None) -> bool:
    if person is None:
        return False
    return Admission.objects.filter(invitation=invitation, user=person).exists()


def _room_to_open(by: User, room_id: int, *, for_guests: bool) -> Room:
    """The room, if its rules let this person bring in others."""
    room = Room.objects.filter(pk=room_id).first()
    membership = Membership.objects.filter(room=room_id, user=by).first()
    rule = access.hosting if for_guests else access.inviting
    return rule(room, membership)[0]


def _moderated(person: User) -> QuerySet[Room]:
    mine = Membership.objects.filter(user=person, left_seq=None).exclude(
        role=Membership.Role.MEMBER
    )
    return Room.objects.filter(pk__in=mine.values("room"))


def _ends_at(hours: int | None, *, is_guest: bool) -> datetime | None:
    if hours is None and is_guest:
        hours = GUEST_HOURS
    most = GUEST_HOURS_MAX if is_guest else HOURS_MAX
    whole = _between("hours", hours, most)
    return None if whole is None else timezone.now() + timedelta(hours=whole)


def _between(field: str, number: int | None, most: int) -> int | None:
    if number is not None and not 1 <= number <= most:
        raise Refused("bad_request", "This is a whole number from 1 to {n}.", field=field, n=most)
    return number
