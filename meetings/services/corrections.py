"""Putting published minutes right: a dated note and a new version, never a quiet change."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings import amending
from meetings.models import (
    ActionItem,
    Ask,
    Correction,
    Decision,
    Minutes,
    Paragraph,
    Version,
)
from meetings.services.asks import show_asks
from meetings.services.minutes import forget_pages, lock_minutes
from meetings.services.publicity import make_document, tell_corrected

Renditions = tuple[dict[str, Any], dict[str, Any]]


@transaction.atomic
def correct_minutes(
    *,
    minutes: Minutes,
    number: int,
    renditions: Renditions,
    kind: str,
    note: str,
    approved_by_words: str,
    by: Any,
    at: datetime | None = None,
) -> Correction:
    """Make version n+1 from the version that everyone reads, with its note and its PDF.

    ``renditions``: the full and the public one, changed in one place by ``meetings.amending``.
    ``number``: the version they were made from, so that a second press, or somebody else's
    correction in between, is noticed. Everybody invited and the publicity contacts are told,
    at once or, while the minutes are withdrawn, when they are published again.
    Raises TransitionNotAllowed.
    """
    minutes = lock_minutes(minutes)
    shown, newest = minutes.shown_version, minutes.latest
    if not minutes.can("correct") or shown is None or newest is None:
        raise TransitionNotAllowed(Minutes.REFUSALS["correct"])
    if shown.number != number:
        raise TransitionNotAllowed(
            f"Version {shown.number} is there already. Open this page afresh and look at it first."
        )
    if renditions == (shown.full, shown.public):
        raise TransitionNotAllowed("Nothing would change. Write what it should say instead.")
    now = at or timezone.now()
    version = _next_version(shown, newest.number + 1, renditions, by=by, at=now)
    correction = Correction.objects.create(
        version=version,
        kind=kind,
        note=note,
        approved_by_words=approved_by_words,
        made_at=now,
        made_by=by,
    )
    minutes.shown_version = version
    minutes.save(update_fields=["shown_version"])
    version.minutes = minutes
    make_document(version=version, at=at)
    _follow(shown, version)
    show_asks(minutes)
    AuditEvent.record("correct", minutes, by=by, at=at, version=version.pk, kind=kind)
    forget_pages(minutes.meeting)
    if minutes.state == Minutes.State.PUBLISHED:
        tell_corrected(correction, at=at)
    # What was checked before publishing was checked in another text.
    minutes.ticks.all().delete()
    return correction


def _next_version(
    shown: Version, number: int, renditions: Renditions, *, by: Any, at: datetime
) -> Version:
    """The new text under the rule and the window of the version that it replaces."""
    full, public = renditions
    return Version.objects.create(
        minutes=shown.minutes,
        number=number,
        full=full,
        public=public,
        circulated_at=at,
        circulated_by=by,
        comments_close_on=shown.comments_close_on,
        agree_share=shown.agree_share,
        agree_every_group=shown.agree_every_group,
        agree_at_next=shown.agree_at_next,
    )


def _follow(before: Version, after: Version) -> None:
    """Carry changed words into the working copy and its records, which other pages show.

    What was taken out would otherwise stand there still, and a wrong date would be overdue.
    """
    public = {p["uid"]: p for item in after.public["items"] for p in item["paragraphs"]}
    changed = amending.changed_uids(before.full, after.full)
    for item in after.full["items"]:
        for said in item["paragraphs"]:
            if said["uid"] in changed:
                _follow_one(said, public.get(said["uid"]))


def _follow_one(said: dict[str, Any], outside: dict[str, Any] | None) -> None:
    paragraph = Paragraph.objects.filter(uid=said["uid"]).first()
    if paragraph is None:
        return
    paragraph.text = said["text"]
    paragraph.is_private = said["private"]
    paragraph.private_reason = said["private_reason"]
    private = outside is not None and outside["private"]
    paragraph.public_text = outside["text"] if outside is not None and private else ""
    paragraph.save(update_fields=["text", "is_private", "private_reason", "public_text"])
    due = said.get("due_on")
    when = {
        "due_text": said.get("due_text", ""),
        "due_on": date.fromisoformat(due) if due else None,
    }
    who = said.get("who", "")
    ActionItem.objects.filter(paragraph=paragraph).update(text=said["text"], owner=who, **when)
    Ask.objects.filter(paragraph=paragraph).update(text=said["text"], of_whom=who, **when)
    Decision.objects.filter(paragraph=paragraph).update(text=said["text"], how=said.get("how", ""))
