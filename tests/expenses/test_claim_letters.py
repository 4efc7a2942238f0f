"""Letters about a claim: in four forms, short subjects, and only while they still matter."""

import pytest
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import NoLongerDue
from coprod.models import Message
from expenses.models import Claim, Payment, Run
from expenses.services import confirming
from members.models import Role
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory

State = Claim.State
#: letter: (states in which it is due, whose it is, what it must say)
LETTERS = {
    "claim_received": ({"submitted", "questioned", "approved", "paying"}, "claimant", "£6.60"),
    "claim_declined": ({"declined"}, "claimant", "It was another day."),
    "claim_reopened": ({"submitted", "questioned"}, "claimant", "bank details"),
    "claim_confirmed": ({"submitted", "questioned", "approved"}, "enterer", "is right"),
    "claim_withdrawn": ({"withdrawn"}, "claimant", "taken back"),
}


def message(template, person, claim, **ids):
    return outbox.queue(
        key=f"{template}:{timezone.now().timestamp()}",
        template=f"expenses/{template}",
        person=person,
        ids={"claim": claim.pk, **ids},
    )


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("template", sorted(LETTERS))
def test_letter_when_claim_is_in_a_state_then_due_only_while_it_matters(
    template, state, person_without_email, coordinator, treasurer
):
    states, whose, says = LETTERS[template]
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator, state=state)
    person = coordinator if whose == "enterer" else person_without_email
    row = message(template, person, claim)
    if state not in states:
        with pytest.raises(NoLongerDue):
            outbox.write(row)
        return
    made = outbox.write(row)
    assert len(made.subject) <= 50
    for form in (made.text, made.html, "\n".join(made.words.paragraphs)):
        assert says in form
    assert claim.reference in made.subject + made.text


@pytest.mark.parametrize("template", sorted(LETTERS))
def test_letter_when_somebody_elses_then_never_due(
    template, person_without_email, coordinator, rep
):
    state = sorted(LETTERS[template][0])[0]
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator, state=state)
    with pytest.raises(NoLongerDue):
        outbox.write(message(template, rep, claim))


def test_question_when_asked_then_says_it_and_where_to_answer(rep, treasurer):
    claim = ClaimFactory(person=rep, state="questioned")
    question = claim.questions.create(text="What was the taxi for?", asked_by=treasurer)
    row = message("question_asked", rep, claim, question=question.pk)
    made = outbox.write(row)
    assert "What was the taxi for?" in made.text
    assert f"/money-back/{claim.pk}/answer/" in made.text
    question.answered_at, question.answer = timezone.now(), "Bus"
    question.save()
    with pytest.raises(NoLongerDue):
        outbox.write(row)


def test_answer_when_given_then_only_whoever_may_decide_hears(rep, treasurer):
    claim = ClaimFactory(person=rep, state="submitted")
    assert (
        "answered your question"
        in outbox.write(message("question_answered", treasurer, claim)).text
    )
    Role.objects.filter(person=treasurer).update(ended_at=timezone.now())
    row = Message.objects.get(template="expenses/question_answered")
    with pytest.raises(NoLongerDue):
        outbox.write(row)


def test_held_letter_when_let_in_then_no_longer_due(rep, treasurer):
    PolicyFactory()
    claim = ClaimFactory(person=rep, state="submitted", is_late=True, late_reason="Ill")
    row = message("claim_late_held", rep, claim)
    assert "90 days" in outbox.write(row).text
    Claim.objects.filter(pk=claim.pk).update(
        late_accepted_at=timezone.now(), late_accepted_by=treasurer, late_accepted_reason="Ill"
    )
    with pytest.raises(NoLongerDue):
        outbox.write(row)


def test_declined_when_nobody_else_can_judge_then_letter_offers_no_button(rep, treasurer):
    claim = ClaimFactory(person=rep, state="declined")
    Claim.objects.filter(pk=claim.pk).update(declined_by=treasurer)
    assert "Nobody else can look at it" in outbox.write(message("claim_declined", rep, claim)).text
    RoleFactory(person=PersonFactory(), kind=Role.Kind.TREASURER)
    assert "Ask for another look" in outbox.write(message("claim_declined", rep, claim)).text


@pytest.mark.parametrize(
    ("pay_by", "pence", "offset", "says"),
    [
        ("bank", 660, 0, "£6.60 went to the account ending 4321 on"),
        ("cheque", 660, 0, "A cheque for £6.60 was posted on"),
        ("cash", 660, 0, "£6.60 was paid in cash on"),
        ("bank", 160, 500, "You had £5 of it in advance"),
        ("bank", 0, 660, "An advance covers all of it"),
    ],
)
def test_paid_when_written_then_says_how_and_where(rep, treasurer, pay_by, pence, offset, says):
    claim = ClaimFactory(person=rep, state="paid", pay_by=pay_by)
    run = Run.objects.create(made_by=treasurer)
    payment = Payment.objects.create(
        run=run,
        claim=claim,
        payee=rep,
        pence=pence,
        offset=offset,
        pay_by=pay_by,
        last_digits="4321" if pay_by == "bank" else "",
        paid_at=timezone.now(),
    )
    row = message("claim_paid", rep, claim)
    assert says in outbox.write(row).text
    payment.came_back_at, payment.came_back_reason = timezone.now(), "Wrong number"
    payment.save()
    with pytest.raises(NoLongerDue):
        outbox.write(row)


def test_to_confirm_when_reader_signs_in_then_button_and_no_code(rep, coordinator):
    PolicyFactory()
    claim = ClaimFactory(person=rep, entered_by=coordinator, pay_by="cheque")
    claim = confirming.hand_over(claim=claim, by=coordinator)
    made = outbox.write(Message.objects.get(template="expenses/claim_to_confirm"))
    assert "Say whether it is right" in made.text
    assert "Your code is" not in made.text


def test_to_confirm_when_on_the_call_list_then_script_sends_them_to_the_treasurer(
    person_without_email, coordinator
):
    PolicyFactory()
    person_without_email.postal_address = ""
    person_without_email.save()
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator, pay_by="cheque")
    confirming.hand_over(claim=claim, by=coordinator)
    row = Message.objects.get(template="expenses/claim_to_confirm")
    assert row.channel == Message.Channel.PHONE
    said = "\n".join(outbox.write(row).words.paragraphs)
    assert "ask for the treasurer" in said
    assert "Your code is" not in said
