"""Log lines for people and for programs; secrets that stray into one are blacked out.

What was being worked on stands behind each line: the id of the request or of the socket, and the
id of the person. Names, texts and addresses with names in them are never written.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
from typing import Any, Final

from loopchat.core import recent, trace
from loopchat.core.routes import readable

_SECRETS = re.compile(
    r"(lct_|/setup/|/join/|/hooks/|/reset/key/|/confirm-email/|[?&]invite=)(?!done/|\w+-set-password)[\w:-]{8,}"
    r"|(?<=://)()[^\s/@:]*:[^\s/@]+(?=@)"
)
_TEXT_MAX: Final = 300


def scrubbed(text: str) -> str:
    """Without the secrets of ours that have a form: tokens, links, passwords in addresses."""
    return _SECRETS.sub(lambda found: f"{found[1] or ''}…", text)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What was worked on, and what the line says in fields of its own (`extra={"fields": …}`)."""
    now = trace.current()
    return {**(now.fields() if now else {}), **getattr(record, "fields", {})}


class WithoutPaths(logging.Filter):
    """Django names the path of what went wrong; names of people and rooms stand in paths."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Put the pattern of the address in its place."""
        request = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path is not None and isinstance(record.args, tuple):
            found = getattr(request, "resolver_match", None)
            pattern = f"/{readable(found.route)}" if found else "(no such address)"
            record.args = tuple(pattern if one == path else one for one in record.args)
        return True


class LineFormatter(logging.Formatter):
    """`2026-11-20 09:12:33 INFO loopchat.web: message [request=… user=7]`."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line without the traceback."""
        line = super().formatMessage(record)
        fields = " ".join(f"{name}={value}" for name, value in fields_of(record).items())
        return f"{line} [{fields}]" if fields else line

    def format(self, record: logging.LogRecord) -> str:
        """The line, and below it the traceback if there is one."""
        return scrubbed(super().format(record))


class JSONFormatter(logging.Formatter):
    """One JSON object a line, for programs that collect logs."""

    def format(self, record: logging.LogRecord) -> str:
        """The object; a traceback is one of its fields."""
        at = dt.datetime.fromtimestamp(record.created, tz=dt.UTC)
        line = {
            "ts": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "pid": os.getpid(),
            **fields_of(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return scrubbed(json.dumps(line, ensure_ascii=False, default=str))


class Remembering(logging.Handler):
    """Keeps the newest problems for the page for operators: a line each, without traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        """Remember one."""
        text = record.getMessage().partition("\n")[0]
        if fields := getattr(record, "fields", {}):
            text += f" ({', '.join(f'{name} {value}' for name, value in fields.items())})"
        text = scrubbed(text)[:_TEXT_MAX]
        if record.exc_info and record.exc_info[0] is not None:
            text = f"{text} ({record.exc_info[0].__name__})"
        level, ts = record.levelname.lower(), int(record.created * 1000)
        recent.problems.append(recent.Problem(ts, level, record.name, text))


def configuration(level: str, form: str) -> dict[str, Any]:
    """Django's LOGGING. `level` is a name of logging, `form` is `text` or `json`."""
    formatter = JSONFormatter if form == "json" else LineFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "filters": {"paths": {"()": WithoutPaths}},
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["paths"],
            },
            "recent": {"()": Remembering, "level": "WARNING", "filters": ["paths"]},
        },
        "root": {"handlers": ["console", "recent"], "level": level},
        "loggers": {
            # Django would mail errors and print them only while debugging.
            "django": {"handlers": [], "propagate": True, "level": "INFO"},
            "django.request": {"level": "ERROR"},  # what is refused is no fault of ours
            # At debug these would log every value, every header and every frame.
            "django.db.backends": {"level": "INFO"},
            "psycopg": {"level": "WARNING"},
            "websockets": {"level": "INFO"},
            "uvicorn": {"level": "INFO" if level == "DEBUG" else "WARNING"},
            "uvicorn.access": {"level": "ERROR"},  # has whole addresses; `request_log` is ours
        },
    }
