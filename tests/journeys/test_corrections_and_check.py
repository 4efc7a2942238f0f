"""A mistake in published minutes is put right in the open, and copies can be checked."""

import pytest

from meetings.models import Correction
from tests.factories.meetings import past_meeting
from tests.factories.published import published_minutes
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db

WRONG, RIGHT = "The drivers’ training is in March.", "The drivers’ training is in May."
NOTE = "The month was misheard."


def test_a_mistake_is_put_right_and_every_copy_can_be_checked(
    page_desktop, page_no_script, coordinator, rep, officer, signed_in, look
):
    meeting = past_meeting(coordinator, rep, officer, days=20, title="Forum meeting with services")
    published_minutes(meeting, by=coordinator, items=[("School transport", WRONG)])
    reader = page_no_script
    reader.goto(meeting.get_absolute_url())
    address = reader.get_by_role("link", name="Read the minutes as PDF").get_attribute("href")
    first = reader.request.get(address).body()

    page = signed_in(coordinator, on=page_desktop)
    page.goto(f"{meeting.get_absolute_url()}minutes/correct/")
    look(page, "corrections")
    follow(page, "Put right: 1.1")
    look(page, "correct")
    page.get_by_label("What it should say").fill(RIGHT)
    press(page, "See what everyone will read")
    assert "Say what everyone reads about it" in errors_of(page)
    page.get_by_label("What everyone reads about it").fill(NOTE)
    page.get_by_label("Who agreed to it, and when").fill("Those who were there, by e-mail")
    page.get_by_label("No child can be recognised").check()
    press(page, "See what everyone will read")
    said = words_of(page)
    assert WRONG in said
    assert RIGHT in said
    look(page, "correct-preview")
    assert not Correction.objects.exists(), "looking at it made a version"
    press(page, "Make version 2 for everyone")
    assert "Version 2 is what everyone reads now" in words_of(page)

    reader.reload()
    said = words_of(reader)
    assert NOTE in said
    assert RIGHT in said
    assert WRONG not in said
    look(reader)
    follow(reader, "version 1", exact=True)
    assert reader.locator("h1").inner_text() == "Version 1 of the minutes"
    assert WRONG in words_of(reader)
    look(reader)

    reader.goto(meeting.get_absolute_url())
    address = reader.get_by_role("link", name="Read the minutes as PDF").get_attribute("href")
    second = reader.request.get(address).body()
    for name, body, answer in (
        ("new.pdf", second, "Yes, this is the agreed record"),
        ("old.pdf", first, "This is an earlier version, corrected since"),
        ("other.pdf", second + b" ", "We don’t know this"),
    ):
        reader.goto("/check/")
        file = {"name": name, "mimeType": "application/pdf", "buffer": body}
        reader.get_by_label("PDF").set_input_files(file)
        press(reader, "Check it")
        assert reader.locator("#answer").inner_text().strip() == answer
        look(reader)
    page.goto("/check/")
    look(page, "check")
    press(page, "Check it")
    assert "Choose a PDF, or type a fingerprint" in errors_of(page)
    page.get_by_label("ingerprint").fill("abc")
    press(page, "Check it")
    assert "64 letters" in errors_of(page)
    look(page, "check-error")
