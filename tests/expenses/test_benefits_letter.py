"""The letter for a benefits office: one person's own sums, apart, tagged, nothing of a family."""

from datetime import UTC, date, datetime

import page
import pytest

from coprod.models import AuditEvent
from expenses.benefits import received
from expenses.models import Claim
from expenses.pdf import benefits_letter
from tests.factories.meetings import past_meeting
from tests.factories.members import PersonFactory
from tests.factories.money import ClaimFactory, PolicyFactory, RecognitionFactory
from tests.meetings.reading_pdf import everything_in, words_of

pytestmark = pytest.mark.django_db
CANARY = "Xanthippe"
FIRST, LAST = date(2026, 4, 6), date(2026, 11, 22)


def noon(*day):
    return datetime(*day, 12, tzinfo=UTC)


def paid_claim(person, *day, **fields):
    claim = ClaimFactory(person=person, state="paid", **fields)
    Claim.objects.filter(pk=claim.pk).update(paid_at=noon(*day))


@pytest.fixture
def paid(forum, rep):
    """What counts, and around it everything that doesn't."""
    PolicyFactory()
    forum.phone, forum.email, forum.address = (
        "01632 960 100",
        "hello@larkmere.example",
        "1 Kiln Lane",
    )
    forum.save()
    secret = {"occasion": f"{CANARY}’s evening"}
    care = [{"kind": "childcare", "what": f"{CANARY}", "pence": 2000, "hours": "2"}]
    paid_claim(rep, 2026, 5, 1, lines=care, **secret)
    paid_claim(rep, 2026, 4, 5)
    ClaimFactory(person=rep, state="approved")
    meeting = past_meeting(rep, title=f"{CANARY} evening")
    paid_claim(rep, 2026, 11, 22, meeting=meeting)
    paid_claim(PersonFactory(), 2026, 5, 1)
    thanks = {"person": rep, "what_for": f"Sitting with {CANARY}"}
    RecognitionFactory(**thanks, state="done", done_at=noon(2026, 6, 1))
    RecognitionFactory(**thanks, state="done", kind="voucher", pence=1000, done_at=noon(2026, 7, 1))
    RecognitionFactory(**thanks, state="done", kind="thanks", pence=0, done_at=noon(2026, 7, 1))
    RecognitionFactory(**thanks, state="done", done_at=noon(2026, 4, 5))
    RecognitionFactory(**thanks, state="declined")
    RecognitionFactory(**thanks, state="given_away", given_to=CANARY)
    RecognitionFactory(**thanks, state="accepted")
    RecognitionFactory(state="done", done_at=noon(2026, 6, 1))
    return received(rep, FIRST, LAST)


def test_letter_when_made_then_counts_what_reached_them_and_each_apart(paid):
    assert [(r.received.isoformat(), r.pence) for r in paid.back] == [
        ("2026-05-01", 2000),
        ("2026-11-22", 660),
    ]
    assert [(r.received.isoformat(), r.pence) for r in paid.thanks] == [
        ("2026-06-01", 2500),
        ("2026-07-01", 1000),
    ]
    assert (paid.back_pence, paid.thanks_pence) == (2660, 3500)
    words = words_of(benefits_letter(paid))
    for said in (
        "Nadia Karim",
        "6 April 2026 to 22 November 2026",
        "£26.60",
        "£35",
        "01632 960 100",
        "1 Kiln Lane",
        "Voucher for time given on 10 November 2026",
    ):
        assert said in words, said
    assert "61.60" not in words  # never added up


def test_letter_when_made_then_holds_nothing_of_anybody_else_or_a_family(paid):
    made = benefits_letter(paid)
    assert CANARY not in words_of(made) + everything_in(made)
    for word in ("child", "care ", "school", "autism"):
        assert word not in words_of(made).lower().replace("parents and carers", "")


def test_letter_when_made_then_keeps_every_rule_of_pdf_ua(paid, rep, caplog):
    for each in (paid, received(rep, date(2020, 1, 1), date(2020, 1, 2))):
        report = page.validate_pdf_bytes(benefits_letter(each), profile="ua1")
        assert [f"{f.rule_id}: {f.message}" for f in report.failures] == []
    assert caplog.records == []


def test_letter_when_asked_for_by_its_person_and_a_treasurer_then_made_and_noted(
    paid, client_for, rep, treasurer, coordinator
):
    typed = {"first": "6 April 2026", "last": "22 November 2026"}
    for person, path in (
        (rep, "/money-back/benefits-letter/"),
        (treasurer, f"/money/benefits-letter/{rep.public_id}/"),
    ):
        made = client_for(person).post(path, typed)
        assert made["Content-Type"] == "application/pdf"
        assert made["Cache-Control"] == "private, no-store"
        assert "Nadia Karim" in words_of(made.content)
    noted = AuditEvent.objects.filter(verb="make_benefits_letter", object_id=rep.pk)
    assert [event.by_id for event in noted.order_by("pk")] == [rep.pk, treasurer.pk]
    nobody = PersonFactory()
    assert (
        client_for(treasurer).get(f"/money/benefits-letter/{nobody.public_id}/").status_code == 404
    )
    assert (
        client_for(coordinator).get(f"/money/benefits-letter/{rep.public_id}/").status_code == 403
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"first": "", "last": "1 May 2026"}, "Enter the first day"),
        ({"first": "2 May 2026", "last": "1 May 2026"}, "can’t lie before"),
        ({"first": "1 May 2026", "last": "1 May 2199"}, "1 May 2199"),
    ],
)
def test_period_when_it_is_none_then_asked_again(typed, words, paid, client_for, rep):
    page = client_for(rep).post("/money-back/benefits-letter/", typed)
    assert page.status_code == 200
    assert words in page.content.decode()
