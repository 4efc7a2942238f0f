"""The one thing to press in a letter."""

from django import template

from coprod.letters import MARK

register = template.Library()


@register.simple_tag
def button(url: str, label: str) -> str:
    """A letter's button, alone in its paragraph: ``{% button url "Say if you can come" %}``."""
    return f"{MARK}{label}{MARK}{url}"
