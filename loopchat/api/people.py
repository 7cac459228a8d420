"""People: everybody here, one, those whose presence concerns me, and oneself."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from loopchat.accounts import people as accounts
from loopchat.accounts.models import User
from loopchat.api import shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import operation
from loopchat.api.paging import listed
from loopchat.chat import nearby, personal, reading
from loopchat.core.errors import Refused
from loopchat.core.text import name_key
from loopchat.realtime import events


class Users(Endpoint):
    """Everybody."""

    @operation(query=shapes.People, gives=shapes.Listed[events.Person])
    def get(self, asker: Asker, query: shapes.People) -> object:
        """People in the order of their names; with `q` those whose name begins with it."""
        found = accounts.listed().order_by("username_key")
        if query.q:
            key = name_key(query.q)
            found = found.filter(Q(username_key__startswith=key) | Q(name__istartswith=query.q))
        if query.after:
            found = found.filter(username_key__gt=name_key(query.after))
        rows = list(found[: query.limit + 1])
        page = rows[: query.limit]
        behind: dict[str, object] | None = None
        if len(rows) > len(page):
            behind = {"after": page[-1].username}
        return listed(asker, with_presence(asker, page), behind)


class OneUser(Endpoint):
    """A person."""

    @operation(gives=events.Person)
    def get(self, asker: Asker, *, username: str) -> object:
        """Somebody by name."""
        found = accounts.listed().filter(username_key=name_key(username)).first()
        if found is None:
            raise Refused("not_found", "There is nobody with this name.")
        return with_presence(asker, [found])[0]


class Presence(Endpoint):
    """Who is here."""

    @operation(gives=shapes.Listed[events.Person])
    def get(self, asker: Asker) -> object:
        """The people whose presence concerns me: of my direct rooms and of small ones."""
        return listed(asker, reading.overview(asker.user).people, None)


class Me(Endpoint):
    """Oneself."""

    @operation(gives=shapes.Me, for_guests=True, for_some_rooms=True)
    def get(self, asker: Asker) -> object:
        """Who I am here, and what this sign-in allows."""
        user, grant = asker.user, asker.grant
        return shapes.Me(
            uid=user.pk,
            username=user.username,
            name=user.name,
            preferences=reading.preferences_of(user.pk),
            scope="write" if grant.writes else "read",
            rooms=None if grant.rooms is None else sorted(grant.rooms),
            owner=user.is_owner,
            bot=user.is_bot,
            guest=user.is_guest,
        )


class Preferences(Endpoint):
    """How I want it."""

    @operation(gives=events.PreferencesState, for_guests=True)
    def get(self, asker: Asker) -> object:
        """My preferences."""
        return reading.preferences_of(asker.user.pk)

    @operation(takes=shapes.Preferences, gives=events.PreferencesState, for_guests=True)
    def patch(self, asker: Asker, body: shapes.Preferences) -> object:
        """Change what is given."""
        actor = asker.actor
        return personal.set_preferences(actor, receipts=body.receipts, client=body.client)


def with_presence(asker: Asker, people: Iterable[User]) -> list[events.Person]:
    """People with the state that they show to who asks."""
    return nearby.with_presence(people, asker.user.pk)
