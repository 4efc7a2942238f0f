"""Letters of the calendar: the year announced, an invitation, an agenda.

Each asks again, when it is written, whether its reader may still have it.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from coprod import letters, links
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from coprod.templatetags.forum import plural
from meetings.models import AgendaItem, Invitation, Meeting, Series
from meetings.models.calendar import Audience
from meetings.papers import reading_time
from meetings.services.calendar import former_date
from members.emails import reader_of
from members.models import Person, Role


def still_comes_for(invitation: Invitation) -> bool:
    """False for somebody who has left the group or the office that they were invited for.

    A guest never held either, so nothing can have ended.
    """
    if invitation.substitute_for is not None:
        # They come in somebody's place, whatever they were before.
        return still_comes_for(invitation.substitute_for)
    person = invitation.person
    if invitation.group_id is not None:
        spells = [s.ended_at for s in person.seats.filter(group_id=invitation.group_id)]
    elif invitation.organisation_id is not None:
        roles = person.roles.filter(
            kind=Role.Kind.OFFICER, organisation_id=invitation.organisation_id
        )
        spells = [role.ended_at for role in roles]
    elif invitation.capacity == Invitation.Capacity.COORDINATOR:
        spells = [r.ended_at for r in person.roles.filter(kind=Role.Kind.COORDINATOR)]
    else:
        spells = []
    return not spells or None in spells


def check_takes_place(meeting: Meeting) -> None:
    """Raise NoLongerDue for a meeting that nobody can come to any more."""
    if meeting.is_cancelled:
        raise NoLongerDue("The meeting is cancelled.")
    if meeting.has_begun:
        raise NoLongerDue("The meeting has begun.")


def announcement_context(
    series: Series, meetings: Sequence[Meeting], person: Person | None
) -> dict[str, Any]:
    """What the announcement says; the publishing page shows the same words without a name."""
    return {
        "person": person,
        "series": series,
        "meetings": meetings,
        "parents_only": series.audience == Audience.PARENTS,
        "url": reverse("meetings:meeting_list"),
    }


@letter("meetings/announcement")
def announcement(message: Message) -> Letter:
    """Every date of a series, once. Invitations come later, one for each meeting."""
    person = reader_of(message)
    series = Series.objects.get(pk=message.ids["series"])
    people = (
        Person.objects.reps() if series.audience == Audience.PARENTS else Person.objects.members()
    )
    if not people.filter(pk=person.pk).exists():
        raise NoLongerDue("This person no longer has a seat or an office.")
    # One date of a series can be for parents only.
    meetings = (
        Meeting.objects.visible_to(person)
        .taking_place()
        .filter(pk__in=message.ids["meetings"], announced_at__isnull=False)
        .coming()
    )
    if not meetings:
        raise NoLongerDue("All these dates have passed or are cancelled.")
    context = announcement_context(series, list(meetings), person)
    return letters.write(
        "meetings/announcement", context, why="You get this because you belong to the forum."
    )


def invitation_context(meeting: Meeting, invited: Any, url: str) -> dict[str, Any]:
    """What an invitation says. ``invited``: an Invitation, or a plan of one for the preview."""
    place = invited.group or invited.organisation
    return {
        "person": invited.person,
        "meeting": meeting,
        "place": place.name if place else "",
        "instead_of": instead_of(invited),
        "former": former_date(meeting) if meeting.pk else None,
        "url": url,
    }


def instead_of(invited: Any) -> str:
    """In whose place somebody comes; nobody's for most."""
    place = getattr(invited, "substitute_for", None)
    return place.person.name if place is not None else ""


@letter("meetings/invitation")
def invitation(message: Message) -> Letter:
    """When, where, what to expect, and a link that answers without signing in."""
    person = reader_of(message)
    invited = (
        Invitation.objects.select_related("meeting", "person", "group", "organisation")
        .filter(pk=message.ids["invitation"], person=person)
        .first()
    )
    if invited is None:
        raise NoLongerDue("They needn’t come after all.")
    check_takes_place(invited.meeting)
    if not still_comes_for(invited):
        raise NoLongerDue("This person no longer comes for this group or organisation.")
    token = links.make("reply", person=person, about=invited.pk)
    context = invitation_context(
        invited.meeting, invited, reverse("meetings:reply_by_link", args=[token])
    )
    return letters.write("meetings/invitation", context, why=why_invited(invited))


def why_invited(invited: Invitation) -> str:
    place = invited.group or invited.organisation
    return f"You get this because you are invited{f' for {place}' if place else ''}."


@letter("meetings/agenda")
def agenda(message: Message) -> Letter:
    """The items in order. A private one shows only that it is there, and why."""
    person = reader_of(message)
    invited = (
        Invitation.objects.filter(meeting=message.ids["meeting"], person=person)
        .select_related("meeting", "person", "group", "organisation")
        .first()
    )
    if invited is None or not still_comes_for(invited):
        raise NoLongerDue("This person is no longer invited.")
    check_takes_place(invited.meeting)
    context = {
        "person": person,
        "meeting": invited.meeting,
        "items": agenda_lines(invited.meeting),
        "again": message.ids.get("again", False),
        "itself": message.ids.get("itself", False),
        "url": invited.meeting.get_absolute_url(),
    }
    return letters.write("meetings/agenda", context, why=why_invited(invited))


def agenda_lines(meeting: Meeting) -> list[dict[str, Any]]:
    """Each item in words for a letter; of a private one only its reason."""
    lines = []
    items = AgendaItem.objects.filter(meeting=meeting).on().prefetch_related("papers")
    for number, item in enumerate(items, 1):
        if item.is_private:
            reason = item.private_reason.rstrip(".")
            title = f"A private item{f' ({reason})' if reason else ''}"
            lines.append({"number": number, "title": title, "about": "", "note": ""})
            continue
        about = [item.get_purpose_display()]
        if item.lead:
            about.append(f"led by {item.lead}")
        if item.minutes:
            about.append(f"{item.minutes} minutes")
        if item.can_decide:
            about.append(item.get_can_decide_display().lower())
        lines.append(
            {
                "number": number,
                "title": item.title,
                "about": ", ".join(about),
                "note": item.note,
                "papers": [
                    f"To read: {paper.title} ({plural(reading_time(paper), 'minute')}). "
                    f"We ask: {paper.asked}"
                    for paper in item.papers.all()
                ],
            }
        )
    return lines


def _with_reply_link(person_id: int, about: int) -> QuerySet[Message]:
    """The invitation whose link was opened, or whatever else asked this person to answer it."""
    return Message.objects.filter(
        person=person_id,
        template__in=["meetings/invitation", "meetings/not_there"],
        ids__invitation=about,
    )


links.letters_with["reply"] = _with_reply_link
