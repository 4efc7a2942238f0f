"""A group has three seats, one of them for staff: what the pages say, and how a seat changes."""

import pytest

from members.models import Seat
from tests.factories.members import PersonFactory, SeatFactory
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


def test_a_fourth_seat_is_refused_in_words_and_an_ended_one_is_free_again(
    page, coordinator, group, rep, staff, signed_in, look
):
    signed_in(coordinator, on=page)
    page.goto(f"/groups/{group.slug}/")
    assert "2 of 3 seats taken" in words_of(page)
    follow(page, "Give a seat to somebody")
    look(page, "seat-add")
    typed = page.get_by_label("Or the name of somebody new")
    typed.fill("Imelda Strand")
    page.get_by_label("Its paid staff").check()
    press(page, "Give them the seat")
    assert "staff" in errors_of(page)
    assert typed.input_value() == "Imelda Strand"
    look(page, "seat-add-second-staff")
    page.get_by_label("A parent or carer").check()
    # Somebody else takes the last seat while this page is open.
    last = SeatFactory(group=group, person=PersonFactory(name="Robin Fenwick"))
    press(page, "Give them the seat")
    assert Seat.objects.current().filter(group=group).count() == 3
    assert "All seats of Larkmere Autism Families are taken" in words_of(page)
    assert typed.input_value() == "Imelda Strand", "what was typed is gone"
    look(page, "seat-add-full")

    follow(page, f"End the seat of {last.person.name}")
    look(page, "seat-end")
    press(page, "End")
    assert "It is free from now on." in words_of(page)
    follow(page, "Give a seat to somebody")
    typed.fill("Imelda Strand")
    press(page, "Give them the seat")
    assert "Imelda Strand has seat 3 of Larkmere Autism Families from today." in words_of(page)
    assert "Robin Fenwick" in words_of(page), "an ended seat stays in the history"
    look(page, "group-coordinator")


def test_somebody_without_email_is_added_and_kept_reachable(
    page_phone, coordinator, group, signed_in, look
):
    page = signed_in(coordinator, on=page_phone)
    page.goto("/people/new/")
    look(page, "person-add")
    page.get_by_label("Name", exact=True).fill("Peter Wragg")
    page.get_by_label("Which group do they sit for?").select_option(label=group.name)
    page.get_by_label("By letter").check()
    press(page, "Add this person")
    assert "Enter a postal address, or choose another way" in errors_of(page)
    look(page, "person-add-errors")
    page.get_by_label("Postal address").fill("4 Mill Row\nLarkmere")
    press(page, "Add this person")
    assert "Without their own e-mail address there’s no invitation." in words_of(page)
    page.goto("/people/")
    assert "Peter Wragg" in words_of(page)
    look(page, "people")


def test_an_invitation_leads_from_the_mail_to_todays_page(
    page, coordinator, group, signed_in, open_page, mailed, link_in, look
):
    from tests.journeys.test_sign_in import code_of, type_code

    desk = signed_in(coordinator)
    desk.goto(f"/groups/{group.slug}/seats/new/")
    desk.get_by_label("Or the name of somebody new").fill("Imelda Strand")
    desk.get_by_label("Their e-mail address").fill("Imelda@Larkmere.example")
    press(desk, "Give them the seat")
    person = Seat.objects.current().get(group=group).person

    page.goto(link_in(mailed(person)))
    assert words_of(page).startswith("Welcome, Imelda")
    look(page, "join")
    press(page, "Send me a code")
    type_code(page, code_of(mailed(person)))
    assert page.url.endswith("/today/")
    page.goto("/me/")
    assert group.name in words_of(page)
    look(page, "my-details")


def test_a_rep_changes_their_own_details_and_stays_hidden_from_the_public(
    page_phone, rep, group, signed_in, open_page, look
):
    page = signed_in(rep, on=page_phone)
    page.goto("/me/edit/")
    page.get_by_label("Your access needs").fill("Large print")
    page.get_by_label("Phone number").fill("no number")
    press(page, "Save my details")
    assert "phone number" in errors_of(page)
    assert page.get_by_label("Your access needs").input_value() == "Large print"
    look(page, "my-details-errors")
    page.get_by_label("Phone number").fill("01632 960 188")
    press(page, "Save my details")
    assert "Your details are saved." in words_of(page)

    public = open_page()
    public.goto(f"/groups/{group.slug}/")
    assert rep.name not in public.content()
    page.goto("/me/edit/")
    page.get_by_label("My first name").check()
    press(page, "Save my details")
    public.reload()
    assert rep.first_name in words_of(public)
    assert rep.name not in public.content()


def test_settings_are_changed_and_every_letter_says_so(
    page_phone, administrator, rep, signed_in, look, forum
):
    page = signed_in(administrator, on=page_phone)
    page.goto("/settings/")
    look(page, "settings")
    name = page.locator("main input[type=text]").first
    name.fill("")
    press(page, "Save the settings")
    errors_of(page)
    name.fill("Larkmere Carers’ Voice")
    press(page, "Save the settings")
    assert "The settings are saved." in words_of(page)
    assert "Larkmere Carers’ Voice" in page.title()
