"""Only spelling changed: both texts are shown, answers hold; anything more asks again."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import Message
from meetings import spelling, tasks
from meetings.models import Agreement, Attendance, Minutes, Version
from meetings.services import minutes as services
from meetings.services.agreement import answer_not_yet
from tests.factories.meetings import AgendaItemFactory, past_meeting
from tests.factories.minutes import answer, circulated, rewrite

FIRST = "Familes wait for teh bus.\n\nAction: Hester to ring the council by 2 October"
SPELT = "Families wait for the bus.\n\nAction: Hester to ring the council by 2 October"


@pytest.fixture
def meeting(coordinator, rep, officer, person_without_email):
    return past_meeting(coordinator, rep, officer, absent=[person_without_email])


@pytest.fixture
def version(coordinator, meeting):
    return circulated(meeting, FIRST, by=coordinator)


def at(name, meeting):
    return reverse(f"meetings:{name}", args=[meeting.slug])


def respell(version, text=SPELT, *, by, **more):
    rewrite(version.minutes, text, by=by)
    return services.circulate_minutes(
        minutes=version.minutes, number=2, by=by, spelling_only=True, **more
    )


# The rule -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Familes wait for teh bus.", "Families wait for the bus."),
        ("parents recieve a letter", "Parents receive a letter."),
        ("Teh bus was late", "The bus was late"),
        ("They rang council", "They rang the council"),
        ("the the bus", "the bus"),
        ("alot of it", "a lot of it"),
        ("Nadia said so , twice", "Nadia said so, twice"),
        ("nadia said so", "Nadia said so"),
    ],
)
def test_spelling_when_letters_are_put_right_is_spelling(before, after):
    assert spelling._wrong_words(before, after) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("It is now agreed", "It is not agreed", "“now” became “not”"),
        ("by 2 October", "by 3 October", "“2” became “3”"),
        ("two families", "ten families", "“two” became “ten”"),
        ("on Monday", "on Sunday", "“Monday” became “Sunday”"),
        ("Nadia said so", "Nadine said so", "may be a name"),
        ("We asked Jon about it", "We asked Jan about it", "may be a name"),
        ("It is possible", "It is impossible", "the opposite"),
        ("They are able to", "They are unable to", "the opposite"),
        ("They will pay", "They would pay", "“will” became “would”"),
        ("It costs £5", "It costs 5", "“£5” became “5”"),
        ("It can't be", "It can be", "“can't” became “can”"),
        ("It works.", "It works?", "question mark"),
        ("The bus is late", "The school bus is late", "“nothing” became “school”"),
        ("Every bus is late", "bus is late", "“Every” became “nothing”"),
        ("-5 degrees", "5 degrees", "“-5” became “5”"),
        ("aa bb cc dd ee ff gg", "ab bc cd de ef fg gh", "words changed"),
    ],
)
def test_spelling_when_the_meaning_may_change_is_refused_with_the_words(before, after, words):
    assert words in " ".join(spelling._wrong_words(before, after))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("record", "it changes what is private, or a record"),
        ("private", "what is private"),
        ("public text", "became"),
        ("who", "Who came has changed"),
        ("title", "An item, its title"),
        ("item", "An item, its title"),
        ("paragraph", "A paragraph came in, went out or moved"),
        ("kind", "a record"),
    ],
)
def test_spelling_when_more_than_text_changed_is_refused(
    coordinator, rep, meeting, version, change, words
):
    minutes = version.minutes
    item = meeting.agenda_items.get()
    paragraph = minutes.sections.get().paragraphs.living().first()
    if change == "record":
        rewrite(minutes, FIRST.replace("Hester", "Hexter"), by=coordinator)
    elif change == "private":
        services.keep_private(paragraph=paragraph, reason="One family", by=coordinator)
    elif change == "public text":
        rewrite(minutes, FIRST.replace("Familes", "Nobody"), by=coordinator)
    elif change == "who":
        Attendance.objects.filter(invitation__person=rep).delete()
    elif change == "title":
        item.title = "Another title"
        item.save()
    elif change == "item":
        AgendaItemFactory(meeting=meeting)
    elif change == "paragraph":
        rewrite(minutes, FIRST + "\n\nMore was said.", by=coordinator)
    else:
        rewrite(minutes, FIRST.replace("Action", "Ask"), by=coordinator)

    with pytest.raises(TransitionNotAllowed, match="isn’t only spelling") as refused:
        services.circulate_minutes(minutes=minutes, number=2, by=coordinator, spelling_only=True)

    assert words in str(refused.value)
    assert Version.objects.count() == 1


def test_spelling_when_nothing_has_gone_out_is_refused(coordinator, meeting):
    from tests.factories.minutes import written

    minutes = written(meeting, FIRST, by=coordinator)
    with pytest.raises(TransitionNotAllowed, match="Nothing has gone out yet"):
        services.circulate_minutes(minutes=minutes, number=1, by=coordinator, spelling_only=True)


# What becomes of answers --------------------------------------------------------------------------


def test_answers_when_only_spelling_changed_hold_and_nobody_is_asked(
    coordinator, rep, officer, version
):
    answer(version, rep)
    answer(version, officer, "not_yet")
    closes = version.comments_close_on
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        second = respell(version, by=coordinator)

    carried = {each.invitation.person: each for each in second.agreements.all()}
    assert set(carried) == {rep, officer}
    assert carried[rep].carried_from.version == version
    assert carried[rep].answered_by == rep
    assert carried[officer].reason == "4.2 is wrong"
    assert second.comments_close_on == closes
    told = Message.objects.filter(ids__version=second.pk, person=rep).get()
    assert told.template == "meetings/minutes_spelling"
    letter = outbox.write(told)
    assert letter.subject == "Only spelling changed in the draft minutes"
    assert "There’s nothing to do" in letter.text
    assert len(letter.subject) <= 50


def test_answer_when_carried_can_be_changed_and_taken_back(
    client_for, coordinator, rep, meeting, version
):
    answer(version, rep)
    second = respell(version, by=coordinator)
    client = client_for(rep)

    page = client.get(at("minutes_draft", meeting))
    assert "Only spelling or typing mistakes were put right" in page.text
    assert "<del>Familes </del>" in page.text
    assert "You gave it on version 1. Only spelling changed since" in page.text

    client.post(
        at("minutes_answer", meeting),
        {"a-answer": "not_yet", "a-reason": "That is more.", "a-version": 2},
    )
    assert second.agreements.get().answer == "not_yet"
    page = client.post(
        at("minutes_answer", meeting), {"do": "withdraw", "a-version": 2}, follow=True
    )
    assert "Your answer is taken back" in page.text
    assert not second.agreements.exists()
    assert version.agreements.get().answer == "fair"


def test_answers_when_carried_agree_by_the_timetable(coordinator, rep, officer, meeting):
    first = circulated(meeting, FIRST, by=coordinator, days_ago=8)
    Message.objects.update(state="posted", sent_at=timezone.now() - timedelta(days=7))
    rewrite(first.minutes, SPELT, by=coordinator)
    for person in (coordinator, rep, officer):
        answer(first, person)
    assert Minutes.objects.get().state == "circulated"
    second = services.circulate_minutes(
        minutes=first.minutes, number=2, by=coordinator, spelling_only=True
    )

    tasks.agree_when_due()

    minutes = Minutes.objects.get()
    assert (minutes.state, minutes.agreed_version) == ("agreed", second)


def test_letter_when_the_first_was_never_posted_asks_after_all(
    coordinator, version, person_without_email
):
    second = respell(version, by=coordinator)

    letter = Message.objects.get(ids__version=second.pk, person=person_without_email)
    assert letter.template == "meetings/minutes_draft"
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert Version.objects.get(pk=second.pk).comments_open
    letter.state, letter.sent_at = "posted", timezone.now()
    letter.save()
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert not Version.objects.get(pk=second.pk).comments_open


def test_outcome_of_not_yet_when_carried_is_kept(coordinator, rep, version):
    answer(version, rep, "not_yet")
    answer_not_yet(agreement=Agreement.objects.get(), outcome="The tape says so.", by=coordinator)
    second = respell(version, by=coordinator)

    assert second.agreements.get().outcome == "The tape says so."


# The send page ------------------------------------------------------------------------------------


def test_send_page_when_only_spelling_changed_shows_both_texts_and_offers_the_tick(
    client_for, coordinator, rep, meeting, version
):
    answer(version, rep)
    rewrite(version.minutes, SPELT, by=coordinator)
    client = client_for(coordinator)

    page = client.get(at("minutes_circulate", meeting))
    assert "<del>Familes </del>" in page.text
    assert "<ins>Families </ins>" in page.text
    assert "Only spelling or typing mistakes changed" in page.text

    client.post(at("minutes_circulate", meeting), {"number": 2, "spelling_only": "on"})
    second = Version.objects.get(number=2)
    assert second.spelling_only
    assert second.agreements.count() == 1


def test_send_page_when_more_changed_says_why_and_offers_no_tick(
    client_for, coordinator, meeting, version
):
    rewrite(version.minutes, SPELT.replace("2 October", "3 October"), by=coordinator)
    client = client_for(coordinator)

    page = client.get(at("minutes_circulate", meeting))
    assert "Why this isn’t spelling only" in page.text
    assert "“2” became “3”" in page.text
    assert 'name="spelling_only"' not in page.text

    page = client.post(
        at("minutes_circulate", meeting), {"number": 2, "spelling_only": "on"}, follow=True
    )
    assert "This isn’t only spelling." in page.text
    assert Version.objects.count() == 1
