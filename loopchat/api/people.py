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
from loopchat.api.paging import by_name, listed, paged
from loopchat.chat import appearance, nearby, personal, reading
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
        people = with_presence(asker, found[: query.limit + 1])
        return paged(asker, people, query.limit, lambda one: {"after": one.username})


class OneUser(Endpoint):
    """A person."""

    @operation(gives=events.Person)
    def get(self, asker: Asker, *, username: str) -> object:
        """Somebody by name."""
        found = accounts.listed().filter(username_key=name_key(username)).first()
        if found is None:
            raise Refused("not_found", "There is nobody with this name.")
        return with_presence(asker, [found])[0]


class Card(Endpoint):
    """All that one may know of a person."""

    @operation(gives=appearance.Card, for_guests=True)
    def get(self, asker: Asker, *, username: str) -> object:
        """What somebody says of themselves, and which rooms we share."""
        return appearance.card(asker.user, username)


class Faces(Endpoint):
    """How people look."""

    @operation(query=shapes.Uids, gives=shapes.Listed[events.Profile], for_guests=True)
    def get(self, asker: Asker, query: shapes.Uids) -> object:
        """How the people of these ids look, as far as I may know them; at most 100."""
        asked = [int(one) for one in query.uids.split(",")]
        return listed(asker, appearance.faces_of(asker.user, asked), None)


class Presence(Endpoint):
    """Who is here."""

    @operation(query=shapes.ByName, gives=shapes.Listed[events.Person])
    def get(self, asker: Asker, query: shapes.ByName) -> object:
        """The people whose presence concerns me: friends, of my direct rooms and of small ones."""
        around = reading.overview(asker.user).people
        return by_name(asker, around, query, lambda one: one.username)


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
