"""Reports of errors to Sentry, or what speaks like it: where it happened, not what was said.

Sent are the type of the error, the places in our code, the template of the line in the log, and the
ids of `core.trace`. The text of an error is not: databases quote values in it. No variables, no
requests, no addresses, no names.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings

from loopchat import __version__
from loopchat.core import trace
from loopchat.log_lines import scrubbed

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_KEPT = ("event_id", "timestamp", "level", "logger", "platform", "release", "environment")
_FRAME = ("module", "function", "filename", "lineno", "in_app")


def start() -> None:
    """From now on errors of this process are reported, if LOOPCHAT_SENTRY_DSN says where to."""
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=f"loopchat@{__version__}",
        environment="production",
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
        before_send=_without_content,
        include_local_variables=False,
        include_source_context=False,
        max_breadcrumbs=0,
        send_default_pii=False,
        send_client_reports=False,
        auto_session_tracking=False,
    )


def _without_content(event: Event, hint: Hint) -> Event:
    """A new event with what is known to be harmless, rather than the old one without the rest."""
    whole: dict[str, Any] = dict(event)
    kept: dict[str, Any] = {name: whole[name] for name in _KEPT if name in whole}
    if template := whole.get("logentry", {}).get("message"):
        kept["logentry"] = {"message": scrubbed(template)}
    if exceptions := whole.get("exception", {}).get("values"):
        kept["exception"] = {"values": [_bare(one) for one in exceptions]}
    if (now := trace.current()) is not None:
        kept["tags"] = now.fields()
    return kept  # type: ignore[return-value]


def _bare(exception: dict[str, Any]) -> dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames", [])
    bare = [{name: frame[name] for name in _FRAME if name in frame} for frame in frames]
    known = {name: exception[name] for name in ("type", "module") if exception.get(name)}
    return {**known, "stacktrace": {"frames": bare}}
