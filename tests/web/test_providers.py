"""Signing in with the word of a provider, against a server and a provider that really run."""

from __future__ import annotations

import pytest
import requests

from tests.services import Server, StartServer
from tests.web.provider import Provider, provider
from tests.web.visitor import Visitor

__all__ = ["provider"]
PASSWORD = "correct horse battery"
ANN = {"sub": "7", "preferred_username": "ann", "email": "ann@example.org", "email_verified": True}


class Guest(Visitor):
    """A visitor who uses the provider's button."""

    def to_provider(self, page: str = "/users/login/", **fields: str) -> requests.Response:
        """Press the provider's button; what stands there when they are back."""
        between = self.post(page, "/users/oidc/corp/login/", **fields)
        assert "form-action 'self'" in between.headers["Content-Security-Policy"]
        return self.session.get(between.headers["Refresh"].removeprefix("0; url="), timeout=20)


def started(start_server: StartServer, provider: Provider, **env: str) -> Server:
    """A server that knows the provider."""
    trusted = env.pop("trusted", "") == "yes"
    quick = {"LOOPCHAT_RATE_SIGN_IN": "off", "LOOPCHAT_OIDC": provider.setting(trusted=trusted)}
    server = start_server(env={**quick, **env})
    server.manage("adduser", "owner", "--owner", "--password-stdin", stdin=PASSWORD)
    return server


def verify(server: Server, name: str, email: str, *, verified: bool) -> None:
    """Give somebody an address, as if they had opened the link in the letter."""
    server.manage(
        "manage",
        "shell",
        "-c",
        "from loopchat.accounts import people; "
        f"people.find({name!r}).emailaddress_set.create("
        f"email={email!r}, verified={verified}, primary=True)",
    )


def test_a_new_person_chooses_a_name_and_comes_back(
    start_server: StartServer, provider: Provider
) -> None:
    server = started(start_server, provider)
    provider.claims = {**ANN, "preferred_username": "owner"}
    visitor = Guest(server)

    chooses = visitor.to_provider(next="/chat/friends/")
    assert "Choose your name" in chooses.text
    taken = visitor.post("/users/3rdparty/signup/", "/users/3rdparty/signup/", username="Owner")
    assert "taken" in taken.text
    done = visitor.post("/users/3rdparty/signup/", "/users/3rdparty/signup/", username="ann")

    assert done.url.endswith("/chat/friends/")
    assert visitor.name == "ann"
    assert provider.redirects == [f"{server.url}/users/oidc/corp/login/callback/"]
    again = Guest(server)
    again.to_provider()
    assert again.name == "ann"


def test_who_has_just_come_by_a_provider_may_have_a_password_too(
    start_server: StartServer, provider: Provider
) -> None:
    server = started(start_server, provider)
    provider.claims = ANN
    visitor = Guest(server)
    visitor.to_provider()
    visitor.post("/users/3rdparty/signup/", "/users/3rdparty/signup/", username="ann")
    visitor.to_provider("/users/login/again/")

    visitor.post("/users/password/", "/users/password/", new_password=PASSWORD)

    again = Guest(server)
    again.post("/users/login/", "/users/login/", username="ann", password=PASSWORD)
    assert again.name == "ann"


@pytest.mark.parametrize("trusted", ["yes", "no"])
def test_an_address_opens_an_account_only_when_both_sides_have_verified_it(
    start_server: StartServer, provider: Provider, trusted: str
) -> None:
    server = started(start_server, provider, trusted=trusted)
    for name, ours in (("ann", True), ("ben", False)):
        server.manage("adduser", name, "--password-stdin", stdin=PASSWORD)
        verify(server, name, f"{name}@example.org", verified=ours)
    cases = [
        ("ann", "false", None),
        ("ann", False, None),
        ("ben", True, None),
        ("ann", True, "ann" if trusted == "yes" else None),
    ]
    for number, (name, said, expected) in enumerate(cases):
        claims = {"sub": f"{number}", "email": f"{name}@example.org", "email_verified": said}
        provider.claims = claims
        visitor = Guest(server)

        visitor.to_provider()

        assert visitor.name == expected, claims


def test_a_closed_server_takes_nobody_in(start_server: StartServer, provider: Provider) -> None:
    server = started(start_server, provider, LOOPCHAT_SIGNUP="closed")
    provider.claims = ANN
    visitor = Guest(server)

    page = visitor.to_provider()

    assert "does not take new accounts" in page.text
    assert visitor.name is None


def test_who_needs_consent_waits(start_server: StartServer, provider: Provider) -> None:
    server = started(start_server, provider, LOOPCHAT_SIGNUP="approval")
    provider.claims = ANN
    visitor = Guest(server)
    visitor.to_provider()

    page = visitor.post("/users/3rdparty/signup/", "/users/3rdparty/signup/", username="ann")

    assert "has to let you in" in page.text
    assert visitor.name is None
    visitor.to_provider()
    assert visitor.name is None


def test_an_account_is_connected_after_the_password(
    start_server: StartServer, provider: Provider
) -> None:
    server = started(start_server, provider)
    server.manage("adduser", "ann", "--password-stdin", stdin=PASSWORD)
    provider.claims = ANN
    visitor = Guest(server)
    visitor.post("/users/login/", "/users/login/", username="ann", password=PASSWORD)

    visitor.to_provider("/users/3rdparty/", process="connect")

    again = Guest(server)
    again.to_provider()
    assert again.name == "ann"


def test_a_refusal_and_a_foreign_answer_sign_nobody_in(
    start_server: StartServer, provider: Provider
) -> None:
    server = started(start_server, provider)
    provider.claims = ANN
    visitor = Guest(server)
    provider.denies = True
    assert "stopped the sign-in" in visitor.to_provider().text
    provider.denies = False

    foreign = visitor.get("/users/oidc/corp/login/callback/?code=x&state=y")

    assert foreign.status_code in {200, 401}
    assert visitor.name is None
    assert visitor.get("/users/oidc/corp/login/").status_code == 405
    assert visitor.get("/users/oidc/other/login/callback/?code=x&state=y").status_code == 404
    provider.stop()
    away = visitor.post("/users/login/", "/users/oidc/corp/login/")
    assert away.status_code == 502
    assert "did not work" in away.text
