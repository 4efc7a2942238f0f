"""Miles driven for others: declared by tax year, and counted from then on."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import MilesElsewhere
from expenses.services.lines import miles_elsewhere, miles_left, write_lines
from expenses.services.miles import declare_miles
from tests.factories.money import ClaimFactory, LineFactory, PolicyFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("expenses:miles_declare")
DAY = date(2026, 11, 10)


@pytest.fixture(autouse=True)
def _november():
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def policy(forum):
    return PolicyFactory()


def declare(person, miles, year=2026, **more):
    return declare_miles(person=person, year=year, miles=miles, by=person, **more)


def test_miles_when_declared_on_the_page_then_count_for_that_year(policy, rep, client_for):
    page = client_for(rep).post(PAGE, {"year": "2026", "miles": "9990"}, follow=True)
    assert "It counts for what you send from now on" in page.content.decode()
    assert miles_left(rep, policy, DAY) == 10
    assert miles_left(rep, policy, date(2027, 4, 6)) == 10_000
    event = AuditEvent.objects.get(verb="declare_miles")
    assert event.data == {"person": rep.pk, "tax_year": 2026}


def test_page_when_opened_for_a_day_then_asks_for_its_tax_year(policy, rep, client_for):
    declare(rep, 700, year=2025)
    client = client_for(rep)
    assert client.get(PAGE).context["form"].initial == {"year": 2026, "miles": None}
    page = client.get(PAGE, {"on": "2026-04-05"})
    assert page.context["form"].initial == {"year": 2025, "miles": 700}
    assert "you said 700 miles" in page.content.decode()
    for odd in ("1999-01-01", "31 February 2026", "x" * 5000, "2031-01-01"):
        assert client.get(PAGE, {"on": odd}).context["form"].initial["year"] == 2026


def test_page_when_it_came_from_a_draft_then_goes_back_to_it(
    policy, rep, rep_of_other_group, client_for
):
    draft, sent = ClaimFactory(person=rep), ClaimFactory(person=rep, state="submitted")
    foreign = ClaimFactory(person=rep_of_other_group)
    client = client_for(rep)
    for claim, back in (
        (draft.pk, reverse("expenses:claim_travel", args=[draft.pk])),
        (sent.pk, reverse("expenses:claim_list")),
        (foreign.pk, reverse("expenses:claim_list")),
        ("9" * 30, reverse("expenses:claim_list")),
        ("//evil.example", reverse("expenses:claim_list")),
    ):
        answer = client.post(f"{PAGE}?claim={claim}", {"year": "2026", "miles": "1"})
        assert answer["Location"] == back


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"year": "2026", "miles": ""}, "Enter the miles, 0 if none"),
        ({"year": "2026", "miles": "two"}, "Enter a whole number of miles, from 0 to 200,000"),
        ({"year": "2026", "miles": "-1"}, "Enter a whole number of miles, from 0 to 200,000"),
        ({"year": "2026", "miles": "200001"}, "Enter a whole number of miles"),
        ({"year": "2022", "miles": "5"}, "Choose one of the answers shown"),
        ({"miles": "5"}, "Choose the year"),
    ],
)
def test_page_when_it_cannot_be_right_then_says_so_and_keeps_it(
    typed, words, policy, rep, client_for
):
    page = client_for(rep).post(PAGE, typed)
    assert words in page.content.decode()
    assert f'value="{typed["miles"]}"' in page.content.decode() or not typed["miles"]
    assert not MilesElsewhere.objects.exists()


@pytest.mark.parametrize(("year", "miles"), [(2022, 5), (2027, 5), (2026, -1), (2026, 200_001)])
def test_service_when_asked_for_nonsense_then_refuses(year, miles, policy, rep):
    with pytest.raises(TransitionNotAllowed):
        declare(rep, miles, year=year)


def test_miles_when_said_twice_then_one_row_and_the_newest_counts(policy, rep):
    declare(rep, 9990)
    declare(rep, 9990)
    assert rep.miles_elsewhere.count() == 1
    declare(rep, 40)
    assert miles_elsewhere(rep, 2026) == 40
    assert miles_left(rep, policy, DAY) == 9960


def test_miles_when_never_asked_then_none_and_nought_is_an_answer(policy, rep):
    assert miles_elsewhere(rep, 2026) is None
    declare(rep, 0)
    assert miles_elsewhere(rep, 2026) == 0


def test_drafts_when_miles_are_declared_then_priced_again_and_nothing_else(policy, rep):
    draft = ClaimFactory(person=rep, lines=[])
    write_lines(draft, [{"kind": "car", "on": DAY, "miles": Decimal(12)}])
    sent = ClaimFactory(person=rep, state="submitted", sent_at=timezone.now())
    declare(rep, 9_999)
    draft.refresh_from_db()
    # The sent one took 12 miles before it: 9,999 and 12 leave none, so 12 × 25.
    assert (draft.total, draft.edit_no) == (300, 1)
    assert draft.lines.get().workings == "12 miles above the yearly miles at 25p"
    assert (sent.total, sent.edit_no) == (660, 0)


def test_band_when_claims_were_sent_then_each_keeps_its_place(policy, rep):
    declare(rep, 9_980)
    first, second = (
        ClaimFactory(person=rep, state="submitted", sent_at=timezone.now() + timedelta(hours=n))
        for n in (1, 2)
    )
    assert miles_left(rep, policy, DAY, but=first) == 20
    assert miles_left(rep, policy, DAY, but=second) == 8
    assert miles_left(rep, policy, DAY, but=ClaimFactory(person=rep)) == -4
    declare(rep, 0, at=timezone.now() + timedelta(hours=3))
    # What was sent before keeps what had been declared by then.
    assert miles_left(rep, policy, DAY, but=second) == 8


@pytest.mark.parametrize("state", ["draft", "declined", "withdrawn"])
def test_band_when_a_claim_does_not_stand_then_its_miles_are_not_counted(state, policy, rep):
    ClaimFactory(person=rep, state=state)
    assert miles_left(rep, policy, DAY) == 10_000


def test_band_when_others_drove_then_theirs_alone(policy, rep, rep_of_other_group):
    ClaimFactory(person=rep_of_other_group, state="paid")
    declare(rep_of_other_group, 9000)
    claim = ClaimFactory(person=rep, lines=[])
    LineFactory(claim=claim, kind="bicycle", miles=12)
    assert miles_left(rep, policy, DAY) == 10_000
