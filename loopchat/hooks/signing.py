"""The secret of a hook, and what it signs (https://www.standardwebhooks.com, `v1`).

A secret is made from a random salt in the database and the server's own key. So it can be made
again for each delivery and is stored nowhere, and a copy of the database alone signs nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

from django.conf import settings

from loopchat.core.clock import now_ms
from loopchat.hooks.models import Hook

PREFIX: Final = "whsec_"

OVERLAP_MS: Final = 24 * 60 * 60 * 1000
"""How long the secret before still signs beside a new one."""


def new_salt() -> str:
    """What a new secret is made from."""
    return secrets.token_hex(16)


def secret_of(salt: str) -> str:
    """The secret as its owner is shown it, once."""
    return PREFIX + base64.b64encode(_key(salt)).decode()


def headers(hook: Hook, delivery_id: str, body: bytes) -> dict[str, str]:
    """What proves that a body comes from here, and when it was sent."""
    now = now_ms()
    seconds = str(now // 1000)
    salts = [hook.salt]
    if hook.old_salt and now < hook.old_salt_until_ts:
        salts.append(hook.old_salt)
    signed = b".".join((delivery_id.encode(), seconds.encode(), body))
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{_signature(salt, signed)}" for salt in salts),
    }


def _key(salt: str) -> bytes:
    made_with = f"loopchat.hooks:{salt}".encode()
    return hmac.digest(settings.SECRET_KEY.encode(), made_with, hashlib.sha256)


def _signature(salt: str, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(_key(salt), signed, hashlib.sha256)).decode()
