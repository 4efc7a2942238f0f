"""A tired parent asks her money back on a phone, in four screens and under two minutes.

The time is counted, not measured: a person types 200 characters a minute on a phone, needs a
second and a half to find and use a control, and three seconds to take in a page.
"""

import re
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

from coprod.models import Message
from expenses.models import BankDetails, Claim
from tests.factories.meetings import past_meeting
from tests.factories.money import ClaimFactory, PolicyFactory
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.journeys.conftest import ON_PHONE

pytestmark = pytest.mark.django_db

NORTH, WEST = (53.0, 33.0, 12.0), (1.0, 28.0, 45.0)


@dataclass
class Thumb:
    """Somebody's thumb: counts what it does, and how long a person needs for that."""

    page: object
    pages: int = 1
    controls: int = 0
    characters: int = 0

    def write(self, label, text):
        self.page.get_by_label(label).fill(text)
        self.controls += 1
        self.characters += len(text)

    def choose(self, label):
        self.page.get_by_label(label, exact=True).check()
        self.controls += 1

    def photo(self, path):
        """Open the pictures, and choose one."""
        self.page.locator("input[type=file]").set_input_files(path)
        self.controls += 2

    def go(self, button):
        press(self.page, button)
        self.controls += 1
        self.pages += 1

    @property
    def counted(self):
        return {"pages": self.pages, "controls": self.controls, "characters": self.characters}

    @property
    def seconds(self):
        return self.characters / 200 * 60 + self.controls * 1.5 + self.pages * 3


@pytest.fixture
def ticket(tmp_path):
    """A phone's photo of a car park ticket, which says where and with what it was taken."""
    picture = Image.new("RGB", (1512, 2016), "#7a6a58")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((330, 260, 1180, 1700), fill="white")
    draw.text((420, 420), "KILN LANE CAR PARK", fill="black", font_size=60)
    draw.text((420, 640), "10 Nov  09:48", fill="black", font_size=60)
    draw.text((420, 900), "PAID  £3.20", fill="black", font_size=90)
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Invented Phones", "Model 7", 6
    exif[0x8825] = {1: "N", 2: NORTH, 3: "W", 4: WEST, 29: "2026:11:10"}
    path = tmp_path / "IMG_20261110_094812.jpg"
    picture.save(path, "JPEG", quality=88, exif=exif)
    with Image.open(path) as written:
        assert written.getexif().get_ifd(0x8825)[1] == "N"
    return path


@pytest.fixture
def meeting(forum, rep, coordinator, treasurer):
    PolicyFactory(begins_on=date(2020, 4, 6))
    BankDetails.objects.create(person=rep, sealed="sealed", last_digits="4321")
    return past_meeting(rep, title="Parents’ meeting", place="Kiln Lane Rooms", days=4)


def stored(receipt):
    """The file as it is kept, byte by byte."""
    with default_storage.open(receipt.path) as opened:
        return opened.read()


def no_trace_of_the_camera(data):
    kept = Image.open(BytesIO(data))
    assert dict(kept.getexif()) == {}
    assert kept.getexif().get_ifd(0x8825) == {}
    for trace in (b"Exif", b"GPS", b"Invented Phones", b"Model 7", b"2026:11:10"):
        assert trace not in data
    return kept


def test_parent_with_a_photo_is_done_within_two_minutes(
    page, meeting, rep, treasurer, ticket, signed_in, look
):
    signed_in(rep, on=page)
    page.goto("/money-back/")
    assert "You were there." in words_of(page)
    look(page, "claim-1-list")
    thumb = Thumb(page)
    thumb.go("Ask your money back")
    assert "step 1 of 4" in words_of(page)
    look(page, "claim-2-photo")
    thumb.photo(ticket)
    thumb.go("Go on to travel")
    look(page, "claim-3-travel-empty")
    thumb.choose("My own car or van")
    thumb.write("Miles there and back", "12")
    thumb.write("Parking or tolls, if you paid", "3.20")
    if page.has_script:
        page.get_by_text("£9.80 so far").wait_for()
        assert "12 miles at 55p, and £3.20 to park" in page.locator("#sum").inner_text()
    look(page, "claim-3-travel")
    thumb.go("Go on to childcare")
    assert "£9.80 so far" in words_of(page)
    look(page, "claim-4-costs")
    thumb.go("Go on to check it")
    words = words_of(page)
    for part in ("£6.60", "12 miles at 55p", "£3.20", "Receipt 1", "account ending 4321"):
        assert part in words
    look(page, "claim-5-check")
    thumb.choose("I spent this, and nobody else pays it back to me")
    thumb.go("Send my claim for £9.80")
    claim = Claim.objects.get()
    assert "We have your claim" in words_of(page)
    assert claim.reference in words_of(page)
    look(page, "claim-6-sent")

    print(f"with a photo: {thumb.counted}, {thumb.seconds:.0f} s")
    assert thumb.counted == {"pages": 6, "controls": 11, "characters": 6}
    assert thumb.seconds < 120
    assert (claim.state, claim.total) == ("submitted", 980)
    kept = no_trace_of_the_camera(stored(claim.receipts.get()))
    assert kept.height < kept.width, "turned as the camera said, since that is gone as well"
    letter = Message.objects.get(person=rep)
    assert letter.template == "expenses/claim_received"
    assert Message.objects.filter(person=treasurer).exists()


def test_second_time_what_was_put_last_time_stands_there(
    page, meeting, rep, ticket, signed_in, look
):
    ClaimFactory(person=rep, state="paid", on=date(2026, 5, 3))
    signed_in(rep, on=page)
    page.goto("/money-back/")
    thumb = Thumb(page)
    thumb.go("Ask your money back")
    thumb.photo(ticket)
    thumb.go("Go on to travel")
    assert "Last time you put 12." in words_of(page)
    thumb.write("Parking or tolls, if you paid", "3.20")
    look(page, "claim-again-travel")
    thumb.go("Go on to childcare")
    thumb.go("Go on to check it")
    thumb.choose("I spent this, and nobody else pays it back to me")
    thumb.go("Send my claim for £9.80")
    print(f"second time: {thumb.counted}, {thumb.seconds:.0f} s")
    assert thumb.counted == {"pages": 6, "controls": 9, "characters": 4}


def test_parent_without_a_receipt_gives_a_reason(page, meeting, rep, signed_in, look):
    signed_in(rep, on=page)
    page.goto("/money-back/")
    thumb = Thumb(page)
    thumb.go("Ask your money back")
    page.get_by_label("I have no receipt for something I paid").check()
    press(page, "Go on to travel")
    assert "Say why there is no receipt" in errors_of(page)
    look(page, "claim-photo-error")
    thumb.controls += 1
    thumb.write("Why is there none?", "The machine was broken")
    thumb.go("Go on to travel")
    thumb.choose("My own car or van")
    thumb.write("Miles there and back", "12")
    thumb.write("Parking or tolls, if you paid", "3.20")
    thumb.go("Go on to childcare")
    thumb.go("Go on to check it")
    assert "The machine was broken" in words_of(page)
    look(page, "claim-check-no-receipt")
    thumb.choose("I spent this, and nobody else pays it back to me")
    thumb.go("Send my claim for £9.80")
    print(f"without a receipt: {thumb.counted}, {thumb.seconds:.0f} s")
    assert thumb.counted == {"pages": 6, "controls": 11, "characters": 28}
    assert thumb.seconds < 120
    lines = {line.kind: line.no_receipt for line in Claim.objects.get().lines.all()}
    assert lines == {"car": "", "parking": "The machine was broken"}


def test_parent_with_childcare_opens_what_she_paid_for(page, meeting, rep, signed_in, look):
    signed_in(rep, on=page)
    page.goto("/money-back/")
    press(page, "Ask your money back")
    press(page, "Go on to travel")
    page.get_by_label("Taxi", exact=True).check()
    assert not page.get_by_label("Miles there and back").is_visible()
    page.get_by_label("What it cost, there and back").fill("eight")
    press(page, "Go on to childcare")
    errors = errors_of(page)
    assert "What it cost, there and back: enter a sum in pounds" in errors
    assert "Say why it had to be a taxi" in errors
    look(page, "claim-travel-error")
    assert page.get_by_label("What it cost, there and back").input_value() == "eight"
    page.get_by_label("What it cost, there and back").fill("8")
    page.get_by_label("Why a taxi?").fill("No bus that early")
    press(page, "Go on to childcare")
    page.get_by_text("Childcare", exact=True).click()
    page.get_by_label("Hours of childcare").fill("3")
    press(page, "Go on to check it")
    assert "Enter what the childcare cost" in errors_of(page)
    page.get_by_label("What the childcare cost").fill("40")
    look(page, "claim-costs-open")
    press(page, "Go on to check it")
    words = words_of(page)
    assert "£40 asked, at most £10 an hour for 3 hours" in words
    assert "Why is there no receipt?" in words
    look(page, "claim-check-childcare")
    press(page, "Send my claim for £38")
    assert "Say why there is no receipt, or add a photo of it" in errors_of(page)
    look(page, "claim-check-error")


def test_nothing_is_lost_by_back_reload_or_another_device(page, meeting, rep, signed_in, look):
    signed_in(rep, on=page)
    page.goto("/money-back/")
    press(page, "Ask your money back")
    press(page, "Go on to travel")
    page.get_by_label("My own car or van", exact=True).check()
    page.get_by_label("Miles there and back").fill("twelve")
    press(page, "Keep it and finish later")
    assert "is kept. Go on whenever you like." in words_of(page)
    look(page, "claim-list-draft")
    other = signed_in(rep, **ON_PHONE)
    other.goto("/money-back/")
    follow(other, "Parents’ meeting")
    assert "Enter miles as a number" in errors_of(other)
    assert other.get_by_label("Miles there and back").input_value() == "twelve"
    other.get_by_label("Miles there and back").fill("12")
    press(other, "Go on to childcare")
    with other.expect_navigation():
        other.go_back()
    assert other.get_by_label("Miles there and back").input_value() == "12"
    other.reload()
    assert other.get_by_label("Miles there and back").input_value() == "12"


def test_words_typed_without_a_connection_are_offered_after(meeting, rep, signed_in, look):
    page = signed_in(rep, **ON_PHONE)
    page.has_script = True
    page.goto("/money-back/")
    press(page, "Ask your money back")
    press(page, "Go on to travel")
    page.context.set_offline(True)
    page.get_by_label("My own car or van", exact=True).check()
    page.get_by_label("Miles there and back").fill("12")
    page.get_by_role("button", name="Go on to childcare").click()
    page.get_by_text("There’s no connection.").wait_for()
    page.context.set_offline(False)
    page.reload()
    note = page.get_by_role("region", name="Words kept on this device")
    note.wait_for()
    look(page, "claim-kept")
    note.get_by_role("button", name="Use them").click()
    assert page.get_by_label("Miles there and back").input_value() == "12"
    press(page, "Go on to childcare")
    assert Claim.objects.get().total == 660


def test_photo_is_not_sent_into_a_dead_line(meeting, rep, ticket, signed_in, look):
    page = signed_in(rep, **ON_PHONE)
    page.has_script = True
    page.goto("/money-back/")
    press(page, "Ask your money back")
    page.context.set_offline(True)
    page.locator("input[type=file]").set_input_files(ticket)
    page.get_by_role("button", name="Go on to travel").click()
    page.get_by_text("Your photo isn’t lost").wait_for()
    assert page.locator("input[type=file]").evaluate("box => box.files.length") == 1
    page.context.set_offline(False)
    look(page, "claim-photo-offline")
    press(page, "Go on to travel")
    assert "1 receipt added." in words_of(page)
    assert Claim.objects.get().receipts.count() == 1


def test_what_was_sent_is_changed_and_sent_again(page, meeting, rep, ticket, signed_in, look):
    signed_in(rep, on=page)
    page.goto("/money-back/")
    press(page, "Ask your money back")
    page.locator("input[type=file]").set_input_files(ticket)
    press(page, "Go on to travel")
    page.get_by_label("Bus, train or tram", exact=True).check()
    page.get_by_label("What it cost, there and back").fill("4.50")
    press(page, "Go on to childcare")
    press(page, "Go on to check it")
    page.get_by_label("By cheque, in the post").check()
    page.get_by_label("I spent this, and nobody else").check()
    press(page, "Send my claim for £4.50")
    follow(page, "Something is wrong: change it")
    look(page, "claim-edit")
    press(page, "Change this claim")
    follow(page, re.compile("Change bus, train"))
    page.get_by_label("What it cost, there and back").fill("5.40")
    press(page, "Go on to childcare")
    page.get_by_label("I spent this, and nobody else").check()
    press(page, "Send my claim for £5.40")
    claim = Claim.objects.get()
    assert (claim.state, claim.total, claim.pay_by) == ("submitted", 540, "cheque")
    page.goto("/money-back/")
    look(page, "claim-list-sent")
    assert "Day 0 of 14" in words_of(page)
