"""How people come in: who may make an account, and what a new one waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from loopchat.accounts import instance, invited, links, mail, people
from loopchat.accounts.invited import Invitation
from loopchat.accounts.models import Application, User
from loopchat.core.errors import Refused

_VERIFIED_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of a wish for an account."""

    person: User
    needs_email: bool = False
    needs_approval: bool = False

    @property
    def waits(self) -> bool:
        """Whether the account cannot be used yet."""
        return self.needs_email or self.needs_approval


def check(code: str = "") -> Invitation | None:
    """Refuse who cannot make an account here; the invitation that makes it possible, if any."""
    if not instance.is_claimed():
        raise Refused("forbidden", "This server is not set up yet.")
    if settings.SIGNUP == "closed":
        raise Refused("forbidden", "This server does not take new accounts.")
    invitation = invited.opened(code)
    if invitation is None and code:
        raise Refused("forbidden", "This invitation does not work, or does not work any more.")
    if invitation is None and settings.SIGNUP == "invite":
        raise Refused(
            "forbidden",
            "New accounts need an invitation here. Ask somebody who runs this server.",
        )
    return invitation


def is_open() -> bool:
    """Whether the sign-in page should offer to make an account."""
    return settings.SIGNUP in {"open", "approval"}


def sign_up(
    request: HttpRequest,
    username: str,
    password: str | None,
    *,
    email: str = "",
    is_verified: bool = False,
    code: str = "",
    also: Callable[[User], None] = lambda _: None,
) -> Joined:
    """Make the account that a visitor asks for; it may have to wait.

    Also when another account has the address: otherwise the name, which would stay free, would
    tell. Nobody gets the link that opens such an account, and in a week it is gone.

    `is_verified`: somebody trusted says that the address is theirs. `also` runs in the transaction.
    """
    invitation = check(code)
    email = _checked(email.strip().lower(), invitation)
    needs_email = bool(settings.SIGNUP_DOMAINS) and invitation is None and not is_verified
    needs_approval = settings.SIGNUP == "approval" and invitation is None
    waits = {"needs_email": needs_email, "needs_approval": needs_approval}

    def store(person: User) -> None:
        if any(waits.values()):
            Application.objects.create(user=person, **waits)
        if invitation is not None:
            invitation.use(person)
        also(person)

    person = people.create(username, password, is_active=not any(waits.values()), also=store)
    if email:
        _take_address(request, person, email, is_verified=is_verified)
    if needs_approval and not needs_email:
        _tell_owners(person)
    return Joined(person, **waits)


def waiting(person: User) -> Refused | None:
    """What keeps an account shut that is not disabled: only for who knows its password."""
    application = Application.objects.filter(user=person).first()
    if application is None:
        return None
    if application.needs_email:
        return Refused("forbidden", "First open the link in the mail that was sent to you.")
    return Refused("forbidden", "An owner of this server has to let you in first.")


def verified(person: User) -> None:
    """An address of this person is theirs: that may be what the account waited for."""
    application = Application.objects.filter(user=person, needs_email=True).first()
    if application is None:
        return
    application.needs_email = False
    if application.needs_approval:
        application.save(update_fields=["needs_email"])
        _tell_owners(person)
    else:
        _let_in(application)


def applications() -> QuerySet[Application]:
    """Accounts that an owner can let in, the oldest wish first."""
    ready = Application.objects.filter(needs_approval=True, needs_email=False)
    return ready.select_related("user").order_by("created_at")


def approve(owner: User, user_id: int) -> None:
    """Let somebody in, and tell them by mail where that is possible."""
    mail.post_to(_let_in(_application(owner, user_id)), "accounts/mail/let_in")


def refuse(owner: User, user_id: int) -> None:
    """Turn somebody away: the account, which was never used, is gone."""
    _application(owner, user_id).user.delete()


def forget_stale() -> None:
    """Free the names of accounts whose address nobody verified."""
    before = timezone.now() - _VERIFIED_WITHIN
    User.objects.filter(
        is_active=False, application__needs_email=True, application__created_at__lt=before
    ).delete()


def _application(owner: User, user_id: int) -> Application:
    if not owner.is_owner:
        raise Refused("forbidden", "Only owners of this server can do this.")
    found = applications().filter(user_id=user_id).first()
    if found is None:
        raise Refused("not_found", "Nobody with this name waits any more.")
    return found


def _let_in(application: Application) -> User:
    person = application.user
    with transaction.atomic():
        application.delete()
        people.enable(person)
    return person


def _checked(email: str, invitation: Invitation | None) -> str:
    domains = settings.SIGNUP_DOMAINS if invitation is None else ()
    if not email and not domains:
        return ""
    try:
        validate_email(email)
    except ValidationError as problem:
        raise Refused("bad_request", "This is no e-mail address.", field="email") from problem
    if domains and email.rpartition("@")[2] not in domains:
        allowed = ", ".join(domains)
        raise Refused(
            "forbidden",
            "New accounts need an address at {domains}.",
            field="email",
            domains=allowed,
        )
    return email


def _is_taken(email: str) -> bool:
    from allauth.account.models import EmailAddress

    return bool(EmailAddress.objects.filter(email__iexact=email, verified=True).exists())


def _take_address(request: HttpRequest, person: User, email: str, *, is_verified: bool) -> None:
    """Keep the address; whose it is, a letter finds out. To a stranger's it says what happened."""
    from allauth.account.models import EmailAddress

    taken = _is_taken(email)
    if is_verified and not taken:
        address = EmailAddress.objects.create(user=person, email=email, verified=True)
        address.set_as_primary()
        return
    address = EmailAddress.objects.create(user=person, email=email, primary=True)
    if taken:
        _say_it_exists(email)
    elif mail.is_on():
        address.send_confirmation(request, signup=True)


def _say_it_exists(email: str) -> None:
    reset = links.public(reverse("account_reset_password"))
    mail.post("account/email/account_already_exists", email, password_reset_url=reset)


def _tell_owners(person: User) -> None:
    page = links.public(reverse("requests"))
    for owner in User.objects.filter(is_owner=True, is_active=True):
        mail.post_to(owner, "accounts/mail/wants_in", applicant=person, page=page)
