"""What other programs read: calendar entries and the feed of published minutes; never a write.

Only what the public may know goes into a public one, whoever asks. Calendars replace an entry
by its UID and SEQUENCE, so a meeting that moves is updated and never doubled.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max
from django.urls import reverse
from django.utils import feedgenerator
from django.utils.text import Truncator
from icalendar import Calendar, Event, vText

from coprod import clocks
from coprod.models import AuditEvent, Forum
from coprod.templatetags.forum import day, long_day
from meetings.models import Answer, Ask, Meeting, Minutes
from meetings.models.calendar import Audience

#: How far back a calendar reaches, in days, and how many minutes the feed holds.
BACK, NEWEST = 400, 30
#: What changes a calendar entry: each raises its sequence number.
CHANGES = ("change_meeting", "move_meeting", "cancel_meeting", "reinstate_meeting")


def _host() -> str:
    return str(urlsplit(settings.COPROD_ORIGIN).hostname)


def public_meetings() -> list[Meeting]:
    """What the public calendar shows: never a parents' meeting, whatever became of its minutes."""
    since = clocks.today() - timedelta(days=BACK)
    found = Meeting.objects.public().filter(date__gte=since, announced_at__isnull=False)
    return list(found.exclude(audience=Audience.PARENTS).order_by("date", "starts"))


def public_addresses() -> Iterator[tuple[str, date | None]]:
    """The pages about meetings that everybody may read, for the sitemap."""
    yield reverse("meetings:meeting_list"), None
    yield reverse("meetings:follow"), None
    yield reverse("asks:ask_list"), None
    for pk in Ask.objects.public().order_by("-pk").values_list("pk", flat=True)[:5000]:
        yield reverse("asks:ask_detail", args=[pk]), None
    rows = Meeting.objects.public().select_related("minutes").order_by("-date", "-pk")
    for meeting in rows.only("slug", "date", "minutes__published_at")[:5000]:
        minutes = getattr(meeting, "minutes", None)
        at = minutes.published_at if minutes is not None else None
        yield meeting.get_absolute_url(), clocks.today(at) if at else None


def meetings_of(person: Any) -> list[Meeting]:
    """What one person's own calendar shows: what they may know of, titles only."""
    since = clocks.today() - timedelta(days=BACK)
    found = Meeting.objects.visible_to(person).filter(date__gte=since, announced_at__isnull=False)
    return list(found.order_by("date", "starts"))


def calendar_of(meetings: Iterable[Meeting], *, name: str) -> bytes:
    """Meetings as iCalendar, in two questions. No links to join, no needs, no drafts."""
    listed = list(meetings)
    calendar = Calendar()
    calendar.add("prodid", "-//Parent carer forum portal//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    # How often a program should look again, in the two ways that programs understand.
    calendar.add("refresh-interval", vText("PT6H"), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    changes = _changes(listed)
    for meeting in listed:
        calendar.add_component(_event(meeting, *changes.get(meeting.pk, (0, None))))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _changes(meetings: list[Meeting]) -> dict[int, tuple[int, datetime | None]]:
    """How often each was changed, and when last, by its id."""
    rows = (
        AuditEvent.objects.filter(
            model=Meeting._meta.label,
            object_id__in=[meeting.pk for meeting in meetings],
            verb__in=CHANGES,
        )
        .values_list("object_id")
        .annotate(count=Count("pk"), last=Max("at"))
        .order_by()
    )
    return {pk: (count, last) for pk, count, last in rows}


def _event(meeting: Meeting, sequence: int, changed_at: datetime | None) -> Event:
    event = Event()
    stamp = (changed_at or meeting.created_at).replace(microsecond=0)
    cancelled = meeting.cancelled_at is not None
    event.add("uid", f"meeting-{meeting.pk}@{_host()}")
    event.add("sequence", sequence)
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("dtstart", meeting.starts_at.astimezone(clocks.LONDON))
    event.add("dtend", meeting.ends_at.astimezone(clocks.LONDON))
    event.add("summary", f"Cancelled: {meeting.title}" if cancelled else meeting.title)
    event.add("location", meeting.where)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    address = settings.COPROD_ORIGIN + meeting.get_absolute_url()
    event.add("url", address)
    event.add("description", f"Agenda, papers and minutes: {address}")
    return event


def minutes_feed() -> bytes:
    """The newest published minutes as Atom: title, short version and address of each."""
    forum = Forum.current()
    page = settings.COPROD_ORIGIN + reverse("meetings:meeting_list")
    feed = feedgenerator.Atom1Feed(
        title=f"Agreed minutes of {forum.name}",
        link=page,
        description=f"Agreed minutes of {forum.name}",
        language="en-GB",
        author_name=forum.name,
        feed_url=settings.COPROD_ORIGIN + reverse("meetings:minutes_feed"),
        feed_guid=f"tag:{_host()},2026:minutes",
    )
    published = (
        Minutes.objects.published().defer("shown_version__full").order_by("-published_at", "-pk")
    )
    for minutes in published[:NEWEST]:
        version = minutes.shown_version
        assert version is not None  # a constraint of published minutes
        public = version.public
        published_at = minutes.published_at
        assert published_at is not None  # another one
        feed.add_item(
            title=f"{public['meeting']['title']}, {long_day(minutes.meeting.date)}",
            link=settings.COPROD_ORIGIN + minutes.meeting.get_absolute_url(),
            description=public["short_version"] or "The minutes have no short version.",
            unique_id=f"tag:{_host()},2026:minutes-{minutes.pk}",
            pubdate=published_at,
            updateddate=max(published_at, version.circulated_at),
        )
    return feed.writeString("utf-8").encode()


def answers_feed() -> bytes:
    """The newest answers to what parents asked, and what changed, as Atom; public ones only."""
    forum = Forum.current()
    feed = feedgenerator.Atom1Feed(
        title=f"What {forum.name} asked, and the answers",
        link=settings.COPROD_ORIGIN + reverse("asks:ask_list"),
        description="What parents asked, the answers, what changed",
        language="en-GB",
        author_name=forum.name,
        feed_url=settings.COPROD_ORIGIN + reverse("asks:ask_feed"),
        feed_guid=f"tag:{_host()},2026:answers",
    )
    public = Ask.objects.public().values("pk")
    answers = Answer.objects.filter(ask__in=public).order_by("-answered_at", "-pk")
    answers = answers.select_related("ask__organisation")
    entries: list[tuple[Any, dict[str, Any]]] = [
        (each.answered_at, _answer_entry(each)) for each in answers[:NEWEST]
    ]
    changed = Ask.objects.public().exclude(changed="").filter(changed_at__isnull=False)
    entries += [
        (ask.changed_at, _change_entry(ask)) for ask in changed.order_by("-changed_at")[:NEWEST]
    ]
    for at, entry in sorted(entries, key=lambda each: each[0], reverse=True)[:NEWEST]:
        feed.add_item(**entry, pubdate=at, updateddate=at)
    return feed.writeString("utf-8").encode()


def _answer_entry(answer: Answer) -> dict[str, Any]:
    said = answer.ask.shown_text
    lines = [f"Parents said: {said}", f"Answer: {answer.text}"]
    lines += [f"By {day(answer.will_do_by)}"] if answer.will_do_by else []
    lines += [f"Why: {answer.reason}"] if answer.reason else []
    whom = f", {answer.ask.whom}" if answer.ask.whom else ""
    return {
        "title": f"{answer.get_outcome_display()}{whom}: {Truncator(said).chars(80)}",
        "link": settings.COPROD_ORIGIN + answer.ask.get_absolute_url(),
        "description": "\n\n".join(lines),
        "unique_id": f"tag:{_host()},2026:answer-{answer.pk}",
    }


def _change_entry(ask: Ask) -> dict[str, Any]:
    return {
        "title": f"What changed: {Truncator(ask.shown_text).chars(80)}",
        "link": settings.COPROD_ORIGIN + ask.get_absolute_url(),
        "description": f"Parents said: {ask.shown_text}\n\nWhat changed: {ask.changed}",
        "unique_id": f"tag:{_host()},2026:change-{ask.pk}",
    }
