"""How often one person may do what, whichever door they use: shared by sockets and the API."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from loopchat.core.limits import Buckets, Rate

sends: Final = Buckets(settings.RATE_SEND)
in_rooms: Final = Buckets(settings.RATE_ROOM)
"""Messages of everybody in one room: each is written to all of its sockets."""
commands: Final = Buckets(settings.RATE_COMMAND)
looks: Final = Buckets(Rate(0.5, 60))
"""Changes of how somebody looks: each is told to all of their rooms."""
founds: Final = Buckets(Rate(100 / 3600, 100) if settings.RATE_COMMAND else None)
"""Rooms and groups that somebody makes."""
pictures: Final = Buckets(Rate(30 / 3600, 30))
"""Pictures of one person, in each process: each takes a second of a core."""
brings: Final = Buckets(Rate(1000 / 3600, 1000))
"""People whom somebody brings into rooms, one by one, without being their friend."""
