"""Fields of forms that others wrote, in our look."""

from __future__ import annotations

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The field with our class; what it has already stays."""
    classes = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": classes if "input" in classes.split() else "input"})
