"""How often one person may do what, whichever door they use: shared by sockets and the API."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from loopchat.core.limits import Buckets

sends: Final = Buckets(settings.RATE_SEND)
commands: Final = Buckets(settings.RATE_COMMAND)
