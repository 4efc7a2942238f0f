"""Confirming minutes as an item of a later meeting: the other way in which they are agreed.

Source: a forum may let its next meeting confirm minutes that too few people answered for. It
is the meeting that confirms, never one person: somebody else than whoever records it has to be
ticked as having been there, and everybody who commented or said “not yet” has been heard.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from coprod import pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from coprod.templatetags.forum import day, day_month
from meetings.models import AgendaItem, Confirmation, Meeting, Minutes, Version
from meetings.models.agreement import tally
from meetings.services.minutes import (
    StaleEdit,
    has_unsent_changes,
    lock_minutes,
    open_minutes,
    save_section,
)

#: Minutes planned for confirming earlier minutes.
MINUTES = 5


# On the agenda ------------------------------------------------------------------------------------


def unconfirmed(meeting: Meeting) -> list[Minutes]:
    """Circulated minutes of earlier meetings of the same people, oldest first.

    Same people: the same audience and the same series; an extra meeting's, the same audience.
    """
    rows = (
        Minutes.objects.filter(
            Q(meeting__series=meeting.series_id) | Q(meeting__series=None),
            state=Minutes.State.CIRCULATED,
            meeting__audience=meeting.audience,
            meeting__starts_at__lt=meeting.starts_at,
            meeting__cancelled_at=None,
        )
        .select_related("meeting")
        .order_by("meeting__starts_at")
    )
    allowed = set(
        Version.objects.newest().filter(agree_at_next=True, minutes__in=rows).values_list("minutes")
    )
    return [minutes for minutes in rows if (minutes.pk,) in allowed]


def to_put_on(meeting: Meeting) -> list[Minutes]:
    """Those of them that don't stand on this meeting's agenda."""
    on = AgendaItem.objects.filter(meeting=meeting, kind=AgendaItem.Kind.CONFIRM)
    told = set(on.exclude(state=AgendaItem.State.OFF).values_list("about_minutes", flat=True))
    return [minutes for minutes in unconfirmed(meeting) if minutes.pk not in told]


def title_for(minutes: Minutes, meeting: Meeting) -> str:
    met = minutes.meeting.date
    when = day_month(met) if met.year == meeting.date.year else day(met)
    return f"Confirm the minutes of {when}"


@transaction.atomic
def put_on_agenda(
    *, meeting: Meeting, minutes: Minutes, by: Any, at: datetime | None = None
) -> AgendaItem:
    """Make confirming earlier minutes an item, the first while nobody has had the agenda.

    Raises TransitionNotAllowed for minutes that this meeting can't confirm.
    """
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if all(each.pk != minutes.pk for each in unconfirmed(meeting)):
        raise TransitionNotAllowed("This meeting can’t confirm those minutes, or needn’t any more.")
    items = meeting.agenda_items
    item = items.filter(kind=AgendaItem.Kind.CONFIRM, about_minutes=minutes).first()
    if item is not None and item.state == AgendaItem.State.ON:
        return item
    if meeting.agenda_sent_at is None and not meeting.has_begun:
        items.update(position=F("position") + 1)
        place = 1
    else:
        place = (items.aggregate(last=Max("position"))["last"] or 0) + 1
    item = item or AgendaItem(
        meeting=meeting,
        kind=AgendaItem.Kind.CONFIRM,
        about_minutes=minutes,
        title=title_for(minutes, meeting),
        purpose=AgendaItem.Purpose.DECIDE,
        can_decide=AgendaItem.CanDecide.YES,
        minutes=MINUTES,
        proposed_at=at or timezone.now(),
        proposed_by=by,
    )
    item.state, item.position = AgendaItem.State.ON, place
    item.save()
    AuditEvent.record("put_confirmation_on", item, by=by, at=at, minutes=minutes.pk)
    pages.forget("/meetings/")
    return item


def bring_back(*, meeting: Meeting, at: datetime | None = None) -> None:
    """Put waiting minutes on the agenda of a meeting to come by itself, when it is being made.

    Never twice: what the coordinator took off stays off. Not on an agenda that people have.
    """
    if meeting.agenda_sent_at is not None or meeting.starts_at <= (at or timezone.now()):
        return
    known = set(
        AgendaItem.objects.filter(meeting=meeting, kind=AgendaItem.Kind.CONFIRM).values_list(
            "about_minutes", flat=True
        )
    )
    for minutes in reversed(unconfirmed(meeting)):  # each becomes the first, so the newest first
        if minutes.pk not in known and not minutes.meeting.is_recorded_later:
            put_on_agenda(meeting=meeting, minutes=minutes, by=None, at=at)


def take_off(*, minutes: Minutes, at: datetime | None = None) -> None:
    """Once agreed, take the item off agendas that nobody has been sent."""
    waiting = AgendaItem.objects.filter(
        kind=AgendaItem.Kind.CONFIRM,
        about_minutes=minutes,
        meeting__agenda_sent_at=None,
        meeting__starts_at__gt=at or timezone.now(),
        section=None,
    )
    for item in waiting:
        AuditEvent.record("take_confirmation_off", item, by=None, at=at, minutes=minutes.pk)
        item.delete()
        pages.forget("/meetings/")


# Confirming ---------------------------------------------------------------------------------------


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
    if not meeting.has_begun or meeting.cancelled_at:
        reasons.append("That meeting hasn’t been held.")
    there = list(meeting.invitations.attended().values_list("person_id", flat=True))
    if len(there) < 2 or set(there) == {by.pk}:
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
