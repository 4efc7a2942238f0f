"""Rates and rules: begun, written, proposed by one person, confirmed by another."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses import version
from expenses.models import Claim, Policy
from expenses.services import policies
from expenses.usual import OFFERS
from members.models import Role
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory, ProposedPolicyFactory

pytestmark = pytest.mark.django_db
LIST = reverse("expenses:policy_list")
BEGIN = reverse("expenses:policy_begin")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC)) as clock:
        yield clock


def page(name, policy):
    return reverse(f"expenses:policy_{name}", args=[policy.pk])


def seal(policy):
    stored = Policy.objects.get(pk=policy.pk)
    return version.seal(stored, Policy.objects.before(stored))


def typed(client, policy, **changes):
    """What the form holds when the page is opened, with some boxes typed over."""
    form = client.get(page("edit", policy)).context["form"]
    boxes = {bound.html_name: bound.value() for bound in form}
    filled = {name: value for name, value in boxes.items() if value not in (None, False)}
    return {**filled, "begins_on": "6 April 2026", **changes}


def confirm(policy, by):
    return policies.confirm_policy(policy=policy, seal=seal(policy), by=by)


@pytest.fixture
def draft(forum):
    return PolicyFactory(confirmed=False)


@pytest.fixture
def proposed(coordinator):
    return ProposedPolicyFactory(proposed_by=coordinator)


# Beginning ----------------------------------------------------------------------------------------


def test_list_when_empty_then_offers_the_usual_figures_with_a_warning(coordinator, client_for):
    client = client_for(coordinator)
    text = client.get(LIST).content.decode()
    assert "Nothing agreed yet" in text
    assert "Copies of the official mileage rates disagree" in text
    assert text.count("Begin this draft") == 2
    assert client.get(BEGIN)["Location"] == LIST


def test_list_when_empty_then_a_treasurer_is_told_who_begins(treasurer, client_for):
    text = client_for(treasurer).get(LIST).content.decode()
    assert "A coordinator begins the first version" in text
    assert "Begin this draft" not in text


@pytest.mark.parametrize(("key", "begins_on", "car"), [("2025", 2025, 45), ("2026", 2026, 55)])
def test_usual_figures_when_begun_then_a_draft_that_counts_for_nothing(
    key, begins_on, car, coordinator, client_for
):
    client_for(coordinator).post(BEGIN, {"offer": key})
    policy = Policy.objects.get()
    said = version.values(policy)
    assert (policy.state, policy.begins_on) == ("draft", date(begins_on, 4, 6))
    assert (said["car"], said["car_above"], said["half_day"]) == (car, 25, None)
    assert (said["motorcycle"], said["bicycle"], said["passenger"]) == (24, 20, 5)
    assert Policy.objects.governing(date(2026, 11, 10)) is None


def test_usual_figures_when_the_button_is_pressed_twice_then_one_draft(coordinator, client_for):
    client = client_for(coordinator)
    for _ in range(2):
        client.post(BEGIN, {"offer": "2026"})
    assert Policy.objects.count() == 1
    assert client.get(LIST).content.decode().count("Begin this draft") == 1


def test_new_version_when_begun_then_copies_the_newest(coordinator, client_for):
    PolicyFactory(begins_on=date(2025, 4, 6), rates={"car": "45"})
    PolicyFactory(begins_on=date(2026, 4, 6), rates={"car": "55"}, two_over=5_000)
    client = client_for(coordinator)
    answer = client.post(BEGIN, {"begins_on": "6 April 2027"})
    policy = Policy.objects.get(state="draft")
    assert answer["Location"] == page("edit", policy)
    assert (policy.begins_on, policy.two_over) == (date(2027, 4, 6), 5_000)
    assert version.values(policy)["car"] == 55
    assert policy.made_by == coordinator
    assert policy.agreed_by == ""
    again = client.post(BEGIN, {"begins_on": "6 April 2027"})
    assert "is being written already" in again.content.decode()
    assert Policy.objects.count() == 3


def test_draft_when_thrown_away_then_gone_and_a_proposed_one_stays(
    draft, proposed, coordinator, client_for
):
    client = client_for(coordinator)
    client.post(page("drop", draft))
    answer = client.post(page("drop", proposed), follow=True)
    assert list(Policy.objects.all()) == [proposed]
    assert "Only a version that is being written" in answer.content.decode()
    assert AuditEvent.objects.filter(verb="drop_policy").count() == 1


# Writing ------------------------------------------------------------------------------------------


def test_draft_when_figures_are_typed_as_people_say_them_then_kept_to_the_penny(
    draft, coordinator, client_for
):
    client = client_for(coordinator)
    said = typed(
        client,
        draft,
        car="£0.50",
        motorcycle="24.5p",
        bicycle="20 p",
        passenger="",
        childcare="10.50",
        care="£12",
        half_day="75",
        full_day="£150.00",
        two_over="1,000",
        band_miles="9000",
        begins_on="1 June 2026",
        agreed_by="The trustees, 1 May",
        note="Fuel costs more.",
    )
    said.pop("relatives_care", None)
    answer = client.post(page("edit", draft), said)
    assert answer["Location"] == page("detail", draft)
    draft.refresh_from_db()
    values = version.values(Policy.objects.get(pk=draft.pk))
    assert draft.begins_on == date(2026, 6, 1)
    assert (values["car"], values["motorcycle"], values["bicycle"]) == (50, Decimal("24.5"), 20)
    assert values["passenger"] is None
    assert (values["childcare"], values["care"]) == (1050, 1200)
    assert (values["half_day"], values["full_day"]) == (7500, 15_000)
    assert (draft.two_over, draft.band_miles, draft.relatives_care) == (100_000, 9_000, False)
    event = AuditEvent.objects.get(verb="change_policy")
    assert {"car", "note", "agreed_by", "two_over"} <= set(event.data["fields"])
    assert "trustees" not in str(event.data)


def test_draft_when_saved_unchanged_then_says_the_same(draft, coordinator, client_for):
    client = client_for(coordinator)
    before = version.values(Policy.objects.get(pk=draft.pk))
    client.post(page("edit", draft), typed(client, draft))
    assert version.values(Policy.objects.get(pk=draft.pk)) == before


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ({"car": "0.55"}, "Write “0.55p” or “£0.55”"),
        ({"car": "five"}, "Own car or van: enter a figure such as 45 or 24.5"),
        ({"car": "£0.55p"}, "Own car or van: enter a figure such as 45 or 24.5"),
        ({"car": "550"}, "Own car or van: enter at most £2. Check the decimal point"),
        ({"car": "-5"}, "Own car or van: enter a figure"),
        ({"car": "45.123"}, "at most two figures after the penny"),
        ({"childcare": "ten"}, "Childcare: enter a figure such as 10 or 10.50"),
        ({"childcare": "1000"}, "Childcare: enter at most £200"),
        ({"two_over": "10.005"}, "Two people approve above: enter whole pence"),
        ({"two_over": ""}, "Two people approve above: enter a sum, 0 for nothing"),
        ({"car_above": ""}, "Enter what a mile above the yearly miles pays"),
        ({"half_day": "75"}, "Thank-you payment, a full day: enter a sum"),
        ({"full_day": "75"}, "Thank-you payment, half a day: enter a sum"),
        ({"half_day": "75", "full_day": "50"}, "A full day pays less than half a day"),
        ({"window_days": "0"}, "Days to claim in: enter a whole number from 1 to 730"),
        ({"pay_days": "soon"}, "Days until the money is back: enter a whole number"),
        ({"begins_on": ""}, "Enter the day from which it counts"),
        ({"begins_on": "29 February 2027"}, "February 2027 has no day 29"),
    ],
)
def test_draft_when_a_figure_cannot_be_right_then_says_so_and_keeps_it(
    box, words, draft, coordinator, client_for
):
    client = client_for(coordinator)
    before = version.values(Policy.objects.get(pk=draft.pk))
    answer = client.post(page("edit", draft), typed(client, draft, **box))
    text = answer.content.decode()
    assert words in text
    for value in filter(None, box.values()):
        assert f'value="{value}"' in text
    assert version.values(Policy.objects.get(pk=draft.pk)) == before


def test_draft_when_two_write_at_once_then_the_second_sees_it_and_keeps_their_words(
    draft, coordinator, client_for
):
    client = client_for(coordinator)
    mine = typed(client, draft, car="60")
    client.post(page("edit", draft), typed(client, draft, bicycle="25"))
    answer = client.post(page("edit", draft), mine)
    assert "Somebody else changed this while you were writing" in answer.content.decode()
    assert version.values(Policy.objects.get(pk=draft.pk))["car"] == 55
    mine["seal"] = answer.context["form"]["seal"].value()
    assert client.post(page("edit", draft), mine).status_code == 302
    assert version.values(Policy.objects.get(pk=draft.pk))["car"] == 60


@pytest.mark.parametrize("state", ["proposed", "confirmed"])
def test_version_when_it_is_not_being_written_then_cannot_be_changed(
    state, coordinator, client_for
):
    make = PolicyFactory if state == "confirmed" else ProposedPolicyFactory
    policy = make(**({} if state == "confirmed" else {"proposed_by": coordinator}))
    client = client_for(coordinator)
    assert client.get(page("edit", policy))["Location"] == page("detail", policy)
    said = {**version.values(policy), "begins_on": date(2030, 1, 1), "agreed_by": "", "note": ""}
    with pytest.raises(TransitionNotAllowed, match="can’t be changed any more"):
        policies.save_policy(policy=policy, said=said, seal=seal(policy), by=coordinator)


# Proposing ----------------------------------------------------------------------------------------


def test_version_when_proposed_then_each_treasurer_gets_a_letter(
    draft, coordinator, treasurer, client_for, outbox_drained
):
    client = client_for(coordinator)
    text = client.get(page("propose", draft)).content.decode()
    assert treasurer.name in text
    assert "1 e-mail" in text
    client.post(page("propose", draft), {"seal": seal(draft)})
    draft.refresh_from_db()
    assert (draft.state, draft.proposed_by) == ("proposed", coordinator)
    letter = next(mail for mail in outbox_drained() if mail.to == [treasurer.email])
    assert letter.subject == "Check the forum’s new rates and rules"
    assert page("confirm", draft) in letter.body
    assert "The steering group, 3 March" in letter.body


def test_letter_when_there_is_a_version_before_then_says_what_changes(
    coordinator, treasurer, outbox_drained
):
    PolicyFactory(begins_on=date(2025, 4, 6), rates={"car": "45"})
    policy = PolicyFactory(confirmed=False)
    policies.propose_policy(policy=policy, seal=seal(policy), by=coordinator)
    letter = next(mail for mail in outbox_drained() if mail.to == [treasurer.email])
    assert "Own car or van: 55p a mile, before 45p a mile" in letter.body
    assert "Bicycle" not in letter.body


def test_version_when_nobody_is_said_to_have_agreed_then_not_proposed(coordinator, client_for):
    policy = PolicyFactory(confirmed=False, agreed_by="")
    answer = client_for(coordinator).post(page("propose", policy), {"seal": seal(policy)})
    assert "Write first who agreed it, and when" in answer.content.decode()
    policy.refresh_from_db()
    assert policy.state == "draft"


def test_version_when_changed_since_it_was_read_then_not_proposed(draft, coordinator, client_for):
    read = seal(draft)
    draft.rates.filter(kind="car").update(pence=99)
    answer = client_for(coordinator).post(page("propose", draft), {"seal": read})
    assert "Somebody changed this version while you read it" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"


# Confirming ---------------------------------------------------------------------------------------


def test_version_when_confirmed_by_somebody_else_then_in_force(
    proposed, coordinator, treasurer, client_for, outbox_drained
):
    client = client_for(treasurer)
    answer = client.post(page("confirm", proposed), {"seal": seal(proposed)}, follow=True)
    assert "confirmed: it counts from 6 April 2026" in answer.content.decode()
    proposed.refresh_from_db()
    assert (proposed.state, proposed.confirmed_by) == ("confirmed", treasurer)
    assert Policy.objects.governing(date(2026, 4, 6)) == proposed
    letter = next(mail for mail in outbox_drained() if mail.to == [coordinator.email])
    assert letter.subject == "Use the new rates and rules"
    assert treasurer.name in letter.body


def test_version_when_its_proposer_is_treasurer_too_then_never_theirs_to_confirm(forum, client_for):
    both = PersonFactory(name="Bea Both")
    RoleFactory(person=both, kind=Role.Kind.COORDINATOR)
    RoleFactory(person=both, kind=Role.Kind.TREASURER)
    policy = PolicyFactory(confirmed=False)
    client = client_for(both)
    text = client.get(page("propose", policy)).content.decode()
    assert "No treasurer besides you is there to confirm it" in text
    client.post(page("propose", policy), {"seal": seal(policy)})
    assert not Message.objects.exists()
    page_of_it = client.get(page("confirm", policy)).content.decode()
    assert "You proposed this version" in page_of_it
    assert "Confirm this version" not in page_of_it
    answer = client.post(page("confirm", policy), {"seal": seal(policy)})
    assert "You proposed this version, so somebody else confirms it" in answer.content.decode()
    policy.refresh_from_db()
    assert policy.state == "proposed"
    with pytest.raises(TransitionNotAllowed, match="You proposed this version"):
        confirm(policy, both)


@pytest.mark.parametrize("flags", [{"is_superuser": True, "is_staff": True}])
def test_version_when_its_proposer_has_every_flag_then_still_not_theirs(
    flags, proposed, coordinator, client_for
):
    for name, value in flags.items():
        setattr(coordinator, name, value)
    assert client_for(coordinator).post(page("confirm", proposed)).status_code == 403
    with pytest.raises(TransitionNotAllowed):
        confirm(proposed, coordinator)


def test_version_when_changed_since_the_treasurer_read_it_then_not_confirmed(
    proposed, coordinator, treasurer, client_for
):
    client = client_for(treasurer)
    read = client.get(page("confirm", proposed)).context["form"]["seal"].value()
    policies.return_policy(policy=proposed, reason="Why?", seal=seal(proposed), by=treasurer)
    proposed.rates.filter(kind="car").update(pence=99)
    policies.propose_policy(policy=proposed, seal=seal(proposed), by=coordinator)
    answer = client.post(page("confirm", proposed), {"seal": read})
    assert "Somebody changed this version while you read it" in answer.content.decode()
    proposed.refresh_from_db()
    assert proposed.state == "proposed"


def test_version_when_another_was_confirmed_since_then_read_again_first(
    proposed, treasurer, client_for
):
    read = seal(proposed)
    PolicyFactory(begins_on=date(2026, 1, 1))
    answer = client_for(treasurer).post(page("confirm", proposed), {"seal": read})
    assert "Somebody changed this version while you read it" in answer.content.decode()


def test_version_when_confirmed_twice_then_once(proposed, treasurer, client_for):
    client = client_for(treasurer)
    read = {"seal": seal(proposed)}
    client.post(page("confirm", proposed), read)
    answer = client.post(page("confirm", proposed), read)
    assert f"It has been confirmed already, by {treasurer}" in answer.content.decode()
    assert AuditEvent.objects.filter(verb="confirm_policy").count() == 1


@pytest.mark.parametrize("name", ["confirm", "return"])
def test_step_when_the_proof_is_old_then_asked_first(name, proposed, treasurer, client_for, clock):
    client = client_for(treasurer)
    assert client.get(page(name, proposed)).status_code == 200
    clock.shift(timedelta(minutes=20))
    answer = client.post(page(name, proposed), {"seal": seal(proposed), "reason": "Why?"})
    assert answer["Location"].startswith("/me/is-it-you/")
    proposed.refresh_from_db()
    assert proposed.state == "proposed"


def test_page_when_the_first_day_has_been_then_says_whose_claims_get_how_much(
    coordinator, treasurer, rep, client_for
):
    PolicyFactory(begins_on=date(2025, 4, 6), rates={"car": "45"})
    paid = ClaimFactory(
        person=rep, state="paid", lines=[{"kind": "car", "miles": "12", "pence": 540}]
    )
    policy = ProposedPolicyFactory(proposed_by=coordinator)
    client = client_for(treasurer)
    text = client.get(page("confirm", policy)).content.decode()
    for words in (rep.name, paid.reference, "£1.20", "45p a mile", "55p a mile", "1 e-mail"):
        assert words in text
    answer = client.post(page("confirm", policy), {"seal": seal(policy)}, follow=True)
    assert "1 difference to be decided; their people are told" in answer.content.decode()
    assert Claim.objects.get(lines__kind="top_up").total == 120


def test_detail_when_a_coordinator_reads_it_then_no_claimant_is_named(
    coordinator, treasurer, rep, client_for
):
    PolicyFactory(begins_on=date(2025, 4, 6), rates={"car": "45"})
    ClaimFactory(person=rep, state="paid", lines=[{"kind": "car", "miles": "12", "pence": 540}])
    policy = ProposedPolicyFactory(proposed_by=coordinator)
    confirm(policy, treasurer)
    text = client_for(coordinator).get(page("detail", policy)).content.decode()
    assert rep.name not in text
    assert "1 claim" in text


# Returning ----------------------------------------------------------------------------------------


def test_version_when_returned_then_its_proposer_reads_why_and_proposes_it_again(
    proposed, coordinator, treasurer, client_for, outbox_drained
):
    client = client_for(treasurer)
    said = {"seal": seal(proposed), "reason": "The official page says 45p."}
    client.post(page("return", proposed), said)
    proposed.refresh_from_db()
    assert (proposed.state, proposed.returned_by) == ("returned", treasurer)
    letter = next(mail for mail in outbox_drained() if mail.to == [coordinator.email])
    assert letter.subject == "Change the rates that you proposed"
    assert "The official page says 45p." in letter.body
    theirs = client_for(coordinator)
    assert "The official page says 45p." in theirs.get(page("detail", proposed)).content.decode()
    theirs.post(page("edit", proposed), typed(theirs, proposed, car="45"))
    theirs.post(page("propose", proposed), {"seal": seal(proposed)})
    proposed.refresh_from_db()
    assert proposed.state == "proposed"


def test_version_when_returned_without_a_reason_then_stays(proposed, treasurer, client_for):
    answer = client_for(treasurer).post(page("return", proposed), {"seal": seal(proposed)})
    assert "Write what should be different" in answer.content.decode()
    with pytest.raises(TransitionNotAllowed, match="Write what should be different"):
        policies.return_policy(policy=proposed, reason="", seal=seal(proposed), by=treasurer)


@pytest.mark.parametrize(
    ("template", "change"),
    [
        ("policy_proposed", {"state": "draft"}),
        ("policy_returned", {"state": "proposed"}),
    ],
)
def test_letter_when_the_version_went_on_meanwhile_then_not_sent(
    template, change, proposed, coordinator, treasurer, outbox_drained
):
    if template == "policy_proposed":
        Policy.objects.filter(pk=proposed.pk).update(state="draft")
        policies.propose_policy(policy=proposed, seal=seal(proposed), by=coordinator)
    else:
        policies.return_policy(policy=proposed, reason="Why?", seal=seal(proposed), by=treasurer)
    Policy.objects.filter(pk=proposed.pk).update(**change)
    assert outbox_drained() == []
    assert Message.objects.get(template=f"expenses/{template}").state == "dropped"


def test_letter_when_a_role_ended_meanwhile_then_not_sent(
    draft, coordinator, treasurer, outbox_drained
):
    policies.propose_policy(policy=draft, seal=seal(draft), by=coordinator)
    treasurer.roles.update(ended_at=timezone.now())
    assert outbox_drained() == []


# What is shown ------------------------------------------------------------------------------------


def test_list_when_there_are_versions_then_says_which_counts_when(coordinator, client_for):
    first = PolicyFactory(begins_on=date(2025, 4, 6), rates={"car": "45"})
    now = PolicyFactory(begins_on=date(2026, 4, 6))
    replaced = PolicyFactory(begins_on=date(2027, 4, 6))
    later = PolicyFactory(begins_on=date(2027, 4, 6), rates={"car": "60"})
    rows = client_for(coordinator).get(LIST).context["versions"]
    said = {row.policy: (row.status, row.days) for row in rows}
    assert said == {
        first: ("Earlier days", "Counts from 6 April 2025 to 5 April 2026"),
        now: ("In force", "Counts from 6 April 2026 to 5 April 2027"),
        replaced: ("Replaced", "Was to count from 6 April 2027"),
        later: ("Begins later", "Counts from 6 April 2027"),
    }
    new = {row.policy: [str(each.value) for each in row.new] for row in rows}
    assert new == {first: [], now: ["55p a mile"], replaced: [], later: ["60p a mile"]}
    assert [row.is_first for row in rows] == [False, False, False, True]


def test_pages_when_there_are_many_versions_then_as_many_questions_as_for_few(
    coordinator, client_for
):
    counts = []
    for number in (3, 57):
        for n in range(number):
            PolicyFactory(begins_on=date(2026, 4, 6) + timedelta(days=n))
        client = client_for(coordinator)
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        with CaptureQueriesContext(connection) as asked_one:
            client.get(page("detail", Policy.objects.first()))
        counts.append((len(asked), len(asked_one)))
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 14


def test_version_when_compared_then_only_with_what_stood_when_it_was_confirmed(forum, clock):
    old = PolicyFactory(begins_on=date(2025, 4, 6), rates={"car": "45"})
    clock.shift(timedelta(days=1))
    newer = PolicyFactory(begins_on=date(2026, 4, 6))
    clock.shift(timedelta(days=1))
    PolicyFactory(begins_on=date(2026, 1, 1), rates={"car": "50"})
    assert Policy.objects.before(newer) == old
    assert Policy.objects.before(old) is None


def test_offers_when_read_then_every_kind_is_one_that_a_version_names():
    for offer in OFFERS:
        assert set(offer.rates) <= set(version.RATES)
