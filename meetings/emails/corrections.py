"""The letter that published minutes were put right, for those invited and publicity contacts.

It holds what everyone can read: a note about something private names no words of it.
"""

from django.utils.dateparse import parse_date

from coprod import letters
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from coprod.templatetags.forum import and_list
from meetings.corrections import corrections_of
from meetings.emails.calendar import why_invited
from meetings.models import Correction, Minutes, PublicityChannel
from members.emails import reader_of

WHAT = {
    Correction.Kind.CORRECTION: "put right",
    Correction.Kind.RELEASE: "changed: something that was private is shown now",
    Correction.Kind.REDACTION: "changed: something was taken out",
}


@letter("meetings/minutes_corrected")
def minutes_corrected(message: Message) -> Letter:
    """What changed, why, who agreed, and where the minutes are."""
    correction = Correction.objects.select_related(
        "version__minutes__meeting",
        "version__minutes__agreed_version",
        "version__minutes__shown_version",
    ).get(pk=message.ids["correction"])
    minutes = correction.version.minutes
    if minutes.state != Minutes.State.PUBLISHED:
        raise NoLongerDue("These minutes aren’t public any more.")
    name, why = _reader(message, minutes)
    told = next(each for each in corrections_of(minutes) if each.correction.pk == correction.pk)
    public = correction.version.public
    places = [f"paragraph {number}" for number in told.places]
    parts = [part[:1].lower() + part[1:] for part in told.parts]
    context = {
        "name": name,
        "title": public["meeting"]["title"],
        "day": parse_date(public["meeting"]["date"]),
        "number": told.number,
        "what": WHAT[Correction.Kind(correction.kind)],
        "taken_out": correction.kind == Correction.Kind.REDACTION,
        "note": correction.note,
        "where": and_list([*places, *parts]),
        "approved": correction.approved_by_words,
        "contact": message.person is None,
        "url": minutes.meeting.get_absolute_url(),
    }
    member = message.person is not None
    return letters.write("meetings/minutes_corrected", context, why=why, to_member=member)


def _reader(message: Message, minutes: Minutes) -> tuple[str, str]:
    """The reader's first name, and why they get this. Raises NoLongerDue."""
    if message.person is None:
        channel = PublicityChannel.objects.filter(pk=message.ids["channel"], is_used=True).first()
        if channel is None or channel.email != message.address:
            raise NoLongerDue("This publicity contact isn’t used any more.")
        return "", "You get this because you tell people of our minutes."
    person = reader_of(message)
    invitation = minutes.meeting.invitations.with_people().filter(person=person).first()
    if invitation is None:
        raise NoLongerDue("This person is no longer invited.")
    return person.first_name, why_invited(invitation)
