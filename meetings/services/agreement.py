"""Saying whether minutes are a fair record, and agreeing them when the rule is met."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import Agreement, Confirmation, Invitation, Minutes, Version, WindowReason
from meetings.models.agreement import Tally, tally
from meetings.services.confirm_items import take_off
from meetings.services.minutes import has_unsent_changes, lock_minutes, was_told


@transaction.atomic
def answer_minutes(
    *,
    version: Version,
    invitation: Invitation,
    answer: str,
    by: Any,
    reason: str = "",
    via: str = "",
    at: datetime | None = None,
) -> Agreement:
    """Record one attendee's answer: one per person and version, changeable until publication.

    ``via``: how it came, where somebody else wrote it down. Another answer, or another reason,
    undoes what was said to a “not yet”. Raises TransitionNotAllowed when there is a newer
    version, when the minutes are published, or when this person wasn't there.
    """
    minutes = _lock_newest(version)
    _refuse_absent(minutes, invitation)
    given = Agreement.objects.filter(version=version, invitation=invitation).first()
    same = given is not None and (given.answer, given.reason) == (answer, reason)
    if given is not None and same and not _makes_it_theirs(given, invitation, by):
        return given
    _refuse_other(given, invitation, by)
    said = {"answer": answer, "reason": reason, "via": via}
    unheard = {} if same else {"outcome": "", "outcome_at": None, "outcome_by": None}
    given, _ = Agreement.objects.update_or_create(
        version=version,
        invitation=invitation,
        defaults={**said, **unheard, "answered_at": at or timezone.now(), "answered_by": by},
    )
    AuditEvent.record("answer_minutes", given, by=by, at=at, answer=answer)
    agree_if_met(minutes=minutes, at=at)
    return given


@transaction.atomic
def withdraw_answer(*, version: Version, invitation: Invitation, by: Any) -> bool:
    """Take an answer back, as if nothing had been said; False where there was none.

    Raises TransitionNotAllowed as answering does.
    """
    minutes = _lock_newest(version)
    _refuse_absent(minutes, invitation)
    given = Agreement.objects.filter(version=version, invitation=invitation).first()
    if given is None:
        return False
    _refuse_other(given, invitation, by)
    AuditEvent.record("withdraw_answer", given, by=by, answer=given.answer)
    given.delete()
    agree_if_met(minutes=minutes)
    return True


def _lock_newest(version: Version) -> Minutes:
    """The minutes, locked, if their newest version is this one and still takes answers."""
    minutes = lock_minutes(version.minutes)
    newest = minutes.latest
    if newest is None or newest.pk != version.pk:
        raise TransitionNotAllowed("A newer version has gone out. Read that one, then answer.")
    if not minutes.takes_answers:
        raise TransitionNotAllowed("These minutes are published, so answers can’t change any more.")
    return minutes


def _refuse_absent(minutes: Minutes, invitation: Invitation) -> None:
    there = Invitation.objects.attended().filter(pk=invitation.pk, meeting=minutes.meeting)
    if not there.exists():
        raise TransitionNotAllowed(
            "Only people who were at the meeting can agree its minutes. "
            "If you were there, ring us and we’ll put the list right."
        )


def _makes_it_theirs(given: Agreement, invitation: Invitation, by: Any) -> bool:
    """Whether somebody now says themselves what was written down for them."""
    return bool(by.pk == invitation.person_id != given.answered_by_id)


def _refuse_other(given: Agreement | None, invitation: Invitation, by: Any) -> None:
    """Nobody changes what somebody answered for themselves."""
    own = given is not None and given.answered_by_id == invitation.person_id
    if own and by.pk != invitation.person_id:
        raise TransitionNotAllowed(
            f"{invitation.person.name} has answered, and only they can change their answer."
        )


@transaction.atomic
def answer_not_yet(
    *, agreement: Agreement, outcome: str, by: Any, at: datetime | None = None
) -> None:
    """Say why the text stays as it is, to somebody who said “not yet”. They are told.

    Their “not yet” stands until they change it; but it has been heard, so the next meeting may
    confirm the minutes. Raises TransitionNotAllowed once they have answered otherwise.
    """
    minutes = _lock_newest(agreement.version)
    agreement = Agreement.objects.select_related("invitation__person").get(pk=agreement.pk)
    if agreement.answer != Agreement.Answer.NOT_YET:
        raise TransitionNotAllowed("They have changed their answer since. There’s nothing to say.")
    if agreement.outcome == outcome:
        return
    now = at or timezone.now()
    agreement.outcome, agreement.outcome_at, agreement.outcome_by = outcome, now, by
    agreement.save(update_fields=["outcome", "outcome_at", "outcome_by"])
    AuditEvent.record("answer_not_yet", agreement, by=by, at=at)
    if was_told(agreement.version):
        outbox.queue(
            key=f"not_yet:{agreement.pk}:{now:%Y%m%d%H%M%S%f}",
            template="meetings/not_yet_answered",
            person=agreement.invitation.person,
            ids={"agreement": agreement.pk, "invitation": agreement.invitation_id},
            at=at,
        )
    agree_if_met(minutes=minutes, at=at)


@transaction.atomic
def close_window(*, version: Version, reason: str, by: Any, at: datetime | None = None) -> None:
    """Close comments although somebody's draft was late in reaching them; readers see why.

    Raises TransitionNotAllowed unless the window is open for that only: until the day that
    everybody was told, nobody closes it.
    """
    minutes = _lock_newest(version)
    newest = minutes.latest
    if newest is None or not minutes.can("agree") or not newest.window.is_held:
        raise TransitionNotAllowed("Comments aren’t waiting for a letter or call any more.")
    given = WindowReason.objects.create(
        version=newest, reason=reason, given_by=by, given_at=at or timezone.now()
    )
    AuditEvent.record("close_window", given, by=by, at=at, version=newest.pk)
    agree_if_met(minutes=minutes, at=at)


def is_agreed(version: Version, count: Tally) -> bool:
    """Whether these answers agree it, or a later meeting did and nobody is unheard since."""
    if count.is_met:
        return True
    return not count.unconfirmed and Confirmation.objects.filter(version=version).exists()


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
    met = is_agreed(version, tally(version))
    if met and minutes.can("agree") and not has_unsent_changes(minutes, version):
        minutes.move("agree")
        minutes.agreed_at = at or timezone.now()
        minutes.agreed_version = version
        minutes.save(update_fields=["state", "agreed_at", "agreed_version"])
        AuditEvent.record("agree", minutes, by=None, at=at, version=version.pk)
        take_off(minutes=minutes, at=at)
        return True
    if not met and minutes.can("reopen"):
        minutes.move("reopen")
        minutes.agreed_at = minutes.agreed_version = None
        minutes.save(update_fields=["state", "agreed_at", "agreed_version"])
        AuditEvent.record("reopen", minutes, by=None, at=at, version=version.pk)
    return False
