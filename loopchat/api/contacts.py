"""Other people to me: friends, requests, blocks; what I show; who may begin to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec

from loopchat.accounts.profiles import Change
from loopchat.api import shapes
from loopchat.api.asking import Asker
from loopchat.api.endpoint import Endpoint
from loopchat.api.operations import operation
from loopchat.api.paging import by_name
from loopchat.chat import appearance, contacting
from loopchat.contacts import circles, privacy
from loopchat.core.fields import Seq, Short
from loopchat.realtime import events

Audience = Literal["everyone", "friends", "nobody"]
Line = Annotated[str, msgspec.Meta(max_length=1000)]


class NewRequest(msgspec.Struct):
    """Whom to ask, and with which words."""

    username: Short
    note: Line = ""


class Decision(msgspec.Struct):
    """Yes or no."""

    accept: bool


class PrivacyChange(msgspec.Struct):
    """What is to be different; what is left out stays."""

    last_seen: Audience | None = None
    online: Audience | None = None
    receipts: Audience | None = None
    write: Literal["everyone", "rooms", "friends"] | None = None


class ProfileChange(msgspec.Struct):
    """What is to be different; an empty text clears, a time of 0 has no end."""

    name: Line | None = None
    about: Line | None = None
    status_emoji: Line | None = None
    status_text: Line | None = None
    status_until_ts: Seq | None = None
    time_zone: Line | None = None
    dnd_until_ts: Seq | None = None


class Friends(Endpoint):
    """My friends."""

    @operation(query=shapes.ByName, gives=shapes.Listed[events.ContactState])
    def get(self, asker: Asker, query: shapes.ByName) -> object:
        """My friends."""
        return _contacts(asker, query, lambda one: one.friend)


class OneFriend(Endpoint):
    """A friend."""

    @operation(gives=events.ContactState)
    def delete(self, asker: Asker, *, username: str) -> object:
        """End a friendship."""
        return contacting.friend(asker.actor, username, "remove")


class Requests(Endpoint):
    """Questions to be friends."""

    @operation(query=shapes.ByName, gives=shapes.Listed[events.ContactState])
    def get(self, asker: Asker, query: shapes.ByName) -> object:
        """Questions that wait: `in` those to me, `out` mine."""
        return _contacts(asker, query, lambda one: one.request is not None)

    @operation(takes=NewRequest, gives=events.ContactState)
    def post(self, asker: Asker, body: NewRequest) -> object:
        """Ask somebody to be a friend; who has asked already is accepted."""
        return contacting.friend(asker.actor, body.username, "request", body.note)


class OneRequest(Endpoint):
    """A question to be friends."""

    @operation(takes=Decision, gives=events.ContactState)
    def post(self, asker: Asker, body: Decision, *, username: str) -> object:
        """Answer somebody who has asked."""
        return contacting.friend(asker.actor, username, "accept" if body.accept else "reject")

    @operation(gives=events.ContactState)
    def delete(self, asker: Asker, *, username: str) -> object:
        """Take one's own question back."""
        return contacting.friend(asker.actor, username, "cancel")


class Blocks(Endpoint):
    """Whom I hear nothing of."""

    @operation(query=shapes.ByName, gives=shapes.Listed[events.ContactState])
    def get(self, asker: Asker, query: shapes.ByName) -> object:
        """Whom I have blocked."""
        return _contacts(asker, query, lambda one: one.blocked)


class OneBlock(Endpoint):
    """Somebody of whom I hear nothing."""

    @operation(gives=events.ContactState)
    def put(self, asker: Asker, *, username: str) -> object:
        """Hear nothing of somebody any more; they do not notice."""
        return contacting.block(asker.actor, username, on=True)

    @operation(gives=events.ContactState)
    def delete(self, asker: Asker, *, username: str) -> object:
        """Hear of them again."""
        return contacting.block(asker.actor, username, on=False)


class Privacy(Endpoint):
    """To whom I show what."""

    @operation(gives=events.PrivacyState)
    def get(self, asker: Asker) -> object:
        """To whom I show what, and who may begin to write to me."""
        return privacy.state(privacy.of(asker.user.pk))

    @operation(takes=PrivacyChange, gives=events.PrivacyState)
    def patch(self, asker: Asker, body: PrivacyChange) -> object:
        """Change what is given."""
        return contacting.show(
            asker.actor,
            last_seen=body.last_seen,
            online=body.online,
            receipts=body.receipts,
            write=body.write,
        )


class RoomRequest(Endpoint):
    """A conversation that waits for my answer."""

    @operation(takes=Decision)
    def post(self, asker: Asker, body: Decision, *, room_id: int) -> None:
        """Yes or no to a conversation that somebody else began."""
        contacting.answer(asker.actor, room_id, accept=body.accept)


class Profile(Endpoint):
    """What I say of myself."""

    @operation(gives=appearance.Card)
    def get(self, asker: Asker) -> object:
        """My card as others see it."""
        return appearance.card(asker.user, asker.user.username)

    @operation(takes=ProfileChange, gives=appearance.Card)
    def patch(self, asker: Asker, body: ProfileChange) -> object:
        """Change what is given."""
        appearance.change(asker.user, Change(**msgspec.structs.asdict(body)))
        asker.user.refresh_from_db()
        return appearance.card(asker.user, asker.user.username)


def _contacts(
    asker: Asker, query: shapes.ByName, wanted: Callable[[events.ContactState], bool]
) -> shapes.Listed[events.ContactState]:
    found = [one for one in circles.around(asker.user.pk).contacts if wanted(one)]
    return by_name(asker, found, query, lambda one: one.username)
