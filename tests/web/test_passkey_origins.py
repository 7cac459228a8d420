"""A passkey opens for pages of this site, and not for those of a subdomain or another port."""

from __future__ import annotations

import json
import secrets
from hashlib import sha256

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData
from pytest_django import Settings

from loopchat.accounts.models import User
from tests.web.forms import person_in

pytestmark = pytest.mark.django_db

LOGIN = "/users/2fa/webauthn/login/"
AJAX = {"HTTP_ACCEPT": "application/json", "HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}
RP = sha256(b"localhost").digest()
FLAGS = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class Key:
    """A key that signs for whatever page it is told, as one with a hostile page beside it."""

    def __init__(self, person: User) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._id = secrets.token_bytes(16)
        self._person = person
        public = ES256.from_cryptography_key(self._private.public_key())
        known = AttestedCredentialData.create(Aaguid.NONE, self._id, public)
        seen = AuthenticatorData.create(RP, FLAGS | AuthenticatorData.FLAG.AT, 0, known)
        made = (
            b'{"type": "webauthn.create", "challenge": "AAAA", "origin": "https://chat.localhost"}'
        )
        stored = {
            "clientDataJSON": websafe_encode(made),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", seen, {}))),
        }
        Authenticator.objects.create(
            user=person,
            type="webauthn",
            data={"name": "Key", "credential": self._told(stored)},
        )

    def proof(self, challenge: str, origin: str) -> str:
        """What a browser sends after the finger was on the key."""
        page = {"type": "webauthn.get", "challenge": challenge, "origin": origin}
        said = json.dumps(page).encode()
        seen = bytes(AuthenticatorData.create(RP, FLAGS, 1))
        signature = self._private.sign(seen + sha256(said).digest(), ec.ECDSA(SHA256()))
        return json.dumps(
            self._told(
                {
                    "clientDataJSON": websafe_encode(said),
                    "authenticatorData": websafe_encode(seen),
                    "signature": websafe_encode(signature),
                    "userHandle": websafe_encode(user_pk_to_url_str(self._person).encode()),
                }
            )
        )

    def _told(self, response: dict[str, str]) -> dict[str, object]:
        name = websafe_encode(self._id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}


@pytest.mark.parametrize(
    ("origin", "opens"),
    [
        ("http://localhost:8000", True),
        ("https://chat.localhost", True),
        ("http://evil.localhost:8000", False),
        ("http://localhost:9000", False),
        ("https://localhost:8000", False),
        ("null", False),
        ("", False),
    ],
)
def test_it_opens_for_our_pages(
    visitor: Client, ann: User, settings: Settings, origin: str, opens: bool
) -> None:
    settings.ORIGINS = ("https://chat.localhost",)
    key = Key(ann)
    asked = visitor.get(LOGIN, **AJAX).json()["request_options"]["publicKey"]

    token = visitor.get("/users/login/").content.decode().partition("csrfmiddlewaretoken")[2]
    fields = {
        "credential": key.proof(asked["challenge"], origin),
        "csrfmiddlewaretoken": token.partition('value="')[2].partition('"')[0],
    }
    visitor.post(LOGIN, fields, HTTP_ORIGIN="http://localhost:8000")

    assert person_in(visitor) == ("Ann" if opens else None)
