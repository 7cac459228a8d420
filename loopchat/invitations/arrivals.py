"""People who come by a link: with an account, or as guests; and how guests stay or go."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from loopchat.accounts import invited, joining, passwords, people
from loopchat.accounts.models import User
from loopchat.accounts.profiles import clean_display_name
from loopchat.chat import access, appearance, rooms
from loopchat.chat.models import Membership
from loopchat.core.errors import Refused
from loopchat.core.text import NAME_MAX, clean_name, slug_from
from loopchat.invitations import links
from loopchat.invitations.models import Admission, Invitation

_MARK: Final = "-guest"
_TRIES: Final = 20

_ENDED: Final = ("forbidden", "not_found", "archived")
"""How the door of a room says that the link is good for nothing any more."""

PORTION: Final = 100
"""Guests whose time is over that one look sends away."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a link says to the accounts when somebody signs up with it."""

    invitation: Invitation

    def use(self, person: User) -> None:
        """One use more, or Refused, in the transaction of the new account; then into the room."""
        _count(self.invitation, person)
        transaction.on_commit(lambda: _try_to_bring_in(self.invitation, person))


@dataclass(frozen=True, slots=True)
class Visit:
    """How a guest came, and what became of the link."""

    room: str
    host: str
    """Who made the link."""
    is_revoked: bool
    is_over: bool
    """Revoked or expired: else somebody has ended the visit and not the link."""


def opened(code: str) -> Code | None:
    """What the secret of a link is good for that works now; links for guests make no accounts."""
    try:
        invitation = links.find(code)
    except Refused:
        return None
    return Code(invitation) if invitation.kind == Invitation.Kind.MEMBER else None


def use(invitation: Invitation, person: User) -> int | None:
    """Let somebody with an account in; the room that it leads to, or None.

    Each person is one use, however often they open the link.
    """
    access.at_home(person.is_guest)
    invitation = links.find_by_id(invitation.pk, person)  # it may have ended since it was opened
    if _is_banned(invitation, person):  # before they count as somebody who came
        raise Refused("forbidden", "You were banned from this room.")
    is_new, room_id = _admit(invitation, person), invitation.room_id
    if room_id is None:
        return None
    try:
        rooms.admit(room_id, invitation.created_by, person)
    except Refused as no:
        if is_new and no.definite:  # else they may be in
            _turn_away(invitation, person)
        if no.code in _ENDED and not _is_banned(invitation, person):
            raise links.refusal() from no
        raise
    return room_id


def enter_as_guest(invitation: Invitation, name: str) -> User:
    """A person without an account, in the room of the link and as long as the link lasts."""
    room_id = invitation.room_id
    if invitation.kind != Invitation.Kind.GUEST or room_id is None:
        raise links.refusal()
    invitation = links.find_by_id(invitation.pk)
    guest = _new_guest(invitation, clean_display_name(name))
    try:
        rooms.admit(room_id, invitation.created_by, guest)
    except Refused as no:
        _turn_away(invitation, guest)
        people.disable(guest)
        if no.code in _ENDED:
            raise links.refusal() from no
        raise
    return guest


def become_account(guest: User, *, username: str, password: str, code: str = "") -> User:
    """A guest gets an account: the same person, with everything that they wrote.

    `code` is an invitation, where new accounts need more than a wish.
    """
    invitation = _allowed(code)
    if not guest.is_guest or not guest.may_come:
        raise Refused("forbidden", "Only guests become accounts.")
    chosen = clean_name(username)
    people.refuse_taken(chosen, but=guest.pk)
    draft = User(username=chosen, name=guest.name)
    passwords.check_strength(password, draft)
    encoded = passwords.encode(password)
    try:
        with transaction.atomic():
            person = User.objects.select_for_update(no_key=True).get(pk=guest.pk)
            if not person.is_guest or not person.may_come:
                raise links.refusal()
            person.username, person.password = chosen, encoded
            person.is_guest, person.guest_until = False, None
            person.save()
            if invitation is not None:
                invitation.use(person)
            people.changed([person.pk])
            appearance.tell(person)
    except IntegrityError as problem:
        raise Refused("conflict", "This name is taken.", field="username") from problem
    return person


def _allowed(code: str) -> invited.Invitation | None:
    """Refuse who could not sign up either: approval and verified addresses are not got around."""
    invitation = joining.check(code)
    if invitation is None:
        people.check_sign_up()
    return invitation


def revoke(invitation_id: int, by: User) -> Invitation:
    """End a link. Its guests are signed out; who has an account stays in the room."""
    invitation = links.revocable(invitation_id, by)
    links.end([invitation])
    send_away(guests_of([invitation]))
    invitation.refresh_from_db()
    return invitation


def end_all_of(person: User) -> None:
    """End every link that somebody has made."""
    made = list(Invitation.objects.filter(created_by=person, revoked_at=None))
    links.end(made)
    send_away(guests_of(made))


def guests_of(invitations: Iterable[Invitation]) -> list[User]:
    """Who came by these links and is a guest still."""
    ids = [one.pk for one in invitations]
    guests = User.objects.filter(admissions__invitation__in=ids, is_guest=True, is_active=True)
    return list(guests)


def visit_of(guest: User) -> Visit | None:
    """By which link a guest came; None when it is gone with its room or its maker."""
    rows = Admission.objects.filter(user=guest, invitation__kind=Invitation.Kind.GUEST)
    found = rows.select_related("invitation__room", "invitation__created_by").order_by("pk").last()
    if found is None or found.invitation.room is None:
        return None
    link = found.invitation
    is_revoked = link.revoked_at is not None
    has_expired = link.expires_at is not None and link.expires_at <= timezone.now()
    host = link.created_by.get_full_name()
    return Visit(found.invitation.room.name, host, is_revoked, is_revoked or has_expired)


def send_away(guests: Iterable[User]) -> None:
    """End these visits: at once for their sockets and pages, then in the room's log."""
    for guest in guests:
        people.disable(guest)
        for room_id in _rooms_of(guest):
            rooms.leave(room_id, guest)


def tidy() -> bool:
    """Send away the guests whose time is over; whether there may be more."""
    still_in = Membership.objects.filter(user=OuterRef("pk"), left_seq=None, room__deleted_ts=None)
    is_over = Q(is_active=True, guest_until__lte=timezone.now())
    is_half_gone = Q(Exists(still_in), is_active=False)
    found = list(User.objects.filter(is_over | is_half_gone, is_guest=True)[:PORTION])
    send_away(found)
    return len(found) == PORTION


def _admit(invitation: Invitation, person: User) -> bool:
    """Whether this is one use more; refused when there is none left."""
    if Admission.objects.filter(invitation=invitation, user=person).exists():
        return False
    try:
        with transaction.atomic():
            _count(invitation, person)
    except IntegrityError:
        return False  # the same person, twice at once
    return True


def _count(invitation: Invitation, person: User) -> None:
    Admission.objects.create(invitation=invitation, user=person)
    if not links.count_use(invitation):
        raise links.refusal()


def _try_to_bring_in(invitation: Invitation, person: User) -> None:
    """Who has an account now has it, whatever happens at the door of the room."""
    if invitation.room_id is not None:
        with suppress(Refused):
            rooms.admit(invitation.room_id, invitation.created_by, person)


def _turn_away(invitation: Invitation, person: User) -> None:
    with transaction.atomic():
        if Admission.objects.filter(invitation=invitation, user=person).delete()[0]:
            links.give_back(invitation)


def _is_banned(invitation: Invitation, person: User) -> bool:
    rows = Membership.objects.filter(room=invitation.room_id, user=person, is_banned=True)
    return rows.exists()


def _rooms_of(guest: User) -> list[int]:
    rows = Membership.objects.filter(user=guest, left_seq=None, room__deleted_ts=None)
    return list(rows.values_list("room_id", flat=True))


def _new_guest(invitation: Invitation, name: str) -> User:
    """One more use, and an account without a password; its name says that it is a guest's."""
    stem = slug_from(name)[: NAME_MAX - len(_MARK) - 5].strip("-") or "a"
    for number in range(_TRIES):
        more = f"-{secrets.randbelow(10_000):04}" if number else ""
        guest = User(
            username=f"{stem}{_MARK}{more}",
            name=name,
            is_guest=True,
            guest_until=invitation.expires_at,
        )
        guest.set_unusable_password()
        if people.find(guest.username) is not None:
            continue
        try:
            with transaction.atomic():  # who finds the link used up has never been here
                guest.save(force_insert=True)
                _count(invitation, guest)
        except IntegrityError:
            continue
        return guest
    raise Refused("conflict", "Choose another name.", field="name")
