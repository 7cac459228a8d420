"""Sentences of the code on a page."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def with_code(text: str) -> SafeString:
    """The text, with what stands between backticks as code."""
    parts = enumerate(text.split("`"))
    shown = (format_html("<code>{}</code>", one) if n % 2 else one for n, one in parts)
    return format_html_join("", "{}", ((one,) for one in shown))
