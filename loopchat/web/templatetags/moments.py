"""Points in time on pages: in UTC, and by a script as the clocks of whoever looks show them.

`account/times.js` writes them as the chat does. What stands there before, or without scripts, has
hours from 0 to 23, as the chat has where nobody has chosen another clock.
"""

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
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), moment_text(when))


@register.filter
def moment_text(when: datetime) -> str:
    """The same as text, where no element may stand."""
    return f"{date_format(when, 'SHORT_DATE_FORMAT')} {when:%H:%M} (UTC)"
