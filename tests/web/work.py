"""What an answer costs, counted: a clock would tell less, and at times something else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext

HASHER = "tests.web.work.CountingHasher"

_NEW_EACH_TIME = re.compile(r'value="[^"]*"|nonce="[^"]*"|csrfmiddlewaretoken[^>]*|\d+')


class CountingHasher(MD5PasswordHasher):
    """A quick one that says how often it was asked for a hash."""

    hashed: ClassVar[list[int]] = []

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashed.append(1)
        return super().encode(password, salt)


@dataclass(frozen=True)
class Work:
    """An answer, and what was done for it."""

    status: int
    leads_to: str
    shown: str
    hashes: int
    queries: tuple[str, ...] = field(repr=False)


def work(ask: Callable[[], Any], *typed: str) -> Work:
    """Ask for an answer; what was `typed` stands in it as `…`."""
    CountingHasher.hashed.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    shown = answer.content.decode()
    for text in typed:
        shown = shown.replace(text, "…")
    return Work(
        answer.status_code,
        answer.headers.get("Location", ""),
        _NEW_EACH_TIME.sub("", shown),
        len(CountingHasher.hashed),
        tuple(_kind(one["sql"]) for one in captured.captured_queries),
    )


def _kind(sql: str) -> str:
    """What a statement does to which table."""
    table = re.search(r'(?:FROM|INTO|UPDATE) "(\w+)"', sql)
    return f"{sql.split(maxsplit=1)[0]} {table[1] if table else ''}"
