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


_DELETED_BEFORE = """
from django.core.management import call_command
from loopchat.accounts.models import User
from loopchat.leaving import deletion

call_command("migrate", verbosity=0)
for name in ("ann", "ben", "cyd", "dan"):
    User.objects.create(username=name)
deletion.delete(User.objects.get(username="ann"), takes_texts=False)
gone = User.objects.filter(is_deleted=True)
gone.update(name="Deleted person", is_deleted=False)  # as versions before the mark left them
User.objects.filter(username="ben").update(is_active=False)
User.objects.filter(username="cyd").update(name="Deleted person", is_active=False)
dan = {"name": "Deleted person", "username": "deleted-2", "is_active": False}
User.objects.filter(username="dan").update(**dan)
call_command("migrate", "accounts", "0004", verbosity=0)
call_command("migrate", verbosity=0)
print(list(gone.values_list("username", "name")))
"""

_SEALED = """
from django.core.management import call_command
from allauth.mfa.models import Authenticator
from loopchat.accounts import sealing, second_steps
from loopchat.accounts.models import User

call_command("migrate", verbosity=0)
ann = User.objects.create(username="ann")
plain = {"secret": "ABCDEFGHIJKLMNOP", "spent": 7}
codes = {"seed": "a seed", "used_mask": 0, "migrated_codes": ["one", "two"]}
for type, data in (("totp", plain), ("recovery_codes", codes)):
    sealed = second_steps.changed(data, sealing.seal)
    Authenticator.objects.create(user=ann, type=type, data=sealed)
data = Authenticator.objects.order_by("-type").values_list("data", flat=True)
changed, opened = second_steps.changed, sealing.opened
second_steps.changed = sealing.renewed = sealing.opened = None  # what a later version may do
call_command("migrate", "accounts", "0005", verbosity=0)
print(list(data.all()) == [plain, codes])
call_command("migrate", verbosity=0)
print([changed(one, opened) for one in data.all()] == [plain, codes] != list(data.all()))
"""


@pytest.fixture
def server(request: pytest.FixtureRequest, backend: str, tmp_path: Path) -> Server:
    """A server that does not run, on an empty database."""
    options: dict[str, Any] = {}
    if backend == POSTGRES:
        postgres: Postgres = request.getfixturevalue("_postgres")
        options = {"database_url": postgres.new_database()}
    return Server(data_dir=tmp_path, **options)


def test_who_shows_no_receipts_shows_none_after_a_way_back(server: Server) -> None:
    said = server.manage("manage", "shell", "-v", "0", "-c", _THERE_AND_BACK)

    assert said.splitlines() == ["['ben', 'cyd']", "['everyone', 'nobody', 'nobody']"]


def test_who_was_deleted_before_there_was_a_mark_has_it(server: Server) -> None:
    said = server.manage("manage", "shell", "-v", "0", "-c", _DELETED_BEFORE)

    assert said.splitlines() == ["[('deleted-1', 'Deleted account')]"]


def test_second_steps_are_sealed_by_what_the_migration_knows_itself(server: Server) -> None:
    said = server.manage("manage", "shell", "-v", "0", "-c", _SEALED)

    assert said.splitlines() == ["True", "True"]


_ALONE = """
from django.db import connection
from loopchat import serving

with serving._alone(), connection.cursor() as cursor:
    cursor.execute("SELECT pg_sleep(2)")  # a long migration, in which nothing else is asked
print("done")
"""


def test_a_server_that_migrates_long_is_not_ended_for_being_idle(
    postgres_url: str, tmp_path: Path
) -> None:
    strict = "?options=-c%20idle_in_transaction_session_timeout%3D300ms"
    server = Server(data_dir=tmp_path, database_url=postgres_url + strict)

    assert server.manage("manage", "shell", "-v", "0", "-c", _ALONE) == "done\n"
