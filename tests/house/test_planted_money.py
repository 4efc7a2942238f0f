"""Words planted in money: in no public channel, and on no page of somebody whose they aren't.

Planted: whatever people write on claims, receipts' reasons, questions and answers, appeals,
attendance, advances, thank-yous, time given, spending, vouchers and payments, and an account.
Channels: every route of the money with the number of each row there is, the first pages of the
site, sitemap, totals, mail to others, exports, outbox and audit.
"""

import re
import uuid
from datetime import date

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coprod import clocks, registry
from coprod.models import AuditEvent, Message
from expenses.accounts import Account
from expenses.budget import year_of
from expenses.models import (
    Advance,
    AdvanceUse,
    AttendanceCheck,
    Claim,
    Heading,
    Payment,
    Policy,
    Receipt,
    Recognition,
    Run,
    Spending,
    TimeGiven,
    VoucherBatch,
)
from expenses.pricing import tax_year
from expenses.services.bank import save_details
from expenses.services.confirming import hand_over
from expenses.services.deciding import ask_about, decline_claim
from expenses.services.paying import make_run, pay_run, payment_came_back
from expenses.services.recognition import accept_thanks, acknowledge
from expenses.services.taking_back import answer_question
from expenses.services.vouchers import give_voucher
from expenses.urls import urlpatterns
from members.models import Role
from tests.factories.members import PersonFactory, RoleFactory, SeatFactory
from tests.factories.money import (
    ClaimFactory,
    HeadingFactory,
    PolicyFactory,
    RecognitionFactory,
    SpendingFactory,
    TimeGivenFactory,
    drawer,
)
from tests.house.test_planted_words import PLANTED, _words

DIGITS = re.compile(r"20-?73-?91|5831 ?6274")
ACCOUNT = Account("CanaryHolder", "207391", "58316274")


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    default = settings.STORAGES["default"]
    options = {**default["OPTIONS"], "location": tmp_path / "files"}
    settings.STORAGES = {**settings.STORAGES, "default": {**default, "OPTIONS": options}}


def _line(word, **more):
    said = {"what": f"Canary{word}What", "reason": f"Canary{word}Why"}
    said |= {"no_receipt": f"Canary{word}Lost", "with_whom": f"Canary{word}Whom"}
    return {"kind": "parking", "pence": 320, "asked": 320, **said, **more}


def _claim(person, word, **fields):
    said = {"occasion": f"Canary{word}Occasion", "late_reason": f"Canary{word}Late"}
    return ClaimFactory(person=person, lines=[_line(word)], **said, **fields)


def _claims(rep, treasurer, coordinator):
    """One at each step, with what is written there."""
    _claim(rep, "Draft", typed={"photo": {"said": {"why": "CanaryTyped"}, "rows": []}})
    asked = _claim(rep, "Asked", state="submitted")
    ask_about(claim=asked, text="CanaryQuestion", edit_no=0, by=treasurer)
    answer_question(claim=asked, text="CanaryAnswer", by=rep)
    Receipt.objects.create(
        claim=asked, kind="image", path="canaryfile", size=1, fingerprint="0", scan="none"
    )
    AttendanceCheck.objects.create(
        claim=asked,
        claimant=rep,
        answer="not_there",
        note="CanaryNote",
        answered_by=coordinator,
        answered_at=timezone.now(),
    )
    declined = _claim(rep, "Declined", state="submitted", is_late=True)
    decline_claim(claim=declined, reason="CanaryNo", edit_no=0, by=treasurer)
    Claim.objects.filter(pk=declined.pk).update(
        appeal="CanaryAppeal", appealed_at=timezone.now(), refused_reason="CanaryRefused"
    )
    late = {"is_late": True, "late_accepted_reason": "CanaryAccepted"}
    late["late_accepted_at"] = timezone.now()
    return _claim(rep, "Paid", state="approved", late_accepted_by=treasurer, **late)


def _paid(rep, treasurer, claim):
    save_details(person=rep, account=ACCOUNT, by=rep)
    run = make_run(claims=[claim], by=treasurer, key=uuid.uuid4())
    pay_run(run=run, by=treasurer, paid_on=clocks.today())
    payment_came_back(payment=run.payments.get(), reason="CanaryBack", by=treasurer)
    make_run(claims=[Claim.objects.get(pk=claim.pk)], by=treasurer, key=uuid.uuid4())
    asked = {"person": rep, "asked_by": rep, "pence": 500}
    Advance.objects.create(
        **asked, what_for="CanaryAdvance", state="declined", declined_reason="CanaryTooMuch"
    )
    paid = Advance.objects.create(**asked, what_for="CanaryAhead", state="paid")
    AdvanceUse.objects.create(advance=paid, pence=100, note="CanaryGiven")


def _thanked(rep, treasurer, coordinator):
    acknowledge(person=rep, by=rep)
    batch = drawer(treasurer, shop="CanaryShop", heading=HeadingFactory(name="Thanks"))
    offer = {"person": rep, "offered_by": coordinator}
    voucher = RecognitionFactory(**offer, kind="voucher", pence=2500, what_for="CanaryVoucher")
    accept_thanks(recognition=voucher, by=rep)
    give_voucher(recognition=voucher, batch=batch, serial="CanarySerial", by=treasurer)
    RecognitionFactory(**offer, what_for="CanaryThanks", given_to="CanaryAway", state="given_away")
    TimeGivenFactory(person=rep, made_by=rep, what="CanaryTime", on=clocks.today())
    SpendingFactory(heading=HeadingFactory(), on=date(2026, 7, 1), what="CanarySpending")
    SpendingFactory(
        heading=HeadingFactory(),
        on=date(2026, 7, 1),
        what="CanaryMistake",
        taken_back_reason="CanaryTakenBack",
        taken_back_at=timezone.now(),
        taken_back_by=treasurer,
    )


@pytest.fixture
def planted(rep, treasurer, coordinator, person_without_email):
    """The money of one rep, and of somebody for whom the coordinator enters it."""
    policy = PolicyFactory(number=1, confirmed=False, shows_totals=True)
    policy.proposed_by, policy.confirmed_by = PersonFactory(), PersonFactory()
    policy.proposed_at = policy.confirmed_at = timezone.now()
    policy.state = Policy.State.CONFIRMED
    policy.save()
    _paid(rep, treasurer, _claims(rep, treasurer, coordinator))
    _thanked(rep, treasurer, coordinator)
    hand_over(claim=_claim(person_without_email, "Entered", entered_by=coordinator), by=coordinator)


#: Whose numbers an address of this name takes.
ROWS = {
    "claim": Claim,
    "question": Claim,
    "line": Claim,
    "attendance": AttendanceCheck,
    "heading": Heading,
    "allocation": Heading,
    "spending": Spending,
    "time": TimeGiven,
    "policy": Policy,
    "thanks": Recognition,
    "voucher": VoucherBatch,
    "run": Run,
    "payment": Payment,
    "advance": Advance,
}


def _every_address():
    """Each route of the money with each number, key and person that it may be asked for."""
    years = {year_of(clocks.today()), tax_year(clocks.today())}
    people = Claim.objects.values_list("person__public_id", flat=True).distinct()
    for route in urlpatterns:
        model = ROWS.get(route.name.partition("_")[0], Claim)
        some = {"pk": model.objects.values_list("pk", flat=True), "line": [1], "slug": ["x"]}
        some |= {"key": Receipt.objects.values_list("key", flat=True)}
        some |= {"public_id": people, "year": years}
        found = [{}]
        for name in route.pattern.converters:
            found = [{**kwargs, name: value} for kwargs in found for value in some[name]]
        yield from (reverse(f"expenses:{route.name}", kwargs=kwargs) for kwargs in found)


def _met(client, allowed=()):
    """What every address answers, and the planted words and digits in it by address."""
    begin = ["/", "/today/", "/meetings/", "/groups/", "/promises/", "/sitemap.xml", "/about/"]
    seen = {a: _words(client.get(a)) for a in [*begin, *_every_address()]}
    assert len(seen) > 150
    return seen, {
        address: words
        for address, said in seen.items()
        if (words := {*PLANTED.findall(said), *DIGITS.findall(said)} - set(allowed))
    }


def test_money_when_the_public_reads_everything_then_only_totals(planted):
    seen, found = _met(Client())
    assert "What we spend" in seen[reverse("expenses:totals")]
    assert found == {}


def _reader(kind, group, other_group):
    person = PersonFactory(name="Vera Reader")
    if kind == "staff":
        return SeatFactory(group=group, person=person, is_staff=True).person
    if kind == "rep of other group":
        return SeatFactory(group=other_group, person=person).person
    return RoleFactory(person=person, kind=kind).person


@pytest.mark.parametrize(
    "kind",
    ["staff", "rep of other group", "officer", Role.Kind.ADMINISTRATOR],
)
def test_money_when_others_open_every_address_then_they_meet_none_of_it(
    kind, planted, group, other_group, client_for
):
    _, found = _met(client_for(_reader(kind, group, other_group)))
    assert found == {}


def test_money_when_the_second_approver_reads_then_only_what_is_looked_at_again(
    planted, group, other_group, client_for
):
    _, found = _met(client_for(_reader(Role.Kind.APPROVER, group, other_group)))
    words = {word for each in found.values() for word in each}
    theirs = re.compile(r"Canary(Declined[A-Z][a-z]+|Appeal|No|Refused)")
    assert words
    assert {word for word in words if not theirs.fullmatch(word)} == set()


def test_money_when_the_coordinator_reads_then_only_what_is_theirs_to_run(
    planted, coordinator, client_for
):
    """What they entered, offered, noted and plan; of a claim for vouching its title."""
    theirs = {"CanarySpending", "CanaryMistake", "CanaryTakenBack", "CanaryVoucher"}
    theirs |= {"CanaryThanks", "CanaryAway", "CanaryNote", "CanaryShop"}
    _, found = _met(client_for(coordinator), theirs)
    words = {word for each in found.values() for word in each}
    assert {
        w for w in words if not re.match(r"CanaryEntered|Canary[A-Z][a-z]+Occasion$", w)
    } == set()
    vouched = {reverse("expenses:attendance_list")}
    titles = {a for a, each in found.items() if any("AskedOccasion" in word for word in each)}
    assert all(a in vouched or "/attendance/" in a for a in titles)


def test_digits_when_the_treasurer_opens_every_page_then_nowhere_in_the_open(
    planted, treasurer, client_for
):
    """Masked on every page that only shows: asking for them is a press of a button."""
    seen, _ = _met(client_for(treasurer))
    assert {a for a, said in seen.items() if DIGITS.search(said) or "CanaryHolder" in said} == set()


def test_mail_about_money_when_sent_then_planted_words_reach_their_owner_only(
    planted, rep, coordinator, treasurer, outbox_drained
):
    outbox_drained()
    assert any(rep.email in letter.to for letter in mail.outbox)
    for letter in mail.outbox:
        text = f"{letter.subject} {letter.body} {letter.alternatives}"
        assert not DIGITS.search(text), letter.subject
        if not {rep.email, treasurer.email} & set(letter.to):
            assert PLANTED.findall(text) == [], (letter.to, letter.subject)


def test_rows_about_money_when_read_then_audit_and_outbox_hold_no_words(planted):
    kept = str(list(AuditEvent.objects.values())) + str(list(Message.objects.values()))
    assert PLANTED.findall(kept) == []
    assert DIGITS.findall(kept) == []


def test_export_when_somebody_else_takes_theirs_then_no_planted_word(
    planted, rep, rep_of_other_group
):
    def export(person):
        return str([part.rows(person) for part in registry.personal_data])

    assert PLANTED.search(export(rep))
    assert PLANTED.findall(export(rep_of_other_group)) == []
    assert not DIGITS.search(export(rep))
