"""A claim for somebody else: entered, asked of them past whoever entered it, confirmed or not."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from expenses import codes
from expenses.models import Claim, ClaimCode
from expenses.services import confirming, sending
from expenses.services.deciding import approve_claim, ask_about, decline_claim
from members.models import Role
from members.services import change_person
from tests.expenses.test_claim_page import page, text
from tests.factories.members import PersonFactory, RoleFactory
from tests.factories.money import ClaimFactory, PolicyFactory
from tests.meetings.reading_pdf import words_of as words_of_pdf

State = Claim.State
CONFIRM = "/money-back/confirm/"


@pytest.fixture
def entered(person_without_email, coordinator, treasurer):
    """A claim that the coordinator entered for somebody without e-mail, and handed over."""
    PolicyFactory()
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator, pay_by="cheque")
    return confirming.hand_over(claim=claim, by=coordinator)


def code_of(claim):
    return codes.code_of(ClaimCode.objects.get(claim=claim))


def letter_of(claim):
    return Message.objects.filter(template="expenses/claim_to_confirm").latest("pk")


# Entering -----------------------------------------------------------------------------------------


def test_enter_when_asked_then_people_without_email_first_and_never_oneself(
    client_for, coordinator, person_without_email, rep, officer
):
    body = client_for(coordinator).get(reverse("expenses:claim_enter")).content.decode()
    names = re.findall(r'<option value="[^"]+"[^>]*>([^<]+)', body)
    assert names[0] == person_without_email.name
    assert rep.name in names
    assert coordinator.name not in names
    assert officer.name not in names


def test_enter_when_something_else_then_begins_their_draft_once(
    client_for, coordinator, person_without_email
):
    PolicyFactory()
    client = client_for(coordinator)
    address = f"{reverse('expenses:claim_enter')}?person={person_without_email.public_id}"
    key = re.search(r'name="key" value="([^"]+)"', client.get(address).content.decode())[1]
    sent = {"key": key, "meeting": "other", "occasion": "School visit", "on": "10 November 2026"}
    first, second = client.post(address, sent), client.post(address, sent)
    claim = Claim.objects.get()
    assert (claim.person, claim.entered_by) == (person_without_email, coordinator)
    assert first["Location"] == second["Location"]
    assert client.get(first["Location"]).status_code == 200


def test_enter_when_day_is_missing_then_says_so(client_for, coordinator, person_without_email):
    address = f"{reverse('expenses:claim_enter')}?person={person_without_email.public_id}"
    sent = {"key": "6a0c1e39-2d0c-4d0e-9a70-111111111111", "meeting": "other", "occasion": "X"}
    assert "Enter the day" in text(client_for(coordinator).post(address, sent))


# Asked of them ------------------------------------------------------------------------------------


def test_hand_over_when_done_then_letter_waits_with_lines_and_code(entered):
    letter = letter_of(entered)
    assert letter.channel == Message.Channel.LETTER
    words = outbox.write(letter).text
    assert codes.in_words(code_of(entered)) in words
    assert entered.reference in words
    assert "12 miles" in words
    assert "£6.60" in words


def test_code_when_kept_then_stands_in_no_row(entered):
    code = code_of(entered)
    for message in Message.objects.all():
        assert code not in f"{message.ids}{message.secret}{message.reason}"
    for event in AuditEvent.objects.all():
        assert code not in str(event.data)
    assert code not in str(ClaimCode.objects.values_list().get())


def test_own_claim_when_handed_over_then_refused(rep):
    PolicyFactory()
    with pytest.raises(TransitionNotAllowed):
        confirming.hand_over(claim=ClaimFactory(person=rep), by=rep)


def test_entered_claim_when_sent_like_an_own_one_then_refused(person_without_email, coordinator):
    PolicyFactory()
    claim = ClaimFactory(person=person_without_email, entered_by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        sending.send_claim(claim=claim, by=coordinator)


def test_letter_when_channel_is_phone_or_email_then_holds_no_code(entered):
    letter = letter_of(entered)
    for channel in (Message.Channel.PHONE, Message.Channel.EMAIL):
        letter.channel = channel
        made = outbox.write(letter)
        assert codes.in_words(code_of(entered)) not in made.text + made.html
        assert code_of(entered) not in made.text + made.html


# The code goes past whoever entered it ------------------------------------------------------------


PAGES = [
    "/messages/?show=letters",
    "/messages/?show=calls",
    "/messages/?show=sent",
    "/messages/?show=waiting",
    "/messages/?show=failed",
    "/messages/letters.pdf",
    "/money/claims/new/",
    "/money/letters/",
    "/money/letters.pdf",
    "/today/",
    "/money/",
    "/me/export/",
]


def _all_text(response):
    if response.get("Content-Type") == "application/pdf":
        return " ".join(words_of_pdf(response.content).split())
    return response.content.decode(errors="replace") if not response.streaming else ""


def test_code_when_enterer_opens_every_page_then_never_there(client_for, entered, coordinator):
    client, code = client_for(coordinator), code_of(entered)
    pages = [*PAGES, entered.get_absolute_url()]
    for address in pages:
        said = _all_text(client.get(address, follow=True))
        assert code not in said.replace(" ", "").replace("\xa0", ""), address


def test_enterer_when_also_treasurer_then_still_never_reads_the_code(
    client_for, entered, coordinator
):
    RoleFactory(person=coordinator, kind=Role.Kind.TREASURER)
    client, code = client_for(coordinator), code_of(entered)
    for address in [*PAGES, entered.get_absolute_url()]:
        said = _all_text(client.get(address, follow=True))
        assert code not in said.replace(" ", "").replace("\xa0", ""), address


def test_letters_when_enterer_prints_then_says_that_somebody_else_does(
    client_for, entered, coordinator
):
    said = text(client_for(coordinator).get("/messages/?show=letters"))
    assert "1 letter must be printed by somebody else: the treasurer." in said


def test_letters_when_enterer_marks_all_as_posted_then_code_letter_still_waits(
    client_for, entered, coordinator
):
    client, letter = client_for(coordinator), letter_of(entered)
    client.post("/messages/letters/posted/", {"m": letter.pk})
    client.post("/messages/letters/posted/all/", {"newest": letter.pk})
    letter.refresh_from_db()
    assert letter.state == Message.State.QUEUED


def test_letters_when_another_coordinator_prints_then_code_is_there(client_for, entered):
    other = RoleFactory(kind=Role.Kind.COORDINATOR).person
    said = _all_text(client_for(other).get("/messages/letters.pdf"))
    assert codes.in_words(code_of(entered)) in said.replace("\xa0", " ")


def test_letters_when_treasurer_prints_then_exactly_these(
    client_for, entered, treasurer, person_without_email
):
    outbox.queue(
        key="x",
        template="members/details_changed",
        person=person_without_email,
        ids={"fields": ["phone"]},
    )
    client = client_for(treasurer)
    assert person_without_email.name in text(client.get("/money/letters/"))
    said = _all_text(client.get("/money/letters.pdf"))
    assert codes.in_words(code_of(entered)) in said.replace("\xa0", " ")
    letter = letter_of(entered)
    client.post("/money/letters/posted/", {"m": letter.pk})
    letter.refresh_from_db()
    assert (letter.state, letter.sent_by) == (Message.State.POSTED, treasurer)
    assert Message.objects.get(key="x").state == Message.State.QUEUED


# Confirmed by the code ----------------------------------------------------------------------------


def _confirm(client, claim, code, **more):
    return client.post(CONFIRM, {"reference": claim.reference, "code": code, **more})


def test_confirm_when_number_and_code_are_right_then_shows_claim_and_asks(client_for, entered):
    client = client_for(None)
    response = _confirm(client, entered, codes.in_words(code_of(entered)))
    assert "Is this claim right?" in text(response)
    assert "£6.60" in text(response)
    assert response["Cache-Control"].find("no-store") >= 0
    entered.refresh_from_db()
    assert entered.state == State.UNCONFIRMED
    answer = {"answer": "yes", "edit_no": entered.edit_no}
    assert "Thank you" in text(_confirm(client, entered, code_of(entered), **answer))
    entered.refresh_from_db()
    assert (entered.state, entered.confirmed_how) == (State.SUBMITTED, "code")
    assert entered.confirmed_by == entered.person
    assert not ClaimCode.objects.exists()


def test_confirm_when_confirmed_then_both_are_told_and_treasurer_hears(entered, coordinator):
    confirming.confirm_by_code(claim=entered, edit_no=entered.edit_no)
    told = Message.objects.filter(template="expenses/claim_confirmed", person=coordinator)
    assert told.exists()
    assert Message.objects.filter(
        template="expenses/claim_received", person=entered.person
    ).exists()
    assert Message.objects.filter(template="expenses/claims_due").exists()
    entered.refresh_from_db()
    assert entered.attendance_check.answer == ""


def _without_typed(response):
    body = response.content.decode()
    body = re.sub(r'value="[^"]*"', "", body)
    return re.sub(r"csrf[^>]*", "", body)


def test_confirm_when_number_or_code_is_wrong_then_same_answer(client_for, entered):
    client = client_for(None)
    wrong = f"{(int(code_of(entered)) + 1) % 10**8:08}"
    one = client.post(CONFIRM, {"reference": entered.reference, "code": wrong})
    other = client.post(CONFIRM, {"reference": "MB-9999", "code": wrong})
    third = client.post(CONFIRM, {"reference": "MB-9999", "code": code_of(entered)})
    assert _without_typed(one) == _without_typed(other) == _without_typed(third)
    assert entered.person.name not in one.content.decode()
    assert "£6.60" not in one.content.decode()


def test_confirm_when_wrong_five_times_then_code_ends_and_enterer_hears(
    client_for, entered, coordinator
):
    client, code = client_for(None), code_of(entered)
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for _ in range(ClaimCode.MOST_TRIES):
        _confirm(client, entered, wrong)
    assert "don’t go together" in text(_confirm(client, entered, code))
    told = Message.objects.get(template="expenses/claim_code_ended")
    assert told.person == coordinator
    assert "doesn’t work any more" in text(page(client_for(coordinator), entered))
    again = reverse("expenses:claim_letter_again", args=[entered.pk])
    client_for(coordinator).post(again)
    assert code_of(entered) != code
    assert "Is this claim right?" in text(_confirm(client, entered, code_of(entered)))


def test_letter_when_newer_one_was_sent_then_the_older_is_no_longer_due(entered, coordinator):
    old = letter_of(entered)
    confirming.ask_to_confirm(claim=entered, by=coordinator)
    from coprod.exceptions import NoLongerDue

    with pytest.raises(NoLongerDue):
        outbox.write(old)


def test_confirm_when_code_is_too_old_then_refused(client_for, entered):
    then = timezone.now() - timedelta(days=ClaimCode.DAYS + 1)
    ClaimCode.objects.update(made_at=then)
    said = text(_confirm(client_for(None), entered, code_of(entered)))
    assert "don’t go together" in said


def test_confirm_when_tried_too_often_then_limited(client_for, entered):
    client = client_for(None)
    for _ in range(25):
        response = _confirm(client, entered, "00000000")
    assert "too many tries" in text(response)


def test_confirm_when_enterer_has_the_code_after_all_then_refused(client_for, entered, coordinator):
    answer = {"answer": "yes", "edit_no": entered.edit_no}
    _confirm(client_for(coordinator), entered, code_of(entered), **answer)
    entered.refresh_from_db()
    assert entered.state == State.UNCONFIRMED


def test_confirm_when_claim_changed_since_it_was_read_then_refused(client_for, entered):
    answer = {"answer": "yes", "edit_no": entered.edit_no - 1}
    response = _confirm(client_for(None), entered, code_of(entered), **answer)
    assert "changed since you read it" in response.content.decode()
    entered.refresh_from_db()
    assert entered.state == State.UNCONFIRMED


def test_confirm_when_they_say_no_then_draft_again_with_their_words(
    client_for, entered, coordinator
):
    answer = {"answer": "no", "edit_no": entered.edit_no, "said": "It was 8 miles."}
    assert "Thank you" in text(_confirm(client_for(None), entered, code_of(entered), **answer))
    entered.refresh_from_db()
    assert entered.state == State.DRAFT
    assert not ClaimCode.objects.exists()
    told = Message.objects.get(template="expenses/claim_not_right")
    assert told.person == coordinator
    assert "It was 8 miles." in outbox.write(told).text
    assert "It was 8 miles." in text(page(client_for(coordinator), entered))


# Confirmed on the phone, or signed in -------------------------------------------------------------


def _by_phone(client, claim, **sent):
    address = reverse("expenses:claim_confirm_phone", args=[claim.pk])
    return client.post(address, {"answer": "yes", "edit_no": claim.edit_no, **sent})


def test_phone_when_treasurer_reads_it_out_then_confirmed(client_for, entered, treasurer):
    client = client_for(treasurer)
    address = reverse("expenses:claim_confirm_phone", args=[entered.pk])
    assert "Read it out to" in text(client.get(address))
    _by_phone(client, entered)
    entered.refresh_from_db()
    assert (entered.state, entered.confirmed_how) == (State.SUBMITTED, "phone")
    assert entered.confirmed_by == treasurer


def test_phone_when_enterer_is_also_treasurer_then_refused(client_for, entered, coordinator):
    RoleFactory(person=coordinator, kind=Role.Kind.TREASURER)
    assert _by_phone(client_for(coordinator), entered).status_code == 403
    with pytest.raises(TransitionNotAllowed):
        confirming.confirm_by_phone(claim=entered, edit_no=entered.edit_no, by=coordinator)
    entered.refresh_from_db()
    assert entered.state == State.UNCONFIRMED


def test_phone_when_service_is_gone_round_then_database_refuses(entered, coordinator):
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=entered.pk).update(confirmed_by=coordinator, confirmed_how="phone")


def test_own_page_when_claimant_signs_in_then_confirms_there(
    client_for, rep, coordinator, treasurer
):
    PolicyFactory()
    claim = ClaimFactory(person=rep, entered_by=coordinator, pay_by="cheque")
    claim = confirming.hand_over(claim=claim, by=coordinator)
    assert letter_of(claim).channel == Message.Channel.EMAIL
    client, address = client_for(rep), reverse("expenses:claim_right", args=[claim.pk])
    assert address in page(client, claim).content.decode()
    client.post(address, {"answer": "yes", "edit_no": claim.edit_no})
    claim.refresh_from_db()
    assert (claim.state, claim.confirmed_by, claim.confirmed_how) == (State.SUBMITTED, rep, "")


def test_confirm_when_pressed_twice_then_one_effect(client_for, entered, treasurer):
    client = client_for(treasurer)
    _by_phone(client, entered)
    _by_phone(client, entered)
    assert AuditEvent.objects.filter(verb="confirm_claim").count() == 1


# Nothing before -----------------------------------------------------------------------------------


def test_unconfirmed_when_decided_then_refused(entered, treasurer):
    deeds = [
        lambda: approve_claim(claim=entered, edit_no=entered.edit_no, by=treasurer),
        lambda: decline_claim(claim=entered, reason="No", edit_no=entered.edit_no, by=treasurer),
        lambda: ask_about(claim=entered, text="?", edit_no=entered.edit_no, by=treasurer),
    ]
    for deed in deeds:
        with pytest.raises(TransitionNotAllowed):
            deed()
    entered.refresh_from_db()
    assert entered.state == State.UNCONFIRMED


def test_confirmed_when_enterer_is_treasurer_then_still_not_theirs_to_approve(
    entered, coordinator, treasurer
):
    RoleFactory(person=coordinator, kind=Role.Kind.TREASURER)
    claim = confirming.confirm_by_phone(claim=entered, edit_no=entered.edit_no, by=treasurer)
    with pytest.raises(TransitionNotAllowed):
        approve_claim(claim=claim, edit_no=claim.edit_no, by=coordinator)


def test_claimant_when_they_change_it_themselves_then_is_not_asked(rep, coordinator, treasurer):
    PolicyFactory()
    claim = ClaimFactory(person=rep, entered_by=coordinator, pay_by="cheque")
    claim = confirming.hand_over(claim=claim, by=coordinator)
    sending.edit_claim(claim=claim, by=rep)
    claim = confirming.hand_over(claim=claim, by=rep)
    assert (claim.state, claim.confirmed_by) == (State.SUBMITTED, rep)


def test_claim_when_enterer_changes_it_after_confirmation_then_asked_anew(
    entered, coordinator, treasurer
):
    claim = confirming.confirm_by_phone(claim=entered, edit_no=entered.edit_no, by=treasurer)
    sending.edit_claim(claim=claim, by=coordinator)
    claim = confirming.hand_over(claim=claim, by=coordinator)
    assert (claim.state, claim.confirmed_by) == (State.UNCONFIRMED, None)


def test_letters_when_enterer_changed_the_address_then_treasurer_is_warned(
    client_for, entered, coordinator, treasurer
):
    warning = "Ruth Adeyemi has changed the postal address of Peter Wragg themselves."
    client = client_for(treasurer)
    phone = reverse("expenses:claim_confirm_phone", args=[entered.pk])
    assert warning not in text(client.get("/money/letters/"))
    person = entered.person
    person.postal_address = "1 Elsewhere\nLarkmere"
    change_person(person=person, by=coordinator, fields=["postal_address"])
    assert warning in text(client.get("/money/letters/"))
    assert warning in text(client.get(phone))


def test_letters_when_there_are_many_then_as_few_questions(
    client_for, entered, coordinator, treasurer, django_assert_max_num_queries
):
    for number in range(12):
        person = PersonFactory(
            name=f"Post {number}", email=None, channel="letter", postal_address="1 Mill Row"
        )
        claim = ClaimFactory(person=person, entered_by=coordinator, pay_by="cheque")
        confirming.hand_over(claim=claim, by=coordinator)
    client = client_for(treasurer)
    client.get("/money/letters/")
    with django_assert_max_num_queries(14):
        assert "Post 11" in text(client.get("/money/letters/"))
    client = client_for(coordinator)
    client.get("/money/claims/new/")
    with django_assert_max_num_queries(14):
        assert "Post 11" in text(client.get("/money/claims/new/"))
