"""How often one person may do what, whichever door they use: shared by sockets and the API."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from loopchat.core.limits import Buckets, Rate

sends: Final = Buckets(settings.RATE_SEND)
commands: Final = Buckets(settings.RATE_COMMAND)
looks: Final = Buckets(Rate(0.5, 60))
"""Changes of how somebody looks: each is told to all of their rooms."""
brings: Final = Buckets(Rate(1000 / 3600, 1000))
"""People whom somebody brings into rooms, one by one, without being their friend."""
