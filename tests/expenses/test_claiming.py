"""The pages of a claim over HTTP: nothing typed is lost, each page says what is wrong."""

import re
import uuid
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from coprod import clocks
from expenses.models import Claim, Line, MilesElsewhere, Policy
from tests.factories.meetings import invite, past_meeting, reply
from tests.factories.members import PersonFactory
from tests.factories.money import ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db

LIST = "/money-back/"


def photo(name="ticket.jpg", size=(60, 80)):
    data = BytesIO()
    Image.new("RGB", size, "white").save(data, "JPEG")
    return SimpleUploadedFile(name, data.getvalue(), "image/jpeg")


@pytest.fixture
def policy(forum):
    return PolicyFactory(begins_on=date(2020, 4, 6))


@pytest.fixture
def meeting(rep):
    return past_meeting(rep, title="Parents’ meeting", place="Kiln Lane Rooms", days=4)


@pytest.fixture
def client(client_for, rep):
    return client_for(rep)


@pytest.fixture
def claim(policy, meeting, client):
    client.post("/money-back/new/", {"key": uuid.uuid4(), "meeting": meeting.pk})
    return Claim.objects.get()


def at(claim, page):
    return reverse(f"expenses:claim_{page}", args=[claim.pk])


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


def test_list_when_somebody_was_there_then_offers_the_meeting_once(policy, meeting, client, rep):
    said_yes = past_meeting(title="Working group", days=9)
    reply(invite(said_yes, rep))
    past_meeting(title="Not there", days=3, absent=[rep])
    text = words(client.get(LIST))
    assert "Parents’ meeting" in text
    assert "You were there." in text
    assert "You said you would be there." in text
    assert "Not there" not in text
    client.post("/money-back/new/", {"key": uuid.uuid4(), "meeting": meeting.pk})
    page = client.get(LIST).content.decode()
    assert f'name="meeting" value="{meeting.pk}"' not in page
    assert f'name="meeting" value="{said_yes.pk}"' in page
    assert "Go on with what you began" in page


def test_list_when_a_meeting_is_long_ago_then_still_offered_and_marked(policy, client, rep):
    past_meeting(rep, title="Long ago", days=120)
    text = words(client.get(LIST))
    assert "Long ago" in text
    assert "more than 90 days ago" in text


def test_list_when_no_rates_are_agreed_then_says_so(client, rep, forum):
    past_meeting(rep, days=3)
    text = words(client.get(LIST))
    assert "The forum hasn’t agreed its rates yet" in text


def test_begin_when_pressed_twice_then_one_draft(policy, meeting, client):
    key = uuid.uuid4()
    for _ in range(2):
        client.post("/money-back/new/", {"key": key, "meeting": meeting.pk})
    client.post("/money-back/new/", {"key": uuid.uuid4(), "meeting": meeting.pk})
    assert Claim.objects.count() == 1
    for _ in range(2):
        other = {"key": key, "occasion": "Training day", "on": "3 May 2026"}
        other["key"] = uuid.UUID(int=7)
        client.post("/money-back/new/", other)
    assert Claim.objects.count() == 2


def test_begin_when_the_meeting_is_not_theirs_then_not_found(policy, client, rep_of_other_group):
    other = past_meeting(rep_of_other_group, days=3)
    for pk in (other.pk, "x", "9" * 40):
        answer = client.post("/money-back/new/", {"key": uuid.uuid4(), "meeting": pk})
        assert answer.status_code == 404
    assert Claim.objects.count() == 0


def test_begin_when_the_day_lies_ahead_then_refused_in_words(policy, client):
    ahead = clocks.today() + timedelta(days=3)
    answer = client.post("/money-back/new/", {"occasion": "Training", "on": ahead.isoformat()})
    assert "this day lies ahead" in words(answer)
    assert Claim.objects.count() == 0


def test_begin_when_asked_for_already_then_leads_there(policy, meeting, client, rep):
    sent = ClaimFactory(person=rep, meeting=meeting, state="submitted")
    answer = client.post("/money-back/new/", {"key": uuid.uuid4(), "meeting": meeting.pk})
    assert answer["Location"] == sent.get_absolute_url()


def test_photo_when_one_of_two_is_refused_then_the_other_stays(claim, client):
    bad = SimpleUploadedFile("notes.jpg", b"MZ not a picture", "image/jpeg")
    answer = client.post(at(claim, "photo"), {"photos": [photo(), bad]})
    text = words(answer)
    assert answer.status_code == 200
    assert "notes.jpg:" in text
    assert claim.receipts.count() == 1
    assert "Receipt 1" in text


def test_photo_when_no_receipt_without_a_reason_then_asked_and_kept(claim, client):
    answer = client.post(at(claim, "photo"), {"none": "on"})
    assert "Say why there is no receipt" in words(answer)
    again = client.get(at(claim, "photo")).content.decode()
    assert re.search(r'name="none"[^>]*checked', again)
    assert client.post(at(claim, "photo"), {"why": "The machine was broken"}).status_code == 302
    claim.refresh_from_db()
    assert claim.typed["photo"]["said"] == {"none": "on", "why": "The machine was broken"}


def test_photo_when_skipped_then_goes_on(claim, client):
    answer = client.post(at(claim, "photo"), {})
    assert answer["Location"] == at(claim, "travel")


def test_travel_when_right_then_priced_and_said_in_words(claim, client):
    client.post(at(claim, "photo"), {})
    answer = client.post(at(claim, "travel"), {"by": "car", "miles": "12", "parking": "3.20"})
    assert answer["Location"] == at(claim, "costs")
    text = words(client.get(at(claim, "costs")))
    assert "12 miles at 55p, and £3.20 to park" in text
    assert "£9.80 so far" in text
    assert "Send it today and you’ll have the money by" in text


@pytest.mark.parametrize(
    ("boxes", "error"),
    [
        ({}, "Choose how you travelled"),
        ({"by": "car", "miles": "twelve"}, "Enter miles as a number, such as 12 or 7.5"),
        ({"by": "car", "miles": "-4"}, "Enter miles as a number, such as 12 or 7.5"),
        ({"by": "car", "miles": "0"}, "Enter miles as a number, such as 12 or 7.5"),
        ({"by": "car"}, "Enter miles as a number, such as 12 or 7.5"),
        ({"by": "car", "miles": "12", "parking": "3,20"}, "Parking or tolls, if you paid: write"),
        ({"by": "car", "miles": "12", "parking": "lots"}, "enter a sum in pounds"),
        ({"by": "car", "miles": "12", "passengers": "2"}, "Say who came with you"),
        ({"by": "car", "miles": "12", "with_whom": "Leah"}, "Say how many came with you"),
        ({"by": "taxi", "fare": "8"}, "Say why it had to be a taxi"),
        ({"by": "transport"}, "Enter what it cost, such as 4.50"),
        ({"by": "other", "fare": "8"}, "Say what it was"),
    ],
)
def test_travel_when_wrong_then_said_and_everything_kept(boxes, error, claim, client):
    answer = client.post(at(claim, "travel"), boxes)
    assert error in words(answer)
    assert "Error: " in answer.content.decode()
    claim.refresh_from_db()
    assert claim.typed["travel"]["said"] == boxes
    assert claim.lines.count() == 0
    again = client.get(at(claim, "travel"))
    assert error in words(again)
    for value in boxes.values():
        assert f'value="{value}"' in again.content.decode()
    assert client.get(at(claim, "check"))["Location"] == at(claim, "travel")


def test_travel_when_another_way_was_typed_before_then_it_does_not_count(claim, client):
    boxes = {"by": "transport", "fare": "4.50", "miles": "twelve", "parking": "99", "why_taxi": "x"}
    assert client.post(at(claim, "travel"), boxes).status_code == 302
    line = claim.lines.get()
    assert (line.kind, line.asked, line.miles, line.reason) == ("transport", 450, None, "")
    claim.refresh_from_db()
    assert claim.typed["travel"]["said"] == boxes


def test_travel_when_not_right_any_more_then_what_was_right_is_not_paid(claim, client):
    client.post(at(claim, "travel"), {"by": "car", "miles": "12"})
    assert claim.lines.count() == 1
    client.post(at(claim, "travel"), {"by": "car", "miles": "twelve"})
    assert claim.lines.count() == 0


def test_travel_when_there_was_a_last_time_then_filled_in(claim, client, rep):
    ClaimFactory(person=rep, state="paid", on=date(2026, 5, 3))
    answer = client.get(at(claim, "travel"))
    page = answer.content.decode()
    assert "Last time you put 12." in page
    assert 'value="12"' in page
    assert re.search(r'value="car"[^>]*checked', page)
    assert "£6.60 so far" in words(answer)
    assert claim.lines.count() == 0


def test_travel_when_first_car_miles_of_the_year_then_asks_once(claim, client, rep):
    assert "Miles you drove for other groups" in words(client.get(at(claim, "travel")))
    client.post(at(claim, "travel"), {"by": "transport", "fare": "3"})
    assert MilesElsewhere.objects.count() == 0
    client.post(at(claim, "travel"), {"by": "car", "miles": "10", "elsewhere": "9995"})
    assert MilesElsewhere.objects.get(person=rep).miles == 9995
    assert claim.lines.get().pence == 5 * 55 + 5 * 25
    assert "Miles you drove for other groups" not in words(client.get(at(claim, "travel")))


def test_travel_when_asked_for_the_sum_then_nothing_is_kept(claim, client):
    boxes = {"by": "car", "miles": "12", "parking": "3.20"}
    answer = client.post(at(claim, "travel") + "?sum", boxes)
    assert "£9.80 so far" in words(answer)
    assert "<h1" not in answer.content.decode()
    claim.refresh_from_db()
    assert (claim.typed, claim.lines.count(), claim.edit_no) == ({}, 0, 0)
    assert MilesElsewhere.objects.count() == 0


def test_costs_when_filled_in_then_every_kind_is_a_line(claim, client):
    boxes = {
        "childcare_hours": "2.5",
        "childcare_cost": "40",
        "childcare_by": "on",
        "care_hours": "1:30",
        "care_cost": "20",
        "meal_cost": "£6.40",
        "phone_cost": "1",
        "printing_pages": "12",
        "other_what": "Stamps",
        "other_cost": "5.10",
    }
    assert client.post(at(claim, "costs"), boxes).status_code == 302
    lines = {line.kind: line for line in claim.lines.all()}
    assert {kind: line.pence for kind, line in lines.items()} == {
        "childcare": 2500,
        "care": 2000,
        "meal": 640,
        "phone": 100,
        "printing": 120,
        "other": 510,
    }
    assert lines["childcare"].by_relative
    assert lines["childcare"].asked == 4000
    check = words(client.get(at(claim, "check")))
    assert "£40 asked, at most £10 an hour for 2.5 hours" in check


@pytest.mark.parametrize(
    ("boxes", "error"),
    [
        ({"childcare_cost": "24"}, "Enter the hours of childcare"),
        ({"childcare_hours": "3"}, "Enter what the childcare cost"),
        ({"care_by": "on"}, "Enter what the replacement care cost"),
        ({"other_cost": "3"}, "Say what it was"),
        ({"childcare_hours": "25", "childcare_cost": "9"}, "That is more than 24"),
    ],
)
def test_costs_when_half_is_missing_then_said_and_kept(boxes, error, claim, client):
    answer = client.post(at(claim, "costs"), boxes)
    assert error in words(answer)
    assert '<details class="clm-fold" open>' in answer.content.decode()
    claim.refresh_from_db()
    assert claim.typed["costs"]["said"] == boxes


def test_costs_when_relatives_are_not_paid_then_not_asked(claim, client, policy):
    newer = PolicyFactory(begins_on=date(2021, 4, 6), relatives_care=False)
    assert Policy.objects.governing(claim.on) == newer
    assert "By a relative" not in words(client.get(at(claim, "costs")))


def test_pages_when_the_forum_pays_none_of_it_then_not_offered(claim, client):
    bare = PolicyFactory(begins_on=date(2021, 4, 6), confirmed=False)
    bare.rates.filter(kind__in=["motorcycle", "printing"]).delete()
    bare.proposed_by, bare.confirmed_by = PersonFactory(), PersonFactory()
    bare.proposed_at = bare.confirmed_at = timezone.now()
    bare.state = "confirmed"
    bare.save()
    assert "Motorcycle" not in words(client.get(at(claim, "travel")))
    refused = client.post(at(claim, "travel"), {"by": "motorcycle", "miles": "9"})
    assert "Choose one of the answers shown" in words(refused)
    assert "Pages you printed" not in words(client.get(at(claim, "costs")))
    assert client.post(at(claim, "costs"), {"printing_pages": "9"}).status_code == 302
    assert claim.lines.count() == 0


def filled(client, claim, **photo_page):
    client.post(at(claim, "photo"), photo_page)
    client.post(at(claim, "travel"), {"by": "car", "miles": "12", "parking": "3.20"})
    client.post(at(claim, "costs"), {})


SEND = {"pay_by": "bank", "declared": "on", "seen": "980"}


def test_check_when_sent_twice_then_sent_once_and_shown(claim, client):
    filled(client, claim, photos=[photo()])
    page = words(client.get(at(claim, "check")))
    assert "Send my claim for £9.80" in page
    first, second = (client.post(at(claim, "check"), SEND) for _ in range(2))
    assert first["Location"] == second["Location"].replace(
        claim.get_absolute_url(), at(claim, "sent")
    )
    claim.refresh_from_db()
    assert claim.state == Claim.State.SUBMITTED
    assert claim.total == 980
    sent = words(client.get(at(claim, "sent")))
    assert claim.reference in sent
    assert "We have your claim" in sent


def test_check_when_not_declared_then_asked_and_not_sent(claim, client):
    filled(client, claim, photos=[photo()])
    answer = client.post(at(claim, "check"), {"pay_by": "cheque", "seen": "980"})
    assert "Tick that you spent this" in words(answer)
    claim.refresh_from_db()
    assert (claim.state, claim.pay_by) == ("draft", "cheque")


def test_check_when_nothing_shows_what_was_paid_then_asks_why_there(claim, client):
    filled(client, claim)
    assert "Why is there no receipt?" in words(client.get(at(claim, "check")))
    refused = client.post(at(claim, "check"), SEND)
    assert "Say why there is no receipt, or add a photo of it" in words(refused)
    client.post(at(claim, "check"), {**SEND, "why": "The machine was broken"})
    claim.refresh_from_db()
    assert claim.state == "submitted"
    lines = {line.kind: line.no_receipt for line in claim.lines.all()}
    assert lines == {"car": "", "parking": "The machine was broken"}


def test_check_when_a_rate_has_changed_since_then_says_so_and_is_not_sent(claim, client):
    filled(client, claim, photos=[photo()])
    client.get(at(claim, "check"))
    PolicyFactory(begins_on=date(2021, 4, 6), rates={"car": "45"})
    answer = client.post(at(claim, "check"), SEND)
    text = words(answer)
    assert "The sum is £8.60 now" in text
    assert "Send my claim for £8.60" in text
    claim.refresh_from_db()
    assert claim.state == "draft"
    assert 'name="seen" value="860"' in answer.content.decode()
    client.post(at(claim, "check"), {**SEND, "seen": "860"})
    claim.refresh_from_db()
    assert (claim.state, claim.total) == ("submitted", 860)


def test_check_when_late_then_asks_why_and_says_it_is_held(policy, client, rep):
    meeting = past_meeting(rep, days=120)
    client.post("/money-back/new/", {"key": uuid.uuid4(), "meeting": meeting.pk})
    claim = Claim.objects.get()
    client.post(at(claim, "travel"), {"by": "car", "miles": "12"})
    assert "Why does it come late?" in words(client.get(at(claim, "check")))
    refused = client.post(at(claim, "check"), {**SEND, "seen": "660"})
    assert "Say why it comes late" in words(refused)
    reason = {"late_reason": "I was ill"}
    client.post(at(claim, "check"), {**SEND, **reason, "seen": "660"})
    claim.refresh_from_db()
    assert (claim.state, claim.is_late, claim.is_held) == ("submitted", True, True)


def test_check_when_there_is_nothing_then_no_button(claim, client):
    client.post(at(claim, "travel"), {"by": "none"})
    text = words(client.get(at(claim, "check")))
    assert "There is nothing to pay yet" in text
    assert "Send my claim" not in text
    client.post(at(claim, "check"), {**SEND, "seen": "0"})
    claim.refresh_from_db()
    assert claim.state == "draft"


def test_check_when_no_rates_are_agreed_then_kept_until_they_are(meeting, client, forum):
    client.post("/money-back/new/", {"key": uuid.uuid4(), "meeting": meeting.pk})
    claim = Claim.objects.get()
    answer = client.post(at(claim, "travel"), {"by": "car", "miles": "12"})
    assert answer.status_code == 302
    assert "We can’t add it up yet" in words(client.get(at(claim, "check")))
    PolicyFactory(begins_on=date(2020, 4, 6))
    assert "Send my claim for £6.60" in words(client.get(at(claim, "check")))


def test_page_when_kept_for_later_then_says_so_and_goes_on_elsewhere(claim, client_for, rep):
    one, other = client_for(rep), client_for(rep)
    boxes = {"by": "car", "miles": "twel", "later": "1"}
    answer = one.post(at(claim, "travel"), boxes, follow=True)
    assert f"Your claim {claim.reference} is kept" in words(answer)
    assert 'value="twel"' in other.get(at(claim, "travel")).content.decode()


@pytest.mark.parametrize("page", ["photo", "travel", "costs", "check"])
def test_page_when_it_has_been_sent_then_nothing_changes(page, policy, client, rep):
    claim = ClaimFactory(person=rep, state="submitted")
    before = list(Line.objects.values())
    assert client.get(at(claim, page))["Location"] == claim.get_absolute_url()
    boxes = {"by": "car", "miles": "99", "photos": [photo()], **SEND}
    assert client.post(at(claim, page), boxes)["Location"] == claim.get_absolute_url()
    assert list(Line.objects.values()) == before
    assert claim.receipts.count() == 0


@pytest.mark.parametrize("page", ["photo", "travel", "costs", "check", "sent", "edit"])
def test_page_when_it_is_somebody_elses_then_not_found(page, claim, client_for, treasurer):
    assert client_for(treasurer).get(at(claim, page)).status_code == 404


def test_edit_when_sent_then_a_draft_with_everything_in_it(claim, client):
    filled(client, claim, photos=[photo()])
    client.post(at(claim, "check"), SEND)
    assert (
        "the days until you have your money begin anew"
        in words(client.get(at(claim, "edit"))).lower()
    )
    client.post(at(claim, "edit"))
    claim.refresh_from_db()
    assert (claim.state, claim.sent_at) == ("draft", None)
    assert 'value="3.20"' in client.get(at(claim, "travel")).content.decode()
    client.post(at(claim, "travel"), {"by": "car", "miles": "12", "parking": "4"})
    client.post(at(claim, "check"), {**SEND, "seen": "1060"})
    claim.refresh_from_db()
    assert (claim.state, claim.total) == ("submitted", 1060)


@pytest.mark.parametrize("number", [3, 60])
def test_pages_when_there_is_much_then_at_most_fourteen_questions(
    number, claim, client, rep, policy
):
    for day in range(number):
        past_meeting(rep, days=10 + day, title=f"Meeting {day}")
        ClaimFactory(person=rep, state="paid")
        ClaimFactory(person=rep)
    filled(client, claim, photos=[photo()])
    for address in (LIST, *(at(claim, page) for page in ("photo", "travel", "costs", "check"))):
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        print(address, len(asked))
        assert len(asked) <= 14, "\n".join(q["sql"][:150] for q in asked)
