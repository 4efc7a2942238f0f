"""Reminders about claims, to whoever's turn it is: half way, four days and a day before the end.

One letter a person and day however many claims there are; keys hold the day that a reminder
was due on, so that a missed day is caught up once and a second run changes nothing.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from coprod import clocks, outbox
from expenses.models import AttendanceCheck, Claim, Question
from members.models import Person

#: Days after which somebody is reminded of a question about their own claim.
QUESTION_AFTER = (3, 7)
#: Days after which whoever entered a claim hears that it hasn't been confirmed.
CONFIRM_AFTER = 10


def remind_when_due(*, at: datetime | None = None) -> int:
    """Remind everybody whose turn it is. Returns how many letters are due, sent or not."""
    now = at or timezone.now()
    today = clocks.today(now)
    return (
        _deciders(today, now)
        + _vouchers_of_attendance(today, now)
        + _claimants(today, now)
        + _enterers(today, now)
    )


def reminder_of(claims: Iterable[Claim], today: date) -> date | None:
    """The newest day on which one of these claims should be reminded of; None: none has come."""
    days = []
    for claim in claims:
        clock = claim.clock
        if clock is not None and clock.kept_on is None:
            reminds = clocks.halfway_and_last_days(clock.days)
            running = clocks.Clock(clock.begins_on, clock.days, reminds=reminds)
            # Past the day itself somebody hears once a week.
            late = max((today - running.due_on).days, 0) // 7
            overdue = running.due_on + timedelta(days=7 * late) if late else None
            days.append(overdue or running.reminder(today))
    return max((day for day in days if day is not None), default=None)


def _deciders(today: date, now: datetime) -> int:
    """Treasurers and second approvers, about what they may decide or pay."""
    count = 0
    for person in (Person.objects.treasurers() | Person.objects.approvers()).distinct():
        wait = Claim.objects.decidable_by(person) | Claim.objects.payable_by(person)
        due = reminder_of(wait.distinct(), today)
        if due is not None:
            count += 1
            outbox.queue(
                key=f"claims-due:{person.pk}:{due.isoformat()}",
                template="expenses/claims_due",
                person=person,
                ids={},
                at=now,
            )
    return count


def _vouchers_of_attendance(today: date, now: datetime) -> int:
    """Coordinators, or who stands in, about people of whom the register doesn't say that they
    were there."""
    count = 0
    for person in (Person.objects.coordinators() | Person.objects.treasurers()).distinct():
        checks = AttendanceCheck.objects.open().asked_of(person)
        due = reminder_of(Claim.objects.filter(attendance_check__in=checks), today)
        if due is not None:
            count += 1
            outbox.queue(
                key=f"attendance-due:{person.pk}:{due.isoformat()}",
                template="expenses/attendance_due",
                person=person,
                ids={},
                at=now,
            )
    return count


def _claimants(today: date, now: datetime) -> int:
    """Claimants who haven't answered a question yet."""
    count = 0
    open_ones = Question.objects.filter(answered_at__isnull=True, claim__state="questioned")
    for question in open_ones.select_related("claim__person"):
        waited = (today - clocks.today(question.asked_at)).days
        after = max((days for days in QUESTION_AFTER if days <= waited), default=None)
        if after is not None:
            count += 1
            outbox.queue(
                key=f"question-again:{question.pk}:{after}",
                template="expenses/question_again",
                person=question.claim.person,
                ids={"question": question.pk},
                at=now,
            )
    return count


def _enterers(today: date, now: datetime) -> int:
    """Whoever entered a claim for somebody who hasn't confirmed it yet."""
    count = 0
    before = clocks.end_of(today - timedelta(days=CONFIRM_AFTER))
    waiting = Claim.objects.filter(
        state="unconfirmed", sent_at__lte=before, entered_by__isnull=False
    )
    for claim in waiting.select_related("entered_by"):
        count += 1
        outbox.queue(
            key=f"unconfirmed:{claim.pk}:{claim.edit_no}",
            template="expenses/unconfirmed_still",
            person=claim.entered_by,
            ids={"claim": claim.pk},
            at=now,
        )
    return count
