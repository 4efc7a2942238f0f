"""The pages of thank-yous: three equal choices, the page before the first, notes by phone."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from expenses.models import Acknowledgement, Recognition
from expenses.services import recognition as service
from tests.factories.meetings import past_meeting
from tests.factories.members import PersonFactory, SeatFactory
from tests.factories.money import PolicyFactory, RecognitionFactory, drawer

pytestmark = pytest.mark.django_db
RATES = {"half_day": "2500", "full_day": "5000"}
#: Of the words about benefits and tax. Another one means: change EDITION, then this.
WORDS = ("November 2026", "bac5260d6e23")


@pytest.fixture
def policy(forum):
    return PolicyFactory(begins_on=date(2020, 4, 6), rates=RATES)


def text(response):
    return " ".join(response.content.decode().split())


def test_words_when_they_change_then_their_edition_does_too():
    path = Path(settings.BASE_DIR) / "templates/expenses/_thanks_words.html"
    words = path.read_bytes().partition(b"endcomment %}")[2]
    assert (service.EDITION, sha256(words).hexdigest()[:12]) == WORDS


# The person's side -------------------------------------------------------------------------------


def test_yes_when_first_then_pauses_at_benefits_and_tax(client_for, rep):
    row, client = RecognitionFactory(person=rep, workings="Half a day"), client_for(rep)
    own = text(client.get("/money-back/thanks/"))
    assert "Thank-you payment of £25" in own
    answered = client.post(f"/money-back/thanks/{row.pk}/", {"answer": "accept"})
    assert answered["Location"] == f"/money-back/thanks/{row.pk}/before/"
    row.refresh_from_db()
    assert row.state == "offered"
    page = text(client.get(answered["Location"]))
    for words in ("may count as income", "DWP", "HMRC", "independent advice", "You may say no"):
        assert words in page
    client.post(answered["Location"], {"pay_by": "cheque", "pence": "10"})
    row.refresh_from_db()
    assert (row.state, row.pay_by, row.pence) == ("accepted", "cheque", 1000)
    read = Acknowledgement.objects.get()
    assert (read.person, read.edition, read.read_by) == (rep, service.EDITION, rep)
    second = RecognitionFactory(person=rep, what_for="Chairing")
    page = text(client.get(f"/money-back/thanks/{second.pk}/before/"))
    assert "Say yes to thank-you payment of £25" in page
    assert "I have read this" not in page


def test_voucher_when_the_page_was_read_then_yes_is_one_press(client_for, rep):
    service.acknowledge(person=rep, by=rep)
    row = RecognitionFactory(person=rep, kind="voucher")
    client_for(rep).post(f"/money-back/thanks/{row.pk}/", {"answer": "accept"})
    row.refresh_from_db()
    assert row.state == "accepted"


def test_no_when_said_on_either_page_then_kept_without_reading(client_for, rep):
    rows, client = RecognitionFactory.create_batch(2, person=rep), client_for(rep)
    page = text(client.get(f"/money-back/thanks/{rows[0].pk}/"))
    assert "reason" not in page.lower()
    client.post(f"/money-back/thanks/{rows[0].pk}/", {"answer": "decline"})
    client.post(f"/money-back/thanks/{rows[1].pk}/before/", {"decline": "1"})
    assert {r.state for r in Recognition.objects.all()} == {"declined"}
    assert not Acknowledgement.objects.exists()


def test_giving_away_when_to_nobody_then_asked_and_kept_otherwise(client_for, rep):
    row, client = RecognitionFactory(person=rep), client_for(rep)
    address = f"/money-back/thanks/{row.pk}/"
    assert "Enter who should have it" in text(client.post(address, {"answer": "give"}))
    client.post(address, {"answer": "give", "given_to": "Larkmere Food Bank"})
    row.refresh_from_db()
    assert (row.state, row.given_to) == ("given_away", "Larkmere Food Bank")
    assert "It goes to Larkmere Food Bank" in text(client.get("/money-back/thanks/"))


def test_sum_when_it_is_more_than_offered_then_refused_in_words(client_for, rep):
    row, client = RecognitionFactory(person=rep), client_for(rep)
    for typed in ("26", "0", "-5", "lots", "1e3", "10.001"):
        page = client.post(
            f"/money-back/thanks/{row.pk}/before/", {"pay_by": "bank", "pence": typed}
        )
        assert page.status_code == 200
        assert "Enter a sum" in text(page)
    row.refresh_from_db()
    assert row.state == "offered"


def test_offer_when_it_is_on_its_way_then_says_so_and_stays(client_for, rep):
    client = client_for(rep)
    for state, words in (("paying", "on its way"), ("done", "You received it")):
        row = RecognitionFactory(person=rep, state=state)
        assert words in text(client.get(f"/money-back/thanks/{row.pk}/"))
        for answer in ("accept", "decline"):
            client.post(f"/money-back/thanks/{row.pk}/", {"answer": answer})
            client.post(f"/money-back/thanks/{row.pk}/before/", {"pay_by": "bank"})
        row.refresh_from_db()
        assert row.state == state


def test_somebody_when_their_seat_has_ended_then_still_answers(client_for, stranger):
    assert client_for(stranger).get("/money-back/thanks/").status_code == 403
    RecognitionFactory(person=stranger)
    assert client_for(stranger).get("/money-back/thanks/").status_code == 200


# Those who offer ---------------------------------------------------------------------------------


def test_offers_when_sent_after_a_meeting_then_counted_and_once(
    client_for, policy, coordinator, rep, person_without_email, officer
):
    meeting = past_meeting(rep, person_without_email, officer)
    client, address = client_for(coordinator), f"/money/thanks/offer/{meeting.slug}/"
    page = text(client.get(address))
    assert "1 e-mail and 1 letter" in page
    assert "Nadia Karim. There throughout, 2 hours: half a day, £25" in page
    assert officer.name not in page
    typed = {"kind": "honorarium", "people": [rep.pk, person_without_email.pk]}
    client.post(address, typed)
    client.post(address, typed)
    assert Recognition.objects.count() == 2
    assert "Has been offered a thank-you payment" in text(client.get(address))
    hostile = client.post(address, {"kind": "thanks", "people": [officer.pk]})
    assert "Choose people from the list" in text(hostile)
    assert "Enter what the voucher is worth" in text(
        client.post(address, {"kind": "voucher", "people": [rep.pk]})
    )


def test_offer_when_made_to_one_then_by_the_rates_and_never_to_oneself(
    client_for, policy, coordinator, rep
):
    client = client_for(coordinator)
    SeatFactory(person=coordinator)
    typed = {
        "person": rep.pk,
        "what_for": "Reading drafts",
        "on": "3 November 2026",
        "kind": "honorarium",
    }
    assert "Choose how long it took" in text(client.post("/money/thanks/offer/", typed))
    own = client.post("/money/thanks/offer/", {**typed, "person": coordinator.pk})
    assert own.status_code == 200
    client.post("/money/thanks/offer/", {**typed, "length": "full_day"})
    client.post("/money/thanks/offer/", {**typed, "length": "full_day"})
    row = Recognition.objects.get()
    assert (row.person, row.pence, row.workings) == (rep, 5000, "A full day")


def test_kinds_when_there_is_no_rate_then_no_payment_among_them(client_for, forum, coordinator):
    PolicyFactory(begins_on=date(2020, 4, 6))
    page = text(client_for(coordinator).get("/money/thanks/offer/"))
    assert 'value="voucher"' in page
    assert 'value="honorarium"' not in page
    assert "How long did it take?" not in page


def test_answer_when_told_by_phone_then_noted_with_the_words_read(
    client_for, coordinator, person_without_email
):
    row = RecognitionFactory(person=person_without_email, offered_by=coordinator)
    client, address = client_for(coordinator), f"/money/thanks/{row.pk}/"
    typed = {"answer": "accept", "pay_by": "cash"}
    assert "first" in text(client.post(address, typed))
    row.refresh_from_db()
    assert row.state == "offered"
    client.post(address, {**typed, "read": "on"})
    row.refresh_from_db()
    assert (row.state, row.pay_by, row.answered_by) == ("accepted", "cash", coordinator)
    read = Acknowledgement.objects.get()
    assert (read.person, read.read_by) == (person_without_email, coordinator)


def test_answer_when_it_is_ones_own_then_not_noted(client_for, treasurer):
    row = RecognitionFactory(person=treasurer)
    client = client_for(treasurer)
    assert client.get(f"/money/thanks/{row.pk}/").status_code == 403
    assert client.post(f"/money/thanks/{row.pk}/", {"answer": "accept"}).status_code == 403
    assert client.post(f"/money/thanks/{row.pk}/hand-over/").status_code == 403
    assert treasurer.name not in text(client.get("/money/thanks/")).partition("<main")[2]


def test_flags_when_somebody_has_them_all_then_nothing_more_is_allowed(client_for, treasurer):
    """No account is a superuser here; were one made so, it changes nothing."""
    row = RecognitionFactory(person=treasurer, kind="training", pence=0, state="accepted")
    for flag in ("is_superuser", "is_staff"):
        setattr(treasurer, flag, True)
    assert client_for(treasurer).post(f"/money/thanks/{row.pk}/hand-over/").status_code == 403
    row.refresh_from_db()
    assert row.state == "accepted"


def test_handing_over_when_proof_is_old_then_asked_first(client_for, treasurer):
    row = RecognitionFactory(kind="training", pence=0, state="accepted")
    client, address = client_for(treasurer), f"/money/thanks/{row.pk}/hand-over/"
    session = client.session
    session["proved_at"] = session.get("proved_at", 0) - 20 * 60
    session.save()
    assert client.post(address).status_code == 302
    row.refresh_from_db()
    assert row.state == "accepted"


def test_offer_when_taken_back_then_gone_from_their_page(client_for, coordinator, rep):
    row = RecognitionFactory(person=rep, offered_by=coordinator)
    client = client_for(coordinator)
    for _ in range(2):
        client.post(f"/money/thanks/{row.pk}/take-back/")
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert client_for(rep).get(f"/money-back/thanks/{row.pk}/").status_code == 404
    assert "Nothing offered yet" in text(client_for(rep).get("/money-back/thanks/"))


# Questions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/money/thanks/",
        "/money/thanks/offer/",
        "/money/thanks/offer/{slug}/",
        "/money/vouchers/",
        "/money/vouchers/{pk}/",
        "/money/vouchers/ledger.csv",
        "/money-back/thanks/",
    ],
)
def test_page_when_there_are_many_rows_then_asks_no_more(path, client_for, policy, treasurer):
    def more(count):
        people = [SeatFactory().person for _ in range(count)]
        meeting = past_meeting(*people)
        for n, person in enumerate(people):
            state = ("offered", "accepted", "declined", "done")[n % 4]
            RecognitionFactory(person=person, state=state, meeting=meeting, what_for=f"W{n}")
            RecognitionFactory(person=treasurer, state=state, what_for=f"Own {n}")
        for n in range(count // 3):
            past_meeting(PersonFactory(), days=9 + n, title=f"Other {n}")
            batch = drawer(treasurer, count=60, shop=f"Shop {count} {n}")
            row = RecognitionFactory(kind="voucher", state="accepted", what_for="V")
            service_give(row, batch, treasurer)
        return meeting, batch

    meeting, batch = more(3)
    for _ in range(19):
        row = RecognitionFactory(kind="voucher", state="accepted", what_for="V")
        service_give(row, batch, treasurer)
    client = client_for(treasurer)
    counts = []
    for _ in range(2):
        address = path.format(slug=meeting.slug, pk=batch.pk)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
        meeting, batch = more(60)
    assert counts[0] == counts[1] <= 14, counts


def service_give(row, batch, by):
    from expenses.services.vouchers import give_voucher

    give_voucher(recognition=row, batch=batch, serial=f"N{row.pk}", by=by)
