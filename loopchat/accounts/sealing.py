"""Secrets that the server has to read again itself, sealed with a key made from the secret key.

Of passwords and tokens a hash is stored. The secret of somebody's app cannot be a hash: the codes
are computed from it. Sealed, it is worth nothing to who has the database and not the secret key.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_PURPOSE: Final = b"loopchat: secrets of second steps"
_MARK: Final = "gAAAA"
"""What every sealed text begins with: the version of Fernet, and a time far from 1970."""


class Unreadable(Exception):
    """No key that this server has opens it: it was sealed with another secret key."""


def seal(text: str) -> str:
    """What is stored of a secret."""
    return _box(settings.SECRET_KEY).encrypt(text.encode()).decode()


def opened(sealed: str) -> str:
    """The secret. Raises `Unreadable`: never is anything taken for a secret that is none."""
    from cryptography.fernet import InvalidToken

    for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _box(secret_key).decrypt(sealed.encode()).decode()
        except InvalidToken:
            continue
    raise Unreadable


def renewed(stored: str) -> str:
    """The same secret, sealed with the key of now; also one that was stored as it is.

    Raises `Unreadable`.
    """
    from cryptography.fernet import InvalidToken

    if not stored.startswith(_MARK):
        return seal(stored)
    try:
        _box(settings.SECRET_KEY).decrypt(stored.encode())
    except InvalidToken:
        return seal(opened(stored))
    return stored


@lru_cache(maxsize=8)
def _box(secret_key: str) -> Fernet:
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return Fernet(urlsafe_b64encode(derived))
