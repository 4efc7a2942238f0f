"""What everybody may read: the list of meetings, and a meeting's one page."""

from datetime import date
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.safestring import SafeString

from coprod import pages
from coprod.templatetags.forum import tag, weekday_month
from meetings.models import Attendance, FormerAddress, Invitation, Meeting, Minutes, Move
from meetings.page import page_of
from meetings.publicity import Status, lines_of, minutes_of, status_of
from members.models import Person

#: Past meetings on one page of the list, and coming ones.
PAGE, AHEAD = 60, 30
#: What a row of the list shows; a list is mostly the cost of reading its rows.
SHOWN = (
    *("title", "slug", "date", "starts", "ends", "format", "place", "audience"),
    *("starts_at", "announced_at", "created_at", "minutes_days", "cancelled_at"),
    *("minutes__state", "minutes__circulated_at", "minutes__published_at"),
    "minutes__withdrawn_at",
)


#: Read straight into ``Meeting.known_delays``, without a queryset for each row.
_KNOWN_DELAYS: Any = Prefetch("delays", to_attr="known_delays")

#: What the public page needs nothing of: the agreed text where a correction is shown, all that is
#: private.
UNREAD = (
    "minutes__agreed_version__full",
    "minutes__agreed_version__public",
    "minutes__shown_version__full",
)


def reader_of(request: HttpRequest) -> Person | AnonymousUser:
    """Whoever asks; the public without touching the session."""
    return request.user if pages.is_personal(request) else AnonymousUser()


# The list -----------------------------------------------------------------------------------------


@login_not_required
def meeting_list(request: HttpRequest) -> HttpResponse:
    """The next meetings first, then past ones by year, each with what became of its minutes."""
    reader = reader_of(request)
    visible = Meeting.objects.visible_to(reader).select_related("minutes").only(*SHOWN)
    visible = visible.prefetch_related(_KNOWN_DELAYS)
    before = _cursor(request.GET.get("before", ""))
    coming = [] if before else list(visible.coming()[:AHEAD])
    past = list(_after(visible.past().order_by("-date", "-pk"), before)[: PAGE + 1])
    replies = _replies(reader, coming)
    more = f"?before={past[PAGE - 1].date}.{past[PAGE - 1].pk}" if len(past) > PAGE else ""
    context = {
        "next": next((m for m in coming if not m.is_cancelled), None),
        "coming": [_ahead(meeting, replies.get(meeting.pk)) for meeting in coming],
        "years": _by_year(past[:PAGE]),
        "first": not before,
        "next_url": more,
        "may_plan": reader.is_authenticated and reader.has_perm("meetings.plan_year"),
    }
    return pages.answer(request, "meetings/meeting_list.html", context)


def _cursor(text: str) -> tuple[date, int] | None:
    """The last row of the page before, from its address; None for the first page."""
    day, _, pk = text.partition(".")
    try:
        return date.fromisoformat(day), int(pk)
    except ValueError:
        return None


def _after(past: QuerySet[Meeting], row: tuple[date, int] | None) -> QuerySet[Meeting]:
    """Rows that follow ``row``: no counting and no offset, so depth costs nothing."""
    if row is None:
        return past
    return past.filter(Q(date__lt=row[0]) | Q(date=row[0], pk__lt=row[1]))


def _replies(reader: Any, coming: list[Meeting]) -> dict[int, Invitation]:
    """The reader's own invitations to what is coming, by meeting."""
    if not reader.is_authenticated:
        return {}
    own = Invitation.objects.filter(person=reader, meeting__in=[m.pk for m in coming])
    return {each.meeting_id: each for each in own.select_related("reply")}


def _ahead(meeting: Meeting, invitation: Invitation | None) -> dict[str, Any]:
    reply: Status | None = None
    if meeting.is_cancelled:
        reply = Status("late", "Cancelled")
    elif invitation is not None:
        answered = getattr(invitation, "reply", None)
        if answered is None or answered.to_confirm:
            reply = Status("todo", "Please reply")
        elif answered.answer == "cannot":
            reply = Status("wait", "You can’t come")
        else:
            reply = Status("done", "You’re coming")
    return {
        "meeting": meeting,
        "url": meeting.get_absolute_url(),
        "lines": lines_of(meeting),
        "reply": reply,
        "is_announced": meeting.announced_at is not None,
    }


@lru_cache(maxsize=256)
def _tag(look: str, text: str) -> SafeString:
    """A status as HTML: sixty rows share a handful."""
    return tag(look, text)


def _by_year(past: list[Meeting]) -> list[dict[str, Any]]:
    years: list[dict[str, Any]] = []
    start = reverse("meetings:meeting_list")
    for meeting in past:
        if not years or years[-1]["year"] != meeting.date.year:
            years.append({"year": meeting.date.year, "rows": []})
        status = status_of(meeting)
        years[-1]["rows"].append(
            {
                "title": meeting.title,
                # Asking the resolver for each of sixty addresses would be a tenth of the page.
                "url": f"{start}{meeting.slug}/",
                "day": weekday_month(meeting.date),
                "parents": meeting.is_parents_only,
                "tag": _tag(status.look, status.text) if status else "",
                "side": status.side if status else "",
            }
        )
    return years


# One meeting --------------------------------------------------------------------------------------


def find_meeting(request: HttpRequest, slug: str) -> Meeting | HttpResponsePermanentRedirect:
    """The meeting at this address, or the way to where it is now.

    Raises Http404 when this reader may not know of it, whatever its address was.
    """
    visible = Meeting.objects.visible_to(reader_of(request))
    visible = visible.select_related(
        "minutes__agreed_version", "minutes__shown_version", "minute_taker"
    ).defer(*UNREAD)
    visible = visible.annotate(
        pdf_bytes=Length("minutes__shown_version__document__body"),
        pdf_sha256=F("minutes__shown_version__document__sha256"),
        was_moved=Exists(Move.objects.filter(meeting=OuterRef("pk"))),
        anybody_came=Exists(Attendance.objects.filter(invitation__meeting=OuterRef("pk"))),
    )
    meeting = visible.filter(slug=slug).first()
    if meeting is not None:
        return meeting
    former = FormerAddress.objects.filter(slug=slug).values("meeting")
    moved = visible.filter(pk__in=former).first()
    if moved is None:
        raise Http404
    return HttpResponsePermanentRedirect(request.get_full_path().replace(slug, moved.slug, 1))


@login_not_required
def meeting_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A meeting for its whole life at one address: agenda, then minutes, then who came.

    Only published minutes are stored: everything else on the way there moves with the clock
    and with what people do, and is made for each reader.
    """
    since = "" if pages.is_personal(request) else pages.generation()
    meeting = find_meeting(request, slug)
    if isinstance(meeting, HttpResponse):
        return meeting
    context = page_of(meeting, reader_of(request))
    minutes = minutes_of(meeting)
    if pages.is_personal(request) or minutes is None or minutes.state != Minutes.State.PUBLISHED:
        return pages.answer(request, "meetings/meeting_detail.html", context)
    body = pages.public_html(request, "meetings/meeting_detail.html", context)
    return pages.keep(request, body, since=since)
