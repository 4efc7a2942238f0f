"""Words planted where nobody outside may read: in no public channel at all.

Planted: a draft, a confidential paragraph, a confidential item, an older version, what came out
of a text again, access needs, needs for one meeting, comments, reasons, parents' meetings,
sign-ups, papers of private items, asks of drafts, private parts and parents' meetings with their
answers, the project that isn't public of a public ask. Channels: every page that the public can
reach by following links, every address of the resolver with each meeting's own slug, PDFs with
their metadata, feeds, calendars, sitemap, the box for other websites, and mail to people who
weren't there.
"""

import re
from collections import deque
from datetime import timedelta
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from coprod.models import AuditEvent
from meetings.models import (
    AgendaItem,
    Ask,
    Invitation,
    Meeting,
    Minutes,
    Paper,
    PublicityChannel,
    Reply,
)
from meetings.services.asks import answer_ask, link_project
from meetings.services.comments import comment_on
from meetings.services.events import sign_up
from meetings.services.minutes import circulate_minutes
from tests.factories.meetings import (
    AgendaItemFactory,
    MeetingFactory,
    coming_meeting,
    past_meeting,
)
from tests.factories.minutes import circulated, comment, rewrite
from tests.factories.projects import ProjectFactory
from tests.factories.published import agree, publish, withhold, written_minutes
from tests.meetings.reading_pdf import everything_in, words_of

#: Each planted word is of this shape, so that one search finds any.
PLANTED = re.compile(r"canary[a-z]+", re.IGNORECASE)


@pytest.fixture
def planted(coordinator, rep, rep_of_other_group, officer):
    """A forum in which every private corner holds a canary."""
    rep.access_needs = "CanaryNeeds: a seat by the door"
    rep.what_helps = "CanaryHelps"
    rep.save()
    PublicityChannel.objects.create(name="Local Offer", email="offer@council.example")
    draft = past_meeting(coordinator, rep, absent=[rep_of_other_group, officer], title="First")
    version = circulated(draft, "CanaryDraft was said.", by=coordinator)
    comment(version, rep, text="CanaryComment")
    public = _published(coordinator, rep, [rep_of_other_group, officer])
    parents = past_meeting(coordinator, rep, audience="parents", title="CanaryParents", days=9)
    circulated(parents, "CanaryKitchen was said.\n\nAsk: CanaryWish", by=coordinator)
    soon = coming_meeting(rep, officer, days=20, title="Next", audience="services")
    _replied(soon, rep)
    event = MeetingFactory(title="Open morning", audience="open", places=5)
    sign_up(
        meeting=event, name="CanaryName", email="canaryaddress@family.example", needs="CanaryRamp"
    )
    coming_meeting(rep, days=25, audience="parents", title="CanaryTable", place="CanaryHouse")
    _asked(coordinator, rep)
    meetings = {m.title: m for m in Meeting.objects.all()}
    return SimpleNamespace(meetings=list(meetings.values()), public=public, draft=draft)


def _asked(coordinator, rep):
    """Answers to what isn't public, and a public ask about a project that isn't."""
    unsent = past_meeting(coordinator, rep, days=2, title="Third")
    written_minutes(unsent, by=coordinator, items=(("Buses", "Ask: CanaryUnsent"),))
    for secret in Ask.objects.filter(text__contains="Canary"):
        if "Unsent" not in secret.text:
            answer_ask(
                ask=secret,
                outcome="partly",
                text="CanaryAnswer",
                reason="CanaryWhy",
                changed="CanaryChange",
                via="phone",
                by=coordinator,
            )
    project = ProjectFactory(title="CanaryProject", slug="canaryproject", is_public=False)
    told = Ask.objects.get(text__contains="who drives")
    link_project(ask=told, project=project, by=coordinator)
    answer_ask(ask=told, outcome="done", text="They are told.", via="post", by=coordinator)


def _replied(meeting, rep):
    Reply.objects.create(
        invitation=meeting.invitations.get(person=rep), answer="room", needs="CanaryLift"
    )
    item = AgendaItemFactory(meeting=meeting, title="Transport")
    private = AgendaItemFactory(
        meeting=meeting,
        title="CanaryTitle",
        note="CanaryNote",
        lead="CanaryLead",
        is_private=True,
        private_reason="It would point to one family",
    )
    Paper.objects.create(item=private, title="CanaryPaper", summary="x", asked="y", text="z")
    Paper.objects.create(item=item, title="Times", summary="Two.", asked="Which?", text="All.")
    meeting.agenda_sent_at = timezone.now()
    meeting.save()


def _published(coordinator, rep, absent):
    """Version 1 held a name; version 2 doesn't, keeps a paragraph and an item private."""
    meeting = past_meeting(coordinator, rep, absent=absent, days=30, title="Second")
    text = "The boy CanaryOld was named.\n\nCanaryPrivate is confidential.\n\nAll else is public."
    text += "\n\nAsk: CanaryPlea (Bus team)\n\nAsk: Say who drives (Bus team)"
    items = (("Buses", text), ("CanaryItem", "CanaryInside was said."))
    minutes = written_minutes(meeting, by=coordinator, items=items)
    withhold(minutes, "CanaryPrivate", by=coordinator)
    withhold(minutes, "CanaryPlea", by=coordinator)
    AgendaItem.objects.filter(title="CanaryItem").update(
        is_private=True, private_reason="It would point to one family"
    )
    before = timezone.now() - timedelta(days=25)
    first = circulate_minutes(minutes=minutes, number=1, by=coordinator, at=before)
    comment_on(
        version=first,
        invitation=Invitation.objects.get(meeting=meeting, person=rep),
        uid=first.full["items"][0]["paragraphs"][0]["uid"],
        kind="wrong",
        speaking_for="myself",
        text="CanarySaid: take the name out",
        once="6f1c2b0e-5d1a-4f6e-9a57-0c1f2d3e4a5b",
        by=rep,
        at=before,
    )
    rewrite(minutes, text.replace("The boy CanaryOld", "A child"), by=coordinator)
    minutes = Minutes.objects.get(pk=minutes.pk)
    minutes.versions.first().comments.update(
        outcome="changed", outcome_reason="CanaryReason", outcome_at=timezone.now()
    )
    long_ago = timezone.now() - timedelta(days=15)
    version = circulate_minutes(minutes=minutes, number=2, by=coordinator, at=long_ago)
    assert version.number == 2
    return publish(agree(Minutes.objects.get(pk=minutes.pk)), by=coordinator)


# Reading everything that the public can -----------------------------------------------------------


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src", "action") and value:
                self.found.add(value)


def _words(response):
    """All that an answer says: body, headers; a PDF with its metadata."""
    body = response.getvalue()
    said = repr(sorted(response.items()))
    if response.get("Content-Type", "").startswith("application/pdf"):
        return said + words_of(body) + everything_in(body)
    return said + body.decode("utf-8", "replace")


def _reach(client, begin):
    """Every address that can be reached by following links, with what it says."""
    waiting, seen = deque(begin), {}
    while waiting:
        address = waiting.popleft().split("#")[0]
        if address in seen or not address.startswith("/") or address.startswith("/static/"):
            continue
        response = client.get(address)
        seen[address] = _words(response)
        if 300 <= response.status_code < 400:
            waiting.append(response["Location"])
        if "html" in response.get("Content-Type", ""):
            links = _Links()
            links.feed(response.content.decode())
            waiting.extend(sorted(links.found))
    return seen


def _every_address(planted):
    """Each route of meetings with each meeting's slug, and with the small numbers it may take."""
    numbers = {"pk": 1, "number": 1, "uid": "0" * 32, "uuid": "0" * 32, "token": "x", "key": "x"}
    for pattern in get_resolver().reverse_dict:
        if isinstance(pattern, str):
            yield from ()
    resolver = next(
        p for p in get_resolver().url_patterns if getattr(p, "app_name", "") == "meetings"
    )
    for route in resolver.url_patterns:
        wanted = route.pattern.converters.keys()
        for meeting in planted.meetings:
            values = {"slug": meeting.slug, **numbers}
            for pk in (1, 2) if {"pk", "number"} & set(wanted) else (1,):
                kwargs = {name: values[name] for name in wanted if name in values}
                kwargs |= {name: pk for name in ("pk", "number") if name in kwargs}
                try:
                    yield reverse(f"meetings:{route.name}", kwargs=kwargs)
                except NoReverseMatch:
                    continue


def test_words_when_planted_are_nowhere_that_the_public_reads(planted):
    client = Client()
    begin = ["/", "/meetings/", "/sitemap.xml", "/promises/", "/robots.txt", "/groups/"]
    begin += ["/what-we-said/", "/what-we-said/answers.atom", "/what-we-said/open/"]
    begin += [f"/what-we-said/{ask.pk}/" for ask in Ask.objects.all()]
    begin += sorted(set(_every_address(planted)))
    seen = _reach(client, begin)
    assert "They are told." in seen["/what-we-said/"]
    assert "1 of 1 ask has an answer" in seen["/what-we-said/"]
    pdfs = [address for address in seen if address.endswith(".pdf")]
    assert len(seen) > 60
    assert pdfs, "the published PDF was never read"
    assert "All else is public" in seen[planted.public.meeting.get_absolute_url()]
    found = {a: PLANTED.findall(words) for a, words in seen.items() if PLANTED.search(words)}
    # An address that nobody may open still echoes nothing but itself.
    assert {a: w for a, w in found.items() if "canary" not in a.lower()} == {}


def test_addresses_when_for_parents_only_answer_like_ones_that_never_were(planted):
    client = Client()
    for meeting in planted.meetings:
        if meeting.audience != "parents":
            continue
        for address in set(_every_address(SimpleNamespace(meetings=[meeting]))):
            response = client.get(address)
            moved = response.status_code in (301, 302)
            to_sign_in = moved and "/accounts/" in response["Location"]
            assert response.status_code in (404, 405) or to_sign_in or meeting.slug not in address
            if response.status_code == 200:
                assert not PLANTED.search(_words(response)), address


def test_officer_when_following_every_link_meets_no_planted_word(planted, officer):
    """An officer who was invited but not there reads the draft's public rendition, no more."""
    client = Client()
    client.force_login(officer)
    begin = ["/", "/today/", "/meetings/", "/what-we-said/", "/requests/"]
    begin += [f"/what-we-said/{ask.pk}/" for ask in Ask.objects.all()]
    seen = _reach(client, [*begin, *sorted(set(_every_address(planted)))])
    allowed = {"canarydraft"}  # the public text of a draft that this officer was sent
    found = {
        address: words
        for address, said in seen.items()
        if (words := {w.lower() for w in PLANTED.findall(said)} - allowed)
    }
    own_comments = {"canarycomment", "canarysaid", "canaryold", "canaryreason"}
    assert {a: w - own_comments for a, w in found.items() if w - own_comments} == {}


def test_mail_when_sent_to_others_holds_no_planted_word(planted, rep, coordinator, outbox_drained):
    outbox_drained()
    insiders = {rep.email, coordinator.email, "canaryaddress@family.example"}
    allowed = {"canarydraft", "canaryold"}
    leaks = [
        (letter.to, letter.subject, words)
        for letter in mail.outbox
        if not insiders & set(letter.to)
        for body in [f"{letter.subject} {letter.body} {letter.alternatives}"]
        if (words := {w.lower() for w in PLANTED.findall(body)} - allowed)
    ]
    assert mail.outbox
    assert leaks == []


def test_history_when_read_holds_ids_and_no_planted_word(planted):
    """The audit keeps ids and field names, never a text."""
    assert PLANTED.findall(str(list(AuditEvent.objects.values()))) == []
