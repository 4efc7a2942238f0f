"""From agreed to public, and back: the task list, publishing, withdrawing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import Document, Minutes, PublicationTick
from meetings.services import minutes as services
from meetings.services import publicity
from tests.factories.meetings import past_meeting
from tests.factories.minutes import agreed, answer, circulated, rewrite

REQUIRED = ["no_child", "private"]


@pytest.fixture
def people(coordinator, rep, officer):
    return [coordinator, rep, officer]


@pytest.fixture
def meeting(people, rep_of_other_group):
    return past_meeting(*people, absent=[rep_of_other_group], days=20)


@pytest.fixture
def minutes(coordinator, meeting, people):
    return agreed(meeting, "Everyone may read this.", by=coordinator, people=people)


def at(name, meeting):
    return reverse(f"meetings:{name}", args=[meeting.slug])


def press(client, meeting, do="publish", tasks=REQUIRED, **more):
    return client.post(
        at("minutes_publish", meeting), {"tasks": tasks, "do": do, **more}, follow=True
    )


def test_page_when_minutes_are_not_agreed_says_what_is_missing(client_for, coordinator, people):
    meeting = past_meeting(*people)
    circulated(meeting, "Said.", by=coordinator)

    page = client_for(coordinator).get(at("minutes_publish", meeting))

    assert "2 more of those who were there must say" in page.text
    assert "Comments are still open." in page.text
    assert "Publish for everyone" not in page.text


def test_page_when_agreed_shows_the_exact_public_text(client_for, coordinator, meeting, minutes):
    page = client_for(coordinator).get(at("minutes_publish", meeting))

    assert "Everyone may read this." in page.text
    assert "Publish for everyone" in page.text


def test_list_when_saved_is_kept_with_who_ticked(client_for, coordinator, meeting, minutes):
    press(client_for(coordinator), meeting, do="save", tasks=["words"])
    press(client_for(coordinator), meeting, do="save", tasks=["short"])

    tick = PublicationTick.objects.get()
    assert (tick.task, tick.ticked_by) == ("short", coordinator)
    assert AuditEvent.objects.filter(verb__in=["tick", "untick"]).count() == 3
    assert Minutes.objects.get().state == "agreed"


@pytest.mark.parametrize("tasks", [[], ["no_child"], ["private", "words", "short"]])
def test_publish_when_a_required_tick_is_missing_is_refused(
    client_for, coordinator, meeting, minutes, tasks
):
    page = press(client_for(coordinator), meeting, tasks=tasks)

    assert "Before publishing, check and tick" in page.text
    assert Minutes.objects.get().state == "agreed"
    assert not Document.objects.exists()


def test_publish_when_ticked_shows_it_to_everyone_and_tells_those_invited(
    client_for, coordinator, meeting, minutes, outbox_drained, rep_of_other_group
):
    page = press(client_for(coordinator), meeting)

    assert "Everyone can read these minutes now" in page.text
    assert "Everyone may read this." in client_for(None).get(meeting.get_absolute_url()).text
    document = Document.objects.get()
    assert document.version == Minutes.objects.get().agreed_version
    assert not any("agreed minutes" in mail.subject for mail in outbox_drained())
    # News waits for the weekly letter.
    monday = clocks.next_weekly(timezone.now()) + timedelta(hours=1)
    told = [mail for mail in outbox_drained(monday) if "agreed minutes" in mail.subject]
    assert len(told) == 4
    assert rep_of_other_group.email in [mail.to[0] for mail in told]
    assert all(len(mail.subject) <= 50 for mail in told)


def test_publish_when_pressed_twice_happens_once(client_for, coordinator, meeting, minutes):
    client = client_for(coordinator)
    press(client, meeting)

    again = press(client, meeting)

    assert again.status_code == 200
    assert AuditEvent.objects.filter(verb="publish").count() == 1
    assert Message.objects.filter(template="meetings/minutes_published").count() == 4


def test_publish_when_text_changed_after_ticking_asks_to_tick_again(
    coordinator, meeting, people, minutes
):
    publicity.tick_tasks(minutes=minutes, tasks=set(REQUIRED), by=coordinator)
    answer(minutes.agreed_version, people[1], "not_yet")
    minutes = Minutes.objects.get()
    rewrite(minutes, "My daughter, aged 9, was there.", by=coordinator)
    services.circulate_minutes(minutes=minutes, number=2, by=coordinator)

    assert not PublicationTick.objects.exists()


def test_publish_when_meeting_was_of_parents_needs_their_decision(
    client_for, coordinator, rep, people
):
    meeting = past_meeting(coordinator, rep, audience="parents", days=20)
    agreed(meeting, "Among parents.", by=coordinator, people=[coordinator, rep])
    client = client_for(coordinator)

    page = press(client, meeting)
    assert "only published when the parents decided so" in page.text
    assert Minutes.objects.get().state == "agreed"

    press(client, meeting, parents_decided="on")
    assert Minutes.objects.get().state == "published"
    assert AuditEvent.objects.filter(verb="parents_decided", by_id=coordinator.pk).exists()


def test_letter_when_minutes_are_withdrawn_meanwhile_is_dropped(
    client_for, coordinator, meeting, minutes, outbox_drained
):
    press(client_for(coordinator), meeting)
    publicity.withdraw_minutes(
        minutes=Minutes.objects.get(), reason="A name was in it.", by=coordinator
    )

    assert not [mail for mail in outbox_drained() if "agreed minutes" in mail.subject]


def test_withdraw_when_no_reason_is_given_is_refused(client_for, coordinator, meeting, minutes):
    client = client_for(coordinator)
    press(client, meeting)

    page = client.post(at("minutes_withdraw", meeting), {"reason": " "})

    assert "Say why they are withdrawn" in page.text
    assert Minutes.objects.get().state == "published"


def test_withdraw_when_pressed_hides_the_text_at_once(client_for, coordinator, meeting, minutes):
    client = client_for(coordinator)
    press(client, meeting)
    public = client_for(None)
    assert "Everyone may read this." in public.get(meeting.get_absolute_url()).text

    client.post(at("minutes_withdraw", meeting), {"reason": "A name was in it."})

    page = public.get(meeting.get_absolute_url())
    assert "Everyone may read this." not in page.text
    assert "A name was in it." in page.text
    assert public.get(at("minutes_pdf", meeting)).status_code == 410


def test_withdraw_when_minutes_are_not_public_is_refused(coordinator, minutes):
    with pytest.raises(TransitionNotAllowed):
        publicity.withdraw_minutes(minutes=minutes, reason="Why", by=coordinator)


def test_publish_when_withdrawn_before_can_happen_again(coordinator, client_for, meeting, minutes):
    client = client_for(coordinator)
    press(client, meeting)
    client.post(at("minutes_withdraw", meeting), {"reason": "A name was in it."})

    press(client, meeting)

    again = Minutes.objects.get()
    assert again.state == "published"
    assert again.published_at <= timezone.now()
    assert Message.objects.filter(template="meetings/minutes_published").count() == 4
