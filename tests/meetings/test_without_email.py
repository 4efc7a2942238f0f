"""Case 7 of the messy cases: a member without e-mail is a full member, without an account."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import outbox
from coprod.models import Message
from coprod.templatetags.forum import day_month
from meetings import tasks
from meetings.models import Agreement, Comment, Minutes
from meetings.models.agreement import tally
from meetings.services.calendar import default_invitees, invite_to_meeting
from members.pdf import letters_pdf
from tests.factories.meetings import coming_meeting, past_meeting
from tests.factories.minutes import answer, circulated, paragraphs
from tests.meetings.reading_pdf import words_of

LETTERS = f"{reverse('members:message_list')}?show=letters"


@pytest.fixture
def meeting(coordinator, rep, person_without_email):
    return past_meeting(coordinator, rep, person_without_email)


@pytest.fixture
def version(coordinator, meeting):
    return circulated(meeting, "A third of places is a fair share.", by=coordinator)


def at(name, meeting):
    return reverse(f"meetings:{name}", args=[meeting.slug])


def letter_of(person):
    return Message.objects.filter(person=person, state=Message.State.QUEUED).latest("pk")


def post_letters(client):
    waiting = Message.objects.filter(channel=Message.Channel.LETTER, state=Message.State.QUEUED)
    pressed = {"m": list(waiting.values_list("pk", flat=True))}
    assert client.post(reverse("members:message_letters_posted"), pressed).status_code == 302


def ring_in(client, meeting, version, person, **more):
    """A comment and an answer that the coordinator hears on the phone, as the pages send them."""
    author = meeting.invitations.get(person=person).pk
    said = {
        "c-uid": paragraphs(version)[0]["uid"],
        "c-version": version.number,
        "c-once": "8f2d7a5e-3f0c-4b8b-9a37-1f2e3d4c5b6a",
        "c-author": author,
        "c-via": "phone",
        "c-kind": "wrong",
        "c-text": "We said a half.",
        "c-speaking_for": "group",
    }
    assert client.post(at("minutes_comment", meeting), said).status_code == 302
    heard = {"f-version": version.number, "f-invitation": author, "f-via": "phone"}
    page = client.post(at("minutes_answer_for", meeting), heard | {"f-answer": "fair"} | more)
    assert page.status_code == 302


def test_case_7_member_without_email_is_invited_and_counted_like_anybody(
    client_for, coordinator, person_without_email, group, meeting
):
    coming = coming_meeting()
    options = default_invitees(coming)
    assert options[person_without_email.pk][0].group == group
    invite_to_meeting(meeting=coming, people=[options[person_without_email.pk][0]], by=coordinator)
    assert letter_of(person_without_email).channel == Message.Channel.LETTER
    assert (
        person_without_email.name in client_for(coordinator).get(at("meeting_people", coming)).text
    )
    assert meeting.invitations.attended().filter(person=person_without_email).exists()
    assert not person_without_email.has_usable_password()


def test_case_7_paper_route_prints_letter_with_minutes_and_is_marked_as_posted(
    client_for, coordinator, person_without_email, meeting, version
):
    client = client_for(coordinator)
    assert person_without_email.name in client.get(LETTERS).text
    message = letter_of(person_without_email)
    words = words_of(letters_pdf([(message, outbox.write(message))]))
    assert "4 Mill Row" in words
    assert "A third of places is a fair share." in words

    post_letters(client)
    message.refresh_from_db()
    assert message.state == Message.State.POSTED
    assert person_without_email.name not in client.get(LETTERS).text


def test_case_7_approval_is_recorded_by_phone_with_date_and_by_whom(
    client_for, coordinator, rep, person_without_email, meeting, version
):
    client = client_for(coordinator)
    post_letters(client)
    ring_in(client, meeting, version, person_without_email)

    heard = Agreement.objects.get()
    assert (heard.invitation.person, heard.answered_by) == (person_without_email, coordinator)
    words = f"y phone, written down by {coordinator.name} on {day_month(timezone.now())}"
    assert words in heard.written_down
    assert words in Comment.objects.get().written_down
    assert words in client_for(rep).get(at("minutes_draft", meeting)).text
    assert tally(version).fair == 1


def test_case_7_approval_by_phone_lets_minutes_be_agreed(
    client_for, coordinator, rep, person_without_email, meeting, version
):
    client = client_for(coordinator)
    post_letters(client)
    author = meeting.invitations.get(person=person_without_email).pk
    heard = {"f-version": 1, "f-invitation": author, "f-via": "phone", "f-answer": "fair"}
    for person in (coordinator, rep):
        answer(version, person)
    client.post(at("minutes_answer_for", meeting), heard)
    with time_machine.travel(timezone.now() + timedelta(days=12)):
        tasks.agree_when_due()
    assert Minutes.objects.get().state == "agreed"


def test_case_7_silence_while_the_letter_lies_here_is_never_called_ignoring(
    client_for, coordinator, rep, person_without_email, meeting, version
):
    """Whoever was sent nothing yet hasn’t failed to answer: the page says what waits for whom."""
    for person in (coordinator, rep):
        answer(version, person)
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        tasks.agree_when_due()
        said = " ".join(tally(version).missing)
        assert "Comments stay open until 1 letter is posted." in said
        assert person_without_email.name not in said
        failed = client_for(coordinator).get(f"{reverse('members:message_list')}?show=failed").text
        assert person_without_email.name not in failed
        draft = client_for(rep).get(at("minutes_draft", meeting)).text
    for blame in ("ignor", "no reply", "did not answer", "didn’t answer", "failed to"):
        assert blame not in draft.lower()
    assert "Saying nothing never counts as yes." in draft
    assert Minutes.objects.get().state == "circulated"
