"""What one meeting's page shows one reader, from its records; never a write, never HTTP.

The public is a reader too. Whatever is shown of published minutes is the agreed version's
stored public rendition, whoever reads.
"""

from typing import Any

from django.db.models.functions import Length
from django.urls import reverse
from django.utils.html import format_html

from coprod import clocks
from coprod.templatetags.forum import day, long_day, plural, weekday_month
from meetings.life import life_of, steps
from meetings.models import AgendaItem, Document, Invitation, Meeting, Minutes, Version
from meetings.models.agreement import Tally, tally
from meetings.publicity import came_of, lines_of, minutes_of, since_then, status_of
from meetings.reading import reading_minutes
from meetings.services.events import places_left, takes_sign_ups
from meetings.steps import next_step, other_steps

#: What stands where a private item would be named.
PRIVATE_ITEM = "A private item"


def page_of(meeting: Meeting, reader: Any) -> dict[str, Any]:
    """Everything that the template prints, for ``reader``: a person or AnonymousUser."""
    minutes = minutes_of(meeting)
    own = _own_invitation(meeting, reader)
    begun = meeting.has_begun
    context: dict[str, Any] = {
        "meeting": meeting,
        "lines": lines_of(meeting),
        "begun": begun,
        "agenda_late": meeting.agenda_due_on < clocks.today(),
        "status": status_of(meeting),
        "facts": [],
    }
    if minutes is not None and minutes.state == Minutes.State.WITHDRAWN:
        context["withdrawn"] = minutes
    elif minutes is not None and minutes.state == Minutes.State.PUBLISHED:
        context |= _published(minutes)
    else:
        context["agenda"] = agenda_for(meeting, reader, own)
        context["facts"] = _facts(meeting, own, reader)
        if takes_sign_ups(meeting):
            context["sign_up_url"] = reverse("meetings:sign_up", args=[meeting.slug])
            context["places_left"] = places_left(meeting)
        if begun:
            context["life"] = life_of(minutes, meeting=meeting)
            context["clock"] = _running(meeting, minutes)
    return context | _for_person(meeting, minutes, own, reader)


def _own_invitation(meeting: Meeting, reader: Any) -> Invitation | None:
    if not reader.is_authenticated or meeting.invited_at is None:
        return None
    return meeting.invitations.filter(person=reader).select_related("reply", "attendance").first()


# Before, and until the minutes are published ------------------------------------------------------


def agenda_for(
    meeting: Meeting, reader: Any, own: Invitation | None
) -> list[dict[str, Any]] | None:
    """The items that this reader may see; None while there is no agenda for them.

    The public: once sent, never of a parents' meeting. A private item is named to those who
    were there, to the minute-taker and to coordinators, and is a marker for everybody else.
    """
    runs = reader.is_authenticated and reader.has_perm("meetings.change_agenda", meeting)
    inside = runs or own is not None
    if not inside and meeting.is_parents_only:
        return None
    if meeting.agenda_sent_at is None and not runs:
        return None
    knows = runs or (own is not None and own.attended) or _takes_minutes(meeting, reader)
    return [
        _marker(number, item) if item.is_private and not knows else _item(number, item)
        for number, item in enumerate(meeting.agenda_items.on(), 1)
    ]


def _takes_minutes(meeting: Meeting, reader: Any) -> bool:
    return bool(reader.is_authenticated and meeting.minute_taker_id == reader.pk)


def _item(number: int, item: AgendaItem) -> dict[str, Any]:
    meta = [item.get_purpose_display(), f"Led by {item.lead}" if item.lead else ""]
    meta += [plural(item.minutes, "minute") if item.minutes else ""]
    meta += [item.get_can_decide_display() if item.can_decide else ""]
    return {
        "number": number,
        "title": item.title,
        "meta": [words for words in meta if words],
        "note": item.note,
        "private": item.is_private,
        "reason": item.private_reason,
    }


def _marker(number: int, item: AgendaItem) -> dict[str, Any]:
    return {
        "number": number,
        "title": PRIVATE_ITEM,
        "meta": [],
        "note": "",
        "private": True,
        "reason": item.private_reason,
    }


def _facts(meeting: Meeting, own: Invitation | None, reader: Any) -> list[dict[str, Any]]:
    """The rail: for whom it is, what is promised and by when."""
    facts = [{"label": "Who it’s for", "value": meeting.get_audience_display()}]
    runs = reader.is_authenticated and reader.has_perm("meetings.change_meeting", meeting)
    if meeting.online_link and (own is not None or runs):
        link = format_html('<a href="{0}">{0}</a>', meeting.online_link)
        facts.append({"label": "Join online", "value": link})
    if meeting.is_recorded_later:
        return facts
    if meeting.agenda_sent_at:
        facts.append({"label": "Agenda", "value": f"Sent {day(meeting.agenda_sent_at)}"})
    elif not meeting.has_begun:
        when = "Was due by" if meeting.agenda_due_on < clocks.today() else "Goes out by"
        facts.append({"label": "Agenda", "value": f"{when} {weekday_month(meeting.agenda_due_on)}"})
    minutes = minutes_of(meeting)
    if minutes is None or minutes.state == Minutes.State.DRAFT:
        facts.append(
            {
                "label": "Draft minutes",
                "value": f"Due by {weekday_month(meeting.minutes_due_on)}",
                "note": f"We promise them within {plural(meeting.minutes_days, 'day')}",
            }
        )
    return facts


def _running(meeting: Meeting, minutes: Minutes | None) -> dict[str, Any] | None:
    """The two-week promise while it runs; None once the draft went out or nothing is promised."""
    clock = (minutes or Minutes(meeting=meeting)).clock
    if clock.kept_on is not None or meeting.is_recorded_later:
        return None
    due = long_day(clock.due_on)
    if clock.is_late:
        title, text = f"The draft minutes are {clock.words}", f"They were promised by {due}."
    else:
        title = f"Day {clock.day} of {clock.days}"
        text = f"Draft minutes go to everybody who was invited by {due}."
    return {"day": max(clock.day, 1), "of": clock.days, "title": title, "text": text}


# Published ----------------------------------------------------------------------------------------


def _published(minutes: Minutes) -> dict[str, Any]:
    version = minutes.agreed_version
    assert version is not None  # a constraint of published minutes
    public, count = version.public, tally(version)
    document = (
        Document.objects.filter(version=version)
        .annotate(size=Length("body"))
        .values("size", "sha256")
        .first()
    )
    return {
        "version": version,
        "public": public,
        "reading": reading_minutes(public),
        "came": came_of(public["who"]),
        "since_then": since_then(minutes, public),
        "life": steps(minutes, version, count),
        "stamp": stamp_words(version, count),
        "document": document
        and {
            "url": reverse("meetings:minutes_pdf", args=[minutes.meeting.slug]),
            "kilobytes": -(-document["size"] // 1024),
            "sha256": document["sha256"],
        },
    }


def stamp_words(version: Version, count: Tally) -> str:
    """By how many of those who were there it was agreed."""
    there = plural(count.present, "person who was there,people who were there")
    every = ", with at least one from each group" if version.agree_every_group else ""
    return f"by {count.fair} of the {there}{every}. Nobody said “not yet”."


# For the person who reads -------------------------------------------------------------------------


def _for_person(
    meeting: Meeting, minutes: Minutes | None, own: Invitation | None, reader: Any
) -> dict[str, Any]:
    """The reader's own reply, the draft they may read, and what a coordinator does next."""
    if not reader.is_authenticated:
        return {}
    found: dict[str, Any] = {"own": own}
    over = meeting.is_past
    if own is not None and not over:
        found["reply_url"] = reverse("meetings:meeting_reply", args=[meeting.slug])
        found["reply"] = getattr(own, "reply", None)
        found["propose_url"] = reverse("meetings:agenda_propose", args=[meeting.slug])
    if minutes is not None and minutes.state in (Minutes.State.CIRCULATED, Minutes.State.AGREED):
        if reader.has_perm("meetings.view_draft", minutes):
            found["draft_url"] = reverse("meetings:minutes_draft", args=[meeting.slug])
    elif (minutes is None or minutes.state == Minutes.State.DRAFT) and _takes_minutes(
        meeting, reader
    ):
        found["write_url"] = reverse("meetings:minutes_write", args=[meeting.slug])
    if reader.has_perm("meetings.change_meeting", meeting):
        came = meeting.invitations.attended().count()
        found["step"] = step = next_step(meeting, came=came)
        found["steps"] = [s for s in other_steps(meeting) if step is None or s.url != step.url]
    return found
