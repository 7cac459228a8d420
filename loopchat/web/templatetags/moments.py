"""Points in time on pages: in UTC, and by a script as the clocks of whoever looks show them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def moment(when: datetime) -> SafeString:
    """A `<time>` for `account/times.js`."""
    said = date_format(when, "SHORT_DATETIME_FORMAT")
    return format_html('<time datetime="{}">{} (UTC)</time>', when.isoformat(), said)
