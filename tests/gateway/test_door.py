"""Who may open a socket, judged by the headers of the upgrade alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as live
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from pytest_django import Settings

from loopchat.accounts import people, tokens
from loopchat.accounts.models import User
from loopchat.accounts.sessions import Login
from loopchat.core.limits import parse_rate
from loopchat.gateway.door import SUBPROTOCOL, Door, Turned, Visitor

HOST = "chat.example.org"
ORIGIN = f"https://{HOST}"
Header = tuple[str, str]


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    """A site with one public address."""
    settings.ORIGINS = (ORIGIN,)
    settings.TRUSTED_PROXIES = ()
    settings.RATE_CONNECT = settings.RATE_ADDRESS = None
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def scope(*headers: Header, host: str | None = HOST, **more: Any) -> dict[str, Any]:
    named = [*headers, *([("Host", host)] if host is not None else [])]
    return {
        "type": "websocket",
        "scheme": "ws",
        "client": ("192.0.2.1", 1234),
        "subprotocols": [SUBPROTOCOL],
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named],
        **more,
    }


def look(*headers: Header, **more: Any) -> Visitor | Turned:
    return Door().look(scope(*headers, **more))


def cookie(value: str = "x") -> Header:
    return ("Cookie", f"{live.SESSION_COOKIE_NAME}={value}")


def status(seen: Visitor | Turned) -> int:
    return seen.status if isinstance(seen, Turned) else 101


@pytest.fixture
def ann(db: None) -> User:
    """Somebody with a password."""
    return people.create("ann", "correct horse")


@pytest.fixture
def session(ann: User) -> str:
    """Ann's sign-in in a browser."""
    store = SessionStore()
    store[SESSION_KEY] = str(ann.pk)
    store[BACKEND_SESSION_KEY] = "any"
    store[HASH_SESSION_KEY] = ann.get_session_auth_hash()
    store.save()
    assert store.session_key is not None
    return store.session_key


# --- host ------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [HOST, "localhost", "localhost:8000", "127.0.0.1:9", "[::1]:8000"])
def test_hosts_of_ours_are_let_in(host: str) -> None:
    assert status(look(host=host)) == 101


@pytest.mark.parametrize(
    "host", [None, "", "evil.example", f"{HOST}.evil.example", "a b", f"x@{HOST}"]
)
def test_a_foreign_host_is_turned_away(host: str | None) -> None:
    assert status(look(host=host)) == 400


def test_two_hosts_are_one_too_many() -> None:
    assert status(look(("Host", HOST))) == 400


# --- origin ----------------------------------------------------------------------------------


def test_a_cookie_needs_the_origin_of_our_own_page() -> None:
    assert status(look(cookie(), ("Origin", ORIGIN))) == 101
    assert status(look(cookie(), ("Origin", "http://localhost:8000"), host="localhost:8000")) == 101


@pytest.mark.parametrize(
    "origins",
    [
        [],
        ["null"],
        ["https://evil.example"],
        [f"http://{HOST}:81"],
        [f"{ORIGIN}/"],
        [f"{ORIGIN}.evil.example"],
        [ORIGIN, ORIGIN],
        [ORIGIN, "https://evil.example"],
        ["https://evil.example", ORIGIN],
        [f"{ORIGIN}, {ORIGIN}"],
    ],
)
def test_a_cookie_with_another_origin_is_turned_away(origins: list[str]) -> None:
    headers = [("Origin", origin) for origin in origins]
    assert status(look(cookie(), *headers)) == 403
    assert status(look(*headers)) == 101  # without a cookie nobody can be abused
    assert status(look(("Authorization", "Bearer x"), *headers)) == 101


def test_a_port_of_another_application_is_another_origin() -> None:
    foreign = ("Origin", "http://localhost:3000")
    assert status(look(cookie(), foreign, host="localhost:8000")) == 403


def test_behind_our_proxy_the_browsers_scheme_counts(settings: Settings) -> None:
    settings.ORIGINS = ()
    headers = (cookie(), ("Origin", "https://localhost"), ("X-Forwarded-Proto", "https"))
    assert status(look(*headers, host="localhost")) == 403  # anybody could say that
    settings.TRUSTED_PROXIES = ("192.0.2.0/24",)
    assert status(look(*headers, host="localhost")) == 101
    spoofed = (*headers[:2], ("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http"))
    assert status(look(*spoofed, host="localhost")) == 403  # the proxy's own is the last


def test_a_socket_without_a_client_address(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ("192.0.2.0/24",)
    assert status(look(cookie(), ("Origin", ORIGIN), client=None)) == 101


# --- who it is -------------------------------------------------------------------------------


def who(*headers: Header) -> Login | None:
    seen = look(*headers, ("Origin", ORIGIN))
    assert isinstance(seen, Visitor), seen
    return seen.who()


def test_a_session_says_who_it_is(ann: User, session: str) -> None:
    assert who(cookie(session)) == Login(ann.pk, "ann", session, None)
    assert who(("cookie", f"a=b; {live.SESSION_COOKIE_NAME}={session}; c=d")) is not None
    assert who(("Cookie", "a=b"), cookie(session)) is not None  # as HTTP/2 splits it


@pytest.mark.parametrize(
    "strange",
    ['prefs={"theme": "dark"}', "a b=c d", "=x", "naïve=ü", "b@d[]=1", "x", ";;", 'q="unended'],
)
def test_a_strange_cookie_of_another_application_hides_nothing(session: str, strange: str) -> None:
    """On localhost all applications share their cookies."""
    ours = f"{live.SESSION_COOKIE_NAME}={session}"
    assert who(("Cookie", f"{strange}; {ours}")) is not None
    assert who(("Cookie", f"{ours}; {strange}")) is not None
    foreign = ("Origin", "https://evil.example")
    assert status(look(("Cookie", f"{strange}; {ours}"), foreign)) == 403


def test_nobody_is_behind_what_is_no_session(session: str, ann: User) -> None:
    assert who(cookie(session)) is not None
    for value in ("", "x", session[:-1], session + "x", "\x00", session.upper() + "!"):
        assert who(cookie(value)) is None
    assert who() is None
    people.disable(ann)
    assert who(cookie(session)) is None


def test_a_token_says_who_it_is(ann: User) -> None:
    _, secret = tokens.create(ann)
    found = who(("Authorization", f"Bearer {secret}"))
    assert found is not None
    assert (found.user_id, found.session_key, found.token_id is not None) == (ann.pk, None, True)
    assert who(("authorization", f"bearer  {secret} ")) is not None


def test_nobody_is_behind_what_is_no_token(ann: User) -> None:
    _, secret = tokens.create(ann)
    for value in ("Bearer", "Bearer x", secret, f"Basic {secret}", "", f"Bearer {secret[:-1]}"):
        assert who(("Authorization", value)) is None
    twice = ("Authorization", f"Bearer {secret}")
    assert who(twice, twice) is None


def test_with_an_authorization_the_cookie_is_ignored(ann: User, session: str) -> None:
    assert who(cookie(session)) is not None
    assert who(cookie(session), ("Authorization", "Bearer wrong")) is None
    assert who(cookie(session), ("Authorization", "")) is None


# --- how many --------------------------------------------------------------------------------


def test_too_many_at_once_are_asked_to_wait(settings: Settings) -> None:
    settings.RATE_CONNECT = parse_rate("1/s:3")
    door = Door()
    seen = [door.look(scope()) for _ in range(4)]
    assert [status(one) for one in seen] == [101, 101, 101, 503]
    assert isinstance(seen[3], Turned)
    assert seen[3].retry_after_s
    assert 1 <= seen[3].retry_after_s <= 2


def test_one_address_takes_not_all_places(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ("192.0.2.1",)
    settings.RATE_ADDRESS = parse_rate("1/m:2")
    door = Door()

    def status_from(address: str) -> int:
        return status(door.look(scope(("X-Forwarded-For", f"203.0.113.9, {address}"))))

    assert [status_from("198.51.100.7") for _ in range(3)] == [101, 101, 429]
    assert status_from("198.51.100.8") == 101


def test_who_is_turned_away_for_another_reason_takes_nobodys_place(settings: Settings) -> None:
    settings.RATE_CONNECT = parse_rate("1/s:1")
    door = Door()
    for _ in range(5):
        assert status(door.look(scope(host="evil.example"))) == 400
        assert status(door.look(scope(cookie(), ("Origin", "https://evil.example")))) == 403
    assert status(door.look(scope())) == 101


def test_the_subprotocols_that_were_offered_are_kept() -> None:
    seen = look(subprotocols=["other", SUBPROTOCOL])
    assert isinstance(seen, Visitor)
    assert seen.subprotocols == ["other", SUBPROTOCOL]
