"""Asking the one list of permissions from a template."""

from typing import Any

from django import template

register = template.Library()


@register.simple_tag
def has_perm(permission: str, user: Any, thing: Any = None) -> bool:
    """Whether ``user`` may: ``{% has_perm "meetings.reply" user meeting as may_reply %}``."""
    return bool(user.has_perm(permission, thing))
