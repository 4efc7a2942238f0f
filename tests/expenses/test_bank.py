"""Bank details: read as typed, sealed, shown to whom, changed, forgotten, sealed anew."""

import io
import logging
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from coprod.personal import everything_about
from expenses import sealing
from expenses.accounts import Account, read_number, read_sort_code
from expenses.models import Advance, BankDetails
from expenses.services import bank
from expenses.services.bank_file import fetch_file
from expenses.services.paying import pay_run
from tests.expenses.banking import ACCOUNT, CANARIES, NUMBER, TYPED, found_in, with_bank
from tests.expenses.test_paying import run_of
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory, RecognitionFactory

pytestmark = pytest.mark.django_db

OTHER = Account("Nadia Karim", "112233", "87654321")
OWN = "expenses:bank_details"
CHANGE = "expenses:bank_change"


@pytest.fixture(autouse=True)
def policy(forum):
    return PolicyFactory()


def view_of(person):
    return reverse("expenses:bank_view", args=[person.public_id])


def stale(client):
    """The browser of somebody who showed who they are 20 minutes ago."""
    session = client.session
    session["proved_at"] -= 20 * 60
    session.save()
    return client


# Read as typed -----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["123456", "12-34-56", "12 34 56", " 12–34–56 ", "１２３４５６"])
def test_sort_code_when_typed_as_people_do_then_read(typed):
    assert read_sort_code(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12-34-5O", "000000", "²²²²²²²"])
def test_sort_code_when_wrong_then_refused_in_words(typed):
    with pytest.raises(ValueError, match="sort code"):
        read_sort_code(typed)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("12345678", "12345678"), ("1234 5678", "12345678"), ("123456", "00123456")],
)
def test_number_when_typed_as_people_do_then_read(typed, read):
    assert read_number(typed) == read


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("12345", "8 digits"),
        ("123456789", "8 digits"),
        ("4000 1234 5678 9010", "card"),
        ("GB33BUKB20201555555555", "IBAN"),
        ("0000 0000", "No account"),
        ("１２３４567x", "8 digits"),
    ],
)
def test_number_when_wrong_then_refused_in_words(typed, words):
    with pytest.raises(ValueError, match=words):
        read_number(typed)


def test_account_when_printed_then_says_nothing():
    assert found_in(repr(ACCOUNT)) == found_in(str([ACCOUNT])) == []


# Sealed ------------------------------------------------------------------------------------------


def test_details_when_sealed_then_open_for_their_person_only(rep, stranger):
    kept = with_bank(rep)
    assert sealing.unseal(kept.sealed, person_id=rep.pk) == ACCOUNT
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(kept.sealed, person_id=stranger.pk)


def test_keys_when_rotated_then_the_old_one_can_be_thrown_away(rep, settings):
    before, old, new = (letter * 40 for letter in "abc")
    settings.COPROD_BANK_KEYS = []
    settings.SECRET_KEY = before
    with_bank(rep)
    settings.COPROD_BANK_KEYS = [old]  # from the secret key to keys of its own
    with_bank(PersonFactory())
    assert bank.own_account(rep) == ACCOUNT
    settings.COPROD_BANK_KEYS = [new, old]
    said = io.StringIO()
    call_command("rotate_bank_keys", stdout=said)
    assert "2 sealed" in said.getvalue()
    sealed = BankDetails.objects.get(person=rep).sealed
    call_command("rotate_bank_keys", stdout=said)
    assert "0 sealed" in said.getvalue()
    assert BankDetails.objects.get(person=rep).sealed == sealed
    settings.COPROD_BANK_KEYS, settings.SECRET_KEY = [new], "d" * 40
    assert bank.own_account(rep) == ACCOUNT
    settings.COPROD_BANK_KEYS = [old]
    with pytest.raises(sealing.CannotOpen):
        bank.own_account(rep)
    with pytest.raises(CommandError, match="could not be opened"):
        call_command("rotate_bank_keys", stdout=said)


def test_page_when_the_key_is_lost_then_says_so_and_takes_them_anew(rep, settings, client_for):
    settings.COPROD_BANK_KEYS = ["x" * 40]
    with_bank(rep)
    settings.COPROD_BANK_KEYS = ["y" * 40]
    client = client_for(rep)
    assert "type them again" in client.get(reverse(OWN)).content.decode()
    client.post(reverse(CHANGE), TYPED)
    assert bank.own_account(rep) == ACCOUNT


def dump():
    """Every row of every table, as text."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return rows


def test_dump_when_details_went_through_everything_then_holds_no_digit(
    rep, treasurer, client_for, outbox_drained, caplog, person_without_email
):
    caplog.set_level(logging.DEBUG)
    mine, theirs = client_for(rep), client_for(treasurer)
    mine.post(reverse(CHANGE), TYPED | {"account_number": f"{NUMBER}9"})
    assert mine.post(reverse(CHANGE), TYPED).status_code == 302
    mine.get(reverse(OWN))
    claims = [ClaimFactory(person=p, state="approved") for p in (rep, person_without_email)]
    enter = reverse("expenses:bank_enter", args=[person_without_email.public_id])
    assert theirs.post(enter, TYPED | {"signed": "on"}).status_code == 302
    assert NUMBER in theirs.post(view_of(rep)).content.decode()
    run = run_of(*claims, by=treasurer)
    sent = theirs.post(reverse("expenses:run_csv", args=[run.pk]))
    assert NUMBER in sent.content.decode()
    stale(mine).post(reverse(CHANGE), TYPED)
    pay_run(run=run, by=treasurer, paid_on=clocks.today())
    letters = [f"{m.subject}{m.body}{m.alternatives}" for m in outbox_drained()]
    bank.remove_details(person=rep, by=rep)
    assert letters
    assert found_in(letters) == []
    assert found_in(dump()) == []
    assert found_in(caplog.text) == []
    assert found_in(list(AuditEvent.objects.values_list("data", flat=True))) == []
    assert found_in([everything_about(p) for p in (rep, person_without_email, treasurer)]) == []
    assert found_in([s.get_decoded() for s in Session.objects.all()]) == []


def test_post_when_the_proof_is_old_then_nothing_is_kept_for_afterwards(rep, client_for):
    """Other forms wait in the session until somebody has shown who they are: not this one."""
    client = stale(client_for(rep))
    page = client.post(reverse(CHANGE), TYPED)
    assert (page.status_code, page["Location"]) == (302, reverse(CHANGE))
    assert found_in(dict(client.session)) == []
    assert not BankDetails.objects.exists()


def test_form_when_it_comes_without_its_token_then_digits_are_not_given_back(rep, client_for):
    client = client_for(rep, enforce_csrf_checks=True)
    page = client.post(reverse(CHANGE), TYPED)
    assert page.status_code == 403
    assert found_in(page.content.decode()) == []
    signed_out = client_for(None).post(reverse(CHANGE), TYPED, follow=True)
    assert found_in(signed_out.content.decode()) == []


def test_error_when_a_page_breaks_then_its_report_hides_the_digits(rep, client_for, monkeypatch):
    from django.test import RequestFactory
    from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

    from expenses.views import bank as views

    def break_it(**_):
        raise RuntimeError("broken")

    monkeypatch.setattr(views.bank, "save_details", break_it)
    client = client_for(rep)
    client.raise_request_exception = False
    client.get(reverse(OWN))
    seen = {}
    report = ExceptionReporter.get_traceback_data

    monkeypatch.setattr(
        ExceptionReporter, "get_traceback_data", lambda self: seen.setdefault("d", report(self))
    )
    request = RequestFactory().post(reverse(CHANGE), TYPED)
    request.user, request.session = rep, client.session
    request.session["proved_at"] = timezone.now().timestamp()
    try:
        views.bank_change(request)
    except RuntimeError as error:
        shown = SafeExceptionReporterFilter().get_post_parameters(request)
        text = ExceptionReporter(
            request, type(error), error, error.__traceback__
        ).get_traceback_text()
    assert found_in(shown) == []
    assert found_in(text) == []


# Shown -------------------------------------------------------------------------------------------


def test_own_page_when_opened_then_in_full_and_the_form_keeps_nothing(rep, client_for):
    with_bank(rep)
    page = client_for(rep).get(reverse(OWN)).content.decode()
    assert NUMBER in page
    assert "20-73-91" in page
    form = client_for(rep).get(reverse(CHANGE))
    assert found_in(form.content.decode()) == []
    assert form.content.decode().count('autocomplete="off"') == 3
    assert "data-keep" not in form.content.decode()
    assert "no-store" in form["Cache-Control"]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "name",
    [
        "bank_details",
        "bank_change",
        "bank_remove",
        "bank_view",
        "bank_enter",
        "run_make",
        "run_csv",
        "run_pay",
        "run_cancel",
        "payment_back",
        "advance_decide",
        "advance_return",
    ],
)
def test_route_when_the_proof_is_old_then_asked_first(
    name, method, rep, treasurer, person_without_email, client_for
):
    """Without the guard each of these answers with a page, or does it."""
    if name == "run_csv" and method == "get":
        pytest.skip("it answers no GET")
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="approved")
    run = run_of(claim, by=treasurer)
    advance = Advance.objects.create(person=rep, what_for="Train", pence=500)
    arg = {
        "bank_view": rep.public_id,
        "bank_enter": person_without_email.public_id,
        "payment_back": run.payments.get().pk,
        "advance_decide": advance.pk,
        "advance_return": advance.pk,
    }.get(name, run.pk)
    own = name in ("bank_details", "bank_change", "bank_remove")
    address = reverse(f"expenses:{name}", args=[] if own or name == "run_make" else [arg])
    client = stale(client_for(rep if own else treasurer))
    page = getattr(client, method)(address, TYPED if method == "post" else None)
    where = page["Location"]
    if where == address:  # the bank's own form: asked for again, then asked who it is
        where = client.get(address)["Location"]
    assert page.status_code == 302
    assert where.startswith(reverse("members:prove_by_code"))
    assert not AuditEvent.objects.filter(verb__in=["view_bank_details", "fetch_run"]).exists()


def test_treasurer_when_nothing_is_to_pay_then_closed(rep, treasurer, client_for):
    with_bank(rep)
    client = client_for(treasurer)
    assert found_in(client.post(view_of(rep)).content.decode()) == []
    ClaimFactory(person=rep, state="submitted")
    assert found_in(client.post(view_of(rep)).content.decode()) == []
    assert not AuditEvent.objects.filter(verb="view_bank_details").exists()
    ClaimFactory(person=rep, state="approved")
    assert found_in(client.get(view_of(rep)).content.decode()) == []
    assert NUMBER in client.post(view_of(rep)).content.decode()
    event = AuditEvent.objects.get(verb="view_bank_details")
    assert (event.by_id, event.object_id, event.data) == (treasurer.pk, rep.pk, {})


def test_owner_when_a_treasurer_read_them_then_can_see_who_and_when(rep, treasurer, client_for):
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="approved")
    client_for(treasurer).post(view_of(rep))
    fetch_file(run=run_of(claim, by=treasurer), by=treasurer)
    page = client_for(rep).get(reverse(OWN)).content.decode()
    assert page.count("Tom Hesketh, on") == 2
    assert len(everything_about(rep)["Who read your bank details"]) == 2


def test_treasurer_when_they_are_their_own_then_no_other_way_in(treasurer, client_for):
    with_bank(treasurer)
    ClaimFactory(person=treasurer, state="approved")
    page = client_for(treasurer).post(view_of(treasurer)).content.decode()
    assert found_in(page) == []
    with pytest.raises(TransitionNotAllowed):
        bank.view_details(details=treasurer.bank_details, by=treasurer)


@pytest.mark.parametrize("who", ["coordinator", "administrator", "staff", "officer", "stranger"])
def test_details_when_asked_for_by_others_then_not_there(who, rep, request, client_for):
    with_bank(rep)
    ClaimFactory(person=rep, state="approved")
    client = client_for(request.getfixturevalue(who))
    for method in (client.get, client.post):
        assert method(view_of(rep)).status_code == 404


def test_pages_when_they_name_an_account_then_masked(rep, treasurer, client_for):
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="approved")
    client = client_for(treasurer)
    make = client.get(reverse("expenses:run_make")).content.decode()
    run = run_of(claim, by=treasurer)
    pages = [make] + [
        client.get(reverse(f"expenses:{name}", args=args)).content.decode()
        for name, args in (
            ("run_list", []),
            ("run_detail", [run.pk]),
            ("run_pay", [run.pk]),
            ("bank_view", [rep.public_id]),
        )
    ]
    assert "ending 6274" in make
    assert "ending 6274" in pages[2]
    assert found_in(pages) == []


# Changed -----------------------------------------------------------------------------------------


def test_change_when_claims_are_approved_then_checked_again_and_told(rep, treasurer):
    with_bank(rep)
    approved, cheque, other = (
        ClaimFactory(person=rep, state="approved"),
        ClaimFactory(person=rep, state="approved", pay_by="cheque"),
        ClaimFactory(person=rep, state="submitted"),
    )
    advance = Advance.objects.create(
        person=rep, what_for="Train", pence=500, state="approved", decided_by=treasurer
    )
    Message.objects.all().delete()
    with_bank(rep, OTHER)
    for thing in (approved, cheque, other, advance):
        thing.refresh_from_db()
    assert (approved.state, approved.approved_by, approved.edit_no) == ("submitted", None, 1)
    assert (cheque.state, other.edit_no) == ("approved", 1)
    assert (advance.state, advance.decided_by) == ("asked", None)
    told = Message.objects.get(person=rep, template="expenses/bank_changed")
    assert told.ids["last_digits"] == "4321"
    assert Message.objects.filter(person=rep, template="expenses/claim_reopened").count() == 1


def test_change_when_one_of_two_has_approved_then_they_look_again(rep, treasurer):
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="submitted", needs_two=True)
    claim.approved_at, claim.approved_by = timezone.now(), treasurer
    claim.save()
    with_bank(rep, OTHER)
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by) == ("submitted", None)


def test_change_when_it_is_the_same_then_nothing_happens(rep):
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="approved")
    count = Message.objects.count()
    with_bank(rep)
    claim.refresh_from_db()
    assert (claim.state, Message.objects.count()) == ("approved", count)


def test_remove_when_claims_are_approved_then_checked_again_too(rep, client_for):
    """Else removing and giving others would be a change that nobody checks."""
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="approved")
    client_for(rep).post(reverse("expenses:bank_remove"))
    claim.refresh_from_db()
    assert (claim.state, BankDetails.objects.count()) == ("submitted", 0)


def test_change_when_the_address_was_another_then_that_is_told_too(rep, outbox_drained):
    with_bank(rep)
    outbox_drained()
    mail.outbox.clear()
    rep.email = "somebody@else.example"
    rep.save()
    with_bank(rep, OTHER)
    sent = outbox_drained()
    told = {m.to[0] for m in sent if "bank details" in m.subject}
    assert told == {"nadia@larkmere.example", "somebody@else.example"}
    words = next(m.body for m in sent if "bank details" in m.subject)
    assert "ending 4321" in words
    assert "Was it not you? Ring 01632 960 100 at once." in " ".join(words.split())


@pytest.mark.parametrize("seen", ["nobody", "file", "page"])
def test_change_when_in_a_run_then_taken_out_unless_it_may_have_gone(seen, rep, treasurer):
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="approved")
    run = run_of(claim, by=treasurer)
    if seen == "file":
        fetch_file(run=run, by=treasurer)
    if seen == "page":
        bank.view_details(details=rep.bank_details, by=treasurer)
    with_bank(rep, OTHER)
    claim.refresh_from_db()
    payment = run.payments.get()
    if seen == "nobody":
        assert (claim.state, bool(payment.cancelled_at)) == ("submitted", True)
        with pytest.raises(TransitionNotAllowed, match="Nothing is left"):
            pay_run(run=run, by=treasurer, paid_on=clocks.today())
    else:
        assert (claim.state, payment.cancelled_at) == ("paying", None)
        again = fetch_file(run=run, by=treasurer)
        assert again.left_out == [payment]
        assert b"87654321" not in again.content


def test_next_when_it_is_another_site_then_stays_here(rep, client_for):
    client = client_for(rep)
    for where, leads in (
        ("https://evil.example/", reverse(OWN)),
        ("//evil.example", reverse(OWN)),
        (reverse("expenses:claim_list"), reverse("expenses:claim_list")),
    ):
        assert client.post(reverse(CHANGE), TYPED | {"next": where})["Location"] == leads


def test_next_when_on_the_way_from_a_claim_then_straight_to_the_form_and_back(rep, client_for):
    client, where = client_for(rep), reverse("expenses:claim_list")
    page = client.get(f"{reverse(OWN)}?next={where}", follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse(CHANGE))
    assert f'name="next" value="{where}"' in page.content.decode()


# Typed from paper --------------------------------------------------------------------------------


def test_paper_when_typed_by_the_treasurer_then_noted_and_told(
    person_without_email, treasurer, client_for
):
    ClaimFactory(person=person_without_email, state="approved")
    address = reverse("expenses:bank_enter", args=[person_without_email.public_id])
    client = client_for(treasurer)
    assert "Say that you have" in client.post(address, TYPED).content.decode()
    client.post(address, TYPED | {"signed": "on"})
    kept = BankDetails.objects.get(person=person_without_email)
    assert kept.changed_by == treasurer
    told = Message.objects.get(template="expenses/bank_changed")
    assert told.channel == Message.Channel.LETTER
    make = client.get(reverse("expenses:run_make")).content.decode()
    assert "Account typed from paper by Tom Hesketh" in make


def test_paper_when_the_treasurer_entered_their_claim_then_refused(
    person_without_email, treasurer, rep, client_for
):
    claim = ClaimFactory(person=person_without_email, entered_by=treasurer, state="submitted")
    for person in (person_without_email, treasurer, rep):
        ClaimFactory(person=person, state="approved")
        if person != treasurer:
            with pytest.raises(TransitionNotAllowed):
                bank.save_details(person=person, account=ACCOUNT, by=treasurer)
        address = reverse("expenses:bank_enter", args=[person.public_id])
        client_for(treasurer).post(address, TYPED | {"signed": "on"})
    assert not BankDetails.objects.exists()
    another = RoleFactory(kind="treasurer").person
    bank.save_details(person=claim.person, account=ACCOUNT, by=another)
    assert BankDetails.objects.get().changed_by == another


# Forgotten ---------------------------------------------------------------------------------------


def days(number):
    return timezone.now() + timedelta(days=number)


def test_details_when_paid_90_days_ago_then_forgotten_and_told(rep, treasurer, outbox_drained):
    with_bank(rep)
    claim = ClaimFactory(person=rep, state="approved")
    run = run_of(claim, by=treasurer)
    pay_run(run=run, by=treasurer, paid_on=clocks.today())
    assert bank.forget_when_due(at=days(89)) == 0
    assert bank.forget_when_due(at=days(91)) == 1
    assert bank.forget_when_due(at=days(91)) == 0
    assert not BankDetails.objects.exists()
    event = AuditEvent.objects.get(verb="forget_bank_details")
    assert (event.object_id, event.by_id, event.data) == (rep.pk, None, {})
    assert Message.objects.get(template="expenses/bank_forgotten").person == rep


@pytest.mark.parametrize(
    ("thing", "state", "kept"),
    [
        ("claim", "unconfirmed", True),
        ("claim", "submitted", True),
        ("claim", "questioned", True),
        ("claim", "approved", True),
        ("claim", "paying", True),
        ("claim", "declined", False),
        ("claim", "withdrawn", False),
        ("claim", "draft", False),
        ("advance", "asked", True),
        ("advance", "approved", True),
        ("advance", "paid", False),
        ("thanks", "accepted", True),
        ("thanks", "done", False),
        ("nothing", "", False),
    ],
)
def test_details_when_something_is_unpaid_then_never_forgotten(thing, state, kept, rep):
    with_bank(rep)
    if thing == "claim":
        ClaimFactory(person=rep, state=state)
    if thing == "advance":
        Advance.objects.create(person=rep, what_for="Train", pence=500, state=state)
    if thing == "thanks":
        RecognitionFactory(person=rep, state=state)
    assert bank.forget_when_due(at=days(500)) == (0 if kept else 1)


def test_details_when_given_anew_then_the_days_begin_anew(rep):
    with_bank(rep, at=days(-100))
    with_bank(rep, OTHER, at=days(-50))
    assert bank.forget_when_due() == 0
    assert bank.forget_when_due(at=days(41)) == 1


def test_canaries_when_looked_for_then_are_what_the_pages_show(rep, client_for):
    """Else the scans above would find nothing, whatever stood there."""
    with_bank(rep)
    page = client_for(rep).get(reverse(OWN)).content.decode()
    assert set(found_in(page)) == set(CANARIES) - {"207391", "5831 6274"}


@pytest.mark.parametrize(
    "wrong",
    [
        *(
            "foo",
            "expenses:budget",
            "javascript:alert(1)",
            "https://evil.example/",
            "//evil.example",
        ),
        *("/\\evil.example", "\\\\evil.example", "http:///evil.example", f"/{'x' * 20_000}"),
    ],
)
def test_bank_form_when_told_to_go_on_elsewhere_then_goes_to_ones_own_page(wrong, client_for, rep):
    client, change = client_for(rep), reverse("expenses:bank_change")
    details = reverse("expenses:bank_details")
    onward = client.get(details, {"next": wrong})
    assert onward.status_code == 302
    assert "evil" not in onward.url
    assert client.get(change, {"next": wrong}).status_code == 200
    answer = client.post(
        f"{change}?next=foo", {**TYPED, "next": wrong if len(wrong) < 200 else "foo"}
    )
    assert (answer.status_code, answer.url) == (302, details)
