"""What comes back to the next agenda by itself, and marking actions as done."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from meetings.models import ActionItem, AgendaItem
from meetings.services.carrying import OPEN_TITLE, bring_back, bring_back_when_due
from tests.factories.meetings import AgendaItemFactory, MeetingFactory, coming_meeting, past_meeting
from tests.factories.minutes import circulated


@pytest.fixture
def held(coordinator, rep):
    """Held ten days ago: one item written with an action, one not reached."""
    meeting = past_meeting(coordinator, rep, days=10)
    circulated(meeting, by=coordinator)
    AgendaItemFactory(meeting=meeting, title="Not reached", position=9)
    return meeting


@pytest.fixture
def coming(held, rep):
    return coming_meeting(rep, days=12)


def titles(meeting):
    return list(meeting.agenda_items.on().values_list("title", flat=True))


def test_agenda_when_things_were_left_open_gets_them_once(coming):
    assert bring_back(meeting=coming) == 2
    assert bring_back(meeting=coming) == 0
    assert [t for t in titles(coming) if "Confirm" not in t] == ["Not reached", OPEN_TITLE]
    carried = coming.agenda_items.get(title="Not reached")
    assert carried.kind == AgendaItem.Kind.CARRIED
    assert "Hester to ring the council" in coming.agenda_items.get(title=OPEN_TITLE).note


def test_agenda_when_all_is_done_gets_no_list(coming):
    ActionItem.objects.update(done_at=timezone.now())
    bring_back(meeting=coming)
    assert titles(coming) == ["Not reached"]


def test_item_when_taken_off_again_stays_off(coming):
    bring_back(meeting=coming)
    coming.agenda_items.update(state=AgendaItem.State.OFF)
    assert bring_back(meeting=coming) == 0
    assert titles(coming) == []


def test_item_when_private_comes_back_private(held, coming):
    held.agenda_items.filter(title="Not reached").update(
        is_private=True, private_reason="One family"
    )
    bring_back(meeting=coming)
    assert coming.agenda_items.get(title="Not reached").is_private


def test_action_when_private_never_comes_back(coordinator, rep):
    meeting = past_meeting(coordinator, rep, days=10)
    version = circulated(meeting, "Action: Hester to ring the Wildcanary family", by=coordinator)
    version.public["items"][0]["paragraphs"][0] |= {"private": True, "text": ""}
    type(version).objects.filter(pk=version.pk).delete()
    version.pk, version._state.adding = None, True
    version.save()
    coming = coming_meeting(rep, days=12)
    bring_back(meeting=coming)
    assert "Wildcanary" not in str(list(coming.agenda_items.values()))


@pytest.mark.parametrize("audience", ["parents", "open"])
def test_things_when_other_people_meet_stay_away(held, rep, audience):
    other = coming_meeting(rep, days=12, audience=audience)
    assert bring_back(meeting=other) == 0


@pytest.mark.parametrize("what", ["sent", "cancelled", "begun"])
def test_agenda_when_it_is_too_late_stays_as_it_is(coming, what):
    if what == "sent":
        coming.agenda_sent_at = timezone.now()
    elif what == "cancelled":
        coming.cancelled_at, coming.cancelled_reason = timezone.now(), "Snow"
    else:
        coming.date -= timedelta(days=13)
    coming.save()
    assert bring_back(meeting=coming) == 0


def test_job_when_run_daily_waits_until_two_weeks_before_the_agenda(held, rep):
    coming = coming_meeting(rep, days=30)
    bring_back_when_due()
    assert titles(coming) == []
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        bring_back_when_due()
        bring_back_when_due()
    assert [t for t in titles(coming) if "Confirm" not in t] == ["Not reached", OPEN_TITLE]


def test_note_when_there_are_many_actions_stays_within_its_limit(coordinator, rep):
    text = "\n\n".join(f"Action: Number {n} {'word ' * 20}by 2 October" for n in range(40))
    circulated(past_meeting(coordinator, rep, days=10), text, by=coordinator)
    coming = coming_meeting(rep, days=12)
    bring_back(meeting=coming)
    note = coming.agenda_items.get(title=OPEN_TITLE).note
    assert len(note) <= 1200
    assert note.endswith("And more: see the minutes.")


# Actions ------------------------------------------------------------------------------------------


def test_action_when_marked_done_leaves_the_list_and_can_come_back(client_for, coordinator, held):
    client = client_for(coordinator)
    action = ActionItem.objects.get()
    page = reverse("meetings:action_list")
    assert "Hester to ring the council" in client.get(page).content.decode()
    client.post(reverse("meetings:action_finish", args=[action.pk]), {"do": "done"})
    assert ActionItem.objects.get().done_by == coordinator
    assert "Nothing is open" in client.get(page).content.decode()
    client.post(reverse("meetings:action_finish", args=[action.pk]), {"do": "undo"})
    assert ActionItem.objects.get().done_at is None


def test_action_when_its_draft_is_not_sent_is_on_no_list(client_for, coordinator, rep):
    from tests.factories.minutes import written

    written(past_meeting(coordinator, rep, days=3), by=coordinator)
    page = client_for(coordinator).get(reverse("meetings:action_list")).content.decode()
    assert "Hester" not in page.replace("Hester Quayle", "")


@pytest.mark.parametrize("count", [3, 60])
def test_list_when_it_grows_costs_the_same_questions(
    client_for, coordinator, rep, count, django_assert_max_num_queries
):
    text = "\n\n".join(f"Action: Number {n} by 2 October" for n in range(count))
    circulated(past_meeting(coordinator, rep, days=10), text, by=coordinator)
    client = client_for(coordinator)
    with django_assert_max_num_queries(9):
        client.get(reverse("meetings:action_list"))
    assert MeetingFactory._meta.model.objects.count() == 1


def test_list_when_somebody_renames_it_does_not_come_twice(coming):
    bring_back(meeting=coming)
    coming.agenda_items.filter(title=OPEN_TITLE).update(title="Who did what")
    assert bring_back(meeting=coming) == 0
    assert "Who did what" in titles(coming)
    assert OPEN_TITLE not in titles(coming)
