"""Confirming minutes as an item of a later meeting: the other way in which they are agreed.

Source: a forum may let its next meeting confirm minutes that too few people answered for. It
is the meeting that confirms, never one person: somebody else than whoever records it has to be
ticked as having been there, and everybody who commented or said “not yet” has been heard.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from coprod.templatetags.forum import day
from meetings.models import AgendaItem, Confirmation, Meeting, Minutes
from meetings.models.agreement import tally
from meetings.services.confirm_items import take_off
from meetings.services.minutes import (
    StaleEdit,
    has_unsent_changes,
    lock_minutes,
    open_minutes,
    save_section,
)


def against(minutes: Minutes, meeting: Meeting, by: Any) -> list[str]:
    """Each reason why ``meeting`` can't confirm these minutes now; empty when it can."""
    version = minutes.latest
    if version is None or not minutes.can("agree"):
        return [minutes.REFUSALS["agree"]]
    reasons = []
    earlier = minutes.meeting
    same = earlier.audience == meeting.audience and earlier.series_id in (None, meeting.series_id)
    if not same or meeting.starts_at <= earlier.starts_at:
        reasons.append("Only a later meeting of the same people can confirm them.")
    if not version.agree_at_next:
        reasons.append("The forum’s rule didn’t allow it when this version went out.")
    there = list(meeting.invitations.attended().values_list("person_id", flat=True))
    if not meeting.has_begun or meeting.cancelled_at:
        reasons.append("That meeting hasn’t been held.")
    elif len(there) < 2 or set(there) == {by.pk}:
        reasons.append("Tick who came to that meeting first: one person alone can’t confirm.")
    reasons += tally(version).unconfirmed
    if has_unsent_changes(minutes, version):
        reasons.append("The text has changed since, and nobody has been sent that yet.")
    return reasons


@transaction.atomic
def confirm_minutes(
    *, item: AgendaItem, words: str, by: Any, at: datetime | None = None
) -> Confirmation:
    """Record that a meeting confirmed earlier minutes as a fair record: they are agreed by that.

    The record says at which meeting, in which words, and who recorded it. The decision goes
    into that meeting's own minutes while they are being written. Raises TransitionNotAllowed
    with the first reason against it.
    """
    if item.about_minutes is None:
        raise TransitionNotAllowed("These minutes aren’t there any more.")
    minutes, meeting = lock_minutes(item.about_minutes), item.meeting
    if reasons := against(minutes, meeting, by):
        raise TransitionNotAllowed(reasons[0])
    version = minutes.latest
    assert version is not None  # else there were reasons against it
    now = at or timezone.now()
    confirmation, _ = Confirmation.objects.update_or_create(
        minutes=minutes,
        defaults={
            "version": version,
            "meeting": meeting,
            "words": words,
            "recorded_at": now,
            "recorded_by": by,
        },
    )
    minutes.move("agree")
    minutes.agreed_at, minutes.agreed_version = now, version
    minutes.save(update_fields=["state", "agreed_at", "agreed_version"])
    AuditEvent.record("confirm", minutes, by=by, at=at, version=version.pk, meeting=meeting.pk)
    take_off(minutes=minutes, at=at)
    _write_decision(item, words, by=by, at=at)
    return confirmation


def _write_decision(item: AgendaItem, words: str, *, by: Any, at: datetime | None) -> None:
    """The decision in the confirming meeting's own minutes, unless somebody wrote it there."""
    own = open_minutes(meeting=item.meeting, by=by, at=at)
    section = own.sections.filter(item=item).first()
    if not own.is_open or section is None or "Decision:" in section.text:
        return
    assert item.about_minutes is not None
    met = day(item.about_minutes.meeting.date)
    how = " ".join(words.replace("(", "").replace(")", "").split())
    line = f"Decision: The minutes of {met} are a fair record. ({how})"
    text = "\n\n".join(part for part in (section.text, line) if part)
    try:
        save_section(section=section, text=text, edit_no=section.edit_no, by=by, at=at)
    except StaleEdit:  # somebody is writing there: their words come first
        return


@transaction.atomic
def take_back_confirmation(*, minutes: Minutes, by: Any) -> None:
    """Undo a confirmation that was recorded by mistake, until the minutes are public.

    Raises TransitionNotAllowed when there is none, or they are.
    """
    minutes = lock_minutes(minutes)
    confirmation = Confirmation.objects.filter(minutes=minutes).first()
    if confirmation is None or not minutes.takes_answers:
        raise TransitionNotAllowed("There’s nothing to take back, or these minutes are public.")
    AuditEvent.record("take_back_confirmation", minutes, by=by, version=confirmation.version_id)
    confirmation.delete()
    version = minutes.latest
    if version is not None and minutes.can("reopen") and not tally(version).is_met:
        minutes.move("reopen")
        minutes.agreed_at = minutes.agreed_version = None
        minutes.save(update_fields=["state", "agreed_at", "agreed_version"])
