"""Papers before a meeting, and what comes after: passing minutes on, following, the pack."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from meetings.models import Paper, PublicityStep
from tests.factories.meetings import AgendaItemFactory, coming_meeting, past_meeting
from tests.factories.published import published_minutes
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.meetings.reading_pdf import words_of as words_of_pdf

pytestmark = pytest.mark.django_db


def test_a_paper_is_added_read_on_a_phone_and_printed_with_the_rest(
    page_desktop, page_phone, coordinator, rep, signed_in, look
):
    sent = timezone.now() - timedelta(days=1)
    meeting = coming_meeting(coordinator, rep, title="Consortium", agenda_sent_at=sent)
    item = AgendaItemFactory(meeting=meeting, title="School transport")
    page = signed_in(coordinator, on=page_desktop)
    page.goto(f"{meeting.get_absolute_url()}agenda/")
    page.goto(page.locator(f"a[href$='papers/add/{item.pk}/']").get_attribute("href"))
    assert "will be marked as late" in words_of(page)
    look(page, "paper-add")
    page.get_by_label("Name of the paper").fill("Two times for the bus")
    page.get_by_label("The summary").fill("The bus can come at 8am or at 8:20am.")
    page.get_by_label("What do we ask").fill("Tell us which suits you.")
    press(page, "Save the paper")
    assert "Write the text, or give the address where it is" in errors_of(page)
    page.get_by_label("The whole text").fill("A longer story.\n\n* First\n* Second")
    press(page, "Save the paper")
    assert Paper.objects.get().title == "Two times for the bus"

    reader = signed_in(rep, on=page_phone)
    reader.goto(meeting.get_absolute_url())
    assert "Tell us which suits you." in words_of(reader)
    look(reader, "paper-on-page")
    follow(reader, "Two times for the bus")
    assert "Came late" in words_of(reader)
    assert reader.locator("main li").all_inner_texts() == ["First", "Second"]
    look(reader, "paper")
    reader.goto(f"{meeting.get_absolute_url()}pack/")
    assert "A longer story." in words_of(reader)
    look(reader, "pack")
    address = reader.get_by_role("link", name="As a PDF to print").get_attribute("href")
    assert "Two times for the bus" in words_of_pdf(reader.request.get(address).body())

    follow(page, "Two times for the bus")
    follow(page, "Take this paper away")
    look(page, "paper-remove")
    press(page, "Take it away")
    assert not Paper.objects.exists()


def test_published_minutes_are_passed_on_and_followed(
    page_desktop, page_no_script, coordinator, rep, officer, signed_in, look
):
    meeting = past_meeting(coordinator, rep, officer, days=20, title="Forum meeting with services")
    published_minutes(meeting, by=coordinator)
    page = signed_in(coordinator, on=page_desktop)
    page.goto(f"{meeting.get_absolute_url()}share/")
    look(page, "share-empty")
    follow(page, "Make the list")
    look(page, "channels-empty")
    follow(page, "Add the first place")
    look(page, "channel-add")
    press(page, "Save")
    assert "Enter what it is" in errors_of(page)
    page.get_by_label("What is it?").fill("Library noticeboard")
    press(page, "Save")
    look(page, "channels")
    page.goto(f"{meeting.get_absolute_url()}share/")
    assert "1 place still to tell." in words_of(page)
    look(page, "share")
    press(page, "I’ve done it")
    assert "Everywhere is done." in words_of(page)
    assert PublicityStep.objects.get().done_by == coordinator

    # Anybody follows without an account; somebody with one makes a calendar of their own.
    public = page_no_script
    public.goto("/meetings/follow/")
    assert "/meetings/calendar.ics" in words_of(public)
    assert "Your own calendar" not in words_of(public)
    look(public)
    signed_in(rep, on=public)
    public.goto("/meetings/follow/")
    press(public, "Make the address of my calendar")
    address = urlsplit(public.locator("#made ~ .pcf-copy").inner_text()).path
    feed = public.request.get(address)
    assert feed.ok
    assert "BEGIN:VCALENDAR" in feed.text()
    look(public)
    public.goto("/meetings/follow/")
    assert address not in public.content(), "the address is shown twice"
    press(public, "End it")
    assert public.request.get(address).status == 404
