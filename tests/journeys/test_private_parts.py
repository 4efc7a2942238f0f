"""What is private: an item that only named people read, and meetings that are for parents only."""

import pytest
from django.utils import timezone

from tests.factories.meetings import AgendaItemFactory, coming_meeting
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db


def test_only_the_people_who_are_named_read_an_item(
    page_desktop, page_phone, page_no_script, coordinator, rep, rep_of_other_group, signed_in, look
):
    meeting = coming_meeting(coordinator, rep, rep_of_other_group, agenda_sent_at=timezone.now())
    AgendaItemFactory(meeting=meeting, title="School transport")
    item = AgendaItemFactory(
        meeting=meeting, title="A tribunal", is_private=True, private_reason="It names a hearing"
    )
    page = signed_in(coordinator, on=page_desktop)
    page.goto(f"{meeting.get_absolute_url()}agenda/{item.pk}/")
    look(page, "item-private")
    follow(page, "Change who may read it")
    look(page, "readers")
    page.get_by_label("Only people I name").check()
    press(page, "Save who may read it")
    assert "Choose at least one person" in errors_of(page)
    page.get_by_role("checkbox", name=rep.name).check()
    press(page, "Save who may read it")
    assert "It holds from now on, everywhere." in words_of(page)
    look(page, "agenda-readers")

    named = signed_in(rep, on=page_phone)
    named.goto(meeting.get_absolute_url())
    assert "A tribunal" in words_of(named)
    look(named, "item-for-named")
    other = signed_in(rep_of_other_group, on=page_no_script)
    other.goto(meeting.get_absolute_url())
    said = words_of(other)
    assert "A tribunal" not in said
    assert "It names a hearing" in said
    look(other)


def test_a_meeting_for_parents_only_isn_t_there_for_others(
    page_phone, page_no_script, coordinator, rep, officer, signed_in, look
):
    sent = {"title": "Parents’ circle", "agenda_sent_at": timezone.now()}
    meeting = coming_meeting(coordinator, rep, audience="parents", **sent)
    item = AgendaItemFactory(meeting=meeting, title="What we ask the council")
    own = signed_in(rep, on=page_phone)
    own.goto(meeting.get_absolute_url())
    assert item.title in words_of(own)
    look(own, "parents-only")
    page = signed_in(officer, on=page_no_script)
    for more in ("", "agenda/", "reply/", "pack/", "calendar.ics"):
        assert page.goto(f"{meeting.get_absolute_url()}{more}").status == 404, more
        assert meeting.title not in page.content()
    look(page)
    page.goto("/meetings/")
    assert meeting.title not in page.content()
