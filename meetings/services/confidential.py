"""Who reads what is private, and opening it again: each a recorded decision."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import AgendaItem, Minutes, NamedReader, Paragraph, Release
from meetings.services.agenda import save_item
from meetings.services.minutes import lock_minutes
from members.models import Person

AGREED = (
    "These minutes have been agreed, so this can’t change any more. Once they are published, a "
    "correction can show it."
)


@transaction.atomic
def name_readers(
    *,
    part: AgendaItem | Paragraph,
    only_named: bool,
    people: Iterable[Person] = (),
    by: Any,
    at: datetime | None = None,
) -> bool:
    """Say who reads a private item or paragraph: those who were there for it, or ``people``.

    Acts at once, also on versions that went out and on agreed minutes, because the text stays
    as it is. True when something changed. Raises TransitionNotAllowed for what isn't private,
    where nobody is named, and for somebody who wasn't invited.
    """
    is_item = isinstance(part, AgendaItem)
    # Locked, so that two lists saved at once don't become one that nobody chose.
    part = type(part)._default_manager.select_for_update().get(pk=part.pk)
    meeting = part.meeting if isinstance(part, AgendaItem) else part.section.item.meeting
    about = {"item": part} if is_item else {"paragraph": part}
    if not part.is_private:
        only_named, people = False, ()
    wanted = {person.pk for person in people} if only_named else set()
    if only_named and not wanted:
        raise TransitionNotAllowed("Choose at least one person who may read it.")
    invited = set(meeting.invitations.values_list("person", flat=True))
    was = set(part.named_readers.values_list("person", flat=True))
    if wanted - invited - was:
        raise TransitionNotAllowed("Only people who are invited can be named to read it.")
    if part.only_named == only_named and was == wanted:
        return False
    part.only_named = only_named
    part.save(update_fields=["only_named"])
    part.named_readers.exclude(person__in=wanted).delete()
    NamedReader.objects.bulk_create(
        NamedReader(**about, person_id=pk, named_by=by, named_at=at or timezone.now())
        for pk in sorted(wanted - was)
    )
    AuditEvent.record(
        "name_readers",
        meeting,
        by=by,
        at=at,
        part=f"{'item' if is_item else 'paragraph'} {part.pk}",
        readers=sorted(wanted) if only_named else "everybody who was there for it",
    )
    return True


@transaction.atomic
def make_public(
    *, paragraph: Paragraph, by: Any, note: str = "", at: datetime | None = None
) -> None:
    """Take the withholding of a paragraph back, before the minutes are agreed.

    Once a version went out with it private, that is a release: ``note`` says who decided it
    and why. Raises TransitionNotAllowed without it, and once the minutes are agreed.
    """
    minutes = lock_minutes(paragraph.section.minutes)
    if not minutes.is_open:
        raise TransitionNotAllowed(AGREED)
    if paragraph_went_out(minutes, paragraph):
        _record_release(minutes, note, by=by, at=at, paragraph=paragraph)
    paragraph.is_private = paragraph.only_named = False
    paragraph.private_reason = paragraph.public_text = ""
    paragraph.save(update_fields=["is_private", "only_named", "private_reason", "public_text"])
    paragraph.named_readers.all().delete()
    AuditEvent.record("make_public", minutes, by=by, at=at, paragraph=paragraph.pk)


@transaction.atomic
def change_item(
    *, item: AgendaItem, fields: list[str], by: Any, note: str = "", at: datetime | None = None
) -> None:
    """Keep changes to an agenda item; opening one that was private is a recorded decision.

    ``note`` says who decided it and why. Raises TransitionNotAllowed without it where a version
    went out with the item private, and once the minutes are agreed: that is a correction.
    """
    was_private = AgendaItem.objects.values_list("is_private", flat=True).get(pk=item.pk)
    if was_private and not item.is_private:
        _open(item, note, by=by, at=at)
    save_item(item=item, by=by, fields=fields, at=at)
    if not item.is_private:
        name_readers(part=item, only_named=False, by=by, at=at)


def _open(item: AgendaItem, note: str, *, by: Any, at: datetime | None) -> None:
    minutes = Minutes.objects.filter(meeting=item.meeting_id).first()
    if minutes is None:
        return
    minutes = lock_minutes(minutes)
    if not minutes.is_open:
        raise TransitionNotAllowed(AGREED)
    if item_went_out(minutes, item):
        _record_release(minutes, note, by=by, at=at, item=item)


def paragraph_went_out(minutes: Minutes, paragraph: Paragraph) -> bool:
    """Whether a version went out that keeps this paragraph private."""
    return str(paragraph.uid) in minutes.private_uids


def went_out_private(item: AgendaItem) -> bool:
    """The same, asked of the item."""
    minutes = Minutes.objects.filter(meeting=item.meeting_id).first()
    return minutes is not None and item_went_out(minutes, item)


def item_went_out(minutes: Minutes, item: AgendaItem) -> bool:
    """Whether a version went out that keeps this item private."""
    return any(
        each["private"] and each.get("item", item.pk) == item.pk
        for version in minutes.versions.all()
        for each in version.full["items"]
    )


def _record_release(
    minutes: Minutes, note: str, *, by: Any, at: datetime | None, **about: Any
) -> None:
    if not note.strip():
        raise TransitionNotAllowed(
            "It went out as private. Say who decided that everybody may read it, and why."
        )
    made = Release.objects.create(
        minutes=minutes, note=note, released_by=by, released_at=at or timezone.now(), **about
    )
    AuditEvent.record("release", minutes, by=by, at=at, release=made.pk)
    pages.forget("/meetings/")
