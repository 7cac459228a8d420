"""Fields of forms that others wrote, in our look and our words."""

from __future__ import annotations

from typing import Any, Final

from django import template
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

register = template.Library()

_OURS: Final[dict[str, str | Promise]] = {"email": _("E-mail"), "code": _("Code")}
"""Labels by the name of the field: one word for one thing on all pages."""
_FOCUSED: Final = {"one-time-code", "current-password"}
"""What a form asks for that asks for nothing else: one types at once."""


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The field with our class; what it has already stays, but for words that its label says."""
    widget = field.field.widget
    classes = widget.attrs.get("class", "")
    attrs: dict[str, Any] = {"class": classes if "input" in classes.split() else "input"}
    asked = widget.attrs.get("autocomplete")
    if asked == "one-time-code":
        attrs["inputmode"] = "numeric"
    if asked in _FOCUSED and len(field.form.fields) == 1:
        attrs["autofocus"] = True
    return field.as_widget(attrs={**attrs, "placeholder": False})


@register.filter
def named(field: BoundField) -> str:
    """The label."""
    return str(_OURS.get(field.name, field.label))
