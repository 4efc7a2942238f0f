"""The drawer of vouchers: bought − given + returned − lost is what is there, whoever presses."""

import csv
import io
import os
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from expenses.models import Recognition, Spending, VoucherBatch, VoucherMove
from expenses.services import vouchers
from tests.factories.members import ForumFactory, PersonFactory, RoleFactory
from tests.factories.money import HeadingFactory, RecognitionFactory, drawer
from tests.members.test_seat_races import all_at_once

ROUNDS = int(os.environ.get("COPROD_ROUNDS", "5"))
THREADS = 20
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")


def accepted(person=None, **fields):
    """A voucher of £25 that somebody said yes to."""
    fields = {"kind": "voucher", "state": "accepted", **fields}
    return RecognitionFactory(person=person or PersonFactory(), **fields)


def give(batch, by, serial="A1", **fields):
    return vouchers.give_voucher(recognition=accepted(**fields), batch=batch, serial=serial, by=by)


def count_by_kind(batch):
    """The ledger added up, and that each line goes on where the one before it ended."""
    sums, left = dict.fromkeys(VoucherMove.Kind.values, 0), 0
    for number, move in enumerate(batch.moves.order_by("number"), 1):
        assert (move.number, move.before, move.after) == (number, left, left + move.change)
        assert move.after >= 0
        sums[move.kind] += abs(move.change)
        left = move.after
    return sums, left


# The ledger --------------------------------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("give"), st.just(1)),
        st.tuples(st.just("return"), st.integers(0, 9)),
        st.tuples(st.just("lose"), st.integers(-1, 6)),
    ),
    max_size=25,
)


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(bought=st.integers(1, 8), steps=STEPS)
def test_ledger_when_anything_is_pressed_in_any_order_then_balances(treasurer, bought, steps):
    with transaction.atomic():
        batch, out, here = drawer(treasurer, count=bought), [], bought
        for n, (step, value) in enumerate(steps):
            try:
                if step == "give":
                    out.append(give(batch, treasurer, f"S{n}").recognition)
                    here -= 1
                elif step == "return" and out:
                    row = out.pop(value % len(out))
                    vouchers.return_voucher(recognition=row, by=treasurer)
                    here += 1
                elif step == "lose":
                    number = batch.moves.count()
                    vouchers.write_off(
                        batch=batch, count=value, note="Gone", number=number, by=treasurer
                    )
                    here -= value
            except TransitionNotAllowed:
                assert (step == "give" and here == 0) or (step == "lose" and not 0 < value <= here)
            sums, left = count_by_kind(batch)
            assert left == here == vouchers.left_in(batch)
            assert left == VoucherBatch.objects.with_left().get(pk=batch.pk).left
            assert left == sums["bought"] - sums["given"] + sums["returned"] - sums["lost"]
            done = Recognition.objects.filter(voucher_moves__batch=batch, state="done")
            assert done.distinct().count() == len(out) == sums["given"] - sums["returned"]
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_buying_when_pressed_twice_then_once_and_spent_under_its_heading(treasurer):
    heading = HeadingFactory(name="Thank-yous")
    before = VoucherBatch.objects.order_by("-pk").first()
    after = before.pk if before else 0
    first = drawer(treasurer, heading=heading, after=after)
    assert drawer(treasurer, heading=heading, after=after) == first
    assert drawer(treasurer, heading=heading, after=first.pk) != first
    assert [(s.heading, s.pence, s.on) for s in Spending.objects.all()] == [
        (heading, 12_500, date(2026, 11, 2))
    ] * 2
    assert first.spending.what == "5 vouchers, Larkmere Market"
    drawer(treasurer, shop="Book Barn")
    assert Spending.objects.count() == 2  # without a heading nothing is spent here


@pytest.mark.django_db
def test_buying_when_undone_then_out_and_not_spent_unless_one_has_moved(treasurer, client_for):
    batch = drawer(treasurer, heading=HeadingFactory())
    client, address = client_for(treasurer), f"/money/vouchers/{batch.pk}/undo/"
    assert "Take them out" in client.get(address).content.decode()
    for _ in range(2):
        client.post(address)
    assert count_by_kind(batch)[1] == 0
    assert batch.moves.count() == 2
    assert Spending.objects.get().taken_back_by == treasurer
    used = drawer(treasurer, shop="Used", heading=HeadingFactory())
    give(used, treasurer)
    client.post(f"/money/vouchers/{used.pk}/undo/")
    assert vouchers.left_in(used) == 4
    assert Spending.objects.get(batch=used).taken_back_at is None


@pytest.mark.django_db
def test_giving_when_it_may_not_be_then_refused_and_nothing_moves(treasurer, rep):
    batch = drawer(treasurer, count=1)
    old = drawer(treasurer, shop="Old", expires_on=clocks.today() - timedelta(days=1))
    wrong = {
        "own": {"recognition": accepted(treasurer), "batch": batch, "serial": "A"},
        "offered by them": {
            "recognition": accepted(offered_by=treasurer),
            "batch": batch,
            "serial": "A",
        },
        "not accepted": {"recognition": accepted(state="offered"), "batch": batch, "serial": "A"},
        "other value": {"recognition": accepted(pence=1000), "batch": batch, "serial": "A"},
        "no number": {"recognition": accepted(), "batch": batch, "serial": " "},
        "expired": {"recognition": accepted(), "batch": old, "serial": "A"},
        "no voucher": {
            "recognition": accepted(kind="training"),
            "batch": batch,
            "serial": "A",
        },
    }
    for case in wrong.values():
        with pytest.raises(TransitionNotAllowed), transaction.atomic():
            vouchers.give_voucher(**case, by=treasurer)
    assert vouchers.left_in(batch) == 1
    assert not Recognition.objects.filter(state="done").exists()
    give(batch, treasurer)
    with pytest.raises(TransitionNotAllowed, match="none of these left"):
        give(batch, treasurer, "A2")


@pytest.mark.django_db
def test_number_when_it_is_out_already_then_refused_until_it_came_back(treasurer):
    batch = drawer(treasurer)
    move = give(batch, treasurer, "AB-1")
    with pytest.raises(TransitionNotAllowed, match="given already"):
        give(batch, treasurer, "ab-1")
    vouchers.return_voucher(recognition=move.recognition, by=treasurer)
    move.recognition.refresh_from_db()
    assert move.recognition.state == "accepted"
    assert give(batch, treasurer, "AB-1").after == 4


@pytest.mark.django_db
def test_writing_off_when_pressed_twice_then_once(treasurer):
    batch = drawer(treasurer)
    gone = {"batch": batch, "count": 2, "note": "Lost in the post", "number": 1, "by": treasurer}
    vouchers.write_off(**gone)
    with pytest.raises(TransitionNotAllowed, match="changed"):
        vouchers.write_off(**gone)
    assert vouchers.left_in(batch) == 3


@pytest.mark.django_db
def test_line_when_it_does_not_go_on_from_the_last_then_database_refuses(treasurer):
    batch = drawer(treasurer)
    move = {"batch": batch, "kind": "lost", "change": -1, "before": 5, "after": 4}
    with pytest.raises(IntegrityError), transaction.atomic():
        VoucherMove.objects.create(**move, number=1)
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        VoucherMove.objects.filter(batch=batch).update(change=9, after=9)


# The pages ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_drawer_when_used_by_its_pages_then_ledger_says_all(client_for, treasurer, rep):
    client = client_for(treasurer)
    page = client.get("/money/vouchers/")
    assert "The drawer is empty" in page.content.decode()
    typed = {"shop": "Book Barn", "pence": "25", "count": "2", "bought_on": "2 November 2026"}
    buying = client.post("/money/vouchers/buy/", {**typed, "after": "0"})
    batch = VoucherBatch.objects.get()
    assert buying["Location"] == f"/money/vouchers/{batch.pk}/"
    client.post("/money/vouchers/buy/", {**typed, "after": "0"})
    assert VoucherBatch.objects.count() == 1
    row = accepted(rep)
    address = f"/money/thanks/{row.pk}/hand-over/"
    assert "Book Barn, £25: 2 in the drawer" in client.get(address).content.decode()
    assert client.post(address, {"batch": batch.pk, "serial": ""}).status_code == 200
    assert client.post(address, {"batch": batch.pk, "serial": "77"}).status_code == 302
    client.post(address, {"batch": batch.pk, "serial": "78"})
    ledger = client.get(f"/money/vouchers/{batch.pk}/").content.decode()
    assert "Nadia Karim, number 77" in ledger
    assert "1 voucher in the drawer" in ledger
    client.post(f"/money/thanks/{row.pk}/back/")
    lost = {"count": "3", "note": "Torn", "number": "3"}
    refused = client.post(f"/money/vouchers/{batch.pk}/lost/", lost)
    assert "There are only 2" in refused.content.decode()
    client.post(f"/money/vouchers/{batch.pk}/lost/", {**lost, "count": "2"})
    sums, left = count_by_kind(batch)
    assert (sums, left) == ({"bought": 2, "given": 1, "returned": 1, "lost": 2}, 0)
    assert "Used up" in client.get("/money/vouchers/").content.decode()


@pytest.mark.django_db
def test_ledger_when_opened_in_a_spreadsheet_then_no_cell_is_a_formula(client_for, treasurer):
    batch = drawer(treasurer, shop='=HYPERLINK("x")')
    give(batch, treasurer, "+1", person=PersonFactory(name="@SUM(A1)"))
    body = client_for(treasurer).get("/money/vouchers/ledger.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    assert len(rows) == 3
    cells = [
        cell for row in rows[1:] for cell in row if cell.lstrip("-").strip() and not cell.isdigit()
    ]
    assert '\'=HYPERLINK("x")' in cells
    assert not [c for c in cells if c[:1] in "=+@\t\r" or (c[:1] == "-" and not c[1:].isdigit())]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/money/vouchers/buy/", "/money/vouchers/{}/lost/"])
def test_drawer_when_signed_in_long_ago_then_asked_who_they_are(client_for, treasurer, path):
    batch, client = drawer(treasurer), client_for(treasurer)
    address = path.format(batch.pk)
    assert client.get(address).status_code == 200
    session = client.session
    session["proved_at"] = session.get("proved_at", 0) - 20 * 60
    session.save()
    before = VoucherMove.objects.count()
    assert client.post(address, {"count": "1", "note": "Torn", "number": "1"}).status_code == 302
    assert VoucherMove.objects.count() == before


# Races -------------------------------------------------------------------------------------------


def give_the_last():
    """Twenty treasurers hand out the last voucher, each to somebody else: one gets it."""
    people = [RoleFactory(kind="treasurer").person for _ in range(THREADS)]
    batch = drawer(people[0], count=1)
    rows = [accepted() for _ in people]

    def work(n):
        return vouchers.give_voucher(
            recognition=Recognition(pk=rows[n].pk), batch=batch, serial=f"S{n}", by=people[n]
        )

    results = all_at_once(work, range(THREADS))
    wrong = [
        r for r in results if isinstance(r, Exception) and not isinstance(r, TransitionNotAllowed)
    ]
    done = Recognition.objects.filter(pk__in=[r.pk for r in rows], state="done").count()
    given_out = batch.moves.filter(kind="given").count()
    if (done, given_out, vouchers.left_in(batch)) != (1, 1, 0):
        wrong.append(f"{done} handed over, {given_out} given")
    return wrong


def give_one_person_twenty():
    """Twenty presses for one person and a full drawer: one voucher."""
    people = [RoleFactory(kind="treasurer").person for _ in range(THREADS)]
    batch, row = drawer(people[0], count=THREADS), accepted()

    def work(n):
        return vouchers.give_voucher(
            recognition=Recognition(pk=row.pk), batch=batch, serial=f"S{n}", by=people[n]
        )

    results = all_at_once(work, range(THREADS))
    wrong = [
        r for r in results if isinstance(r, Exception) and not isinstance(r, TransitionNotAllowed)
    ]
    left = vouchers.left_in(batch)
    return wrong + ([] if left == THREADS - 1 else [f"{left} left"])


RACES = {"last": give_the_last, "twice": give_one_person_twenty}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_voucher_when_twenty_hand_it_over_at_once_then_once(race):
    ForumFactory()
    for _ in range(ROUNDS):
        assert RACES[race]() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite writes one after the other")
@pytest.mark.parametrize("race", RACES)
def test_voucher_when_the_locks_are_dropped_then_it_breaks(race, monkeypatch):
    """The control: this is how the test above would look if nothing held."""
    from django.db.models.query import QuerySet

    ForumFactory()
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    assert [wrong for _ in range(ROUNDS) for wrong in RACES[race]()]
