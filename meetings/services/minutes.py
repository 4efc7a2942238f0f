"""Writing, circulating, commenting on and agreeing minutes."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod import clocks, outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum, Message
from meetings import renditions, writing
from meetings.models import (
    Meeting,
    Minutes,
    Paragraph,
    Section,
    Version,
)
from meetings.models.versions import closes_on
from meetings.services import respelling
from meetings.services.paragraphs import store_text


class StaleEdit(Exception):
    """Somebody saved this box after it was opened. Holds the text and count as they are now."""

    def __init__(self, section: Section) -> None:
        super().__init__("Somebody else has changed this text since you opened it.")
        self.section = section


@transaction.atomic
def open_minutes(*, meeting: Meeting, by: Any, at: datetime | None = None) -> Minutes:
    """The minutes of a meeting with a box for each agenda item, made where missing.

    Raises TransitionNotAllowed for a cancelled meeting.
    """
    if meeting.is_cancelled:
        raise TransitionNotAllowed("This meeting was cancelled, so it has no minutes.")
    minutes, made = Minutes.objects.get_or_create(
        meeting=meeting, defaults={"created_by": by, "created_at": at or timezone.now()}
    )
    if made:
        AuditEvent.record("open_minutes", minutes, by=by, at=at)
    if minutes.is_open:
        for item in meeting.agenda_items.on().filter(section__isnull=True):
            Section.objects.get_or_create(item=item, defaults={"minutes": minutes})
    return minutes


def lock_minutes(minutes: Minutes) -> Minutes:
    """The minutes' row, locked until the transaction ends: one change at a time."""
    return (
        Minutes.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=minutes.pk)
    )


@transaction.atomic
def save_section(
    *,
    section: Section,
    text: str,
    edit_no: int,
    by: Any,
    typing: bool = False,
    at: datetime | None = None,
) -> bool:
    """Save one box; paragraphs keep their identity. True when something changed.

    Words that were private stay private wherever they move. ``typing``: it is saved by itself
    while somebody types, see ``_record_edit``. ``section.edit_no`` is the new number afterwards.
    Raises StaleEdit when somebody saved another text since ``edit_no`` was read, and
    TransitionNotAllowed once the minutes are agreed.
    """
    minutes = lock_minutes(section.minutes)
    row = Section.objects.select_for_update(of=("self",)).get(pk=section.pk)
    if not minutes.is_open:
        raise TransitionNotAllowed("These minutes have been agreed, so the text can’t change.")
    now = at or timezone.now()
    written = writing.paragraphs(text, met_on=minutes.meeting.date)
    before = list(row.paragraphs.living())
    changed = [_spoken(w.kind, w.text) for w in written] != [
        _spoken(p.kind, p.text) for p in before
    ]
    if changed and edit_no != row.edit_no:
        raise StaleEdit(row)
    if changed:
        store_text(row, before, written, now)
        row.edit_no += 1
        row.edited_at = now
        row.edited_by = by
        row.save(update_fields=["edit_no", "edited_at", "edited_by"])
    # The number that belongs to this text: asked for later, it could be somebody else's.
    section.edit_no = row.edit_no
    _record_edit(minutes, row, by=by, now=now, typing=typing, changed=changed)
    return changed


#: Words saved by themselves while somebody types are one entry in the history for so long.
TYPING = timedelta(minutes=10)


def _record_edit(
    minutes: Minutes,
    section: Section,
    *,
    by: Any,
    now: datetime,
    typing: bool = False,
    changed: bool = True,
) -> None:
    """One event for each press of Save, and for each ten minutes of one person's typing.

    Saving every few seconds would write hundreds of rows a meeting that say the same. Each
    change still lies within an event's ten minutes: ``edit`` is the first number that it
    stands for, and it ends where somebody else writes. A press of Save after typing closes
    it: nothing changed with that press, but its event says which edit the writer was left with.
    """
    last = (
        AuditEvent.objects.about(minutes)
        .filter(verb="edit_minutes", data__section=section.pk)
        .first()
    )
    same = last is not None and by is not None and last.by_id == by.pk
    told = last.data["edit"] if last else 0
    if not changed and (typing or told >= section.edit_no or not same):
        return  # the event is there already, or these are somebody else's words
    if typing and same and last and last.data.get("typing") and last.at > now - TYPING:
        return
    data = {"section": section.pk, "edit": section.edit_no}
    if typing:
        data["typing"] = True
    AuditEvent.record("edit_minutes", minutes, by=by, at=now, **data)


def _spoken(kind: str, text: str) -> str:
    return text if kind == Paragraph.Kind.TEXT else f"{kind}: {text}"


@transaction.atomic
def keep_private(
    *,
    paragraph: Paragraph,
    reason: str,
    public_text: str = "",
    by: Any,
    at: datetime | None = None,
) -> None:
    """Withhold a paragraph: the public reads ``public_text``, or a marker with the reason."""
    minutes = lock_minutes(paragraph.section.minutes)
    if not minutes.is_open:
        raise TransitionNotAllowed("These minutes have been agreed, so this can’t change any more.")
    paragraph.is_private = True
    paragraph.private_reason = reason
    paragraph.public_text = public_text
    paragraph.save(update_fields=["is_private", "private_reason", "public_text"])
    AuditEvent.record("keep_private", minutes, by=by, at=at, paragraph=paragraph.pk)


@transaction.atomic
def save_short_version(*, minutes: Minutes, text: str, by: Any, at: datetime | None = None) -> None:
    """Save the short version. It is frozen with the version that people agree."""
    minutes = lock_minutes(minutes)
    if not minutes.is_open:
        raise TransitionNotAllowed("These minutes have been agreed, so the text can’t change.")
    minutes.short_version = text
    minutes.save(update_fields=["short_version"])
    AuditEvent.record("edit_short_version", minutes, by=by, at=at)


@transaction.atomic
def circulate_minutes(
    *,
    minutes: Minutes,
    number: int,
    by: Any,
    tell: bool = False,
    as_it_stands: bool = False,
    spelling_only: bool = False,
    at: datetime | None = None,
) -> Version:
    """Freeze version ``number`` in two renditions and send everybody invited theirs.

    ``number`` is the one that the sender saw on the page: pressing twice asks for the same
    number twice, and the second is refused. Of a meeting that was recorded later people
    hear only when the sender says so (``tell``). Raises TransitionNotAllowed.
    """
    minutes = lock_minutes(minutes)
    now = at or timezone.now()
    newest = minutes.latest
    if number != (newest.number if newest else 0) + 1:
        raise TransitionNotAllowed(
            f"Version {number} has been sent already. Nothing went out twice."
        )
    refuse_to_send(minutes)
    minutes.move("circulate")
    open_minutes(meeting=minutes.meeting, by=by, at=at)
    refuse_unchanged(minutes)
    marks = {"as_it_stands": as_it_stands, "spelling_only": spelling_only}
    version = _freeze(minutes, newest, number, by=by, at=now, **marks)
    first = None
    if spelling_only and newest is not None:
        first = respelling.first_letters(newest)
        respelling.carry_answers(newest, version)
    if minutes.circulated_at is None:
        minutes.circulated_at = now
        minutes.circulated_by = by
    minutes.save(update_fields=["state", "circulated_at", "circulated_by"])
    # What was checked before publishing was checked in another text.
    minutes.ticks.all().delete()
    AuditEvent.record("circulate", minutes, by=by, at=at, version=version.pk)
    if tell or not minutes.meeting.is_recorded_later:
        _send_draft(version, first, at)
    return version


def _freeze(
    minutes: Minutes,
    newest: Version | None,
    number: int,
    *,
    by: Any,
    at: datetime,
    **marks: bool,
) -> Version:
    """Both renditions of the working copy, stored under the rule in force."""
    full, public = renditions.build(minutes)
    forum = Forum.current()
    closes = next_window(newest, clocks.today(at))
    if marks["spelling_only"]:
        respelling.refuse_more(newest, full, public)
        assert newest is not None  # or it was refused
        closes = newest.closes_on
    try:
        with transaction.atomic():
            return Version.objects.create(
                minutes=minutes,
                number=number,
                full=full,
                public=public,
                circulated_at=at,
                circulated_by=by,
                comments_close_on=closes,
                agree_share=forum.agree_share,
                agree_every_group=forum.agree_every_group,
                agree_at_next=forum.agree_at_next,
                **marks,
            )
    except IntegrityError as error:
        raise TransitionNotAllowed(f"Version {number} has been sent already.") from error


def was_told(version: Version) -> bool:
    """Whether people heard of this version. What was recorded later goes out only on request."""
    return (
        not version.minutes.meeting.is_recorded_later
        or Message.objects.filter(key__startswith=f"draft:{version.pk}:").exists()
    )


def next_window(newest: Version | None, today: date) -> date:
    """The last day for comments on the version that goes out today, after ``newest``.

    A first version has the forum's days for comments; a changed one its days for answering
    again, but never ends before the day that readers of ``newest`` were told, nor before the
    later day to which a letter that was posted late moved it.
    """
    forum = Forum.current()
    if newest is None:
        return closes_on(today, forum.comment_days)
    return max(newest.closes_on, closes_on(today, forum.again_days))


def refuse_to_send(minutes: Minutes) -> None:
    """Raise TransitionNotAllowed with the reason why a draft can't go out yet."""
    meeting = minutes.meeting
    if not minutes.can("circulate"):
        raise TransitionNotAllowed(minutes.REFUSALS["circulate"])
    if not meeting.has_begun:
        raise TransitionNotAllowed("This meeting hasn’t been held yet.")
    if not meeting.invitations.exists():
        raise TransitionNotAllowed(
            "Nobody is invited to this meeting, so there’s nobody to send the draft to."
        )
    if not Paragraph.objects.living().filter(section__minutes=minutes).exists():
        raise TransitionNotAllowed("There’s nothing to send yet. Write at least one paragraph.")


def refuse_unchanged(minutes: Minutes) -> None:
    """Raise TransitionNotAllowed where the newest version says all that there is to say."""
    newest = minutes.latest
    if newest is not None and renditions.same_words(newest.full, renditions.build(minutes)[0]):
        raise TransitionNotAllowed(f"Nothing has changed since version {newest.number} went out.")


def has_unsent_changes(minutes: Minutes, newest: Version) -> bool:
    """Whether the working copy reads otherwise than the newest version: a change was made, and
    perhaps promised to whoever commented, that nobody has been sent. That text isn't agreed.
    Who came is part of it, so nobody's answer is lost by unticking them and saying nothing.
    """
    full = renditions.build(minutes)[0]
    # Where and when it was is copied from the meeting: no words of the minutes.
    return not renditions.same_words({**full, "meeting": newest.full["meeting"]}, newest.full)


def _send_draft(version: Version, first: set[int] | None, at: datetime | None) -> None:
    """One row for each person invited. ``first``: see ``respelling.template_for``."""
    meeting = version.minutes.meeting
    people = meeting.invitations.select_related("person", "attendance")
    for invitation in people.filter(person__is_active=True):
        template = respelling.template_for(invitation.person_id, first)
        outbox.queue(
            key=f"draft:{version.pk}:{invitation.person_id}",
            template=template,
            person=invitation.person,
            ids={"version": version.pk, "invitation": invitation.pk},
            news=template == respelling.TELLS and not invitation.attended,
            at=at,
        )


def forget_pages(meeting: Meeting) -> None:
    """Drop every stored public page that shows this meeting."""
    pages.forget(meeting.get_absolute_url())
    pages.forget("/")
