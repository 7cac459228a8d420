"""Make the tables, a room and its members, each signed in; prints one session key a line."""

from __future__ import annotations

import os
import sys
from datetime import timedelta

import django


def main(members: int) -> None:
    """Fill the database that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.seeds_stack.settings")
    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.core.management import call_command
    from django.utils import timezone

    from bench.peers.seeds_stack.models import Room

    call_command("migrate", run_syncdb=True, verbosity=0)
    names = [f"member{number}" for number in range(members)]
    people = User.objects.bulk_create(User(username=name) for name in names)
    Room.objects.create(name="hall").participants.set(person.pk for person in people)
    store, ends = SessionStore(), timezone.now() + timedelta(days=1)
    sessions = []
    for person in people:
        data = {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
        key = f"s{person.pk:031d}"
        sessions.append(Session(session_key=key, session_data=store.encode(data), expire_date=ends))
    Session.objects.bulk_create(sessions)
    sys.stdout.write("".join(f"{session.session_key}\n" for session in sessions))


if __name__ == "__main__":
    main(int(sys.argv[1]))
