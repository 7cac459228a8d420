"""The browsers in which one is signed in. A token learns nothing of them and ends none."""

from __future__ import annotations

from loopchat.accounts import devices
from loopchat.accounts.models import Device
from loopchat.api import shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import operation
from loopchat.api.paging import listed
from loopchat.core.clock import ts_of
from loopchat.core.errors import Refused


class Devices(Endpoint):
    """My browsers."""

    @operation(gives=shapes.Listed[shapes.Device], needs_session=True)
    def get(self, asker: Asker) -> object:
        """Where I am signed in, the last used first."""
        here = _key(asker)
        return listed(asker, [_shown(one, here) for one in devices.of(asker.user)], None)

    @operation(needs_session=True)
    def delete(self, asker: Asker) -> None:
        """Sign all other browsers out."""
        devices.end_others(asker.user, _key(asker))


class OneDevice(Endpoint):
    """A browser of mine."""

    @operation(needs_session=True)
    def delete(self, asker: Asker, *, device_id: int) -> None:
        """Sign it out; its sockets are closed."""
        if not Device.objects.filter(user=asker.user, pk=device_id).exists():
            raise Refused("not_found", "There is no such browser.")
        devices.end(asker.user, device_id)


def _key(asker: Asker) -> str | None:
    return asker.request._request.session.session_key  # noqa: SLF001 - the session of the page


def _shown(one: Device, here: str | None) -> shapes.Device:
    return shapes.Device(
        id=one.pk,
        title=devices.title(one.agent),
        address=one.address or "",
        last_active_ts=ts_of(one.last_active_at),
        here=one.session_key == here,
    )
