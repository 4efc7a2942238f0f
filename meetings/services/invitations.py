"""Who is invited to a meeting, on behalf of whom, and the letters that say so."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import Invitation, Meeting
from meetings.services import confirm_items
from meetings.services.details import show_meeting
from members.models import MemberGroup, Organisation, Person, Role
from members.services import add_person

logger = logging.getLogger(__name__)


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
    sent, whatever ``send`` says. Raises TransitionNotAllowed for a cancelled one.
    """
    now = at or timezone.now()
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.is_cancelled:
        raise TransitionNotAllowed("This meeting is cancelled, so nobody is invited to it.")
    invited = set(meeting.invitations.values_list("person_id", flat=True))
    made = []
    for plan in people:
        if plan.person.pk in invited:
            continue
        invited.add(plan.person.pk)
        made.append(_freeze(meeting, plan, by=by, at=now))
    if meeting.invited_at is None and made:
        Meeting.objects.filter(pk=meeting.pk).update(invited_at=now, invited_by=by)
    if meeting.invited_at is None and made:
        confirm_items.bring_back(meeting=meeting, at=at)
    if meeting.announced_at is None and made:
        show_meeting(meeting=meeting, by=by, at=at)
    if send and sends_letters(meeting, now):
        for invitation in made:
            send_invitation(invitation, at=at)
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


def send_invitation(invitation: Invitation, *, at: datetime | None) -> None:
    """Queue the letter with the link to answer."""
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
    if meeting.invited_at is not None or meeting.is_cancelled:
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
