"""One text per letter, given four forms: e-mail text, e-mail HTML, paper, and words to say.

A letter's template is plain text: the first line is its subject, blank lines part its
paragraphs, and ``{% button url "Label" %}`` on a line of its own is the one thing to press.
Because every form is made from the same words, no channel can be forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template, render_to_string

from coprod.models import Forum
from coprod.registry import Letter

#: Marks a button in a rendered template. People's text never holds it: forms refuse NUL.
MARK = "\x00"


@dataclass(frozen=True)
class Words:
    """A letter's words before they are laid out."""

    subject: str
    paragraphs: list[str]
    button: dict[str, str] = field(default_factory=dict)
    #: Other letters' words that stand in this one, as in the weekly letter.
    parts: "list[Words]" = field(default_factory=list)


def absolute(path: str) -> str:
    """A full web address, always of the configured origin."""
    return path if path.startswith(("http://", "https://")) else settings.COPROD_ORIGIN + path


def words(template: str, context: dict[str, Any]) -> Words:
    """Render ``emails/<template>.txt`` to its subject, paragraphs and button."""
    found = get_template(f"emails/{template}.txt")
    values = {"forum": Forum.current(), **context}
    text = found.template.render(Context(values, autoescape=False))  # type: ignore[attr-defined]
    subject, _, body = text.strip().partition("\n")
    paragraphs, button = [], {}
    for block in body.split("\n\n"):
        block = block.strip()
        if block.startswith(MARK):
            label, url = block.strip(MARK).split(MARK)
            button = {"label": label, "url": absolute(url)}
        elif block:
            paragraphs.append(block)
    return Words(" ".join(subject.split()), paragraphs, button)


def write(
    template: str,
    context: dict[str, Any],
    *,
    why: str,
    to_member: bool = True,
    enclosed: str = "",
    parts: Sequence[Words] = (),
    leave_url: str = "",
) -> Letter:
    """The letter in text and HTML. ``why`` ends it: why this person gets it.

    ``enclosed``: what goes with it by post. ``to_member``: False for an address that is
    nobody's, who has no settings to change. ``parts``: other letters' words to stand in it.
    ``leave_url``: where its reader ends letters like this one without signing in.
    """
    said = words(template, context)
    if parts:
        said = replace(said, parts=[_without_greeting(part) for part in parts])
    frame = {"forum": Forum.current(), "words": said, "why": why, "origin": settings.COPROD_ORIGIN}
    if to_member:
        frame["settings_url"] = absolute("/me/news/")
        frame["leave_url"] = leave_url
    return Letter(
        subject=said.subject,
        text=render_to_string("emails/letter.txt", frame),
        html=render_to_string("emails/letter.html", frame),
        words=said,
        enclosed=enclosed,
    )


def _without_greeting(said: Words) -> Words:
    """A letter's words where somebody has been greeted already."""
    first = said.paragraphs[0] if said.paragraphs else ""
    greets = first.startswith("Hello ") and "\n" not in first
    return replace(said, paragraphs=said.paragraphs[1:] if greets else said.paragraphs)
