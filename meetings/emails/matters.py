"""The letter about a comment that was made after the minutes were agreed: why, and what became."""

from django.urls import reverse

from coprod import letters, links
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from meetings.emails.calendar import still_comes_for, why_invited
from meetings.models import Comment, Invitation, Meeting, Minutes
from meetings.readership import hidden_from
from meetings.services.comments import outcomes_state
from members.emails import reader_of


@letter("meetings/matter_settled")
def matter_settled(message: Message) -> Letter:
    """It isn't in the text, and why; it was answered or goes to a meeting they may know of."""
    person = reader_of(message)
    comment = (
        Comment.objects.select_related("version__minutes__meeting", "matter__meeting")
        .filter(pk=message.ids["comment"], author__person=person)
        .first()
    )
    if comment is None:
        raise NoLongerDue("This person is no longer invited.")
    invited = Invitation.objects.with_people().get(pk=comment.author_id)
    minutes = comment.version.minutes
    if not still_comes_for(invited):
        raise NoLongerDue("This person is no longer invited.")
    if minutes.state == Minutes.State.WITHDRAWN:
        raise NoLongerDue("These minutes were withdrawn.")
    if outcomes_state(Comment.objects.filter(pk=comment.pk)) != message.ids["state"]:
        raise NoLongerDue("The answer has changed since. A newer message tells of it.")
    # Who wasn't there may know no more of what was private, or has become so since.
    hidden = hidden_from(person, minutes, minutes.versions.all())
    matter = comment.matter.meeting if comment.matter else None
    # Whoever was invited once needn't know of the next meeting of the same people.
    knows = matter and Meeting.objects.visible_to(person).filter(pk=matter.pk).exists()
    context = {
        "person": person,
        "meeting": minutes.meeting,
        "number": comment.number,
        "text": comment.text,
        "answered": comment.outcome == Comment.Outcome.ANSWERED,
        "reason": "" if str(comment.uid) in hidden else comment.outcome_reason,
        "next": matter.date if matter is not None and knows else None,
        "url": reverse(
            "meetings:minutes_draft_by_link",
            args=[links.make("draft", person=person, about=invited.pk)],
        ),
    }
    return letters.write("meetings/matter_settled", context, why=why_invited(invited))
