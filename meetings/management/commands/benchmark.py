"""Print the speed of the pages beside bare Django, in one process and one run.

Only ratios within one run count: rounds are interleaved, best against best. Bare Django is a
handler without middleware, one view, one query or two and one plain template of the same
content. Nothing here is asserted by a test. Run it with ``manage.py benchmark``.
"""

import gzip
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time as clock_time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import path, reverse
from django.utils import timezone

from coprod import clocks, links, pdf
from coprod.models import Forum, Message
from meetings.management import readers
from meetings.models import AgendaItem, Attendance, Comment, Invitation, Meeting, Minutes, Paragraph
from meetings.pdf import minutes_context, minutes_pdf
from meetings.services.agenda import save_item
from meetings.services.minutes import circulate_minutes, open_minutes, save_section
from meetings.services.publicity import publish_minutes, tick_tasks
from members.models import Person
from members.services import add_group, add_person, give_role, seat_person
from projects.management import tracker_speed
from projects.models import Project
from projects.tracker import PAGE, cursor_of, in_order, with_shown_status

WORDS = (
    "Parents described what a change of driver does to a morning, and what would help. "
    "Four groups had heard the same from their families over the summer holidays. "
    "The team showed how routes were planned: more children, fewer routes, longer days. "
) * 3
BARE_MINUTES = Engine().from_string(
    "<!doctype html><html lang=en-GB><head><meta charset=utf-8><title>{{ meeting.title }}</title>"
    "</head><body><h1>{{ meeting.title }}</h1><p>{{ meeting.date|date:'l j F Y' }}</p>"
    "{% for p in paragraphs %}<section><h3>{{ forloop.counter }}. {{ p.kind }}</h3>"
    "<p id='p{{ p.pk }}'>{{ p.text }}</p></section>{% endfor %}</body></html>"
)
BARE_LIST = Engine().from_string(
    "<!doctype html><html lang=en-GB><head><title>List</title></head><body><h1>Meetings</h1><ul>"
    "{% for m in meetings %}<li><a href='/meetings/{{ m.slug }}/'>{{ m.title }}</a> "
    "{{ m.date|date:'l j F Y' }} {{ m.starts|time:'g:iA' }} {{ m.place }} "
    "{{ m.created_at|date:'j F Y' }}</li>{% endfor %}</ul></body></html>"
)
BARE_DRAFT = Engine().from_string(
    "<!doctype html><html lang=en-GB><head><title>Draft</title></head><body><h1>{{ meeting }}</h1>"
    "{% for p, comments in rows %}<section><h3>{{ forloop.counter }}</h3><p>{{ p.text }}</p>"
    "{% for c in comments %}<div><b>{{ c.get_kind_display }}</b> {{ c.author.person.name }} "
    "{{ c.made_at|date:'j F Y' }}<p>{{ c.text }}</p>{{ c.outcome_reason }}</div>{% endfor %}"
    "</section>{% endfor %}</body></html>"
)


def bare_hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def bare_minutes(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = Meeting.objects.get(slug=slug)
    paragraphs = Paragraph.objects.filter(section__item__meeting=meeting).order_by("section", "pk")
    return HttpResponse(
        BARE_MINUTES.render(Context({"meeting": meeting, "paragraphs": paragraphs}))
    )


def bare_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BARE_LIST.render(Context({"meetings": Meeting.objects.all()[:60]})))


def bare_draft(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = Meeting.objects.get(slug=slug)
    comments: dict[Any, list[Comment]] = {}
    for comment in Comment.objects.select_related("author__person"):
        comments.setdefault(comment.uid, []).append(comment)
    paragraphs = Paragraph.objects.filter(section__item__meeting=meeting).order_by("section", "pk")
    rows = [(p, comments.get(p.uid, [])) for p in paragraphs]
    return HttpResponse(BARE_DRAFT.render(Context({"meeting": meeting, "rows": rows})))


urlpatterns = [
    path("hello/", bare_hello),
    path("list/", bare_list),
    path("minutes/<slug:slug>/", bare_minutes),
    path("draft/<slug:slug>/", bare_draft),
]


class Row:
    """One line of the table: a name, what answers it, and what it is measured against."""

    def __init__(self, name: str, call: Callable[[], Any], against: str, goal: str) -> None:
        self.name, self.call, self.against, self.goal = name, call, against, goal
        self.best = float("inf")
        self.sql = 0
        self.size = 0


class Command(BaseCommand):
    help = "Time the pages that exist beside bare Django, in a database of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rounds", type=int, default=7)
        parser.add_argument("--requests", type=int, default=20, help="requests in a round")
        parser.add_argument("--people", type=int, default=500, help="for the circulation")
        parser.add_argument("--readers", type=int, default=0, help="while minutes are published")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)
        with _own_database():
            story = _story(options["people"])
            rows = _rows(story)
            for row in rows:
                with CaptureQueriesContext(connection) as queries:
                    response = row.call()
                row.sql, row.size = len(queries), len(response.content)
                assert response.status_code in (200, 304), (row.name, response.status_code)
            for _ in range(options["rounds"]):
                for row in rows:
                    row.best = min(row.best, _round(row.call, options["requests"]))
            self._print(rows)
            self._page_weight(rows)
            self._pdf(story, options["rounds"])
            self._circulation(story)
            self._tracker(story, options["rounds"], options["requests"])
            if options["readers"]:
                self.stdout.write(readers.while_publishing(story, options["readers"]))

    def _page_weight(self, rows: list[Row]) -> None:
        page = next(row for row in rows if row.name.startswith("1 ")).call().content
        small = len(gzip.compress(page, 9))
        self.stdout.write(
            f"11 page weight: {len(page) / 1000:.1f} kB, {small / 1000:.1f} kB gzipped"
            " (goal: 36, 9; this text alone is 31 kB)"
        )

    def _pdf(self, story: dict[str, Any], rounds: int) -> None:
        """Our PDF beside WeasyPrint alone on the same HTML, tags on in both; best of the rounds."""
        from weasyprint import HTML

        version = story["published"].minutes.versions.get()
        html = render_to_string("pdf/meetings/minutes.html", minutes_context(version))
        plain = HTML(string=html, base_url=pdf.ASSETS, url_fetcher=pdf.fetcher())
        ours = min(_round(lambda: minutes_pdf(version), 1) for _ in range(rounds))
        bare = min(
            _round(lambda: plain.write_pdf(pdf_variant="pdf/ua-1"), 1) for _ in range(rounds)
        )
        self.stdout.write(
            f"10 PDF: {ours:.0f} ms, bare WeasyPrint {bare:.0f} ms, ratio {ours / bare:.2f}"
            " (goal: 1.15)"
        )

    def _tracker(self, story: dict[str, Any], rounds: int, requests: int) -> None:
        """The tracker at three sizes beside the bare list, then its growth, first and last page."""
        best: dict[int, list[float]] = {}
        for size in (10, 1000, 10_000):
            tracker_speed.fill(size)
            caches["pieces"].clear()  # no event tells of what was filled in by hand
            rows = _tracker_rows(story, size)
            for row in rows:
                with CaptureQueriesContext(connection) as queries:
                    response = row.call()
                row.sql, row.size = len(queries), len(response.content)
            for _ in range(rounds):
                for row in rows:
                    row.best = min(row.best, _round(row.call, requests))
            rows.append(_cold_row(requests))
            self._print(rows)
            best[size] = [row.best for row in rows[1:-1]]
        grown = [later / before for before, later in zip(best[1000], best[10_000], strict=True)]
        words = ", ".join(f"{ratio:.2f}" for ratio in grown)
        self.stdout.write(f"8 tracker, 10,000 beside 1,000 projects, row by row: {words} (≤ 1.3)")

    def _print(self, rows: list[Row]) -> None:
        best = {row.name: row.best for row in rows}
        self.stdout.write(f"{'page':48}{'ms':>8}{'SQL':>5}{'bytes':>9}{'ratio':>8}  against, goal")
        for row in rows:
            ratio = f"{row.best / best[row.against]:.2f}" if row.against else ""
            self.stdout.write(
                f"{row.name:48}{row.best:8.2f}{row.sql:5}{row.size:9}{ratio:>8}  "
                f"{row.against}{', ' if row.against else ''}{row.goal}"
            )

    def _circulation(self, story: dict[str, Any]) -> None:
        began = time.perf_counter()
        circulate_minutes(minutes=story["big"], number=1, by=story["coordinator"])
        took = time.perf_counter() - began
        rows = Message.objects.filter(template="meetings/minutes_draft").count()
        self.stdout.write(f"circulating: {rows} rows written in {took:.2f} s (goal: 500 in 1 s)")


@contextmanager
def _own_database() -> Iterator[None]:
    """A test database, so that no real row is touched; thrown away afterwards."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(str(name), verbosity=0)


def _round(call: Callable[[], Any], requests: int) -> float:
    """CPU milliseconds a request, over one round."""
    began = time.process_time()
    for _ in range(requests):
        call()
    return (time.process_time() - began) * 1000 / requests


def _rows(story: dict[str, Any]) -> list[Row]:
    page = story["published"].get_absolute_url()
    draft = links.make("draft", person=story["reader"].person, about=story["reader"].pk)
    get, bare = _ours(), _bare()
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(story["coordinator"])
    etag = get(page)()["ETag"]
    slug, checked = story["published"].slug, story["checked"].slug
    minutes, listed = "bare: minutes", "bare: list of 60"
    return [
        Row("bare: hello", bare("/hello/"), "", ""),
        Row(minutes, bare(f"/minutes/{slug}/"), "", ""),
        Row(listed, bare("/list/"), "", ""),
        Row("bare: draft", bare(f"/draft/{checked}/"), "", ""),
        Row("1 published minutes", get(page), minutes, "≤ 0.3, ≤ 2 SQL"),
        Row("2 the same, unchanged", get(page, HTTP_IF_NONE_MATCH=etag), minutes, "≤ 0.2"),
        Row("3 stored PDF", get(f"{page}minutes.pdf"), minutes, "≤ 0.3"),
        Row("4 home", get("/"), listed, "≤ 1.2, ≤ 6 SQL"),
        Row("4 meetings", get(reverse("meetings:meeting_list")), listed, "≤ 1.2, ≤ 6 SQL"),
        Row("7 Today, signed in", lambda: client.get(reverse("today")), "", "≤ 14 SQL"),
        Row(
            "6 draft, 40 paragraphs, 200 comments, by link",
            get(reverse("meetings:minutes_draft_by_link", args=[draft])),
            "bare: draft",
            "≤ 1.3, ≤ 12 SQL",
        ),
    ]


def _tracker_rows(story: dict[str, Any], size: int) -> list[Row]:
    """Sixty rows of the tracker: bare, public, filtered, by words, its last page, signed in."""
    get, bare = _ours(), "bare: list of 60"
    url = reverse("projects:project_list")
    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    client.force_login(story["coordinator"])
    ordered = in_order(with_shown_status(Project.objects.public(), clocks.today()))
    row = list(ordered.order_by("-rank", "finished", "-pk")[: PAGE + 1])[-1]
    goal = "≤ 1.2, ≤ 6 SQL"
    return [
        Row(bare, _bare()("/list/"), "", ""),
        Row(f"5 tracker of {size:,}", get(url), bare, goal),
        Row("5 by status and level", get(f"{url}?status=to_complete&level=2"), bare, goal),
        Row("5 by words", get(f"{url}?words_in=guide"), bare, goal),
        Row("5 deepest page", get(f"{url}?after={cursor_of(row)}"), bare, goal),
        Row("5 signed in", lambda: client.get(url), bare, "≤ 1.2, ≤ 9 SQL"),
    ]


def _cold_row(requests: int) -> Row:
    """The tracker's first page as after a change: nothing is kept of what was made before."""
    get = _ours()(reverse("projects:project_list"))

    def forget_and_get() -> Any:
        caches["pieces"].clear()
        return get()

    row = Row("its first reader after a change", forget_and_get, "bare: list of 60", "≤ 6 SQL")
    with CaptureQueriesContext(connection) as queries:
        row.size = len(row.call().content)
    row.sql, row.best = len(queries), min(_round(row.call, requests) for _ in range(3))
    return row


def _ours() -> Callable[..., Callable[[], Any]]:
    """Addresses of the portal, answered with all its middleware and without a session."""
    handler, factory = WSGIHandler(), RequestFactory()

    def get(address: str, **headers: Any) -> Callable[[], Any]:
        return lambda: handler.get_response(_request(factory, address, headers))

    return get


def _bare() -> Callable[[str], Callable[[], Any]]:
    """Addresses of this module, answered by a handler without any middleware."""
    factory = RequestFactory()
    with override_settings(MIDDLEWARE=[], ROOT_URLCONF=__name__):
        handler = WSGIHandler()

    def get(address: str) -> Callable[[], Any]:
        def call() -> Any:
            with override_settings(ROOT_URLCONF=__name__):
                return handler.get_response(_request(factory, address, {}))

        return call

    return get


def _request(factory: RequestFactory, address: str, headers: dict[str, Any]) -> Any:
    request = factory.get(address, **headers)
    request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0]
    return request


@transaction.atomic
def _story(people: int) -> dict[str, Any]:
    """Sixty meetings; one with published minutes, one draft with 200 comments, one for many."""
    Forum(name="Benchmark forum", area="Nowhere", second_factor=False).save()
    chief = add_person(by=None, name="Bench Coordinator", email="bench@forum.example", invite=False)
    give_role(person=chief, kind="coordinator", by=None)
    reps = []
    for n in range(4):
        group = add_group(name=f"Group {n}", by=chief, standing="member")
        for m in range(3):
            rep = add_person(
                by=chief, invite=False, name=f"Rep {n} {m}", email=f"rep{n}{m}@group.example"
            )
            seat_person(group=group, person=rep, by=chief)
            reps.append((rep, group))
    today = clocks.today()
    for n in range(56):
        _meeting(f"Meeting {n}", today - timedelta(days=40 + 7 * n), chief)
    published = _agreed("Published", 30, reps, chief)
    publish_minutes(minutes=Minutes.objects.get(pk=published.minutes.pk), by=chief)
    ready = _agreed("Ready", 28, reps, chief)
    checked = _written(_meeting("Checked", today - timedelta(days=5), chief), reps, chief)
    draft = circulate_minutes(minutes=checked.minutes, number=1, by=chief)
    _comments(draft, checked, chief)
    crowd = [
        (Person(name=f"Reader {n}", email=f"reader{n}@crowd.example", public_id=f"b{n}"), None)
        for n in range(people)
    ]
    Person.objects.bulk_create([person for person, _ in crowd])
    big = _written(_meeting("Big", today - timedelta(days=3), chief), crowd, chief)
    Message.objects.all().delete()
    return {
        "coordinator": chief,
        "published": published,
        "ready": ready,
        "checked": checked,
        "reader": checked.invitations.get(person=reps[0][0]),
        "big": big.minutes,
    }


def _agreed(title: str, days_ago: int, people: list[Any], by: Person) -> Meeting:
    """A meeting whose minutes only wait to be published."""
    meeting = _meeting(title, clocks.today() - timedelta(days=days_ago), by)
    minutes = _written(meeting, people, by).minutes
    version = circulate_minutes(minutes=minutes, number=1, by=by, at=timezone.now())
    Minutes.objects.filter(pk=minutes.pk).update(
        state="agreed", agreed_version=version, agreed_at=timezone.now()
    )
    tick_tasks(minutes=minutes, tasks={"no_child", "private"}, by=by)
    return Meeting.objects.get(pk=meeting.pk)


def _meeting(title: str, day: Any, by: Person) -> Meeting:
    now = timezone.now()
    return Meeting.objects.create(
        title=title,
        date=day,
        starts=clock_time(10),
        ends=clock_time(12),
        place="The rooms",
        announced_at=now,
        invited_at=now,
        created_at=now - timedelta(days=900),
        created_by=by,
    )


def _written(meeting: Meeting, people: list[Any], by: Person) -> Meeting:
    """Invite everybody, hold it, and write forty paragraphs in ten items."""
    rows = Invitation.objects.bulk_create(
        Invitation(meeting=meeting, person=person, group=group, capacity="parent")
        for person, group in people
    )
    Attendance.objects.bulk_create(Attendance(invitation=row) for row in rows)
    for n in range(10):
        save_item(item=AgendaItem(meeting=meeting, title=f"Item {n}"), by=by)
    minutes = open_minutes(meeting=meeting, by=by)
    for section in minutes.sections.all():
        text = "\n\n".join(f"{section.pk} {n}. {WORDS}" for n in range(4))
        save_section(section=section, text=text, edit_no=0, by=by)
    return Meeting.objects.get(pk=meeting.pk)


def _comments(version: Any, meeting: Meeting, by: Person) -> None:
    authors = list(meeting.invitations.all())
    living = [p for item in version.full["items"] for p in item["paragraphs"]]
    Comment.objects.bulk_create(
        Comment(
            version=version,
            author=authors[n % len(authors)],
            uid=living[n % len(living)]["uid"],
            number=living[n % len(living)]["number"],
            kind="wrong",
            speaking_for="group",
            text=WORDS[:120],
            once=uuid.uuid4(),
            made_by=by,
            outcome="changed",
            outcome_reason="The words are put right now.",
            outcome_at=timezone.now(),
            outcome_by=by,
        )
        for n in range(200)
    )
