"""May this be asked with this sign-in, and not too often? Who may do what stays the domain's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loopchat.accounts import rates
from loopchat.api.asking import Asker
from loopchat.api.operations import SAFE, Operation
from loopchat.chat import access, finding, reading
from loopchat.core.limits import refuse_fast


def admit(asker: Asker, operation: Operation, method: str, path: Mapping[str, Any]) -> None:
    """Refuse guests what is not for them, a token what it does not allow, everybody haste."""
    if asker.user.is_authenticated:
        _refuse_haste(asker, operation)
    if method not in SAFE and operation.needs_sign_in:
        asker.grant.admit_writing()
    if getattr(asker.user, "is_guest", False):
        access.at_home(not operation.for_guests)
        if "room_id" in path and not reading.memberships_of(asker.user.pk, [path["room_id"]]):
            raise access.not_found()
    if asker.grant.rooms is None or operation.for_some_rooms or not operation.needs_sign_in:
        return
    if "room_id" in path:
        asker.grant.admit_room(path["room_id"])
    elif "message_id" in path:
        asker.grant.admit_room(finding.room_of(asker.actor, path["message_id"]))
    else:
        asker.grant.admit_anything()


def _refuse_haste(asker: Asker, operation: Operation) -> None:
    refuse_fast(rates.commands.take(asker.user.pk))
    if operation.is_send:
        refuse_fast(rates.sends.take(asker.user.pk))
