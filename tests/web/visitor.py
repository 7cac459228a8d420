"""A browser without JavaScript for servers that really run."""

from __future__ import annotations

import re
from typing import Any

import requests

from tests.services import Server

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """A browser that follows links and fills in forms, against a server that runs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.headers["Accept"] = "text/html"

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.server.url + path, timeout=20, **more)

    def post(self, page: str, path: str, **fields: str) -> requests.Response:
        """Send a form that stands on `page` to `path`."""
        token = _TOKEN.search(self.get(page).text)
        assert token is not None
        sent = {"csrfmiddlewaretoken": token[1], **fields}
        headers = {"Origin": self.server.url}
        return self.session.post(self.server.url + path, sent, headers=headers, timeout=20)

    @property
    def name(self) -> str | None:
        """Who is signed in."""
        found = re.search(r"signed in as <strong>(\w+)<", self.get("/chat/settings/").text)
        return found[1] if found else None

    @property
    def cookie(self) -> str:
        """The session, as a socket sends it."""
        return f"loopchat_session={self.session.cookies['loopchat_session']}"
