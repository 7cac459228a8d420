"""Scenes of the tour beside the chat: accounts, invitations, settings, errors."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD
from tests.browser.tour_camera import Scene, Stage

SCENES: list[Scene] = []


def _of(
    chapter: str, name: str, title: str, path: str, who: str = "", server: str = "main"
) -> None:
    def play(stage: Stage) -> Page:
        return stage.at(path, who)

    SCENES.append(Scene(chapter, name, title, play, server))


def _scene(
    chapter: str, name: str, title: str, server: str = "main"
) -> Callable[[Callable[[Stage], Page]], Callable[[Stage], Page]]:
    def keep(play: Callable[[Stage], Page]) -> Callable[[Stage], Page]:
        SCENES.append(Scene(chapter, name, title, play, server))
        return play

    return keep


_TWO_KEYS = """
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from loopchat.accounts.models import User
greta = User.objects.get(username="Greta")
if not Authenticator.objects.filter(user=greta).exists():
    for name in ("Phone", "The key on my ring"):
        Authenticator.objects.create(
            user=greta, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": {}}
        )
    RecoveryCodes.activate(greta)
"""

_IN = partial(_scene, "Coming in")
_SAFE = partial(_scene, "Settings")

_of("Coming in", "sign-in", "Sign in", "/users/login/")


@_IN("sign-in-error", "Sign in: a wrong password")
def sign_in_error(stage: Stage) -> Page:
    page = stage.at("/users/login/", "")
    page.get_by_label("Name", exact=True).fill("Ann")
    page.get_by_label("Password", exact=True).fill("correct house battery")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@_IN("second-step", "Sign in: the second step")
def second_step(stage: Stage) -> Page:
    page = stage.at("/users/login/", "")
    page.get_by_label("Name", exact=True).fill("Hassan")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    return page


_of("Coming in", "enter", "Names alone, on one's own machine", "/users/login/", server="names")
_of("Coming in", "sign-up", "Sign up", "/users/signup/")


@_IN("sign-up-error", "Sign up: a password that is too easy")
def sign_up_error(stage: Stage) -> Page:
    page = stage.at("/users/signup/", "")
    page.get_by_label("Name", exact=True).fill("Nora")
    page.get_by_label("Password", exact=True).fill("12345678")
    page.get_by_role("button", name="Create account").click()
    expect(page.locator(".field__error").first).to_be_visible()
    return page


_of(
    "Coming in",
    "sign-up-approval",
    "Sign up where owners decide",
    "/users/signup/",
    server="approval",
)
_of("Coming in", "sign-up-closed", "Sign up where nobody may", "/users/signup/", server="closed")


@_IN("first-owner", "The first owner", "bare")
def first_owner(stage: Stage) -> Page:
    found = re.search(r"/setup/\S+", stage.server.log)
    assert found
    return stage.at(found.group(), "")


_of("Coming in", "not-set-up", "A server that has no owner yet", "/", server="bare")
_of("Coming in", "reset", "A forgotten password", "/users/password/reset/")
_of("Coming in", "reset-sent", "A mail is on its way", "/users/password/reset/done/")


def _link(stage: Stage, kind: str, room: str) -> str:
    page = stage.at("/chat/invitations/")
    page.get_by_label("It leads to").select_option(label=room)
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("button", name="Make the link").click()
    return urlsplit(page.get_by_label("Link").input_value()).path


@_IN("invited", "An invitation, opened by somebody new")
def invited(stage: Stage) -> Page:
    return stage.at(_link(stage, "People with an account", "Garden"), "")


@_IN("guest", "A guest comes in")
def guest(stage: Stage) -> Page:
    return stage.at(_link(stage, "Guests", "Open day"), "")


@_IN("guest-room", "The guest's room")
def guest_room(stage: Stage) -> Page:
    page = stage.at(_link(stage, "Guests", "Open day"), "")
    page.get_by_label("Your name").fill("Zoe from next door")
    page.get_by_role("button", name="Come in as a guest").click()
    expect(page.locator(".connection")).to_have_attribute("data-empty", "")
    expect(page.get_by_role("article").first).to_be_visible()
    return page


@_IN("guest-ended", "The link of a guest was ended")
def guest_ended(stage: Stage) -> Page:
    page = stage.at(_link(stage, "Guests", "Open day"), "")
    page.get_by_label("Your name").fill("Yusuf")
    page.get_by_role("button", name="Come in as a guest").click()
    expect(page.locator(".connection")).to_have_attribute("data-empty", "")
    stage.at("/chat/invitations/").get_by_role("button", name="End this link").first.click()
    expect(page.get_by_role("status").first).to_contain_text("Your visit has ended")
    return page


_of("Settings", "settings", "Settings", "/chat/settings/", "Ann")


@_SAFE("settings-more", "Settings, further down")
def settings_more(stage: Stage) -> Page:
    page = stage.at("/chat/settings/")
    page.get_by_role("heading", name="Privacy", exact=True).evaluate("one => one.scrollIntoView()")
    return page


_of("Settings", "profile", "Profile", "/chat/settings/profile/", "Ann")
_of("Settings", "password", "Change the password", "/users/password/", "Ann")


@_SAFE("email", "The e-mail address")
def email(stage: Stage) -> Page:
    return _confirmed(stage.at("/users/email/"))


@_SAFE("confirm", "Is it you?")
def confirm(stage: Stage) -> Page:
    return stage.at("/users/reauthenticate/?next=/users/2fa/")


_of("Settings", "two-step", "Two-step sign-in", "/users/2fa/", "Ann")


@_SAFE("codes", "Codes from an app")
def codes(stage: Stage) -> Page:
    return _confirmed(stage.at("/users/2fa/totp/activate/"))


@_SAFE("passkeys", "Passkeys")
def passkeys(stage: Stage) -> Page:
    stage.camera.signed_in(stage.server, "Greta")
    stage.server.manage("manage", "shell", "--command", _TWO_KEYS)
    return stage.at("/users/2fa/webauthn/", "Greta")


@_SAFE("recovery-codes", "Recovery codes")
def recovery_codes(stage: Stage) -> Page:
    stage.camera.signed_in(stage.server, "Greta")
    stage.server.manage("manage", "shell", "--command", _TWO_KEYS)
    return _confirmed(stage.at("/users/2fa/recovery-codes/", "Greta"))


@_SAFE("passkey-new", "A new passkey")
def passkey_new(stage: Stage) -> Page:
    return _confirmed(stage.at("/users/2fa/webauthn/add/"))


@_SAFE("new-token", "A new access token")
def new_token(stage: Stage) -> Page:
    page = _confirmed(stage.at("/users/tokens/new/"))
    page.get_by_role("radio", name="Only in these rooms").check()
    return page


_of("Settings", "devices", "Devices and tokens", "/users/devices/", "Ann")
_of("Settings", "invitations", "Invitations", "/chat/invitations/", "Olga")


@_SAFE("invitation-made", "A link to hand on")
def invitation_made(stage: Stage) -> Page:
    page = stage.at("/chat/invitations/")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("img", name="The link as a QR code")).to_be_visible()
    return page


_of("Settings", "requests", "Who wants an account", "/users/requests/", "Olga")
_of("Settings", "export", "My data", "/users/export/", "Ann")
_of("Settings", "delete-account", "Delete my account", "/users/delete/", "Ann")

_of("Errors", "not-found", "Nothing here", "/chat/room/nothing/", "Ann")


@_scene("Errors", "too-old", "A form that is too old")
def too_old(stage: Stage) -> Page:
    page = stage.at("/users/login/", "")
    page.evaluate("document.querySelector('[name=csrfmiddlewaretoken]').value = 'x'")
    page.get_by_label("Name", exact=True).fill("Ann")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")
    return page


def _confirmed(page: Page) -> Page:
    """Past the question for the password, where it comes."""
    if page.get_by_role("heading", name="Is it you?").is_visible():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
    return page
