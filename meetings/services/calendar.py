"""Planning a year, announcing it, and a meeting's details and invitations."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from coprod import clocks, outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Forum
from meetings.models import (
    ClosedPeriod,
    FormerAddress,
    Invitation,
    Meeting,
    Series,
)
from meetings.models.calendar import Audience
from members.models import MemberGroup, Organisation, Person, Role
from members.services import add_person

logger = logging.getLogger(__name__)

#: What a meeting takes over from its series.
USUAL = ("audience", "starts", "ends", "format", "place", "online_link", "expect")
#: What a meeting copies from the forum's rules when it is made.
RULES = ("minutes_days", "agenda_days", "invitation_days", "parents_share")


# The year ---------------------------------------------------------------------------------------


@transaction.atomic
def save_series(*, series: Series, by: Any, at: datetime | None = None) -> None:
    """Keep a pattern. Dates that wait unannounced take over its new times and place."""
    is_new = series.pk is None
    if is_new:
        series.created_at, series.created_by = at or timezone.now(), by
    series.save()
    for meeting in series.meetings.filter(announced_at__isnull=True, invited_at__isnull=True):
        for name in USUAL:
            setattr(meeting, name, getattr(series, name))
        _rename(meeting, series.name)
    AuditEvent.record("add_series" if is_new else "change_series", series, by=by, at=at)


def _rename(meeting: Meeting, title: str) -> None:
    """Save a meeting that nobody was told of: its address may follow without a trace."""
    meeting.title = title
    meeting.slug = ""
    meeting.save()


@transaction.atomic
def close_days(
    *, name: str, first_day: date, last_day: date, by: Any, at: datetime | None = None
) -> ClosedPeriod:
    """Keep days when nobody should meet."""
    period = ClosedPeriod.objects.create(
        name=name,
        first_day=first_day,
        last_day=last_day,
        created_by=by,
        created_at=at or timezone.now(),
    )
    AuditEvent.record("close_days", period, by=by, at=at)
    return period


@transaction.atomic
def open_days(*, period: ClosedPeriod, by: Any) -> None:
    """Take closed days away again."""
    AuditEvent.record("open_days", period, by=by)
    period.delete()


@transaction.atomic
def use_dates(
    *, series: Series, dates: Iterable[date], by: Any, at: datetime | None = None
) -> list[Meeting]:
    """Make ``dates`` the unannounced meetings of ``series``; nothing goes out.

    Unannounced meetings on other days are taken away; announced ones stay as they are.
    """
    series = Series.objects.select_for_update().get(pk=series.pk)
    wanted = set(dates)
    waiting = {m.date: m for m in series.meetings.filter(announced_at__isnull=True)}
    for day, meeting in waiting.items():
        if day not in wanted and meeting.invited_at is None:
            AuditEvent.record("delete_meeting", meeting, by=by, at=at)
            meeting.delete()
    there = set(series.meetings.values_list("date", flat=True))
    for day in sorted(wanted - there):
        usual = {name: getattr(series, name) for name in USUAL}
        make_meeting(title=series.name, date=day, series=series, by=by, at=at, **usual)
    AuditEvent.record("use_dates", series, by=by, at=at, meetings=len(wanted))
    return list(series.meetings.filter(announced_at__isnull=True).order_by("date"))


def make_meeting(*, by: Any, at: datetime | None = None, **fields: Any) -> Meeting:
    """A meeting under the forum's rules of today."""
    forum = Forum.current()
    rules = {name: getattr(forum, name) for name in RULES}
    meeting = Meeting(created_by=by, created_at=at or timezone.now(), **rules, **fields)
    _save_with_free_address(meeting)
    AuditEvent.record("add_meeting", meeting, by=by, at=at)
    return meeting


def _save_with_free_address(meeting: Meeting) -> None:
    """Two people adding the same title and day at once: the second gets the next address."""
    for _ in range(3):
        try:
            with transaction.atomic():
                meeting.save()
            return
        except IntegrityError:
            if not Meeting.objects.filter(slug=meeting.slug).exclude(pk=meeting.pk).exists():
                raise
            meeting.slug = ""
    raise TransitionNotAllowed("Somebody else is adding this meeting just now. Try again.")


def told_of(audience: str) -> list[Person]:
    """Who hears of a year: reps, and officers too unless it is for parents only."""
    people = Person.objects.reps() if audience == Audience.PARENTS else Person.objects.members()
    return list(people.order_by("name"))


@transaction.atomic
def announce_year(*, series: Series, by: Any, at: datetime | None = None) -> list[Meeting]:
    """Announce every unannounced meeting of ``series`` with one message to each member.

    Dates that have all passed are listed and nobody is written to. Raises
    TransitionNotAllowed when nothing waits to be announced, so a second press sends nothing.
    """
    now = at or timezone.now()
    series = Series.objects.select_for_update().get(pk=series.pk)
    waiting = list(series.meetings.filter(announced_at__isnull=True).order_by("date", "starts"))
    if not waiting:
        raise TransitionNotAllowed("These dates have been announced already.")
    ids = [meeting.pk for meeting in waiting]
    Meeting.objects.filter(pk__in=ids).update(announced_at=now, announced_by=by)
    AuditEvent.record("announce_year", series, by=by, at=at, meetings=ids)
    coming = any(meeting.date >= clocks.today(at) for meeting in waiting)
    for person in told_of(series.audience) if coming else []:
        outbox.queue(
            key=f"announcement:{series.pk}:{ids[0]}:{person.pk}",
            template="meetings/announcement",
            person=person,
            ids={"series": series.pk, "meetings": ids},
            at=at,
        )
    pages.forget("/")
    return waiting


# One meeting --------------------------------------------------------------------------------------


@transaction.atomic
def add_meeting(
    *, by: Any, show: bool = True, at: datetime | None = None, **fields: Any
) -> Meeting:
    """An extra meeting, or one entered afterwards. ``show``: list it now; nobody is written to."""
    meeting = make_meeting(by=by, at=at, **fields)
    if show:
        show_meeting(meeting=meeting, by=by, at=at)
    return meeting


@transaction.atomic
def show_meeting(*, meeting: Meeting, by: Any, at: datetime | None = None) -> None:
    """List one meeting in the calendar without writing to anybody."""
    now = at or timezone.now()
    if Meeting.objects.filter(pk=meeting.pk, announced_at__isnull=True).update(
        announced_at=now, announced_by=by
    ):
        meeting.announced_at, meeting.announced_by = now, by
        AuditEvent.record("show_meeting", meeting, by=by, at=at)
        pages.forget("/")


def may_move(meeting: Meeting) -> bool:
    """Whether a change of date needs no notice to people who were invited for the old one."""
    return meeting.invited_at is None or meeting.is_recorded_later


@transaction.atomic
def change_meeting(
    *, meeting: Meeting, by: Any, fields: Sequence[str], at: datetime | None = None
) -> None:
    """Save changed details. A new date gives a new address, and the old one redirects for ever.

    Raises TransitionNotAllowed for another date once people were invited to this one.
    """
    stored = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if stored.date != meeting.date:
        if not may_move(stored):
            raise TransitionNotAllowed(
                "People have been invited for this date, so it can’t be changed here."
            )
        meeting.slug = ""
    meeting.save(update_fields=[*fields, "slug", "starts_at"])
    if stored.slug != meeting.slug:
        meeting.former_addresses.filter(slug=meeting.slug).delete()
        if stored.announced_at or stored.invited_at:
            FormerAddress.objects.create(meeting=meeting, slug=stored.slug)
    data: dict[str, Any] = {"fields": list(fields)}
    if stored.date != meeting.date:
        data |= {"date_was": stored.date.isoformat(), "date": meeting.date.isoformat()}
    AuditEvent.record("change_meeting", meeting, by=by, at=at, **data)
    pages.forget("/")


@transaction.atomic
def delete_meeting(*, meeting: Meeting, by: Any) -> None:
    """Take away a meeting that nobody was ever told of. Raises TransitionNotAllowed otherwise."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.announced_at or meeting.invited_at or meeting.invitations.exists():
        raise TransitionNotAllowed(
            "People know of this meeting, so it stays. Change its details instead."
        )
    AuditEvent.record("delete_meeting", meeting, by=by)
    meeting.delete()


# Invitations --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InviteePlan:
    """Who is to be invited, and on behalf of whom, before it is frozen into an invitation."""

    person: Person
    capacity: str
    group: MemberGroup | None = None
    organisation: Organisation | None = None

    @property
    def sector(self) -> str:
        """The organisation's sector as it is today."""
        return self.organisation.sector if self.organisation else ""

    @property
    def code(self) -> str:
        """``parent.3``: what a page sends back, with the group's or organisation's number."""
        about = self.group or self.organisation
        return f"{self.capacity}.{about.pk if about else 0}"

    @property
    def words(self) -> str:
        """On behalf of whom, for a list."""
        if self.group:
            return f"{self.group.name}{', staff' if self.capacity == 'staff' else ''}"
        if self.organisation:
            return self.organisation.name
        return str(Invitation.Capacity(self.capacity).label)


def options_of(people: Sequence[Person], *, officers: bool) -> dict[int, list[InviteePlan]]:
    """As what each of ``people`` can be invited, by their id: seats first, then offices.

    ``people`` come with ``seats`` and ``roles`` prefetched as ``people_with_places`` does.
    """
    options: dict[int, list[InviteePlan]] = {}
    capacity = Invitation.Capacity
    for person in people:
        found = [
            InviteePlan(person, capacity.STAFF if seat.is_staff else capacity.PARENT, seat.group)
            for seat in person.seats.all()
            if seat.ended_at is None and seat.group.is_member
        ]
        for role in person.roles.all():
            if role.ended_at is None and role.kind == Role.Kind.OFFICER and officers:
                found.append(InviteePlan(person, capacity.OFFICER, organisation=role.organisation))
            elif role.ended_at is None and role.kind == Role.Kind.COORDINATOR:
                found.append(InviteePlan(person, capacity.COORDINATOR))
        options[person.pk] = found
    return options


def people_with_places() -> Any:
    """Active people with their seats and roles, in three queries."""
    return (
        Person.objects.active()
        .prefetch_related("seats__group", "roles__organisation")
        .order_by("name")
    )


def default_invitees(meeting: Meeting) -> dict[int, list[InviteePlan]]:
    """Everybody who is usually invited, with the ways each can be; the first is the usual one.

    All who hold a seat in a member group, the coordinators, and officers unless it is a
    parents' meeting. Those already invited are left out.
    """
    invited = set(meeting.invitations.values_list("person_id", flat=True))
    people = [person for person in people_with_places() if person.pk not in invited]
    options = options_of(people, officers=not meeting.is_parents_only)
    return {pk: found for pk, found in options.items() if found}


@transaction.atomic
def invite_to_meeting(
    *,
    meeting: Meeting,
    people: Sequence[InviteePlan],
    by: Any,
    at: datetime | None = None,
    send: bool = True,
) -> list[Invitation]:
    """Freeze invitations and queue one letter to each. Later joiners add rows.

    People who have an invitation already are passed over, so a second press sends nothing.
    For a meeting that has begun or was entered afterwards the rows are made and nothing is
    sent, whatever ``send`` says.
    """
    now = at or timezone.now()
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    invited = set(meeting.invitations.values_list("person_id", flat=True))
    made = []
    for plan in people:
        if plan.person.pk in invited:
            continue
        invited.add(plan.person.pk)
        made.append(_freeze(meeting, plan, by=by, at=now))
    if meeting.invited_at is None and made:
        Meeting.objects.filter(pk=meeting.pk).update(invited_at=now, invited_by=by)
    if meeting.announced_at is None and made:
        show_meeting(meeting=meeting, by=by, at=at)
    if send and sends_letters(meeting, now):
        for invitation in made:
            _send_invitation(invitation, at=at)
    if made:
        AuditEvent.record("invite", meeting, by=by, at=at, invitations=[each.pk for each in made])
        pages.forget("/")
    return made


def sends_letters(meeting: Meeting, now: datetime | None = None) -> bool:
    """Whether inviting somebody writes to them: never for what has begun or is over."""
    return meeting.starts_at > (now or timezone.now()) and not meeting.is_recorded_later


def _freeze(meeting: Meeting, plan: InviteePlan, *, by: Any, at: datetime) -> Invitation:
    return Invitation.objects.create(
        meeting=meeting,
        person=plan.person,
        capacity=plan.capacity,
        group=plan.group,
        organisation=plan.organisation,
        sector=plan.sector,
        invited_at=at,
        invited_by=by,
    )


def _send_invitation(invitation: Invitation, *, at: datetime | None) -> None:
    outbox.queue(
        key=f"invitation:{invitation.pk}",
        template="meetings/invitation",
        person=invitation.person,
        ids={"invitation": invitation.pk},
        at=at,
    )


def invite_due_meetings(now: datetime | None = None) -> None:
    """Invite the usual people to every meeting that is due; one failure holds up no other."""
    for meeting in Meeting.objects.due_for_invitation(now):
        if not sends_letters(meeting, now):
            continue
        try:
            invite_by_default(meeting=meeting)
        except Exception:
            logger.exception("Meeting %s could not be invited to", meeting.pk)


@transaction.atomic
def invite_by_default(*, meeting: Meeting) -> list[Invitation]:
    """Invite the usual people, unless somebody was invited meanwhile."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.invited_at is not None:
        return []
    plans = [options[0] for options in default_invitees(meeting).values()]
    return invite_to_meeting(meeting=meeting, people=plans, by=None)


@transaction.atomic
def give_minutes_to(
    *, meeting: Meeting, person: Person | None, by: Any, at: datetime | None = None
) -> None:
    """Name the minute-taker for this one meeting, or nobody.

    Raises TransitionNotAllowed for somebody who isn't invited.
    """
    if person is not None and not meeting.invitations.filter(person=person).exists():
        raise TransitionNotAllowed(f"{person.name} isn’t invited, so can’t take the minutes.")
    Meeting.objects.filter(pk=meeting.pk).update(minute_taker=person)
    given = person.pk if person is not None else None
    AuditEvent.record("give_minutes", meeting, by=by, at=at, person=given)


def former_date(meeting: Meeting) -> date | None:
    """The date that people heard of last before it moved, read from its former address."""
    former = meeting.former_addresses.order_by("-pk").first()
    day = date.fromisoformat(former.slug[:10]) if former else None
    return day if day != meeting.date else None


@transaction.atomic
def plan_for(
    *,
    capacity: str,
    by: Any,
    person: Person | None = None,
    name: str = "",
    email: str = "",
    group: MemberGroup | None = None,
    organisation: Organisation | None = None,
) -> InviteePlan:
    """A plan for somebody we know or, without ``person``, for somebody new who is added."""
    if person is None:
        person = add_person(by=by, invite=False, name=name, email=email or None)
    return InviteePlan(person, capacity, group, organisation)


def guest_plan(person: Person, place: str) -> InviteePlan | None:
    """A plan for somebody without that seat or office: ``officer.3``, ``parent.0``.

    None when the code names nothing that exists.
    """
    capacity, _, number = place.partition(".")
    pk = int(number) if number.isdecimal() and len(number) < 18 else 0
    if capacity == Invitation.Capacity.OFFICER:
        organisation = Organisation.objects.filter(pk=pk).first()
        return InviteePlan(person, capacity, organisation=organisation) if organisation else None
    if capacity in (Invitation.Capacity.PARENT, Invitation.Capacity.STAFF):
        group = MemberGroup.objects.filter(pk=pk).first()
        if group is None and (capacity == Invitation.Capacity.STAFF or pk):
            return None
        return InviteePlan(person, capacity, group)
    return None
