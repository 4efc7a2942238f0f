"""What the timetable asks for: replies that are owed, and reps' own words once a quarter.

Everything asks "due and not yet done", so it may run late or twice: keys make repeats harmless.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from members.models import Person
from projects.ladder import quarter_of
from projects.models import Involvement, Named, OwnAccount, Project

#: How many days before a reply is due its officer hears of it, and on the day itself.
REMIND = (7, 0)
#: A reply that was due longer ago stays on Today and in Requests, but no letter goes any more.
CATCH_UP = timedelta(days=14)


# Replies that are owed --------------------------------------------------------------------------


def owing_replies(today: date) -> QuerySet[Involvement]:
    """Entries whose reply is due within a week, today, or was lately."""
    return (
        Involvement.objects.reply_due_by(today + timedelta(days=max(REMIND)))
        .filter(reply_due_on__gt=today - CATCH_UP)
        .select_related("project")
    )


def who_replies(project: Project) -> list[Person]:
    """The lead officer; the other officers where there is none; at last the coordinators."""
    named = project.named.holding().select_related("person")
    officers = [n for n in named if n.part != Named.Part.REP]
    leads = [n for n in officers if n.part == Named.Part.LEAD]
    return [n.person for n in leads or officers] or list(Person.objects.coordinators())


def remind_of_replies(*, at: datetime | None = None) -> int:
    """One letter a week before and one on the day; how many entries were looked at."""
    now = at or timezone.now()
    today = clocks.today(now)
    entries = list(owing_replies(today))
    for entry in entries:
        remind_of_reply(entry=entry, at=now)
    return len(entries)


@transaction.atomic
def remind_of_reply(*, entry: Involvement, at: datetime) -> None:
    """The newest reminder that is due for one entry.

    None for a day that had passed when it was logged: whoever logged it read then what is owed.
    """
    assert entry.reply_due_on is not None
    today, logged = clocks.today(at), clocks.today(entry.made_at)
    days = [entry.reply_due_on - timedelta(days=before) for before in REMIND]
    due = max((day for day in days if logged < day <= today), default=None)
    if due is None:
        return
    for person in who_replies(entry.project):
        outbox.queue(
            key=f"reply-due:{entry.pk}:{due.isoformat()}:{person.pk}",
            template="projects/reply_due",
            person=person,
            ids={"entry": entry.pk},
            at=at,
        )


# Once a quarter, to reps ------------------------------------------------------------------------


def quarter_ends(day: date) -> date:
    """The last day of its quarter."""
    first = quarter_of(day)
    after = date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
    return after - timedelta(days=1)


def unspoken(person: Person, today: date) -> QuerySet[Project]:
    """Projects that go on, where they were a representative throughout last quarter or part of
    it, and of which they have said nothing since that quarter began.
    """
    begins = quarter_of(today)
    began = clocks.local(begins, time())
    before = clocks.local(quarter_of(begins - timedelta(days=1)), time())
    said = OwnAccount.objects.standing().filter(person=person, made_at__gte=before)
    named = person.on_projects.holding().filter(part=Named.Part.REP, named_at__lt=began)
    return Project.objects.filter(
        pk__in=named.values("project"), completed_on__isnull=True
    ).exclude(pk__in=said.values("project"))


def ask_reps(*, at: datetime | None = None) -> int:
    """Ask reps once a quarter how it was; news, so it waits for the weekly letter."""
    now = at or timezone.now()
    today = clocks.today(now)
    reps = Person.objects.active().filter(
        pk__in=Named.objects.holding().filter(part=Named.Part.REP).values("person")
    )
    asked = 0
    for person in reps.order_by("pk"):
        if unspoken(person, today).exists():
            outbox.queue(
                key=f"were-you-involved:{quarter_of(today).isoformat()}:{person.pk}",
                template="projects/were_you_involved",
                person=person,
                ids={"quarter": quarter_of(today).isoformat()},
                news=True,
                at=now,
            )
            asked += 1
    return asked


# Asking to be put on a project ------------------------------------------------------------------


@transaction.atomic
def ask_to_be_named(*, project: Project, by: Person, at: datetime | None = None) -> None:
    """Tell the coordinators that somebody would like to log on a project; once a week at most.

    Raises TransitionNotAllowed for somebody who is on it already.
    """
    now = at or timezone.now()
    if project.named.current().filter(person=by).exists():
        raise TransitionNotAllowed("You are on this project already.")
    week = clocks.today(now).isocalendar()
    for person in Person.objects.coordinators():
        outbox.queue(
            key=f"wants-on:{project.pk}:{by.pk}:{week.year}-{week.week}:{person.pk}",
            template="projects/wants_on",
            person=person,
            ids={"project": project.pk, "who": by.pk},
            at=now,
        )
    AuditEvent.record("ask_to_be_named", project, by=by, at=now)
