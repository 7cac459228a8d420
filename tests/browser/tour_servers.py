"""The servers that the tour visits: a busy one, an empty one, one without an owner, and others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.browser.people import PASSWORD
from tests.services import Server

_QUICK = {
    "LOOPCHAT_RATE_SIGN_IN": "off",
    "LOOPCHAT_RATE_SEND": "off",
    "LOOPCHAT_EMAIL_FROM": "Loopchat <chat@example.org>",
}
_GIVEN = {
    "main": {},
    "bare": {},
    "empty": {},
    "closed": {"LOOPCHAT_SIGNUP": "closed"},
    "approval": {"LOOPCHAT_SIGNUP": "approval"},
    "names": {"LOOPCHAT_PASSWORDLESS": "on"},
}
_SEED = Path(__file__).with_name("tour_seed.py")


class _Mailing(Server):
    """A server that puts its mail into a folder: it has to know its own address for that."""

    def environment(self) -> dict[str, str]:
        mail = {"LOOPCHAT_ORIGINS": self.url, "LOOPCHAT_EMAIL_URL": f"file://{self.folder}/mail"}
        return {**super().environment(), **mail}


@contextmanager
def servers(names: Collection[str]) -> Iterator[dict[str, Server]]:
    """The servers of these names, with their people."""
    with ExitStack() as stack:
        made: dict[str, Server] = {}
        for name in names:
            kind = Server if name in {"bare", "closed"} else _Mailing
            made[name] = stack.enter_context(kind(env={**_QUICK, **_GIVEN[name]}))
            if name != "bare":
                made[name].manage("adduser", "Olga", "--owner", "--password-stdin", stdin=PASSWORD)
        if "main" in made:
            seed = _SEED.read_text(encoding="utf-8").replace("@password@", PASSWORD)
            made["main"].manage("manage", "shell", "--command", seed)
        yield made
