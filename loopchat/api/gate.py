"""May this be asked with this sign-in, and not too often? Who may do what stays the domain's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loopchat.accounts import rates
from loopchat.api.asking import Asker
from loopchat.api.operations import SAFE, Operation
from loopchat.chat import access, finding, messages, reading
from loopchat.core.errors import Refused
from loopchat.core.limits import refuse_fast


def admit(asker: Asker, operation: Operation, method: str, path: Mapping[str, Any]) -> None:
    """Refuse guests what is not for them, a token what it does not allow, everybody haste."""
    if asker.user.is_authenticated:
        _refuse_haste(asker, operation, path)
    if operation.needs_session and asker.token is not None:
        raise Refused("forbidden", "This is for people on their pages, not for tokens.")
    if method not in SAFE and operation.needs_sign_in and not operation.for_readers:
        asker.grant.admit_writing()
    _refuse_guests(asker, operation, path)
    if operation.needs_sign_in and not operation.for_some_rooms:
        _refuse_other_rooms(asker, path)
    if operation.is_send and "room_id" in path:
        messages.refuse_haste(path["room_id"], asker.user.pk)


def _refuse_guests(asker: Asker, operation: Operation, path: Mapping[str, Any]) -> None:
    if not getattr(asker.user, "is_guest", False):
        return
    access.at_home(not operation.for_guests)
    if "room_id" in path and not reading.memberships_of(asker.user.pk, [path["room_id"]]):
        raise access.not_found()


def _refuse_other_rooms(asker: Asker, path: Mapping[str, Any]) -> None:
    if asker.grant.rooms is None:
        return
    if "room_id" in path:
        asker.grant.admit_room(path["room_id"])
    elif "message_id" in path:
        asker.grant.admit_room(finding.room_of(asker.actor, path["message_id"]))
    else:
        asker.grant.admit_anything()


def _refuse_haste(asker: Asker, operation: Operation, path: Mapping[str, Any]) -> None:
    refuse_fast(rates.commands.take(asker.user.pk))
    if operation.is_send:
        refuse_fast(rates.sends.take(asker.user.pk))
