"""Who else can vouch for people here."""

from __future__ import annotations

from django import template
from django.conf import settings

from loopchat.environment_people import Provider

register = template.Library()


@register.simple_tag
def providers() -> tuple[Provider, ...]:
    """The configured OpenID Connect servers."""
    found: tuple[Provider, ...] = settings.OIDC
    return found
