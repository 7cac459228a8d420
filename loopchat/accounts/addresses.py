"""People's mail addresses beyond what allauth does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loopchat.accounts.models import User


def void_letters(person: User) -> None:
    """The links to verify an address that are on their way do nothing any more.

    Who had the account before its password changed may have begun to give it their own address:
    that ends. The only address of somebody stays, to be verified by another letter.
    """
    from allauth.account.models import EmailAddress

    theirs = EmailAddress.objects.filter(user=person)
    has_verified = theirs.filter(verified=True).exists()
    for waiting in theirs.filter(verified=False):
        waiting.delete()
        if not has_verified:
            waiting.pk = None  # the number of the row is what such a link names
            waiting.save(force_insert=True)
