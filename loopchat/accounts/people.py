"""What can happen to an account: made, entered, given another password, disabled."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from loopchat.accounts import addresses, former_names, instance, passwords
from loopchat.accounts.models import Instance, User
from loopchat.core import lookalikes
from loopchat.core.errors import Refused
from loopchat.core.text import clean_name, name_key
from loopchat.realtime import publish

_LONGEST_TYPED = 64


def find(username: str) -> User | None:
    """The person with this name, whatever its case or Unicode form."""
    if len(username) > _LONGEST_TYPED or not username.isprintable():
        return None
    return User.objects.filter(username_key=name_key(username)).first()


def refuse_taken(username: str, *, but: int = 0) -> None:
    """Refuse a name that somebody has or had, or that looks like such a name; `but` may have it."""
    key = name_key(username)
    same = User.objects.filter(username_key__in={key, *lookalikes.of(key)})
    if same.exclude(pk=but).exists():
        raise _name_taken()
    former_names.refuse(username)


def sign_up(username: str, password: str) -> User:
    """What a visitor asks for: an account with a password, if sign-up is open."""
    check_sign_up()
    return create(username, password)


def listed() -> QuerySet[User]:
    """Everybody who has an account that works: whom people find, unlike guests."""
    return User.objects.filter(is_active=True, is_guest=False)


def check_sign_up() -> None:
    """Refuse when visitors cannot make accounts here."""
    if not instance.is_claimed():
        raise Refused("forbidden", "This server is not set up yet.")
    if settings.SIGNUP == "invite":
        raise Refused(
            "forbidden",
            "New accounts need an invitation here. Ask somebody who runs this server.",
        )
    if settings.SIGNUP == "approval" or settings.SIGNUP_DOMAINS:
        raise Refused("forbidden", "New accounts are looked at first here: sign up.")
    if settings.SIGNUP != "open":
        raise Refused("forbidden", "This server does not take new accounts.")


def create(
    username: str,
    password: str | None,
    *,
    is_bot: bool = False,
    is_active: bool = True,
    also: Callable[[User], None] = lambda _: None,
) -> User:
    """A new account; a bot may do without a password and then has tokens only.

    `also` runs in the same transaction.
    """
    return _stored(_draft(username, password, is_bot=is_bot, is_active=is_active), also)


def create_owner(username: str, password: str, *, check: Callable[[], None] = lambda: None) -> User:
    """A new owner; from then on this installation counts as set up for ever.

    `check` runs first in the same transaction and may refuse.
    """
    person = _draft(username, password, is_owner=True, is_staff=True, is_superuser=True)
    with transaction.atomic():
        check()
        Instance.objects.update_or_create(pk=1, defaults=Instance.CLAIMED)
        return _stored(person)


def make_owner(person: User) -> None:
    """One more owner: somebody with an account of their own that works and is not open to all."""
    is_somebody = person.is_active and not (person.is_bot or person.is_guest)
    if not is_somebody or person.is_passwordless:
        raise Refused("conflict", "Only a person with an account that works can be an owner.")
    with transaction.atomic():
        person.is_owner = person.is_staff = person.is_superuser = True
        person.save(update_fields=["is_owner", "is_staff", "is_superuser"])
        changed([person.pk])


def enter(username: str) -> User:
    """The account behind a bare name, made now if nobody has it: only where that is allowed.

    It opens accounts that were made this way and no others, so nobody can be impersonated who
    has something to protect.
    """
    if settings.PASSWORDLESS == "off":
        raise Refused("forbidden", "A password is needed here.", field="password")
    person = find(username)
    if person is None:
        person = _entered(username)
    if not (person.is_active and person.is_passwordless) or _is_protected(person):
        raise Refused(
            "forbidden", "This name belongs to an account with a password.", field="username"
        )
    return person


def set_password(person: User, password: str, *, also: Callable[[], None] = lambda: None) -> None:
    """Give a new password; every sign-in that began with the old one ends, and each link in a mail.

    `also` runs last in the same transaction.
    """
    passwords.check_strength(password, person)
    person.password = passwords.encode(password)
    with transaction.atomic():
        person.is_passwordless = False
        person.save(update_fields=["password", "is_passwordless"])
        addresses.void_letters(person)
        changed([person.pk])
        also()


def disable(person: User) -> None:
    """End all sign-ins of this person and allow no new one."""
    _set_active(person, False)


def enable(person: User) -> None:
    """Allow this person to sign in again."""
    _set_active(person, True)


def touch(user_ids: Iterable[int]) -> None:
    """Say that what these people's sockets may see has changed; in the change's transaction."""
    User.objects.filter(id__in=set(user_ids)).update(version=F("version") + 1)


def changed(user_ids: Iterable[int]) -> None:
    """`touch`, and tell the sockets once the change is committed."""
    ids = list(user_ids)
    touch(ids)
    transaction.on_commit(lambda: publish.people_changed(ids))


def _draft(username: str, password: str | None, **fields: bool) -> User:
    """An account that is not stored yet. Hashing takes long: it happens before any transaction."""
    person = User(username=clean_name(username), **fields)
    refuse_taken(person.username)
    if password is not None:
        passwords.check_strength(password, person)
        person.password = passwords.encode(password)
    else:
        person.set_unusable_password()
    return person


def _stored(person: User, also: Callable[[User], None] = lambda _: None) -> User:
    """Two people may ask for one name at the same moment: the index decides."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                person.save(force_insert=True)
        except IntegrityError as problem:
            raise _name_taken() from problem
        also(person)
    return person


def _entered(username: str) -> User:
    check_sign_up()
    try:
        return _stored(_draft(username, None, is_passwordless=True))
    except Refused:
        # Somebody else entered under this new name a moment ago.
        person = find(username)
        if person is None:
            raise
        return person


def _is_protected(person: User) -> bool:
    special = person.is_owner or person.is_staff or person.is_superuser or person.is_bot
    return special or person.has_usable_password()


def _set_active(person: User, active: bool) -> None:
    with transaction.atomic():
        person.is_active = active
        person.save(update_fields=["is_active"])
        changed([person.pk])


def _name_taken() -> Refused:
    return Refused("conflict", "This name is taken.", field="username")
