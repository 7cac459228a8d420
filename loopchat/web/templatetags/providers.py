"""Who else can vouch for people here."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def providers() -> tuple[Any, ...]:
    """The configured OpenID Connect servers."""
    return tuple(settings.OIDC)
