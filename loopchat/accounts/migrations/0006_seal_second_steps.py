"""How secrets were sealed and where they stood when this was written: later code may differ."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any, Final

from django.conf import settings
from django.db import migrations

_PURPOSE: Final = b"loopchat: secrets of second steps"
_MARK: Final = "gAAAA"


def seal(apps: Any, schema_editor: Any) -> None:
    """What was stored as it is."""
    _change(apps, _sealed)


def unseal(apps: Any, schema_editor: Any) -> None:
    """As an older version can read it."""
    _change(apps, _opened)


def _change(apps: Any, change: Any) -> None:
    rows = apps.get_model("mfa", "Authenticator").objects
    for row in rows.filter(type__in=["totp", "recovery_codes"]):
        row.data = _changed(row.data, change)
        row.save(update_fields=["data"])


def _changed(data: dict[str, Any], change: Any) -> dict[str, Any]:
    found = {name: data[name] for name in ("secret", "seed") if isinstance(data.get(name), str)}
    changed: dict[str, Any] = {name: change(text) for name, text in found.items()}
    if codes := data.get("migrated_codes"):
        changed["migrated_codes"] = [change(one) for one in codes]
    return {**data, **changed}


def _sealed(text: str) -> str:
    """Sealed with the key of now, also what was sealed with an older one."""
    plain = _opened(text) if text.startswith(_MARK) else text
    return str(_box(settings.SECRET_KEY).encrypt(plain.encode()).decode())


def _opened(sealed: str) -> str:
    from cryptography.fernet import MultiFernet

    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([_box(key) for key in keys]).decrypt(sealed.encode()).decode()


def _box(secret_key: str) -> Any:
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return Fernet(urlsafe_b64encode(derived))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_deleted"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(seal, unseal, elidable=False)]
