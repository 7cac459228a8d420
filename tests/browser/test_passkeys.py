"""Passkeys with an authenticator that the browser pretends to have."""

from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.conftest import Enter
from tests.browser.people import PASSWORD, Person
from tests.services import Server


@pytest.fixture
def server(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server by its name: keys belong to names, not to addresses of numbers."""
    by_name = server.url.replace("127.0.0.1", "localhost")
    monkeypatch.setattr(Server, "url", property(lambda _: by_name))
    return server


def key_on(person: Person, *, verifies: bool = True) -> tuple[CDPSession, str]:
    """An authenticator in this person's device; it says yes to everything."""
    session = person.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": verifies,
                "isUserVerified": verifies,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session, str(made["authenticatorId"])


def sign_out(person: Person) -> None:
    """By the button in the settings."""
    person.open("/chat/settings/").page.get_by_role("button", name="Sign out").click()
    expect(person.page.get_by_role("heading", name="Sign in")).to_be_visible()


def confirm(person: Person) -> None:
    """Enter the password once more, if the page asks for it."""
    if person.page.get_by_role("heading", name="Is it you?").is_visible():
        person.page.get_by_label("Password").fill(PASSWORD)
        person.page.get_by_role("button", name="Continue").click()


def add_key(person: Person, *, alone: bool) -> None:
    """Register a key on its page."""
    person.open("/users/2fa/webauthn/add/")
    confirm(person)
    person.page.get_by_label("Name of the key").fill("my laptop")
    if not alone:
        person.page.get_by_label("Sign in with it alone").uncheck()
    person.page.get_by_role("button", name="Add").click()
    expect(person.page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def test_a_passkey_signs_in_alone(enter: Enter) -> None:
    ann = enter("ann")
    key_on(ann)
    add_key(ann, alone=True)
    expect(ann.open("/users/2fa/webauthn/").page.get_by_text("my laptop")).to_be_visible()
    sign_out(ann)

    ann.page.get_by_role("button", name="Sign in with a passkey").click()

    ann.page.wait_for_url("**/chat/")


def test_a_key_is_a_second_step(enter: Enter) -> None:
    ann = enter("ann")
    key_on(ann, verifies=False)
    add_key(ann, alone=False)
    sign_out(ann)

    ann.page.get_by_label("Name").fill("ann")
    ann.page.get_by_label("Password").fill(PASSWORD)
    ann.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(ann.page.get_by_role("heading", name="One more step")).to_be_visible()
    ann.page.get_by_role("button", name="Use a passkey or security key").click()

    ann.page.wait_for_url("**/chat/")


def test_without_a_key_nobody_gets_in(enter: Enter) -> None:
    ann = enter("ann")
    session, authenticator = key_on(ann)
    add_key(ann, alone=True)
    sign_out(ann)
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True}},
    )

    ann.page.get_by_role("button", name="Sign in with a passkey").click()

    expect(ann.page.get_by_role("alert")).to_contain_text("The key was not used")


def test_a_passkey_stands_in_for_the_password_before_changes(enter: Enter) -> None:
    ann = enter("ann")
    key_on(ann)
    add_key(ann, alone=True)
    sign_out(ann)
    ann.page.get_by_role("button", name="Sign in with a passkey").click()
    ann.page.wait_for_url("**/chat/")

    ann.open("/users/2fa/totp/activate/")
    ann.page.get_by_role("link", name="Use a passkey or security key").click()
    ann.page.get_by_role("button", name="Use the key").click()

    expect(ann.page.get_by_alt_text("QR code for your app")).to_be_visible()


def test_keys_are_renamed_and_removed(enter: Enter) -> None:
    ann = enter("ann")
    key_on(ann)
    add_key(ann, alone=True)

    ann.open("/users/2fa/webauthn/").page.get_by_role("link", name="Rename").click()
    confirm(ann)
    ann.page.get_by_label("Name").fill("old laptop")
    ann.page.get_by_role("button", name="Save").click()
    expect(ann.page.get_by_text("old laptop")).to_be_visible()
    ann.page.get_by_role("link", name="Remove").click()
    ann.page.get_by_role("button", name="Remove").click()

    expect(ann.page.get_by_text("None yet.")).to_be_visible()
