"""Letters about agreement: that only spelling changed, what we say to a “not yet”."""

from django.urls import reverse

from coprod import letters, links
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from meetings.emails.calendar import why_invited
from meetings.emails.minutes import invited_of, newest_draft
from meetings.models import Agreement, Invitation
from members.emails import reader_of
from members.models import Person


def _draft_url(person: Person, invited: Invitation) -> str:
    token = links.make("draft", person=person, about=invited.pk)
    return reverse("meetings:minutes_draft_by_link", args=[token])


@letter("meetings/minutes_spelling")
def minutes_spelling(message: Message) -> Letter:
    """Only spelling changed: nothing is asked, one's answer holds, both texts can be read."""
    person = reader_of(message)
    invited = invited_of(person, message.ids["invitation"])
    version = newest_draft(message)
    context = {
        "person": person,
        "meeting": version.minutes.meeting,
        "version": version,
        "there": invited.attended,
        "answer": Agreement.objects.filter(version=version, invitation=invited).first(),
        "url": _draft_url(person, invited),
    }
    return letters.write("meetings/minutes_spelling", context, why=why_invited(invited))


@letter("meetings/not_yet_answered")
def not_yet_answered(message: Message) -> Letter:
    """Why the text stays, to somebody who said “not yet”; they decide what to answer now."""
    person = reader_of(message)
    invited = invited_of(person, message.ids["invitation"])
    given = (
        Agreement.objects.select_related("version__minutes__meeting")
        .filter(pk=message.ids["agreement"], invitation=invited)
        .first()
    )
    if given is None or not given.outcome:
        raise NoLongerDue("They have changed their answer since.")
    minutes = given.version.minutes
    if not minutes.takes_answers or minutes.versions.filter(number__gt=given.version.number):
        raise NoLongerDue("These minutes have moved on since.")
    context = {
        "person": person,
        "meeting": minutes.meeting,
        "reason": given.reason,
        "outcome": given.outcome,
        "at_next": given.version.agree_at_next,
        "url": _draft_url(person, invited),
    }
    return letters.write("meetings/not_yet_answered", context, why=why_invited(invited))
