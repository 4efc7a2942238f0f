"""Ticking who is there, standing in the room with a phone."""

import pytest
from django.utils import timezone

from meetings.models import Attendance, Invitation
from tests.factories.meetings import coming_meeting, past_meeting, reply
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(rep, staff, officer, person_without_email, rep_of_other_group, coordinator):
    """A meeting of today with everybody invited; one of them has replied."""
    people = (rep, staff, officer, person_without_email, rep_of_other_group, coordinator)
    meeting = coming_meeting(*people, days=0, title="Forum meeting with services", format="both")
    reply(meeting.invitations.get(person=rep), "online")
    return meeting


def tick(page, person, how):
    page.get_by_role("group", name=person.name).get_by_label(how).check()


def there():
    return dict(Attendance.objects.values_list("invitation__person__name", "how"))


def test_people_are_ticked_and_the_share_of_parents_follows(
    page, today, coordinator, rep, officer, rep_of_other_group, signed_in, look
):
    signed_in(coordinator, on=page)
    page.goto(f"/meetings/{today.slug}/attendance/")
    assert "Nobody is ticked yet" in words_of(page)
    tick(page, rep, "Online")
    tick(page, officer, "In the room")
    if page.has_script:
        assert page.locator("#share-words").inner_text() == "Parents 1 of 2 (50%), not saved yet"
    look(page, "attendance-ticking")
    press(page, "Save who is there")
    assert "Saved for 2 people. Parents 1 of 2 (50%)." in words_of(page)
    assert there() == {rep.name: "online", officer.name: "room"}

    tick(page, rep_of_other_group, "In the room")
    tick(page, rep, "Not there")
    press(page, "Save who is there")
    assert there() == {officer.name: "room", rep_of_other_group.name: "room"}
    look(page, "attendance-saved")


def test_somebody_who_was_not_on_the_list_is_added(
    page_phone, today, coordinator, group, signed_in, look
):
    page = signed_in(coordinator, on=page_phone)
    page.goto(f"/meetings/{today.slug}/attendance/")
    follow(page, "Add somebody who isn’t on the list")
    press(page, "Add them")
    assert "Choose somebody, or write a new name" in errors_of(page)
    look(page, "latecomer-errors")
    page.get_by_label("Their name, if they are new").fill("Imelda Strand")
    page.get_by_label("Parent or carer").check()
    page.get_by_label("For which group?").select_option(label=group.name)
    press(page, "Add them")
    assert "Imelda Strand is added and ticked." in words_of(page)
    assert there() == {"Imelda Strand": "room"}


def test_two_phones_that_save_at_once_keep_both(
    today, coordinator, rep, officer, administrator, signed_in
):
    one, two = signed_in(coordinator), signed_in(coordinator)
    for page in (one, two):
        page.goto(f"/meetings/{today.slug}/attendance/")
    tick(one, rep, "In the room")
    press(one, "Save who is there")
    tick(two, officer, "In the room")
    press(two, "Save who is there")
    assert there() == {rep.name: "room", officer.name: "room"}


def test_every_target_is_large_enough_for_a_thumb(page_phone, today, coordinator, signed_in):
    page = signed_in(coordinator, on=page_phone)
    page.goto(f"/meetings/{today.slug}/attendance/")
    small = page.evaluate(
        """[...document.querySelectorAll("main label, main button, main .pcf-tap")]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 48)
        .map(e => e.textContent + " " + e.getBoundingClientRect().height)"""
    )
    assert small == []


def test_before_its_day_nobody_can_be_ticked(page_phone, coordinator, rep, signed_in, look):
    meeting = coming_meeting(rep, days=3)
    page = signed_in(coordinator, on=page_phone)
    page.goto(f"/meetings/{meeting.slug}/attendance/")
    assert page.get_by_role("button", name="Save who is there").count() == 0
    assert "From the day of the meeting" in words_of(page)
    look(page, "attendance-not-yet")


def test_the_sign_in_sheet_prints_without_the_frame(
    page_desktop, today, coordinator, signed_in, look
):
    page = signed_in(coordinator, on=page_desktop)
    page.goto(f"/meetings/{today.slug}/sign-in-sheet/")
    look(page, "sign-in-sheet")
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    assert page.get_by_text("Nadia Karim").first.is_visible()


def test_rows_of_the_past_stay_as_they_were_invited(coordinator, rep, group, page_phone, signed_in):
    """A group that somebody has left since stays the group that they came for."""
    meeting = past_meeting(rep)
    seat = rep.seats.get()
    seat.ended_at, seat.ended_by = timezone.now(), coordinator
    seat.save()
    page = signed_in(coordinator, on=page_phone)
    page.goto(f"/meetings/{meeting.slug}/attendance/")
    assert group.name in words_of(page)
    assert Invitation.objects.get(meeting=meeting).group == group
