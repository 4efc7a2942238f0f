"""What somebody said by phone or post: attributed wherever it shows, and put right by them."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from coprod.templatetags.forum import day_month
from meetings.models import Agreement, Comment, Reply
from meetings.services import attendance
from meetings.services.agreement import answer_minutes
from meetings.services.comments import correct_comment, settle_comment
from tests.factories.meetings import MeetingFactory, invite, past_meeting
from tests.factories.minutes import answer, circulated, comment, paragraphs
from tests.meetings.test_comments import by_link, typed


@pytest.fixture
def meeting(coordinator, rep, person_without_email, officer):
    return past_meeting(coordinator, rep, person_without_email, officer)


@pytest.fixture
def version(coordinator, meeting):
    return circulated(meeting, "A third of places is a fair share.\n\nMore.", by=coordinator)


@pytest.fixture
def heard(version, person_without_email, coordinator):
    """A comment that somebody gave by phone."""
    return comment(
        version, person_without_email, text="We said a half.", by=coordinator, via="phone"
    )


def at(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


def correct_url(said, person=None):
    meeting = said.version.minutes.meeting
    if person is None:
        return at("comment_correct", meeting, said.pk)
    token = by_link("draft", person, meeting).split("/")[-2]
    return reverse("meetings:comment_correct_by_link", args=[token, said.pk])


# Who wrote it down -------------------------------------------------------------------------------


def test_comment_when_heard_by_phone_then_said_on_the_draft_and_where_it_is_settled(
    client_for, coordinator, rep, meeting, heard
):
    words = f"By phone, written down by Ruth Adeyemi on {day_month(heard.made_at)}"
    assert words in client_for(coordinator).get(at("comments_settle", meeting)).text
    assert words in client_for(rep).get(at("minutes_draft", meeting)).text


def test_comment_when_somebody_elses_then_how_it_came_is_needed(
    client_for, coordinator, person_without_email, meeting, version
):
    author = meeting.invitations.get(person=person_without_email).pk
    client = client_for(coordinator)
    page = client.post(at("minutes_comment", meeting), typed(version, author=author), follow=True)
    assert page.text.count("Choose how it reached you") >= 2
    assert not Comment.objects.exists()
    own = typed(version, author="", speaking_for="myself")
    client.post(at("minutes_comment", meeting), own)
    assert Comment.objects.get().via == ""


def test_comment_when_its_author_names_a_way_then_it_is_still_their_own_typing(
    client_for, rep, meeting, version
):
    client_for(rep).post(at("minutes_comment", meeting), typed(version, via="phone"))
    kept = Comment.objects.get()
    assert (kept.via, kept.written_down) == ("", "")


def test_reply_when_heard_then_said_on_the_list_of_people_and_to_the_person(
    client_for, coordinator, rep
):
    coming = MeetingFactory(date=timezone.localdate() + timedelta(days=20))
    invitation = invite(coming, rep)
    attendance.reply(invitation=invitation, answer="room", by=coordinator, via="person")
    words = f"in person, written down by Ruth Adeyemi on {day_month(timezone.now())}"
    people = client_for(coordinator).get(at("meeting_people", coming)).text
    assert words[1:] in people
    page = client_for(rep).get(at("meeting_reply", coming)).text
    assert words in page
    client_for(rep).post(at("meeting_reply", coming), {"answer": "cannot", "needs": ""})
    kept = Reply.objects.get()
    assert (kept.answer, kept.via, kept.written_down) == ("cannot", "", "")


def test_answer_when_heard_then_said_to_the_person_who_puts_it_right_by_answering(
    client_for, coordinator, rep, meeting, version
):
    invitation = meeting.invitations.get(person=rep)
    answer_minutes(
        version=version, invitation=invitation, answer="fair", by=coordinator, via="phone"
    )
    client = client_for(rep)
    assert "by phone, written down by Ruth Adeyemi" in client.get(at("minutes_draft", meeting)).text
    said = {"a-version": 1, "a-answer": "fair"}
    client.post(at("minutes_answer", meeting), said)
    kept = Agreement.objects.get()
    assert (kept.answered_by, kept.written_down) == (rep, "")


# Putting it right --------------------------------------------------------------------------------


def test_comment_when_its_author_puts_it_right_by_link_then_changed_with_a_trace(
    client_for, person_without_email, meeting, heard
):
    client = client_for(None)
    draft = client.get(by_link("draft", person_without_email, meeting)).text
    url = correct_url(heard, person_without_email)
    assert url in draft
    page = client.get(url)
    assert "We said a half." in page.text
    assert page["Referrer-Policy"] == "no-referrer"
    heard.refresh_from_db()
    assert heard.corrected_at is None, "opening the link changed something"
    shown = client.post(url, {"text": "We said a quarter."}, follow=True)
    assert "put right by themselves" in shown.text
    heard.refresh_from_db()
    assert (heard.text, heard.corrected_by) == ("We said a quarter.", person_without_email)
    event = AuditEvent.objects.about(heard).filter(verb="correct_comment").get()
    assert "quarter" not in str(event.data)


def test_comment_when_put_right_after_its_answer_then_needs_one_again(
    coordinator, person_without_email, heard
):
    settle_comment(comment=heard, outcome="not_changed", reason="It says so.", by=coordinator)
    correct_comment(comment=heard, text="We said a quarter.", by=person_without_email)
    heard.refresh_from_db()
    assert (heard.outcome, heard.outcome_reason, heard.outcome_at) == ("", "", None)


def test_comment_when_somebody_else_would_put_it_right_then_not(
    client_for, coordinator, rep, heard
):
    for person in (coordinator, rep):
        page = client_for(person).post(correct_url(heard), {"text": "Other words"})
        assert page.status_code == 404
        with pytest.raises(TransitionNotAllowed):
            correct_comment(comment=heard, text="Other words", by=person)
    page = client_for(None).post(correct_url(heard, rep), {"text": "Other words"})
    assert page.status_code == 404
    heard.refresh_from_db()
    assert heard.text == "We said a half."


def test_comment_when_its_author_typed_it_then_not_changed_afterwards(
    client_for, rep, meeting, version
):
    own = comment(version, rep)
    assert correct_url(own) not in client_for(rep).get(at("minutes_draft", meeting)).text
    page = client_for(rep).post(correct_url(own), {"text": "Other words"})
    assert "You wrote this yourself" in page.text
    own.refresh_from_db()
    assert own.text == "We said a quarter."


def test_comment_when_the_window_has_closed_then_stays_as_it_was_written_down(
    person_without_email, heard
):
    Message.objects.all().delete()  # no letter holds the window open
    with (
        time_machine.travel(timezone.now() + timedelta(days=40), tick=False),
        pytest.raises(TransitionNotAllowed, match="closed"),
    ):
        correct_comment(comment=heard, text="Other words", by=person_without_email)
    heard.refresh_from_db()
    assert heard.text == "We said a half."


def test_comment_when_put_right_with_nothing_then_asked_for_words(
    client_for, person_without_email, heard
):
    page = client_for(None).post(correct_url(heard, person_without_email), {"text": " "})
    assert page.text.count("Write what you said") >= 2


# What became of it -------------------------------------------------------------------------------


def test_outcome_when_it_was_heard_then_its_letter_quotes_all_that_was_written_down(
    coordinator, person_without_email, heard
):
    Comment.objects.filter(pk=heard.pk).update(text="word " * 80 + "LAST")
    settle_comment(comment=heard, outcome="changed", reason="", by=coordinator)
    message = Message.objects.get(template="meetings/comment_outcomes")
    assert message.channel == Message.Channel.LETTER
    text = outbox.write(message).text
    assert "What you told us, by phone, written down by Ruth Adeyemi on" in text
    assert "LAST" in text
    assert "Is that not what you said?" in text


@pytest.mark.parametrize(
    ("outcome", "kind", "words"),
    [
        ("not_changed", "wrong", "Not changed, because: The room agreed."),
        ("answered", "question", "Answered: The room agreed."),
        ("changed", "wrong", "Changed: The room agreed."),
    ],
)
def test_outcome_when_it_has_a_reason_then_reads_as_a_sentence(
    outcome, kind, words, coordinator, rep, version
):
    said = comment(version, rep, kind=kind)
    settle_comment(comment=said, outcome=outcome, reason="The room agreed.", by=coordinator)
    message = Message.objects.get(template="meetings/comment_outcomes")
    assert words in outbox.write(message).text


@pytest.mark.parametrize(("said", "waits"), [("", False), ("not_yet", False), ("fair", True)])
def test_outcome_when_somebody_may_still_answer_then_told_at_once(
    said, waits, coordinator, rep, version
):
    mine = comment(version, rep)
    if said:
        answer(version, rep, said)
    settle_comment(comment=mine, outcome="changed", reason="", by=coordinator)
    assert Message.objects.get(template="meetings/comment_outcomes").is_news is waits


def test_outcome_when_its_author_was_not_there_then_waits_for_the_weekly_letter(
    coordinator, rep, rep_of_other_group
):
    meeting = past_meeting(coordinator, rep, absent=[rep_of_other_group])
    version = circulated(meeting, "A third is fair.", by=coordinator)
    mine = comment(version, rep_of_other_group)
    settle_comment(comment=mine, outcome="changed", reason="", by=coordinator)
    assert Message.objects.get(template="meetings/comment_outcomes").is_news


def settle(client, said, outcome, reason=""):
    meeting = said.version.minutes.meeting
    form = {f"s{said.pk}-outcome": outcome, f"s{said.pk}-reason": reason}
    return client.post(at("comment_settle", meeting, said.pk), form, follow=True)


def test_question_when_answered_then_kept_with_its_answer(client_for, coordinator, rep, version):
    question, wrong = comment(version, rep, kind="question"), comment(version, rep, place=1)
    client = client_for(coordinator)
    assert "Write the answer to the question" in settle(client, question, "answered").text
    settle(client, question, "answered", "It was the bus company.")
    settle(client, wrong, "answered", "Only questions are just answered.")
    question.refresh_from_db()
    wrong.refresh_from_db()
    assert (question.outcome, question.outcome_reason) == ("answered", "It was the bus company.")
    assert wrong.outcome == ""


# From the call list ------------------------------------------------------------------------------


def test_call_when_about_a_draft_then_what_they_say_is_one_tap_away(
    client_for, coordinator, person_without_email, meeting
):
    person_without_email.channel = Message.Channel.PHONE
    person_without_email.save()
    version = circulated(meeting, "A third is fair.", by=coordinator)
    invitation = meeting.invitations.get(person=person_without_email)
    client = client_for(coordinator)
    calls = client.get(f"{reverse('members:message_list')}?show=calls").text
    draft = at("minutes_draft", meeting)
    assert f'href="{draft}?for={invitation.pk}"' in calls
    assert f'href="{draft}?for={invitation.pk}#heard"' in calls
    page = client.get(f"{draft}?for={invitation.pk}").text
    assert f'<option value="{invitation.pk}" selected>' in page
    uid = paragraphs(version)[0]["uid"]
    assert f"{draft}?for={invitation.pk}&amp;comment={uid}" in page
    form = client.get(f"{draft}?for={invitation.pk}&comment={uid}").text
    assert form.count(f'<option value="{invitation.pk}" selected>') == 2


def test_call_when_about_an_invitation_then_the_reply_is_one_tap_away(
    client_for, coordinator, person_without_email
):
    person_without_email.channel = Message.Channel.PHONE
    person_without_email.save()
    coming = MeetingFactory(
        date=timezone.localdate() + timedelta(days=20), announced_at=timezone.now()
    )
    invited = invite(coming, person_without_email)
    ids = {"invitation": invited.pk}
    outbox.queue(key="call", template="meetings/invitation", person=person_without_email, ids=ids)
    client = client_for(coordinator)
    calls = client.get(f"{reverse('members:message_list')}?show=calls").text
    url = at("reply_record", coming, invited.pk)
    assert f'href="{url}?via=phone"' in calls
    page = client.get(f"{url}?via=phone").text
    assert re.search(r'name="via" value="phone"[^>]* checked', page)
