"""To whom somebody shows what, as the settings ask it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loopchat.accounts.models import User
from loopchat.contacts import privacy

Text = str | Promise

_SHOWN: Final[Mapping[str, Text]] = {
    "everyone": _("Everybody"),
    "friends": _("Friends"),
    "nobody": _("Nobody"),
}
_WRITERS: Final[Mapping[str, Text]] = {
    "everyone": _("Everybody"),
    "rooms": _("People who share a room with me"),
    "friends": _("Friends"),
}

QUESTIONS: Final[dict[str, tuple[Text, Mapping[str, Text], Text]]] = {
    "online": (_("Who sees that you are here"), _SHOWN, ""),
    "last_seen": (_("Who sees when you were here last"), _SHOWN, ""),
    "receipts": (
        _("Who sees what you have received and read"),
        _SHOWN,
        _("With “Nobody” your messages have one tick only."),
    ),
    "write": (
        _("Who may write to you"),
        _WRITERS,
        _("Whoever else writes lands among your requests and does not hear whether you look."),
    ),
}
"""The question, its answers, and what there is to know."""


def offered(person: User) -> list[dict[str, object]]:
    """Each question with its answers and the one that the person gave."""
    given = privacy.state(privacy.of(person.pk))
    return [
        {
            "name": name,
            "title": title,
            "hint": hint,
            "options": [
                {"value": value, "words": words, "is_chosen": value == getattr(given, name)}
                for value, words in answers.items()
            ],
        }
        for name, (title, answers, hint) in QUESTIONS.items()
    ]
