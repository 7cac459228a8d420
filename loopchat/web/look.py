"""How the pages look to one browser: a cookie for each choice, painted by the server at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_A_YEAR_S: Final = 60 * 60 * 24 * 365


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen: the values with their words, and which is the usual one."""

    title: str | Promise
    values: dict[str, str | Promise]
    usual: str = ""
    """The first one, when it is not named."""

    def checked(self, value: str) -> str:
        """The value, or the usual one for nonsense."""
        return value if value in self.values else self.usual or next(iter(self.values))


CHOICES: Final[dict[str, Choice]] = {
    "language": Choice(
        _("Language"), {"auto": _("As the browser has it"), **dict(settings.LANGUAGES)}
    ),
    "theme": Choice(
        _("Theme"), {"system": _("As the system"), "light": _("Light"), "dark": _("Dark")}
    ),
    "density": Choice(
        _("Density"), {"cosy": _("Bubbles"), "compact": _("Compact: more lines on the screen")}
    ),
    "text": Choice(
        _("Text size"),
        {"s": _("Small"), "m": _("Normal"), "l": _("Large"), "xl": _("Very large")},
        usual="m",
    ),
    "contrast": Choice(_("Contrast"), {"system": _("As the system"), "more": _("High")}),
    "motion": Choice(_("Motion"), {"system": _("As the system"), "less": _("Little")}),
    "clock": Choice(
        _("Time"),
        {"locale": _("As the language has it"), "24": _("14:05"), "12": _("2:05 PM")},
    ),
    "enter": Choice(
        _("The Enter key"), {"send": _("Sends the message"), "line": _("Begins a new line")}
    ),
}


def of(request: HttpRequest) -> dict[str, str]:
    """What this browser has chosen; nonsense in a cookie is the usual value."""
    return {
        name: choice.checked(request.COOKIES.get(f"loopchat_{name}", ""))
        for name, choice in CHOICES.items()
    }


def offered(request: HttpRequest) -> list[dict[str, object]]:
    """All choices for the form, each with its options and the one that is chosen."""
    now = of(request)
    return [
        {
            "name": name,
            "title": choice.title,
            "options": [
                {"value": value, "words": words, "is_chosen": now[name] == value}
                for value, words in choice.values.items()
            ],
        }
        for name, choice in CHOICES.items()
    ]


def in_templates(request: HttpRequest) -> dict[str, dict[str, str]]:
    """A context processor: `look` in every template."""
    return {"look": of(request)}


def chosen(request: HttpRequest) -> dict[str, str] | None:
    """What a form chooses; None when something in it cannot be chosen."""
    given = {name: request.POST[name] for name in CHOICES if name in request.POST}
    if not given or any(value not in CHOICES[name].values for name, value in given.items()):
        return None
    return given


def remember(response: HttpResponse, given: dict[str, str]) -> None:
    """Keep choices for a year. Scripts read and write them too: they are no secret."""
    for name, value in given.items():
        response.set_cookie(f"loopchat_{name}", value, max_age=_A_YEAR_S, samesite="Lax")
