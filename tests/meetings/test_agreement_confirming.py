"""Minutes confirmed as an item of a later meeting; and “not yet”, heard and answered."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod import clocks, outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import AgendaItem, Agreement, Attendance, Confirmation, Minutes
from meetings.pdf import minutes_context
from meetings.services import minutes as services
from meetings.services.agenda import decide_item, save_item, send_agenda
from meetings.services.agreement import answer_not_yet
from meetings.services.comments import settle_comment
from meetings.services.confirm_items import bring_back, put_on_agenda, to_put_on
from meetings.services.confirming import confirm_minutes, take_back_confirmation
from tests.factories.meetings import SeriesFactory, coming_meeting, past_meeting
from tests.factories.minutes import answer, circulated, comment, rewrite
from tests.factories.published import publish

TODAY = reverse("today")


@pytest.fixture
def earlier(coordinator, rep, officer, rep_of_other_group):
    """Held fifty days ago; nobody has answered."""
    return past_meeting(coordinator, rep, officer, rep_of_other_group, days=50)


@pytest.fixture
def version(coordinator, earlier):
    return circulated(earlier, "It was said.", by=coordinator, days_ago=40)


@pytest.fixture
def later_meeting(coordinator, rep, officer):
    """Held two days ago by some of the same people."""
    return past_meeting(coordinator, rep, officer, days=2)


@pytest.fixture
def item(coordinator, version, later_meeting):
    return put_on_agenda(meeting=later_meeting, minutes=version.minutes, by=coordinator)


def confirm(item, by, words="Everyone agreed"):
    return confirm_minutes(item=AgendaItem.objects.get(pk=item.pk), words=words, by=by)


def state():
    return Minutes.objects.get(meeting__date=clocks.today() - timedelta(days=50)).state


def at(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


# On the agenda ------------------------------------------------------------------------------------


def test_item_when_the_agenda_is_made_comes_first_by_itself_and_once(coordinator, rep, version):
    coming = coming_meeting(rep)
    for title in ("Short breaks", "Transport"):
        save_item(item=AgendaItem(meeting=coming, title=title), by=coordinator)
    send_agenda(meeting=coming, by=coordinator)

    titles = list(coming.agenda_items.on().values_list("title", flat=True))
    when = version.minutes.meeting.date
    assert titles[0].startswith(f"Confirm the minutes of {when.day} {when:%B}")
    assert titles[1:] == ["Short breaks", "Transport"]
    first = coming.agenda_items.on().first()
    assert (first.kind, first.about_minutes, first.proposed_by) == (
        "confirm",
        version.minutes,
        None,
    )


def test_item_when_comments_are_still_open_waits(coordinator, rep, earlier):
    circulated(earlier, "Said.", by=coordinator, days_ago=2)
    coming = coming_meeting(rep)
    bring_back(meeting=coming)
    assert not coming.agenda_items.exists()
    assert len(to_put_on(coming)) == 1  # by the button it can go on


def test_item_when_taken_off_by_hand_stays_off(coordinator, rep, version):
    coming = coming_meeting(rep)
    bring_back(meeting=coming)
    decide_item(item=coming.agenda_items.get(), state="off", by=coordinator)
    bring_back(meeting=coming)
    assert not coming.agenda_items.on().exists()


@pytest.mark.parametrize(
    "case", ["agreed", "audience", "series", "rule", "before", "sent", "cancelled"]
)
def test_item_when_it_has_no_business_there_isnt_put_on(
    coordinator, rep, officer, rep_of_other_group, forum, earlier, case
):
    if case == "rule":
        forum.agree_at_next = False
        forum.save()
    if case == "series":
        earlier.series = SeriesFactory()
        earlier.save()
    version = circulated(earlier, "Said.", by=coordinator, days_ago=40)
    if case == "agreed":
        for person in (coordinator, rep, officer, rep_of_other_group):
            answer(version, person)
    days = -60 if case == "before" else 14
    fields = {"audience": "parents"} if case == "audience" else {}
    coming = coming_meeting(rep, days=days, **fields)
    if case == "sent":
        coming.agenda_sent_at = timezone.now()
        coming.save()
    if case == "cancelled":
        earlier.cancelled_at, earlier.cancelled_reason = timezone.now(), "Flooded"
        earlier.save()
    bring_back(meeting=coming)
    assert not coming.agenda_items.exists()
    if case != "sent":
        assert to_put_on(coming) == []
        with pytest.raises(TransitionNotAllowed):
            put_on_agenda(meeting=coming, minutes=version.minutes, by=coordinator)


def test_item_when_minutes_are_agreed_in_time_goes_by_itself(
    coordinator, rep, officer, rep_of_other_group, version
):
    coming = coming_meeting(rep)
    bring_back(meeting=coming)
    assert coming.agenda_items.count() == 1
    for person in (coordinator, rep, officer, rep_of_other_group):
        answer(version, person)
    assert state() == "agreed"
    assert not coming.agenda_items.exists()


def test_parents_minutes_when_unagreed_never_show_on_another_agenda(
    client_for, coordinator, rep, officer
):
    parents = past_meeting(coordinator, rep, days=50, audience="parents")
    circulated(parents, "Said.", by=coordinator, days_ago=40)
    coming = coming_meeting(rep, officer)
    save_item(item=AgendaItem(meeting=coming, title="Transport"), by=coordinator)
    send_agenda(meeting=coming, by=coordinator)
    for person in (None, officer, rep):
        page = client_for(person).get(coming.get_absolute_url())
        assert "Confirm the minutes" not in page.text


def test_agenda_when_something_waits_offers_the_button_and_links_the_draft(
    client_for, coordinator, rep, version
):
    coming = coming_meeting(rep)
    client = client_for(coordinator)
    assert "This meeting can confirm them" in client.get(at("agenda_edit", coming)).text

    page = client.post(
        at("agenda_confirm_add", coming), {"minutes": version.minutes_id}, follow=True
    )
    assert "is on the agenda" in page.text
    assert at("minutes_draft", version.minutes.meeting) in page.text
    twice = client.post(
        at("agenda_confirm_add", coming), {"minutes": version.minutes_id}, follow=True
    )
    assert "don’t wait to be confirmed any more" in twice.text
    assert coming.agenda_items.count() == 1

    send_agenda(meeting=coming, by=coordinator)
    assert (
        at("minutes_draft", version.minutes.meeting)
        in client_for(rep).get(coming.get_absolute_url()).text
    )
    assert (
        at("minutes_draft", version.minutes.meeting)
        not in client_for(None).get(coming.get_absolute_url()).text
    )


# Confirming ---------------------------------------------------------------------------------------


def test_confirmed_when_too_few_answered_then_agreed_stamped_and_public(
    client_for, coordinator, rep, version, later_meeting, item
):
    answer(version, rep)
    client = client_for(coordinator)
    assert "did the meeting?" in client.get(TODAY).text
    page = client.post(
        at("agenda_item_confirm", later_meeting, item.pk),
        {"words_said": "Everyone in the room agreed"},
        follow=True,
    )
    assert "Recorded. The minutes count as agreed" in page.text
    assert f"by {coordinator.name}" in page.text

    kept = Confirmation.objects.get()
    assert (kept.version, kept.meeting, kept.recorded_by) == (version, later_meeting, coordinator)
    assert state() == "agreed"
    when = later_meeting.date
    words = f"onfirmed at the meeting of {when.day} {when:%B} {when.year} by those who were there"
    minutes = publish(Minutes.objects.get(pk=version.minutes_id), by=coordinator)
    assert words in client_for(None).get(minutes.meeting.get_absolute_url()).text
    assert words in minutes_context(minutes.agreed_version)["cover"][0]["value"]


def test_confirmed_when_recorded_then_the_decision_stands_in_that_meetings_minutes(
    coordinator, item, later_meeting
):
    confirm(item, coordinator, words="All nine (of nine) agreed")
    section = later_meeting.minutes.sections.get(item=item)
    assert section.text.startswith("Decision: The minutes of ")
    assert section.text.endswith("are a fair record. (All nine of nine agreed)")
    assert section.paragraphs.get().decision.how == "All nine of nine agreed"


def test_confirmed_when_decision_was_typed_already_then_isnt_written_twice(
    coordinator, item, later_meeting
):
    minutes = services.open_minutes(meeting=later_meeting, by=coordinator)
    section = minutes.sections.get(item=item)
    services.save_section(section=section, text="Decision: Fine.", edit_no=0, by=coordinator)
    confirm(item, coordinator)
    assert section.text == "Decision: Fine."


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("not yet", "“not yet” has no answer"),
        ("comment", "comments still need an answer"),
        ("change", "The text has changed since"),
        ("letter", "Comments stay open until 1 letter is posted"),
        ("alone", "one person alone can’t confirm"),
        ("nobody", "one person alone can’t confirm"),
        ("to come", "hasn’t been held"),
        ("cancelled", "hasn’t been held"),
        ("audience", "Only a later meeting of the same people"),
        ("earlier", "Only a later meeting of the same people"),
        ("agreed", "Only minutes that have been sent out"),
    ],
)
def test_confirming_when_somebody_is_unheard_or_nobody_was_there_is_refused(
    client_for, coordinator, rep, officer, rep_of_other_group, version, later_meeting, item, case,
    words,
):  # fmt: skip
    if case == "not yet":
        answer(version, rep, "not_yet")
    elif case == "comment":
        with time_machine.travel(timezone.now() - timedelta(days=39)):
            comment(version, rep)
    elif case == "change":
        rewrite(version.minutes, "It was said twice.", by=coordinator)
    elif case == "letter":
        Message.objects.filter(person=rep).update(channel="letter", state="queued")
    elif case == "alone":
        Attendance.objects.filter(invitation__meeting=later_meeting).exclude(
            invitation__person=coordinator
        ).delete()
    elif case == "nobody":
        Attendance.objects.filter(invitation__meeting=later_meeting).delete()
    elif case == "to come":
        later_meeting.date = clocks.today() + timedelta(days=3)
        later_meeting.save()
    elif case == "cancelled":
        later_meeting.cancelled_at, later_meeting.cancelled_reason = timezone.now(), "Flooded"
        later_meeting.save()
    elif case == "audience":
        type(later_meeting).objects.filter(pk=later_meeting.pk).update(audience="parents")
    elif case == "earlier":
        later_meeting.date = clocks.today() - timedelta(days=60)
        later_meeting.save()
    elif case == "agreed":
        for person in (coordinator, rep, officer, rep_of_other_group):
            answer(version, person)
        item.state = "on"
        item.save()
    before = state()
    with pytest.raises(TransitionNotAllowed, match=words):
        confirm(item, coordinator)
    assert state() == before
    assert not Confirmation.objects.exists()
    if case != "agreed":
        page = client_for(coordinator).get(at("agenda_item_confirm", later_meeting, item.pk))
        assert words in page.text
        assert "Record that they were confirmed</button>" not in page.text


def test_confirming_when_comment_has_an_outcome_is_possible(coordinator, rep, version, item):
    with time_machine.travel(timezone.now() - timedelta(days=39)):
        said = comment(version, rep)
    settle_comment(comment=said, outcome="not_changed", reason="The tape says so.", by=coordinator)
    confirm(item, coordinator)
    assert state() == "agreed"


def test_confirming_when_it_is_the_minute_taker_is_theirs_too(
    client_for, rep, rep_of_other_group, version, later_meeting, item
):
    later_meeting.minute_taker = rep
    later_meeting.save()
    address = at("agenda_item_confirm", later_meeting, item.pk)
    assert client_for(rep_of_other_group).get(address).status_code == 403
    client_for(rep).post(address, {"words_said": "Everyone agreed"})
    assert Confirmation.objects.get().recorded_by == rep


def test_confirmed_when_somebody_says_not_yet_afterwards_is_open_until_they_are_heard(
    coordinator, rep, version, item
):
    confirm(item, coordinator)
    answer(version, rep, "not_yet")
    assert state() == "circulated"
    answer_not_yet(agreement=Agreement.objects.get(), outcome="The tape says so.", by=coordinator)
    assert state() == "agreed"


def test_confirmed_when_recorded_by_mistake_can_be_taken_back(
    client_for, coordinator, version, later_meeting, item
):
    confirm(item, coordinator)
    page = client_for(coordinator).post(
        at("agenda_item_confirm", later_meeting, item.pk), {"undo": "1"}, follow=True
    )
    assert "Taken back" in page.text
    assert state() == "circulated"
    assert not Confirmation.objects.exists()
    confirm(item, coordinator)
    publish(Minutes.objects.get(pk=version.minutes_id), by=coordinator)
    with pytest.raises(TransitionNotAllowed):
        take_back_confirmation(minutes=version.minutes, by=coordinator)


def test_stamp_when_parents_confirmed_names_no_day_of_theirs(client_for, coordinator, rep, staff):
    earlier = past_meeting(coordinator, rep, staff, days=50, audience="parents")
    version = circulated(earlier, "Said.", by=coordinator, days_ago=40)
    held = past_meeting(coordinator, rep, staff, days=2, audience="parents")
    confirm(put_on_agenda(meeting=held, minutes=version.minutes, by=coordinator), coordinator)
    publish(Minutes.objects.get(pk=version.minutes_id), by=coordinator)

    page = client_for(None).get(earlier.get_absolute_url())

    assert "Confirmed at a later parents’ meeting by those who were there" in page.text
    assert f"{held.date.day} {held.date:%B}" not in page.text.replace(
        f"{clocks.today().day} {clocks.today():%B}", ""
    )


# Not yet ------------------------------------------------------------------------------------------


def test_not_yet_when_said_is_read_by_the_coordinator_only_and_stands_on_today(
    client_for, coordinator, rep, officer, earlier, version
):
    answer(version, rep, "not_yet", reason="The sum in 1.1 is wrong")
    page = client_for(coordinator).get(at("minutes_draft", earlier))
    assert "Who said “not yet”" in page.text
    assert "The sum in 1.1 is wrong" in page.text
    assert rep.name in page.text
    assert "Answer 1 “not yet”" in client_for(coordinator).get(TODAY).text
    others = client_for(officer).get(at("minutes_draft", earlier)).text
    assert "The sum in 1.1 is wrong" not in others
    assert "1 person says not yet" in others


def test_not_yet_when_answered_is_told_shown_and_leaves_today(
    client_for, coordinator, rep, earlier, version
):
    answer(version, rep, "not_yet", reason="The sum is wrong")
    given = Agreement.objects.get()
    client = client_for(coordinator)
    address = at("not_yet_answer", earlier, given.pk)
    assert "The sum is wrong" in client.get(address).text
    assert "Write what you want to tell them" in client.post(address, {"outcome": ""}).text
    client.post(address, {"outcome": "The council sent that sum."})
    client.post(address, {"outcome": "The council sent that sum."})

    told = Message.objects.get(template="meetings/not_yet_answered")
    letter = outbox.write(told)
    assert len(letter.subject) <= 50
    assert "The council sent that sum." in letter.text
    assert "The council sent that sum." in client_for(rep).get(at("minutes_draft", earlier)).text
    assert "“not yet”" not in client.get(TODAY).text
    assert state() == "circulated"  # it stands until they change it
    assert AuditEvent.objects.filter(verb="answer_not_yet").count() == 1


def test_not_yet_when_they_say_fair_later_clears(
    client_for, coordinator, rep, officer, rep_of_other_group, earlier, version
):
    for person in (coordinator, officer, rep_of_other_group):
        answer(version, person)
    answer(version, rep, "not_yet")
    answer_not_yet(agreement=Agreement.objects.get(answer="not_yet"), outcome="So.", by=coordinator)
    assert state() == "circulated"
    answer(version, rep)
    assert state() == "agreed"
    given = Agreement.objects.get(invitation__person=rep)
    assert (given.outcome, given.outcome_at) == ("", None)


def test_not_yet_when_taken_back_leaves_nothing_said(
    client_for, coordinator, rep, officer, rep_of_other_group, earlier, version
):
    for person in (coordinator, officer, rep_of_other_group):
        answer(version, person)
    answer(version, rep, "not_yet")
    client = client_for(rep)
    form = {"do": "withdraw", "a-version": 1}
    page = client.post(at("minutes_answer", earlier), form, follow=True)
    assert page.status_code == 200
    # The others are half, but nobody of the first group has said yes.
    assert state() == "circulated"
    assert Agreement.objects.count() == 3
    assert AuditEvent.objects.filter(verb="withdraw_answer").count() == 1
    client.post(at("minutes_answer", earlier), form)
    assert AuditEvent.objects.filter(verb="withdraw_answer").count() == 1


def test_not_yet_when_its_person_has_said_fair_meanwhile_isnt_answered(
    client_for, coordinator, rep, earlier, version
):
    answer(version, rep, "not_yet")
    given = Agreement.objects.get()
    answer(version, rep)
    with pytest.raises(TransitionNotAllowed, match="changed their answer"):
        answer_not_yet(agreement=given, outcome="So.", by=coordinator)
    address = at("not_yet_answer", earlier, given.pk)
    assert client_for(coordinator).get(address).status_code == 404


# Part attendance (messy case 10) ------------------------------------------------------------------


def test_half_attendance_when_answering_is_for_the_items_they_were_there_for(
    client_for, coordinator, rep, officer
):
    meeting = past_meeting(coordinator, rep, officer, days=20)
    version = circulated(meeting, "One.", "Two.", "Three.", by=coordinator, days_ago=8)
    second = meeting.agenda_items.get(title="Item 2")
    meeting.invitations.get(person=rep).attendance.missed.add(second)

    page = client_for(rep).get(at("minutes_draft", meeting))
    assert "You were there for items 1 and 3, so you answer for the items" in page.text
    assert "1 person was there for a part, and answers for the items" in page.text
    message = Message.objects.get(person=rep, template="meetings/minutes_draft")
    assert "You were there for items 1 and 3" in outbox.write(message).text
    assert "for items 1 and 3" not in client_for(officer).get(at("minutes_draft", meeting)).text
    # Who came says “partly” now, so what went out has to be sent again; present they are.
    answer(version, rep)
    assert version.agreements.count() == 1


# The rule, said in one place ----------------------------------------------------------------------


def test_rule_when_it_is_read_anywhere_says_the_same(
    client_for, coordinator, rep, officer, rep_of_other_group, administrator, earlier, version
):
    words = (
        "Minutes are agreed when at least half of those who were there say that they are a fair "
        "record, one of them from each group that was there, nobody says not yet, comments have "
        "closed and each has an answer. Or when the next meeting confirms them."
    )
    message = Message.objects.get(person=rep, template="meetings/minutes_draft")
    assert words in outbox.write(message).text
    for person, address in (
        (administrator, reverse("members:forum_settings")),
        (rep, at("minutes_draft", earlier)),
        (coordinator, at("minutes_publish", earlier)),
        (None, reverse("members:about")),
    ):
        assert words in client_for(person).get(address).text, address
    for person in (coordinator, rep, officer, rep_of_other_group):
        answer(version, person)
    publish(Minutes.objects.get(pk=version.minutes_id), by=coordinator)
    assert words in client_for(None).get(earlier.get_absolute_url()).text
