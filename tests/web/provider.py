"""An OpenID Connect provider on this machine: discovery, code flow with PKCE, signed tokens."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "loopchat", "a client's secret"


class Provider:
    """It signs everybody in as `claims` says, without asking."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "1"}
        self.denies = False
        self.redirects: list[str] = []
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._codes: dict[str, dict[str, str]] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider._get(self)

            def do_POST(self) -> None:
                provider._post(self)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def setting(self, **more: object) -> str:
        """What `LOOPCHAT_OIDC` says about it."""
        entry = {"id": "corp", "name": "Example Corp", "server": self.url, "client_id": CLIENT}
        return json.dumps([{**entry, "client_secret": SECRET, **more}])

    def stop(self) -> None:
        """Be gone; once more does no harm."""
        if not self._thread.is_alive():
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _get(self, request: BaseHTTPRequestHandler) -> None:
        url = urlsplit(request.path)
        asked = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path == "/.well-known/openid-configuration":
            _answer(request, self._configuration())
        elif url.path == "/jwks":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
            _answer(request, {"keys": [{**key, "kid": "one", "alg": "RS256", "use": "sig"}]})
        elif url.path == "/authorize":
            self._authorize(request, asked)
        else:
            _answer(request, self.claims)

    def _configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def _authorize(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        self.redirects.append(asked["redirect_uri"])
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        answer = {"error": "access_denied"} if self.denies else {"code": code}
        request.send_response(302)
        query = urlencode({**answer, "state": asked["state"]})
        request.send_header("Location", f"{asked['redirect_uri']}?{query}")
        request.end_headers()

    def _post(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers["Content-Length"])
        sent = {k: v[0] for k, v in parse_qs(request.rfile.read(length).decode()).items()}
        asked = self._codes.pop(sent["code"])
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        assert sent["client_secret"] == SECRET
        now = int(time.time())
        told = {**self.claims, "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60}
        token = jwt.encode(told, self._key, algorithm="RS256", headers={"kid": "one"})
        _answer(request, {"access_token": "x", "token_type": "Bearer", "id_token": token})


def _answer(request: BaseHTTPRequestHandler, body: object) -> None:
    data = json.dumps(body).encode()
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    request.wfile.write(data)


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that runs."""
    running = Provider()
    yield running
    running.stop()
