"""Numbers in addresses and hidden fields that are none: refused or passed over, never a 500."""

import pytest
from django.urls import reverse

from coprod import links
from tests.factories.meetings import AgendaItemFactory, SeriesFactory, coming_meeting, past_meeting
from tests.factories.minutes import circulated

#: Signs that count as digits and are no number, and more digits than a row number has.
NO_NUMBERS = ["²", "1²", "-1", "x", "9" * 30, "9" * 5000]


@pytest.mark.parametrize("number", NO_NUMBERS)
@pytest.mark.parametrize("name", ["plan_pattern", "meeting_add"])
def test_series_when_no_number_is_refused_or_none(client_for, coordinator, name, number):
    page = client_for(coordinator).get(reverse(f"meetings:{name}"), {"series": number})

    assert page.status_code == (404 if name == "plan_pattern" else 200)


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_draft_by_link_when_sent_is_no_number_is_just_the_page(coordinator, rep, client, number):
    meeting = past_meeting(coordinator, rep)
    circulated(meeting, "More.", by=coordinator)
    token = links.make("draft", person=rep, about=meeting.invitations.get(person=rep).pk)

    page = client.get(reverse("meetings:minutes_draft_by_link", args=[token]), {"sent": number})

    assert page.status_code == 200


@pytest.mark.parametrize("code", [*NO_NUMBERS, "1.officer.²"])
def test_invitee_when_no_number_is_left_out(client_for, coordinator, rep, code):
    address = reverse("meetings:meeting_people", args=[coming_meeting(rep).slug])

    assert client_for(coordinator).get(address, {"extra": code}).status_code == 200


@pytest.mark.parametrize("times", NO_NUMBERS)
def test_agenda_when_times_is_no_number_is_not_sent(client_for, coordinator, rep, times):
    meeting = coming_meeting(rep)
    AgendaItemFactory(meeting=meeting)

    client_for(coordinator).post(
        reverse("meetings:agenda_send", args=[meeting.slug]), {"times": times}
    )

    meeting.refresh_from_db()
    assert meeting.agenda_sent_at is None


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_closed_days_when_no_number_are_not_found(client_for, coordinator, number):
    address = reverse("meetings:plan_dates", args=[SeriesFactory().pk])

    page = client_for(coordinator).post(address, {"open": number})

    assert page.status_code == 302
