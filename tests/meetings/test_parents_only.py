"""A parents' meeting shows nothing to officers or the public, whatever they ask for.

Every route is walked with everything that such meetings have, every letter is written to an
officer about them. Control: the same walk by a parent finds the words.
"""

import itertools
import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from coprod import links, outbox, registry
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from meetings.models import ActionItem, Answer, Ask, AskExtension, Delay, Minutes, Move, Paper
from meetings.services.cancelling import cancel_meeting
from meetings.services.minutes import save_short_version
from meetings.services.substitutes import known_substitutes, name_substitute
from tests.factories.meetings import (
    AgendaItemFactory,
    SeriesFactory,
    coming_meeting,
    past_meeting,
    reply,
)
from tests.factories.minutes import answer, comment, written
from tests.factories.published import publish, send_out

CANARIES = [
    "Xylophone",  # the title
    "Quibble Lane",  # the place
    "Zwieback",  # an agenda item
    "Marzipan",  # the minutes
    "Nougat",  # the short version
    "Fudge",  # a comment
    "Truffle",  # a paper
    "Praline",  # what to expect
    "Brittle",  # why it was cancelled
    "Yusuf Brandt",  # a substitute
]
#: Routes that answer with a stream that never ends or leave the machine; none so far.
SKIPPED: set[str] = set()


def _meeting_words(**fields):
    return {
        "audience": "parents",
        "title": "Xylophone circle",
        "place": "Quibble Lane 4",
        "expect": "Praline and tea",
        **fields,
    }


@pytest.fixture
def world(coordinator, rep, rep_of_other_group, officer, forum):
    """Parents' meetings in every state of life, an officer, and another meeting for services."""
    series = SeriesFactory(name="Xylophone circle", audience="parents")
    coming = coming_meeting(
        coordinator,
        rep,
        rep_of_other_group,
        series=series,
        **_meeting_words(agenda_sent_at=timezone.now()),
    )
    item = AgendaItemFactory(meeting=coming, title="Zwieback grants", note="Zwieback, again")
    paper = Paper.objects.create(item=item, title="Truffle", summary="Truffle", asked="Truffle?")
    own = coming.invitations.get(person=rep)
    reply(own, "cannot", needs="Praline without nuts")
    name_substitute(invitation=own, by=rep, name="Yusuf Brandt", email="yusuf@larkmere.example")
    cancelled = coming_meeting(coordinator, rep, days=20, **_meeting_words())
    cancel_meeting(meeting=cancelled, reason="Brittle hall", by=coordinator)
    drafted = past_meeting(coordinator, rep, days=3, **_meeting_words())
    written(drafted, "Marzipan was spoken of.", by=coordinator)
    sent = past_meeting(coordinator, rep, rep_of_other_group, days=12, **_meeting_words())
    minutes = written(
        sent,
        "Marzipan was spoken of.\n\nAction: Buy Marzipan. (Hester, by 2 October)\n\n"
        "Ask: Transport to send Marzipan by 2 October",
        by=coordinator,
    )
    save_short_version(minutes=minutes, text="Nougat for all.", by=coordinator)
    send_out(minutes, by=coordinator, days_ago=1)
    version = Minutes.objects.get(pk=minutes.pk).latest
    said = comment(version, rep, text="Fudge, not marzipan.")
    answer(version, rep, "not_yet", reason="Fudge")
    past_meeting(coordinator, rep, officer, days=2)
    move = Move.objects.create(
        meeting=coming, date_was=coming.date - timedelta(days=7), starts_was=coming.starts,
        ends_was=coming.ends, where_was="Quibble Lane 4", date=coming.date, starts=coming.starts,
        ends=coming.ends, where=coming.where, reason="Brittle hall",
    )  # fmt: skip
    delay = Delay.objects.create(
        meeting=coming, promise="agenda", was_due=coming.agenda_due_on,
        until=coming.agenda_due_on + timedelta(days=2), reason="Brittle notes",
    )  # fmt: skip
    # Against the rule, which names nobody who may not read the line: no page and no letter
    # may trust that it was kept.
    Ask.objects.update(answerer=officer, answer_by=timezone.localdate() + timedelta(days=3))
    asked = Ask.objects.get()
    reply_to_it = Answer.objects.create(ask=asked, outcome="done", text="Marzipan went out")
    longer = AskExtension.objects.create(
        ask=asked, due_on=asked.answer_by, until=asked.answer_by + timedelta(days=9), reason="Fudge"
    )
    return SimpleNamespace(
        asked=asked, reply=reply_to_it, longer=longer,
        meetings=[coming, cancelled, drafted, sent],
        coming=coming, sent=sent, version=version, minutes=minutes, series=series,
        paper=paper, comment=said, item=item, move=move, delay=delay,
        officer=officer, rep=rep, coordinator=coordinator,
    )  # fmt: skip


# Every route


def _routes(resolver=None, space=""):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _routes(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}", list(pattern.pattern.converters)


def _values(world, person):
    """What a curious reader could put into each place of an address."""
    sent = world.sent
    rows = [
        world.item, world.paper, world.comment, world.series, sent.agenda_items.first(),
        *sent.invitations.all(), *world.coming.invitations.all(), *ActionItem.objects.all(),
        *world.version.agreements.all(), world.asked,
    ]  # fmt: skip
    tokens = ["not-a-token"]
    if person is not None:
        # Nobody is ever given these: an officer's own signature on a parent's invitation.
        abouts = [m.invitations.get(person=world.rep).pk for m in (world.sent, world.coming)]
        tokens += [
            links.make(purpose, person=person, about=about)
            for purpose in ("reply", "draft")
            for about in abouts
        ]
    return {
        "slug": [meeting.slug for meeting in world.meetings],
        "pk": sorted({row.pk for row in rows}),
        "number": [1],
        "uid": [p["uid"] for item in world.version.full["items"] for p in item["paragraphs"]],
        "uuid": [str(m.uuid) for m in Message.objects.all()[:3]],
        "token": tokens,
        "key": ["0" * 32],
        "place": ["short", f"item-{world.item.pk}", world.version.full["items"][0]["item"]],
        "public_id": [world.rep.public_id],
    }


def _walk(client, world, person, *, methods=("get", "post")):
    """Every address of every route, and in which of them a canary word stood."""
    values = _values(world, person)
    hits, asked = [], 0
    for name, places in _routes():
        if name in SKIPPED:
            continue
        known = [values.get(place, ["1"]) for place in places]
        for chosen in itertools.islice(itertools.product(*known), 90):
            try:
                address = reverse(name, kwargs=dict(zip(places, chosen, strict=True)))
            except Exception:  # noqa: S112, BLE001 – this value doesn't fit that place
                continue
            for method in methods:
                asked += 1
                hits += _hits(client, method, address)
    return hits, asked


def _hits(client, method, address):
    response = getattr(client, method)(address, HTTP_ACCEPT="text/html")
    body = b"".join(response) if response.streaming else response.content
    words = body.decode("utf-8", "replace") + str(dict(response.headers))
    return [(method, address, word) for word in CANARIES if word in words]


@pytest.mark.parametrize("who", ["officer", "nobody"])
def test_every_route_when_asked_by_an_officer_or_nobody_shows_no_parents_meeting(
    client_for, world, who
):
    person = world.officer if who == "officer" else None
    hits, asked = _walk(client_for(person), world, person)
    assert asked > 400
    assert hits == []


def test_every_route_when_asked_by_a_parent_who_was_there_shows_them(client_for, world):
    """The control: the words are there to be found."""
    hits, _ = _walk(client_for(world.rep), world, world.rep, methods=("get",))
    assert {word for _, _, word in hits} >= set(CANARIES) - {"Brittle", "Yusuf Brandt", "Praline"}


# Every letter


def _ids(world):
    """Whatever a letter may ask its message for, about the parents' meetings."""
    invitation = world.sent.invitations.get(person=world.rep)
    return {
        "meeting": world.sent.pk, "meetings": [m.pk for m in world.meetings],
        "invitation": invitation.pk, "place": invitation.pk, "version": world.version.pk,
        "minutes": world.minutes.pk, "series": world.series.pk, "comment": world.comment.pk,
        "action": ActionItem.objects.get().pk, "again": False, "state": "", "paper": world.paper.pk,
        "agreement": world.version.agreements.get().pk, "delay": world.delay.pk, "fields": [],
        "move": world.move.pk, "number": 1, "own": True, "parts": [], "what": "comment",
        "itself": False, "ask": world.asked.pk, "answer": world.reply.pk,
        "extension": world.longer.pk, "due": str(world.asked.answer_by),
    }  # fmt: skip


@pytest.mark.parametrize("which", ["sent", "coming"])
def test_every_letter_when_written_to_an_officer_names_no_parents_meeting(world, which):
    ids = _ids(world)
    if which == "coming":
        ids["meeting"] = world.coming.pk
        ids["invitation"] = ids["place"] = world.coming.invitations.get(person=world.rep).pk
    hits, unwritten = [], {}
    for template in sorted(registry.letters):
        message = Message(
            key=f"walk:{template}", template=template, person=world.officer, ids=ids,
            channel="letter", address=world.officer.email,
        )  # fmt: skip
        try:
            letter = outbox.write(message)
        except NoLongerDue:
            continue
        except Exception as error:
            # Rows that no parents' meeting has: a sign-up, a correction, a seat offered.
            unwritten[template] = type(error).__name__
            continue
        words = f"{letter.subject}{letter.text}{letter.html}{letter.enclosed}"
        hits += [(template, word) for word in CANARIES if word in words]
    assert hits == []
    # Few can't be written at all for want of a row of theirs, or this would show nothing.
    # What is about projects or people alone holds no meeting.
    assert len([name for name in unwritten if name.startswith("meetings/")]) < 8, unwritten


def test_messages_when_made_by_all_that_happened_then_none_to_the_officer(world):
    told = Message.objects.filter(person=world.officer)
    assert [message.template for message in told if "arents" in json.dumps(message.ids)] == []
    for message in told:
        assert not any(word in outbox.write(message).text for word in CANARIES)


# Until the parents decide so


def test_page_when_the_parents_decided_to_publish_then_everyone_reads_the_minutes(
    client_for, coordinator, rep, officer
):
    meeting = past_meeting(coordinator, rep, days=12, **_meeting_words())
    minutes = written(meeting, "Marzipan was spoken of.", by=coordinator)
    send_out(minutes, by=coordinator, days_ago=10)
    version = Minutes.objects.get(pk=minutes.pk).latest
    for person in (coordinator, rep):
        answer(version, person)
    assert client_for(officer).get(meeting.get_absolute_url()).status_code == 404
    publish(Minutes.objects.get(pk=minutes.pk), by=coordinator)
    for person in (officer, None):
        assert "Marzipan" in client_for(person).get(meeting.get_absolute_url()).text


def test_substitute_when_the_meeting_is_for_parents_then_never_an_officer(world, officer):
    own = world.coming.invitations.get(person=world.coordinator)
    for invitation in (own, *world.coming.invitations.all()):
        assert officer not in known_substitutes(invitation)
