"""Links that bring people in."""

from __future__ import annotations

from loopchat.api import link_shapes, shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import operation
from loopchat.api.paging import paged
from loopchat.core.clock import ts_of
from loopchat.invitations import arrivals, letters, links
from loopchat.invitations.models import Invitation


class Invitations(Endpoint):
    """Links that I may end."""

    @operation(query=link_shapes.LinkPage, gives=shapes.Listed[link_shapes.Invitation])
    def get(self, asker: Asker, query: link_shapes.LinkPage) -> object:
        """My links and those to rooms that I moderate, the newest first."""
        most = query.limit + 1
        found = links.newest(asker.user, query.room, before=query.before, most=most)
        shown = [_shown(one) for one in found]
        return paged(asker, shown, query.limit, lambda one: {"before": one.id})

    @operation(takes=link_shapes.NewInvitation, gives=link_shapes.Invitation, status=201)
    def post(self, asker: Asker, body: link_shapes.NewInvitation) -> object:
        """Make a link; its `url` is in this answer and nowhere else.

        With an `email` it is sent there too, where this server sends mail, and lets one person in.
        """
        made, secret = links.make(
            asker.user,
            room_id=body.room,
            kind=body.kind,
            hours=body.hours,
            max_uses=body.max_uses,
            label=body.label,
            email=body.email,
            is_signed=body.signed,
        )
        return _shown(made, letters.url_of(secret))


class OneInvitation(Endpoint):
    """A link."""

    @operation(gives=link_shapes.Invitation)
    def delete(self, asker: Asker, *, invitation_id: int) -> object:
        """End it; guests who came by it are signed out."""
        return _shown(arrivals.revoke(invitation_id, asker.user))


class Use(Endpoint):
    """The way in by a link."""

    @operation(takes=link_shapes.Secret, gives=link_shapes.Arrived)
    def post(self, asker: Asker, body: link_shapes.Secret) -> object:
        """Follow somebody's link into its room."""
        found = links.find(body.secret, asker.user)
        return link_shapes.Arrived(arrivals.use(found, asker.user))


def _shown(one: Invitation, url: str | None = None) -> link_shapes.Invitation:
    return link_shapes.Invitation(
        id=one.pk,
        kind="guest" if one.kind == Invitation.Kind.GUEST else "member",
        label=one.label,
        by=one.created_by.username,
        uses=one.uses,
        created_ts=ts_of(one.created_at),
        state=links.state_of(one),
        signed=one.is_signed,
        room=one.room_id,
        expires_ts=None if one.expires_at is None else ts_of(one.expires_at),
        max_uses=one.max_uses,
        email=one.email or None,
        url=url,
    )
