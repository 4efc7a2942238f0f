"""Saying whether minutes are a fair record, and agreeing them when the rule is met."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import Agreement, Invitation, Minutes, Version
from meetings.models.agreement import tally
from meetings.services.minutes import has_unsent_changes, lock_minutes


@transaction.atomic
def answer_minutes(
    *,
    version: Version,
    invitation: Invitation,
    answer: str,
    by: Any,
    reason: str = "",
    at: datetime | None = None,
) -> Agreement:
    """Record one attendee's answer: one per person and version, changeable until publication.

    Raises TransitionNotAllowed when there is a newer version, when the minutes are
    published, or when this person wasn't there.
    """
    minutes = lock_minutes(version.minutes)
    newest = minutes.latest
    if newest is None or newest.pk != version.pk:
        raise TransitionNotAllowed("A newer version has gone out. Read that one, then answer.")
    if not minutes.takes_answers:
        raise TransitionNotAllowed("These minutes are published, so answers can’t change any more.")
    if not Invitation.objects.attended().filter(pk=invitation.pk, meeting=minutes.meeting).exists():
        raise TransitionNotAllowed(
            "Only people who were at the meeting can agree its minutes. "
            "If you were there, ring us and we’ll put the list right."
        )
    given = Agreement.objects.filter(version=version, invitation=invitation).first()
    if given is not None and (given.answer, given.reason) == (answer, reason):
        return given
    own = given is not None and given.answered_by_id == invitation.person_id
    if own and by.pk != invitation.person_id:
        raise TransitionNotAllowed(
            f"{invitation.person.name} has answered, and only they can change their answer."
        )
    given, _ = Agreement.objects.update_or_create(
        version=version,
        invitation=invitation,
        defaults={
            "answer": answer,
            "reason": reason,
            "answered_at": at or timezone.now(),
            "answered_by": by,
        },
    )
    AuditEvent.record("answer_minutes", given, by=by, at=at, answer=answer)
    agree_if_met(minutes=minutes, at=at)
    return given


@transaction.atomic
def agree_if_met(*, minutes: Minutes, at: datetime | None = None) -> bool:
    """Agree the newest version when the forum's rule is met; open it again when it isn't any more.

    Not while a change waits to be sent: people would agree a text that is about to be replaced.
    Asked after each answer and outcome, and by the timetable once a comment window closed.
    """
    minutes = lock_minutes(minutes)
    version = minutes.latest
    if version is None:
        return False
    met = tally(version).is_met
    if met and minutes.can("agree") and not has_unsent_changes(minutes, version):
        minutes.move("agree")
        minutes.agreed_at = at or timezone.now()
        minutes.agreed_version = version
        minutes.save(update_fields=["state", "agreed_at", "agreed_version"])
        AuditEvent.record("agree", minutes, by=None, at=at, version=version.pk)
        return True
    if not met and minutes.can("reopen"):
        minutes.move("reopen")
        minutes.agreed_at = minutes.agreed_version = None
        minutes.save(update_fields=["state", "agreed_at", "agreed_version"])
        AuditEvent.record("reopen", minutes, by=None, at=at, version=version.pk)
    return False
