"""Letters about who fills a place: a substitute stood down, a tick taken away."""

from django.urls import reverse

from coprod import letters, links
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from meetings.emails.calendar import why_invited
from meetings.models import Invitation, Meeting
from members.emails import reader_of


@letter("meetings/stood_down")
def stood_down(message: Message) -> Letter:
    """That somebody needn't come in another's place. Their invitation is gone by now."""
    person = reader_of(message)
    meeting = Meeting.objects.get(pk=message.ids["meeting"])
    place = Invitation.objects.filter(pk=message.ids["place"]).select_related("person").first()
    if meeting.has_begun:
        raise NoLongerDue("The meeting has begun.")
    if place is None or meeting.invitations.filter(person=person).exists():
        raise NoLongerDue("They are invited again.")
    is_officer = "officer" in person.role_kinds and not (person.is_rep or person.is_group_staff)
    if meeting.is_parents_only and is_officer:
        raise NoLongerDue("Officers aren’t told of parents’ meetings.")
    context = {"person": person, "meeting": meeting, "name": place.person.name}
    return letters.write(
        "meetings/stood_down",
        context,
        why="You get this because you were asked to come in somebody’s place.",
    )


@letter("meetings/not_there")
def not_there(message: Message) -> Letter:
    """That what somebody said of themselves was taken off the list."""
    person = reader_of(message)
    invited = Invitation.objects.with_people().select_related("meeting")
    own = invited.filter(pk=message.ids["invitation"], person=person).first()
    if own is None or own.attended:
        raise NoLongerDue("They are on the list again, or no longer invited.")
    token = links.make("reply", person=person, about=own.pk)
    context = {
        "person": person,
        "meeting": own.meeting,
        "url": reverse("meetings:attendance_declare_by_link", args=[token]),
    }
    return letters.write("meetings/not_there", context, why=why_invited(own))
