"""What one meeting's page shows one reader, from its records; never a write, never HTTP.

The public is a reader too. Whatever is shown of published minutes is the stored public
rendition of the agreed version, or of its newest correction, whoever reads.
"""

from typing import Any

from django.db.models.functions import Length
from django.urls import reverse
from django.utils.html import format_html

from coprod.agreeing import rule_words
from coprod.templatetags.forum import day, first_lower, long_day, plural, to_hour
from meetings import promised
from meetings.asked import asks_since
from meetings.corrections import corrections_of, earlier_of, marks_of
from meetings.life import life_of, steps
from meetings.models import AgendaItem, Document, Invitation, Meeting, Minutes, Move, Version
from meetings.models.agreement import tally
from meetings.papers import with_papers
from meetings.publicity import came_of, lines_of, minutes_of, since_then, status_of
from meetings.readership import Access, access_for
from meetings.reading import reading_minutes
from meetings.services.agenda import agenda_clock
from meetings.services.cancelling import items_to_carry, next_for_agenda
from meetings.services.events import places_left, takes_sign_ups
from meetings.services.presence import may_declare
from meetings.stamps import stamp_words
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
        "history": history_of(meeting, own, reader),
        "lines": lines_of(meeting),
        "begun": begun,
        "status": status_of(meeting),
        "facts": [],
    }
    if meeting.is_cancelled:
        context["agenda"] = agenda_for(meeting, reader, own)
        context |= _cancelled(meeting, reader)
    elif minutes is not None and minutes.state == Minutes.State.WITHDRAWN:
        context["withdrawn"] = minutes
    elif minutes is not None and minutes.state == Minutes.State.PUBLISHED:
        context |= _published(minutes)
    else:
        context["agenda"] = agenda_for(meeting, reader, own)
        with_papers(meeting, context["agenda"])
        if not begun:
            context["agenda_clock"] = agenda_clock(meeting)
        context["facts"] = _facts(meeting, own, reader)
        if takes_sign_ups(meeting):
            context["sign_up_url"] = reverse("meetings:sign_up", args=[meeting.slug])
            context["places_left"] = places_left(meeting)
        if begun:
            context["life"] = life_of(minutes, meeting=meeting)
            context["clock"] = promised.running(meeting)
    return context | _for_person(meeting, minutes, own, reader)


def _own_invitation(meeting: Meeting, reader: Any) -> Invitation | None:
    if not reader.is_authenticated or meeting.invited_at is None:
        return None
    return meeting.invitations.filter(person=reader).select_related("reply", "attendance").first()


def history_of(meeting: Meeting, own: Invitation | None, reader: Any) -> list[str]:
    """Every former date in words, with when and why it moved; the newest change last.

    Of a parents' meeting only parents read what it was moved for.
    """
    if not getattr(meeting, "was_moved", True):
        return []
    if meeting.is_parents_only and own is None:
        runs = reader.is_authenticated and (reader.is_coordinator or reader.is_rep)
        if not runs:
            return []
    return [_moved(move) for move in meeting.moves.all()]


def _moved(move: Move) -> str:
    """``Was Tuesday 6 October 2026. Moved on 20 September 2026: the hall flooded.``"""
    if move.date_was != move.date:
        was = long_day(move.date_was)
    elif move.is_to_another_time:
        was = f"{to_hour(move.starts_was, move.ends_was)} on {long_day(move.date_was)}"
    else:
        was = f"at {move.where_was}" if move.where_was else "without a place"
    why = f": {first_lower(move.reason.rstrip('.'))}" if move.reason else ""
    return f"Was {was}. Moved on {day(move.moved_at)}{why}."


def _cancelled(meeting: Meeting, reader: Any) -> dict[str, Any]:
    """That it doesn't take place; for a coordinator also what can still be done with it."""
    found: dict[str, Any] = {"cancelled": True}
    if not (reader.is_authenticated and reader.has_perm("meetings.change_meeting", meeting)):
        return found
    if not meeting.has_begun:
        found["reinstate_url"] = reverse("meetings:meeting_reinstate", args=[meeting.slug])
    found["to_carry"] = len(items_to_carry(meeting))
    found["carry_to"] = next_for_agenda(meeting) if found["to_carry"] else None
    return found


# Before, and until the minutes are published ------------------------------------------------------


def agenda_for(
    meeting: Meeting, reader: Any, own: Invitation | None
) -> list[dict[str, Any]] | None:
    """The items that this reader may see; None while there is no agenda for them.

    The public: once sent, never of a parents' meeting. A private item is named to those who
    may read it, and is a marker for everybody else.
    """
    runs = reader.is_authenticated and reader.has_perm("meetings.change_agenda", meeting)
    inside = runs or own is not None
    if not inside and meeting.is_parents_only:
        return None
    if meeting.agenda_sent_at is None and not runs:
        return None
    items = list(meeting.agenda_items.on().select_related("about_minutes__meeting", "project"))
    private = any(item.is_private for item in items)
    access = access_for(reader, meeting) if private and inside else Access()
    return [
        _marker(number, item)
        if item.is_private and not access.item(item.pk)
        else _item(number, item)
        | {"draft_url": _draft_url(item, reader), "project": _project(item, runs=runs)}
        for number, item in enumerate(items, 1)
    ]


def _project(item: AgendaItem, *, runs: bool) -> dict[str, str] | None:
    """The project that an item is about; one that isn't public only for who runs the meeting."""
    project = item.project
    if project is None or not (project.is_public or runs):
        return None
    return {"title": project.title, "url": project.get_absolute_url()}


def _draft_url(item: AgendaItem, reader: Any) -> str:
    """The draft that an item is to confirm, for those who may read it."""
    minutes = item.about_minutes
    if minutes is None or item.kind != AgendaItem.Kind.CONFIRM or not reader.is_authenticated:
        return ""
    if not reader.has_perm("meetings.view_draft", minutes):
        return ""
    return reverse("meetings:minutes_draft", args=[minutes.meeting.slug])


def agenda_of(meeting: Meeting, reader: Any) -> list[dict[str, Any]] | None:
    """The same for pages that know nothing of the reader's invitation yet."""
    return agenda_for(meeting, reader, _own_invitation(meeting, reader))


def _takes_minutes(meeting: Meeting, reader: Any) -> bool:
    return bool(reader.is_authenticated and meeting.minute_taker_id == reader.pk)


def _item(number: int, item: AgendaItem) -> dict[str, Any]:
    meta = [item.get_purpose_display(), f"Led by {item.lead}" if item.lead else ""]
    meta += [plural(item.minutes, "minute") if item.minutes else ""]
    meta += [item.get_can_decide_display() if item.can_decide else ""]
    return {
        "pk": item.pk,
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
    return facts + promised.facts_of(meeting)


# Published ----------------------------------------------------------------------------------------


def _published(minutes: Minutes) -> dict[str, Any]:
    agreed, version = minutes.agreed_version, minutes.shown_version
    assert agreed is not None
    assert version is not None
    agreed.minutes = minutes
    public, count = version.public, tally(agreed)
    told = corrections_of(minutes)
    slug = minutes.meeting.slug
    return {
        "version": version,
        "agreed_number": agreed.number,
        "public": public,
        "corrections": told,
        "marks": marks_of(told),
        "earlier": earlier_links(minutes) if told else [],
        "check_url": f"{reverse('document_check')}?sha256={version.public_sha256}",
        "json_url": reverse("meetings:minutes_json", args=[slug]),
        "reading": reading_minutes(public),
        "came": came_of(public["who"]),
        "since_then": since_then(minutes, public) + asks_since(minutes),
        "life": steps(minutes, agreed, count),
        "stamp": stamp_words(agreed, count),
        "rule": rule_words(agreed),
        "why_later": promised.why_later(minutes),
        "document": _shown_document(minutes.meeting),
    }


def _shown_document(meeting: Meeting) -> dict[str, Any] | None:
    """The PDF that everyone gets: read together with the meeting, without its bytes."""
    size, sha256 = getattr(meeting, "pdf_bytes", None), getattr(meeting, "pdf_sha256", "")
    url = reverse("meetings:minutes_pdf", args=[meeting.slug])
    return size and {"url": url, "kilobytes": -(-size // 1024), "sha256": sha256}


def _document(version: Version, url: str) -> dict[str, Any] | None:
    """Another version's PDF: where, how big, its fingerprint; its bytes aren't read."""
    row = (
        Document.objects.filter(version=version)
        .annotate(size=Length("body"))
        .values("size", "sha256")
        .first()
    )
    if row is None:
        return None
    return {"url": url, "kilobytes": -(-row["size"] // 1024), "sha256": row["sha256"]}


def earlier_links(minutes: Minutes) -> list[dict[str, Any]]:
    """The earlier published versions that can still be read: page and PDF of each."""
    slug = minutes.meeting.slug
    return [
        {
            "number": number,
            "url": reverse("meetings:minutes_earlier", args=[slug, number]),
            "pdf_url": reverse("meetings:minutes_pdf_of", args=[slug, number]),
        }
        for number in earlier_of(minutes)
    ]


def earlier_page(minutes: Minutes, version: Version) -> dict[str, Any]:
    """One version that was public once: its text as it was, and where the newest is."""
    newer = [told for told in corrections_of(minutes) if told.before >= version.number]
    url = reverse("meetings:minutes_pdf_of", args=[minutes.meeting.slug, version.number])
    return {
        "meeting": minutes.meeting,
        "version": version,
        "public": version.public,
        "shown": minutes.shown_version,
        "corrections": newer,
        "came": came_of(version.public["who"]),
        "document": _document(version, url),
    }


# For the person who reads -------------------------------------------------------------------------


def _for_person(
    meeting: Meeting, minutes: Minutes | None, own: Invitation | None, reader: Any
) -> dict[str, Any]:
    """The reader's own reply, the draft they may read, and what a coordinator does next."""
    if not reader.is_authenticated:
        return {}
    found: dict[str, Any] = {"own": own}
    over = meeting.is_past or meeting.is_cancelled
    if own is not None and not over:
        found["reply_url"] = reverse("meetings:meeting_reply", args=[meeting.slug])
        found["reply"] = getattr(own, "reply", None)
        found["propose_url"] = reverse("meetings:agenda_propose", args=[meeting.slug])
    if own is not None and not own.attended and may_declare(meeting):
        found["declare_url"] = reverse("meetings:attendance_declare", args=[meeting.slug])
    if minutes is not None and minutes.state in (Minutes.State.CIRCULATED, Minutes.State.AGREED):
        if reader.has_perm("meetings.view_draft", minutes):
            found["draft_url"] = reverse("meetings:minutes_draft", args=[meeting.slug])
    elif minutes is not None and minutes.state == Minutes.State.PUBLISHED and own is not None:
        found["comment_later_url"] = reverse("meetings:minutes_draft", args=[meeting.slug])
    elif (minutes is None or minutes.state == Minutes.State.DRAFT) and _takes_minutes(
        meeting, reader
    ):
        found["write_url"] = reverse("meetings:minutes_write", args=[meeting.slug])
    if reader.has_perm("meetings.change_meeting", meeting):
        came = getattr(meeting, "anybody_came", False)
        found["step"] = step = next_step(meeting, came=came)
        found["steps"] = [s for s in other_steps(meeting) if step is None or s.url != step.url]
    return found
