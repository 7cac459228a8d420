"""Migrations that move data, there and back: on a database of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.backends import POSTGRES
from tests.services import Postgres, Server

pytestmark = pytest.mark.slow

_THERE_AND_BACK = """
from django.core.management import call_command
from django.db import connection
from loopchat.accounts.models import User
from loopchat.contacts.models import Privacy

call_command("migrate", verbosity=0)
for name, shown in (("ann", "everyone"), ("ben", "friends"), ("cyd", "nobody")):
    Privacy.objects.create(user=User.objects.create(username=name), receipts=shown)
call_command("migrate", "chat", "0002", verbosity=0)
with connection.cursor() as cursor:
    cursor.execute(
        "SELECT person.username FROM chat_preferences one JOIN accounts_user person"
        " ON person.id = one.user_id WHERE NOT one.shows_receipts ORDER BY 1"
    )
    print([name for (name,) in cursor.fetchall()])
call_command("migrate", verbosity=0)
print(list(Privacy.objects.order_by("user__username").values_list("receipts", flat=True)))
"""


def test_who_shows_no_receipts_shows_none_after_a_way_back(
    request: pytest.FixtureRequest, backend: str, tmp_path: Path
) -> None:
    options: dict[str, Any] = {}
    if backend == POSTGRES:
        postgres: Postgres = request.getfixturevalue("_postgres")
        options = {"database_url": postgres.new_database()}
    server = Server(data_dir=tmp_path, **options)

    said = server.manage("manage", "shell", "-v", "0", "-c", _THERE_AND_BACK)

    assert said.splitlines() == ["['ben', 'cyd']", "['everyone', 'nobody', 'nobody']"]
