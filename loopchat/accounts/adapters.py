"""How django-allauth does things here: our passwords, our mails, our addresses, our sessions."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from loopchat import words
from loopchat.accounts import (
    devices,
    freshness,
    joining,
    links,
    mail,
    passwords,
    people,
    sealing,
    sign_in,
)
from loopchat.accounts.models import User
from loopchat.core.errors import Refused

_SILENT = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts: what `people` and `sign_in` say counts."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Written here, sent by a thread; nowhere when there is no mail."""
        values = {key: value for key, value in context.items() if key not in {"request", "email"}}
        site = {"name": links.site_name(), "domain": links.site_name()}
        mail.post(template_prefix, email, **{**values, "current_site": site})

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """On our public address, whatever the request's `Host` says."""
        return links.public(reverse("account_confirm_email", args=[emailconfirmation.key]))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On our public address too."""
        return links.new_password(key)

    def is_safe_url(self, url: str | None) -> bool:
        """Only pages of ours: the list of hosts allows all, because `known_host` is stricter."""
        return bool(url and url.startswith("/")) and url_has_allowed_host_and_scheme(
            url, allowed_hosts=None
        )

    def get_client_ip(self, request: HttpRequest) -> str:
        """Our middleware has asked the proxies already."""
        return str(request.META.get("REMOTE_ADDR") or "")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether a visitor may make an account, with the invitation that they came with."""
        try:
            joining.check(request.session.get("invite", ""))
        except Refused:
            return False
        return True

    def login(self, request: HttpRequest, user: User) -> None:
        """A new session key, and a row in the list of devices."""
        sign_in.begin(request, user)

    def logout(self, request: HttpRequest) -> None:
        """Sockets close too."""
        sign_in.end(request)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Slowed down like every other guess."""
        try:
            return sign_in.is_theirs(user, password)
        except Refused as no:
            raise ValidationError(words.told(no)) from no

    def is_reauthentication_required(self, *, app: str, **named: Any) -> bool:
        """Always; and where there is nothing to ask for, only a sign-in of a moment ago counts."""
        request = context.request
        person = request.user if request else None
        if isinstance(person, User) and freshness.needs_new_sign_in(request, person):
            raise ReauthenticationRequired
        return bool(super().is_reauthentication_required(app=app, **named))

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Who has neither password nor key comes in again as they came."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if methods or not user.is_authenticated:
            return methods
        return [{"id": "sign_in_again", "description": "", "url": reverse("sign_in_again")}]

    def clean_password(self, password: str, user: User | None = None) -> str:
        """Long ones are refused before anything reads them."""
        try:
            passwords.check_strength(password, user or User())
        except Refused as no:
            raise ValidationError(words.told(no)) from no
        return str(password)

    def set_password(self, user: User, password: str) -> None:
        """All sign-ins of this person end."""
        people.set_password(user, password)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *more: Any,
        **named: Any,
    ) -> None:
        """That one is signed in can be seen."""
        if message_template not in _SILENT:
            super().add_message(request, level, message_template, *more, **named)


class Unreadable(ValidationError, PermissionDenied):
    """A second step was sealed with a key that is lost: a form says so, a page is not shown."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Codes and passkeys: what they are called in other programs, and how they are stored."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises `Unreadable`."""
        try:
            return sealing.opened(encrypted_text)
        except sealing.Unreadable as problem:
            lost = _("This server cannot check codes any more. Ask somebody who runs it.")
            raise Unreadable(lost) from problem

    def get_totp_issuer(self) -> str:
        return links.site_name()

    def get_totp_label(self, user: User) -> str:
        return user.username

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002
        """What a new key is called at first: the browser that makes it."""
        agent = context.request.META.get("HTTP_USER_AGENT", "") if context.request else ""
        made_with = devices.title(agent)
        return made_with or str(super().generate_authenticator_name(user, type))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Keys belong to the host in the address bar, which `known_host` has checked."""
        host = str(context.request.get_host()).partition(":")[0]
        return {"id": host, "name": f"Loopchat {host}"}


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Providers come from the settings alone; only trusted ones speak for an address."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[Any]:
        """The configured ones; none in the database."""
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=each.id,
                name=each.name,
                client_id=each.client_id,
                secret=each.client_secret,
                settings={"server_url": each.server, "trusted": each.trusted},
            )
            for each in settings.OIDC
            if provider in {None, "openid_connect", each.id} and client_id in {None, each.client_id}
        ]

    def authenticate_by_email(self, sociallogin: Any) -> tuple[User, str] | None:
        """The account that has verified the address that a trusted provider has verified."""
        for email in verified_by_provider(sociallogin):
            found = filter_users_by_email(email, prefer_verified=True, for_login=True)
            for person in found:
                if person.emailaddress_set.filter(email=email.lower(), verified=True).exists():
                    return person, email
        return None


def verified_by_provider(sociallogin: Any) -> list[str]:
    """The addresses of somebody that we need not verify ourselves."""
    app = sociallogin.provider.app
    if not (app and app.settings.get("trusted")):
        return []
    return [each.email for each in sociallogin.email_addresses if each.verified is True]
