"""Replies, who was there, and the counts that everything else shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod import clocks, outbox, pages
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from meetings.models import Attendance, Invitation, Meeting, Minutes, Reply
from meetings.models.calendar import Format
from meetings.services.invitations import invite_to_meeting, plan_for
from meetings.services.substitutes import refuse_crowd, stand_down
from members.models import MemberGroup, Sector

#: The sectors that a meeting with services needs at the table.
EXPECTED = (Sector.EDUCATION, Sector.HEALTH, Sector.CHILDREN, Sector.ADULTS)
NO_GROUP = "Parents in no group"
#: Visited, or known to us in another way: its name is its own to give.
NOT_JOINED = "A group that hasn’t joined"

# Replies ------------------------------------------------------------------------------------------


def answers_for(meeting: Meeting) -> list[tuple[str, str]]:
    """The answers that make sense for this meeting's format."""
    fitting = {
        Format.ROOM: {Reply.Answer.ROOM},
        Format.ONLINE: {Reply.Answer.ONLINE},
        Format.BOTH: {Reply.Answer.ROOM, Reply.Answer.ONLINE},
    }[Format(meeting.format)] | {Reply.Answer.CANNOT}
    return [(answer.value, str(answer.label)) for answer in Reply.Answer if answer in fitting]


def groups_for(invitation: Invitation) -> list[MemberGroup]:
    """The groups that somebody with seats in several can come for, the invited one first.

    One person counts for one of them; only seats of the same kind as they were invited for.
    """
    if invitation.group is None or invitation.substitute_for_id is not None:
        return []
    is_staff = invitation.capacity == Invitation.Capacity.STAFF
    others = [
        seat.group
        for seat in invitation.person.current_seats
        if seat.is_staff == is_staff
        and seat.group.is_member
        and seat.group_id != invitation.group_id
    ]
    return [invitation.group, *others] if others else []


@transaction.atomic
def reply(
    *,
    invitation: Invitation,
    answer: str,
    by: Any,
    needs: str = "",
    for_group: MemberGroup | None = None,
    via: str = "",
    at: datetime | None = None,
) -> Reply:
    """Keep what an invited person answers now; the newest answer counts.

    ``by`` is who typed it: the person, or the coordinator who heard it, and ``via`` then says
    how. The person puts it right by answering themselves. Somebody named in their place needn't
    come when they can come after all. Raises TransitionNotAllowed after the meeting, and for an
    answer that its format doesn't offer.
    """
    now = at or timezone.now()
    # Locked, so that an answer either is there when the meeting moves or is for the new time.
    meeting = Meeting.objects.select_for_update().get(pk=invitation.meeting_id)
    if meeting.starts_at != invitation.meeting.starts_at:
        raise TransitionNotAllowed("This meeting has just moved. Look at its new date first.")
    if meeting.ends_at <= now:
        raise TransitionNotAllowed("This meeting is over, so replies are closed.")
    if meeting.is_cancelled:
        raise TransitionNotAllowed("This meeting is cancelled, so nobody needs to reply.")
    if answer not in dict(answers_for(meeting)):
        raise TransitionNotAllowed("Choose one of the answers shown.")
    if for_group is not None and for_group not in groups_for(invitation):
        raise TransitionNotAllowed("Choose one of the groups shown.")
    if for_group is None:
        for_group = invitation.comes_for
    kept, _ = Reply.objects.update_or_create(
        invitation=invitation,
        defaults={
            "answer": answer,
            "needs": needs,
            "for_group": for_group if for_group != invitation.group else None,
            "to_confirm": False,
            "via": via if by is not None and by.pk != invitation.person_id else "",
            "replied_at": now,
            "replied_by": by,
        },
    )
    if answer != Reply.Answer.CANNOT:
        stand_down(invitation=invitation, by=by, at=at)
    AuditEvent.record("reply", invitation, by=by, at=at, answer=answer)
    return kept


# Who was there ------------------------------------------------------------------------------------


def may_record(meeting: Meeting, at: datetime | None = None) -> bool:
    """From the meeting's own day on."""
    return meeting.date <= clocks.today(at)


def is_settled(meeting: Meeting) -> bool:
    """Whether the minutes, and with them who was there, have been agreed."""
    minutes = getattr(meeting, "minutes", None)
    return minutes is not None and minutes.state in ("agreed", "published", "withdrawn")


def check_open(meeting: Meeting, at: datetime | None) -> None:
    """Lock the meeting for a change of who was there. Raises TransitionNotAllowed."""
    if meeting.is_cancelled:
        raise TransitionNotAllowed("This meeting was cancelled, so nobody was there.")
    if not may_record(meeting, at):
        raise TransitionNotAllowed("Who was there can be recorded from the day of the meeting.")
    # One change at a time: two who share a place, or a group's last place, can't both be ticked.
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    # Locked and read anew: an answer that agrees them waits, or has been counted.
    minutes = Minutes.objects.select_for_update(of=("self",)).filter(meeting=meeting).first()
    if minutes is not None and not minutes.is_open:
        raise TransitionNotAllowed(
            "The minutes have been agreed, so who was there stays as it was agreed."
        )


@transaction.atomic
def record_attendance(
    *, meeting: Meeting, changes: Mapping[int, str], by: Any, at: datetime | None = None
) -> int:
    """Record only what changed: invitation id → "room", "online" or "" for not there.

    Two people who save at once each change their own rows. Returns how many rows moved.
    Somebody who said so themselves hears when another person takes it away. Raises
    TransitionNotAllowed before the meeting's day, once the minutes are agreed, and for more
    people than there are places.
    """
    check_open(meeting, at)
    now = at or timezone.now()
    changed: dict[str, str] = {}
    rows = meeting.invitations.filter(pk__in=changes).select_related("attendance", "person")
    for invitation in rows:
        how = changes[invitation.pk]
        was = invitation.attendance.how if invitation.attended else ""
        if how == was:
            continue
        if how:
            Attendance.objects.update_or_create(
                invitation=invitation,
                defaults={"how": how, "recorded_at": now, "recorded_by": by},
            )
        else:
            _tell_taken_away(invitation.attendance, by=by, at=at)
            Attendance.objects.filter(invitation=invitation).delete()
        changed[str(invitation.pk)] = how or "not there"
    if changed:
        refuse_crowd(meeting, [pk for pk, how in changes.items() if how])
        AuditEvent.record("record_attendance", meeting, by=by, at=at, rows=changed)
        pages.forget("/meetings/")
    return len(changed)


def _tell_taken_away(attendance: Attendance, *, by: Any, at: datetime | None = None) -> None:
    """Write to somebody whose own word that they were there is taken away by another person."""
    person = attendance.invitation.person
    if attendance.is_self_declared and by.pk != person.pk:
        outbox.queue(
            key=f"not-there:{attendance.pk}",
            template="meetings/not_there",
            person=person,
            ids={"invitation": attendance.invitation_id},
            at=at,
        )


@transaction.atomic
def add_latecomer(
    *, meeting: Meeting, how: str, by: Any, at: datetime | None = None, **who: Any
) -> Invitation:
    """Add somebody who came without an invitation, and that they were there.

    ``who`` is as for calendar.plan_for. Raises TransitionNotAllowed like record_attendance,
    and for somebody who is on the list.
    """
    check_open(meeting, at)
    plan = plan_for(by=by, **who)
    made = invite_to_meeting(meeting=meeting, people=[plan], by=by, at=at, send=False)
    if not made:
        raise TransitionNotAllowed(f"{plan.person.name} is on the list already.")
    record_attendance(meeting=meeting, changes={made[0].pk: how}, by=by, at=at)
    return made[0]


# Counts -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """One group or organisation: how many were invited, how many came."""

    label: str
    #: "parent" for groups and parents, "service" for everybody else
    kind: str
    sector: str
    invited: int
    came: int
    parents_came: int = 0

    @property
    def name(self) -> str:
        """The label, under the name that components use."""
        return self.label


@dataclass(frozen=True)
class AttendanceSummary:
    """Who was invited and who came, counted by person, group and sector. Names nobody."""

    invited: int
    total: int
    parents: int
    staff: int
    officers: int
    coordinators: int
    online: int
    rows: list[Place]
    seats: list[tuple[str, bool]]
    sectors_present: list[str]
    sectors_missing: list[str]
    #: The share of parents that the meeting wants, in percent.
    wanted: int
    #: Those of them who came late, left early or missed an item.
    partly: int = 0

    @property
    def percent(self) -> int | None:
        """Parents' share of those there, in whole percent; None when nobody was."""
        return round(100 * self.parents / self.total) if self.total else None

    @property
    def is_low(self) -> bool:
        """Whether parents were fewer than the forum's own share, counted exactly."""
        return bool(self.total) and 100 * self.parents < self.wanted * self.total

    @property
    def words(self) -> str:
        """``Parents 9 of 15 (60%)``."""
        if not self.total:
            return "Nobody is ticked yet"
        part = f", {self.partly} for part of it" if self.partly else ""
        return f"Parents {self.parents} of {self.total} ({self.percent}%){part}"

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        """The rows under a heading each, as the table of who came wants them."""
        headings = {"": "Others", **{value: str(label) for value, label in Sector.choices}}
        parents = [row for row in self.rows if row.kind == "parent"]
        parts = [{"title": "Parents and carers", "kind": "parent", "rows": parents}]
        for sector in [*Sector.values, ""]:
            rows = [r for r in self.rows if r.kind == "service" and r.sector == sector]
            parts.append({"title": headings[sector], "kind": "service", "rows": rows})
        return [part for part in parts if part["rows"]]


def attendance_summary(meeting: Meeting) -> AttendanceSummary:
    """Counts from the frozen invitations and the ticks beside them, in one query."""
    return summary_of(meeting, meeting.invitations.with_people())


def summary_of(meeting: Meeting, invitations: Iterable[Invitation]) -> AttendanceSummary:
    """The counts for invitations that were fetched already (``with_people``)."""
    everyone = list(invitations)
    came = [each for each in everyone if each.attended]
    tally = {kind: sum(i.capacity == kind for i in came) for kind in Invitation.Capacity.values}
    there = {invitation.sector for invitation in came if invitation.sector}
    expected = [] if meeting.audience != "services" else list(EXPECTED)
    # One place, one person: a substitute is no further invitation.
    places = [each for each in everyone if each.substitute_for_id is None]
    filled = {each.substitute_for_id or each.pk for each in came}
    return AttendanceSummary(
        invited=len(places),
        total=len(came),
        parents=tally["parent"],
        staff=tally["staff"],
        officers=tally["officer"],
        coordinators=tally["coordinator"],
        online=sum(each.attendance.how == Attendance.How.ONLINE for each in came),
        partly=sum(each.came_for_part for each in came),
        rows=_places(everyone),
        seats=[("parent" if i.is_parent else "service", i.pk in filled) for i in places],
        sectors_present=[str(sector.label) for sector in Sector if sector in there],
        sectors_missing=[str(sector.label) for sector in expected if sector not in there],
        wanted=meeting.parents_share,
    )


def place_of(invitation: Invitation) -> tuple[str, str, str]:
    """(kind, sector, label) of the row that an invitation counts in."""
    if (group := invitation.comes_for) is not None:
        return ("parent", "", group.name if group.has_joined else NOT_JOINED)
    if invitation.is_parent:
        return ("parent", "", NO_GROUP)
    if invitation.organisation:
        return ("service", invitation.sector, invitation.organisation.name)
    return ("service", "", str(invitation.get_capacity_display()))


def in_order(key: tuple[str, str, str]) -> tuple[Any, ...]:
    """Groups first, parents in no group after them, then services by sector, each by name."""
    kind, sector, label = key
    sectors = [*Sector.values, ""]
    return (kind != "parent", label == NO_GROUP, sectors.index(sector), label.lower())


def _places(everyone: list[Invitation]) -> list[Place]:
    grouped: dict[tuple[str, str, str], list[Invitation]] = {}
    for invitation in everyone:
        grouped.setdefault(place_of(invitation), []).append(invitation)
    return [
        Place(
            label=label,
            kind=kind,
            sector=sector,
            invited=sum(i.substitute_for_id is None for i in grouped[kind, sector, label]),
            came=sum(each.attended for each in grouped[kind, sector, label]),
            parents_came=sum(
                each.attended and each.is_parent for each in grouped[kind, sector, label]
            ),
        )
        for kind, sector, label in sorted(grouped, key=in_order)
    ]
