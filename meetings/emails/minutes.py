"""Letters about minutes: the draft, what became of comments, that they are published.

Each asks again, when it is written, whether its reader may still have it. Nobody is told that
another reader's text differs.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from coprod import clocks, letters, links
from coprod.agreeing import rule_words
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from coprod.registry import Letter, letter
from coprod.templatetags.forum import long_day
from meetings import answers, reading
from meetings.emails.calendar import still_comes_for, why_invited
from meetings.models import Comment, Invitation, Minutes, Version
from meetings.querysets.versions import CALL_DAYS, LETTER_DAYS
from meetings.readership import access_for, hidden_from
from meetings.services.comments import outcomes_state
from members.emails import reader_of
from members.models import Person


def invited_of(person: Person, pk: int) -> Invitation:
    """The reader's own invitation, if they still come. Raises NoLongerDue."""
    invited = (
        Invitation.objects.with_people().select_related("meeting").filter(pk=pk, person=person)
    ).first()
    if invited is None or not still_comes_for(invited):
        raise NoLongerDue("This person is no longer invited.")
    return invited


def newest_draft(message: Message) -> Version:
    """The version that a letter is about, while it is the draft to read. Raises NoLongerDue."""
    version = Version.objects.select_related("minutes__meeting").get(pk=message.ids["version"])
    if not version.minutes.takes_answers:
        raise NoLongerDue("These minutes are no draft any more.")
    if version.minutes.versions.filter(number__gt=version.number).exists():
        raise NoLongerDue("A newer version has gone out.")
    return version


def _closes(version: Version, channel: str) -> date:
    """The last day for comments that a draft names; on paper or by phone never too soon."""
    more = {Message.Channel.LETTER: LETTER_DAYS, Message.Channel.PHONE: CALL_DAYS}
    fair = clocks.today() + timedelta(days=more.get(Message.Channel(channel), 0))
    return max(version.closes_on, fair) if version.comments_open else version.closes_on


@letter("meetings/minutes_draft")
def minutes_draft(message: Message) -> Letter:
    """Read it, comment, and if you were there say if it's a fair record, by one's own link."""
    person = reader_of(message)
    invited = invited_of(person, message.ids["invitation"])
    version = newest_draft(message)
    if not version.comments_open and not invited.attended:
        raise NoLongerDue("Comments have closed.")
    token = links.make("draft", person=person, about=invited.pk)
    context = draft_context(version, invited) | {
        "url": reverse("meetings:minutes_draft_by_link", args=[token]),
        "channel": message.channel,
        "closes": _closes(version, message.channel),
    }
    rendition = access_for(person, version.minutes.meeting).rendition(version)
    return letters.write(
        "meetings/minutes_draft",
        context,
        why=why_invited(invited),
        enclosed=_on_paper(message, version, rendition),
    )


def _on_paper(message: Message, version: Version, rendition: dict[str, Any]) -> str:
    """The minutes themselves, for somebody who reads by post; else nothing."""
    if message.channel != Message.Channel.LETTER:
        return ""
    meeting = version.minutes.meeting
    agreed = version.pk in (version.minutes.agreed_version_id, version.minutes.shown_version_id)
    state = "Agreed" if agreed else "Draft"
    context = {
        "title": f"{state} minutes of {meeting.title}",
        "lines": [long_day(meeting.date), f"{state} minutes, version {version.number}"],
        "short_version": rendition["short_version"],
        "items": rendition["items"],
    }
    return render_to_string("pdf/meetings/enclosed.html", context)


def _part(rendition: dict[str, Any], invited: Invitation) -> str:
    """For which items they answer, where they missed some."""
    if not invited.attended:
        return ""
    missed = set(invited.attendance.missed.values_list("pk", flat=True))
    return answers.part_words(rendition, invited, missed)


def draft_context(version: Version, invited: Invitation) -> dict[str, Any]:
    """What the letter about a draft says to one invited person."""
    meeting = version.minutes.meeting
    rendition = access_for(invited.person, meeting).rendition(version)
    return {
        "person": invited.person,
        "meeting": meeting,
        "version": version,
        "again": version.number > 1 and not version.spelling_only,
        "there": invited.attended,
        "rule": rule_words(version),
        "part": _part(rendition, invited),
        "came": meeting.invitations.attended().count(),
        "reading_minutes": reading.reading_minutes(rendition),
        "short": rendition["short_version"],
        "number": next((p["number"] for p in reading.paragraphs_of(rendition).values()), "4.2"),
    }


@letter("meetings/comment_outcomes")
def comment_outcomes(message: Message) -> Letter:
    """What became of each of one's own comments on a version, in one letter."""
    person = reader_of(message)
    invited = invited_of(person, message.ids["invitation"])
    version = Version.objects.select_related("minutes__meeting").get(pk=message.ids["version"])
    comments = Comment.objects.filter(version=version, author=invited).select_related(
        "author", "made_by"
    )
    if version.minutes.state == Minutes.State.WITHDRAWN:
        raise NoLongerDue("These minutes were withdrawn.")
    if outcomes_state(comments) != message.ids["state"]:
        raise NoLongerDue("An answer has changed since. A newer message tells of it.")
    # Who wasn't there may know no more of what was private, or has become so since.
    hidden = hidden_from(person, version.minutes, list(version.minutes.versions.all()))
    context = {
        "person": person,
        "meeting": version.minutes.meeting,
        "comments": [
            {
                "number": comment.number,
                "text": comment.text,
                "written_down": comment.written_down,
                "outcome": comment.get_outcome_display(),
                "reason": "" if str(comment.uid) in hidden else comment.outcome_reason,
                "changed": comment.outcome == Comment.Outcome.CHANGED,
            }
            for comment in comments
        ],
        "heard": any(comment.was_written_down for comment in comments),
        "channel": message.channel,
        "url": reverse(
            "meetings:minutes_draft_by_link",
            args=[links.make("draft", person=person, about=invited.pk)],
        ),
    }
    return letters.write("meetings/comment_outcomes", context, why=why_invited(invited))


@letter("meetings/minutes_published")
def minutes_published(message: Message) -> Letter:
    """That everyone can read the minutes now, and where."""
    person = reader_of(message)
    minutes = Minutes.objects.select_related("meeting", "shown_version").get(
        pk=message.ids["minutes"]
    )
    invitation = minutes.meeting.invitations.with_people().filter(person=person).first()
    if invitation is None:
        raise NoLongerDue("This person is no longer invited.")
    if minutes.state != Minutes.State.PUBLISHED or minutes.shown_version is None:
        raise NoLongerDue("These minutes aren’t public any more.")
    context = {
        "person": person,
        "meeting": minutes.meeting,
        "short": minutes.shown_version.public["short_version"],
        "url": minutes.meeting.get_absolute_url(),
    }
    shown = minutes.shown_version
    return letters.write(
        "meetings/minutes_published",
        context,
        why=why_invited(invitation),
        enclosed=_on_paper(message, shown, shown.public),
    )


def _with_draft_link(person_id: int, about: int) -> QuerySet[Message]:
    """The letter about a draft whose link was opened; the newest is the one that counts."""
    return Message.objects.filter(
        person=person_id, template="meetings/minutes_draft", ids__invitation=about
    )


links.letters_with["draft"] = _with_draft_link
