"""Nobody is left out of a comment: windows wait for letters and calls, or somebody says why."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import clocks
from coprod.models import AuditEvent, Forum, Message
from meetings import tasks
from meetings.models import Comment, Minutes, Version, WindowReason
from meetings.models.agreement import tally
from meetings.services import minutes as services
from tests.factories.meetings import past_meeting
from tests.factories.members import PersonFactory
from tests.factories.minutes import answer, circulated, comment, rewrite

TODAY = reverse("today")


@pytest.fixture
def meeting(coordinator, rep, person_without_email):
    """The coordinator and a rep came; somebody who is reached by letter did as well."""
    return past_meeting(coordinator, rep, person_without_email)


@pytest.fixture
def version(coordinator, meeting):
    return circulated(meeting, "It was said.", by=coordinator)


def later(days):
    return time_machine.travel(timezone.now() + timedelta(days=days))


def hand_over(version, days=0, state=Message.State.POSTED):
    """Somebody posts or rings everything about this version, so many days from now."""
    waiting = Message.objects.unreached("meetings/minutes_draft", version=version.pk)
    waiting.update(state=state, sent_at=timezone.now() + timedelta(days=days))


def again(version):
    return Version.objects.get(pk=version.pk)


def at(name, meeting):
    return reverse(f"meetings:{name}", args=[meeting.slug])


def agree(version, *people):
    for person in people:
        answer(again(version), person)


def test_window_when_a_letter_is_unposted_stays_open_for_everybody(
    client_for, coordinator, rep, meeting, version, person_without_email
):
    agree(version, coordinator, rep, person_without_email)

    with later(30):
        assert again(version).comments_open
        assert not Minutes.objects.closable().exists()
        tasks.agree_when_due()
        assert Minutes.objects.get().state == "circulated"
        assert "Comments stay open until 1 letter is posted." in tally(again(version)).missing
        page = client_for(rep).get(at("minutes_draft", meeting))
        assert "Comments stay open until 1 letter is posted" in page.text
        comment(again(version), rep)

    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "done", "last"),
    [
        ("posted", 1, 7),  # in time: everybody's seven days
        ("posted", 5, 8),  # three days to read on paper
        ("posted", 20, 23),
        ("rung", 6, 7),
        ("rung", 9, 10),  # one day after a call
    ],
)
def test_window_when_the_last_copy_went_late_stays_open_long_enough(version, state, done, last):
    hand_over(version, done, state)

    for days, is_open in ((last, True), (last + 1, False)):
        with later(days):
            assert again(version).comments_open == is_open
            assert again(version).closes_on == clocks.today(
                timezone.now() - timedelta(days=days)
            ) + timedelta(days=last)
            assert Minutes.objects.closable().exists() != is_open


@pytest.mark.parametrize("days", [0, 7, 8, 9, 10, 11, 12, 40])
@pytest.mark.parametrize("case", ["nobody", "waiting", "posted", "rung", "reason", "failed"])
def test_closable_when_asked_in_sql_agrees_with_the_window(coordinator, version, case, days):
    if case != "waiting":
        hand_over(
            version, 8 if case in ("posted", "rung") else 0, "rung" if case == "rung" else "posted"
        )
    if case == "failed":
        Message.objects.filter(person__email__isnull=False).update(state="failed")
    if case == "reason":
        Message.objects.filter(state="posted").update(state="queued")
        WindowReason.objects.create(version=version, reason="It came back.")
    with later(days):
        assert Minutes.objects.closable().exists() != again(version).comments_open
        minutes = Minutes.objects.get()
        assert minutes.latest.window == again(version).window


def test_window_when_letter_was_posted_agrees_when_its_days_are_over(
    coordinator, rep, version, person_without_email
):
    agree(version, coordinator, rep, person_without_email)
    hand_over(version, 9)

    with later(12):
        tasks.agree_when_due()
        assert Minutes.objects.get().state == "circulated"
    with later(13):
        tasks.agree_when_due()
        assert Minutes.objects.get().state == "agreed"


def test_window_when_somebody_says_why_closes_and_readers_see_it(
    client_for, coordinator, rep, meeting, version, person_without_email
):
    agree(version, coordinator, rep, person_without_email)
    with later(8):
        client = client_for(coordinator)
        page = client.get(at("minutes_window", meeting))
        assert "until 1 letter is posted" in page.text
        empty = client.post(at("minutes_window", meeting), {"reason": " "})
        assert "Say why comments close without them" in empty.text
        client.post(at("minutes_window", meeting), {"reason": "The letter came back."})

        assert Minutes.objects.get().state == "agreed"
        assert AuditEvent.objects.filter(verb="close_window", by_id=coordinator.pk).count() == 1
        Minutes.objects.update(state="circulated")
        assert "The letter came back." in client_for(rep).get(at("minutes_draft", meeting)).text


def test_window_when_its_day_is_not_over_is_closed_by_nobody(
    client_for, coordinator, meeting, version
):
    page = client_for(coordinator).post(at("minutes_window", meeting), {"reason": "I am tired."})

    assert "Comments aren’t waiting for a letter or call any more." in page.text
    assert again(version).comments_open
    assert not WindowReason.objects.exists()


def test_window_when_it_waits_stands_on_the_coordinators_today(client_for, coordinator, version):
    assert "Comments wait for" not in client_for(coordinator).get(TODAY).text
    with later(8):
        page = client_for(coordinator).get(TODAY)
        assert "Comments wait for somebody’s copy" in page.text
        assert "They stay open until 1 letter is posted." in page.text


def test_letter_when_printed_late_names_a_day_that_is_fair(coordinator, version):
    message = Message.objects.get(channel="letter")
    from coprod import outbox

    with later(20):
        day = clocks.today() + timedelta(days=3)
        letter = outbox.write(message)
        assert f"{day:%A} {day.day} {day:%B}" in letter.text


def test_windows_when_there_are_many_cost_no_more(coordinator, rep, django_assert_num_queries):
    for n in range(3):
        circulated(past_meeting(rep, PersonFactory(email=None), days=4 + n), by=coordinator)
    with django_assert_num_queries(1):
        assert all(each.comments_open for each in Version.objects.newest().with_window())


# A changed version --------------------------------------------------------------------------------


def test_next_window_when_sent_soon_never_ends_before_the_day_first_told(coordinator, version):
    rewrite(version.minutes, "It was said twice.", by=coordinator)
    second = services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)

    assert second.comments_close_on == version.comments_close_on


def test_next_window_when_sent_late_gives_the_forums_days(coordinator, version):
    hand_over(version)
    rewrite(version.minutes, "It was said twice.", by=coordinator)
    with later(6):
        second = services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)
        assert second.comments_close_on == clocks.today() + timedelta(
            days=Forum.current().again_days
        )


def test_next_window_when_a_late_letter_moved_the_day_never_ends_before_that(
    coordinator, forum, version
):
    forum.again_days = 1
    forum.save()
    hand_over(version, 7)
    rewrite(version.minutes, "It was said twice.", by=coordinator)
    with later(8):
        second = services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)
        assert second.comments_close_on == again(version).closes_on
        assert second.comments_close_on == clocks.today() + timedelta(days=2)
