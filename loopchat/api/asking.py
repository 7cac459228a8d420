"""Who asks, and what their sign-in lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from loopchat.accounts.grants import FULL, Grant
from loopchat.accounts.models import Token, User
from loopchat.chat import rooms
from loopchat.chat.ledger import Actor
from loopchat.core.errors import Refused

KEY_MAX: Final = 128


class TokenOrSession(SessionAuthentication):
    """Whom the middleware found. A session proves besides that the request is our own page's."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """The person, or nobody."""
        user = request._request.user  # noqa: SLF001 - as the class that this one is made of
        if not isinstance(user, User) or not user.may_come:
            return None
        self.enforce_csrf(request)  # passes where a bearer token was given
        return user, None

    def authenticate_header(self, request: Request) -> str:
        """Without it the answer would be 403 instead of 401."""
        return "Bearer"


@dataclass(frozen=True, slots=True)
class Asker:
    """A person behind a request."""

    request: Request
    user: User
    token: Token | None
    grant: Grant
    seen: object = None
    """With `If-Match`: what is there, which is what they have seen."""

    @property
    def actor(self) -> Actor:
        """The person as the log knows them."""
        return rooms.actor(self.user)

    @property
    def key(self) -> str:
        """What they call this request, in case they have to repeat it; nothing: no name."""
        found = self.request.headers.get("Idempotency-Key", "").strip().strip('"')
        if len(found) > KEY_MAX:
            raise Refused("bad_request", "This Idempotency-Key is too long.")
        return found


def asker_of(request: Request) -> Asker:
    """Who asks; the person is an anonymous one where nobody is signed in."""
    token: Token | None = getattr(request._request, "token", None)  # noqa: SLF001
    return Asker(request, request.user, token, FULL if token is None else token.grant)  # type: ignore[arg-type]
