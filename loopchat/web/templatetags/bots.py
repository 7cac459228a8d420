"""Whether somebody has anything to do with bots."""

from __future__ import annotations

from typing import Any

from django import template

from loopchat.bots import finding, founding

register = template.Library()


@register.simple_tag(takes_context=True)
def has_bots(context: dict[str, Any]) -> bool:
    """Whether who asks may make bots, or answers for one."""
    person = context["request"].user
    return founding.may_make(person) or finding.of(person).exists()
