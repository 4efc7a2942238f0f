"""A correction pressed by many at once is made once. The control drops the lock, and breaks."""

import os
import threading
import uuid

import pytest
from django.db import connection

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message, StoredPage
from meetings import amending
from meetings.models import AgendaItem, Comment, Correction, Document, Minutes, Version
from meetings.services import corrections, matters
from meetings.services.publicity import withdraw_minutes
from tests.factories.meetings import coming_meeting, past_meeting
from tests.factories.members import ForumFactory, SeatFactory
from tests.factories.published import published_minutes
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")


@pytest.fixture(autouse=True)
def _quick_pdf(monkeypatch):
    """Twenty PDFs at once would measure the machine, not the lock."""
    monkeypatch.setattr(
        "meetings.pdf.minutes_pdf", lambda version: b"%PDF-" + str(version.pk).encode()
    )


def published():
    """Minutes that everybody reads, of a meeting of their own."""
    people = [SeatFactory().person for _ in range(3)]
    return published_minutes(past_meeting(*people, days=20), by=people[0])


def correct(minutes, text):
    """What one press of the button does: from version 1, which was on the page."""
    shown = Version.objects.get(minutes=minutes, number=1)
    return corrections.correct_minutes(
        minutes=minutes,
        number=1,
        renditions=amending.reworded(shown.full, shown.public, "short", text=text),
        kind="correction",
        note="Put right.",
        approved_by_words="everyone",
        by=None,
    )


def unexpected(results):
    return [
        r for r in results if isinstance(r, Exception) and not isinstance(r, TransitionNotAllowed)
    ]


def press_all(minutes):
    """Twenty people put the same place right, each with other words; what went wrong."""
    results = all_at_once(lambda n: correct(minutes, f"Text {n}"), range(THREADS))
    made = [r for r in results if isinstance(r, Correction)]
    broken = unexpected(results)
    if len(made) != 1 or minutes.versions.count() != 2:
        broken.append(f"{len(made)} corrections")
    told = Message.objects.filter(template="meetings/minutes_corrected")
    if told.filter(ids__correction=made[0].pk if made else 0).count() != 3:
        broken.append("not told once each")
    now = Minutes.objects.get(pk=minutes.pk)
    if not made or now.shown_version_id != made[0].version_id:
        broken.append("another version is shown")
    return broken


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_correction_when_twenty_press_at_once_then_one_is_made():
    ForumFactory()
    for _ in range(ROUNDS):
        assert press_all(published()) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
def test_correction_when_the_row_lock_is_dropped_then_it_breaks(monkeypatch):
    monkeypatch.setattr(corrections, "lock_minutes", lambda m: Minutes.objects.get(pk=m.pk))
    ForumFactory()
    assert [broken for _ in range(ROUNDS) if (broken := press_all(published()))]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_correction_when_others_withdraw_at_once_then_whole_old_or_whole_new(client):
    """Whoever comes first: every version has its PDF and note, and nothing is served."""
    ForumFactory()
    for _ in range(ROUNDS):
        minutes = published()
        here = minutes.meeting.get_absolute_url()

        def work(n, minutes=minutes):
            if n % 2:
                return withdraw_minutes(minutes=minutes, reason="A name was in it.", by=None)
            return correct(minutes, f"Text {n}")

        assert unexpected(all_at_once(work, range(THREADS))) == []
        now = Minutes.objects.get(pk=minutes.pk)
        assert now.state == "withdrawn"
        assert now.versions.count() == Document.objects.filter(version__minutes=now).count()
        assert AuditEvent.objects.about(now).filter(verb="withdraw").count() == 1
        assert "Text" not in client.get(here).text
        assert not StoredPage.objects.filter(address__startswith=here, body__contains=b"Text")


def place_all(minutes):
    """Ten late comments and a meeting to come; twenty workers place them. How many items."""
    author = minutes.meeting.invitations.first()
    uid = minutes.shown_version.full["items"][0]["paragraphs"][0]["uid"]
    for _ in range(10):
        matters.comment_later(
            version=minutes.shown_version,
            invitation=author,
            uid=uid,
            kind="question",
            speaking_for="myself",
            text="Who pays?",
            once=uuid.uuid4(),
            by=author.person,
        )
    coming = coming_meeting(days=30)

    def work(_):
        connection.ensure_connection()
        ready.wait()
        matters.place_all_matters()

    ready = threading.Barrier(THREADS)
    assert unexpected(all_at_once(work, range(THREADS))) == []
    placed = AgendaItem.objects.filter(kind="matter", meeting=coming).count()
    coming.delete()
    Comment.objects.all().delete()
    return placed


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_matters_when_placed_by_many_at_once_then_each_stands_once():
    ForumFactory()
    minutes = published()
    assert [place_all(minutes) for _ in range(ROUNDS)] == [10] * ROUNDS


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
def test_matters_when_nobody_looks_again_then_it_breaks(monkeypatch):
    monkeypatch.setattr(matters, "_still_waits", lambda comment: True)
    ForumFactory()
    minutes = published()
    assert max(place_all(minutes) for _ in range(ROUNDS)) > 10
