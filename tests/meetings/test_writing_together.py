"""Saving as typed, two people in one box, and forms that come after signing out."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from coprod.models import AuditEvent
from meetings.forms.minutes import MOST_TEXT
from meetings.models import ActionItem, Paragraph, Section
from meetings.services.minutes import (
    TYPING,
    StaleEdit,
    circulate_minutes,
    keep_private,
    save_section,
    save_short_version,
)
from tests.factories.meetings import AgendaItemFactory, invite, past_meeting, reply
from tests.factories.members import PersonFactory
from tests.factories.minutes import agreed, circulated, comment, first_section, rewrite, written

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def meeting(rep, coordinator):
    return past_meeting(rep, absent=[coordinator])


@pytest.fixture
def minutes(meeting, coordinator):
    return written(meeting, "One was said.", by=coordinator)


def test_box_when_its_number_is_too_long_for_a_database_then_not_there(
    client_for, coordinator, minutes
):
    address = reverse("meetings:section_edit", args=[minutes.meeting.slug, int("9" * 25)])
    assert client_for(coordinator).get(address).status_code == 404


def box(minutes):
    section = first_section(minutes)
    return reverse("meetings:section_edit", args=[minutes.meeting.slug, section.item_id])


def typed(client, minutes, text, edit_no):
    return client.post(box(minutes), {"text": text, "edit_no": edit_no}, headers=JSON)


def events(minutes):
    return list(
        AuditEvent.objects.about(minutes).filter(verb="edit_minutes").values_list("by_id", "data")
    )[::-1]


# Saved as typed -----------------------------------------------------------------------------------


def test_box_when_typed_in_is_saved_and_shown_back(coordinator, minutes, client_for):
    text = "One was said.\n\nAction: Hester to ring by 2 October"
    answer = typed(client_for(coordinator), minutes, text, 1)

    assert answer.status_code == 200
    told = answer.json()
    assert told["edit_no"] == 2
    assert told["said"].startswith("Saved at ")
    assert "Hester" in told["understood"]
    assert "2 October" in told["understood"]
    assert first_section(minutes).text == text
    assert ActionItem.objects.get().owner == "Hester"
    assert answer["Cache-Control"] == "private, no-store"


def test_box_when_typed_in_before_anybody_wrote_begins_the_minutes(
    meeting, coordinator, client_for
):
    item = AgendaItemFactory(meeting=meeting)
    address = reverse("meetings:section_edit", args=[meeting.slug, item.pk])
    client = client_for(coordinator)

    assert client.get(address, headers=JSON).json()["edit_no"] == 0
    answer = client.post(address, {"text": "First.", "edit_no": 0}, headers=JSON)

    assert answer.json()["edit_no"] == 1
    assert Section.objects.get(item=item).text == "First."


def test_box_when_typed_in_by_the_minute_taker_is_saved(meeting, minutes, rep, client_for):
    meeting.minute_taker = rep
    meeting.save()

    assert typed(client_for(rep), minutes, "Two.", 1).status_code == 200


def test_box_when_typed_in_by_others_is_not_there(
    minutes, stranger, rep_of_other_group, officer, client_for
):
    for person in (stranger, rep_of_other_group, officer):
        for answer in (
            typed(client_for(person), minutes, "Two.", 1),
            client_for(person).get(box(minutes), headers=JSON),
        ):
            assert answer.status_code == 404
            assert b"One was said" not in answer.content
    assert first_section(minutes).text == "One was said."


def test_box_when_typed_too_long_says_so_and_keeps_what_was(coordinator, minutes, client_for):
    answer = typed(client_for(coordinator), minutes, "x" * (MOST_TEXT + 1), 1)

    assert answer.status_code == 422
    assert f"{MOST_TEXT}" in answer.json()["said"]
    assert first_section(minutes).text == "One was said."


def test_box_when_ten_megabytes_come_is_refused_with_400(coordinator, minutes, client_for):
    answer = typed(client_for(coordinator), minutes, "x" * 10_000_000, 1)

    assert answer.status_code == 400
    assert "what you typed is still there" in answer.content.decode()
    assert first_section(minutes).text == "One was said."


def test_box_when_private_words_move_while_typing_stays_private_and_says_so(
    coordinator, minutes, client_for
):
    first, second = "One family told us of that night.", "Nobody came to them until the spring."
    rewrite(minutes, f"{first} {second}", by=coordinator)
    secret = Paragraph.objects.living().get()
    keep_private(paragraph=secret, reason="One family", by=coordinator)

    answer = typed(client_for(coordinator), minutes, f"{first}\n\n{second}", 2)

    assert "kept private" in answer.json()["warning"]
    assert [p.is_private for p in Paragraph.objects.living()] == [True, True]


# The history --------------------------------------------------------------------------------------


def test_history_when_typing_has_one_event_for_ten_minutes_and_one_for_save(
    coordinator, minutes, client_for
):
    client = client_for(coordinator)
    for number in range(2, 7):
        assert typed(client, minutes, f"One was said {number}.", number - 1).status_code == 200
    assert [data["edit"] for _, data in events(minutes)] == [1, 2]

    client.post(box(minutes), {"text": "One was said 6.", "edit_no": 6})
    assert [data["edit"] for _, data in events(minutes)] == [1, 2, 6]
    client.post(box(minutes), {"text": "One was said 6.", "edit_no": 6})
    assert [data["edit"] for _, data in events(minutes)] == [1, 2, 6]


def test_history_when_two_type_says_who_wrote_each_word(coordinator, minutes, rep):
    section = first_section(minutes)
    who = {}
    for person in (coordinator, coordinator, rep, rep, coordinator):
        number = section.edit_no
        text = f"{section.text} More {number}."
        save_section(section=section, text=text, edit_no=number, by=person, typing=True)
        who[section.edit_no] = person.pk

    told = events(minutes)
    for edit, person in who.items():
        assert [by for by, data in told if data["edit"] <= edit][-1] == person


def test_history_when_ten_minutes_passed_has_another_event(coordinator, minutes):
    section = first_section(minutes)
    now = timezone.now()
    for number, minute in enumerate((0, 9, 11, 20, 22), 2):
        save_section(
            section=section,
            text=f"One was said {number}.",
            edit_no=section.edit_no,
            by=coordinator,
            typing=True,
            at=now + timedelta(minutes=minute),
        )

    assert [data["edit"] for _, data in events(minutes)] == [1, 2, 4, 6]
    assert timedelta(minutes=10) == TYPING


# Two people in one box ----------------------------------------------------------------------------


def test_second_when_typing_is_shown_both_texts_and_nothing_is_overwritten(
    coordinator, rep, meeting, minutes, client_for
):
    meeting.minute_taker = rep
    meeting.save()
    assert typed(client_for(rep), minutes, "One was said loudly.", 1).status_code == 200

    answer = typed(client_for(coordinator), minutes, "One was said softly.", 1)

    told = answer.json()
    assert answer.status_code == 409
    assert told["edit_no"] == 2
    assert told["theirs"] == "One was said loudly."
    assert "One was said softly." in told["joined"]
    assert "One was said loudly." in told["joined"]
    assert f"{rep.name} saved other words first" in told["clash"]
    assert "<ins>" in told["clash"]
    assert first_section(minutes).text == "One was said loudly."
    # Told once, they may say so on purpose.
    assert typed(client_for(coordinator), minutes, "Softly.", told["edit_no"]).status_code == 200


def test_second_when_without_script_gets_a_page_with_both_texts(coordinator, minutes, client_for):
    rewrite(minutes, "Theirs was said.", by=PersonFactory(name="Rhoswen Vale"))

    page = client_for(coordinator).post(box(minutes), {"text": "Mine was said.", "edit_no": 1})

    words = page.content.decode()
    assert page.status_code == 409
    assert "Rhoswen Vale saved another text" in words
    for text in ("Theirs was said.", "Mine was said."):
        assert words.count(text) >= 2
    assert 'name="edit_no" value="2"' in words


def test_second_when_the_words_are_the_same_is_not_told(coordinator, minutes, client_for):
    rewrite(minutes, "Two.", by=PersonFactory())

    answer = typed(client_for(coordinator), minutes, "Two.", 1)

    assert (answer.status_code, answer.json()["edit_no"]) == (200, 2)


@pytest.mark.parametrize("asks", [JSON, {}])
def test_both_texts_when_they_hold_markup_are_only_text(coordinator, minutes, client_for, asks):
    rewrite(minutes, f"Theirs {MARKUP}", by=PersonFactory(name=f"Rhoswen {MARKUP}"))

    answer = client_for(coordinator).post(
        box(minutes), {"text": f"Mine {MARKUP}", "edit_no": 1}, headers=asks
    )

    shown = answer.json()["clash"] if asks else answer.content.decode()
    assert answer.status_code == 409
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2


def test_what_is_shown_back_when_it_holds_markup_is_only_text(coordinator, minutes, client_for):
    told = typed(client_for(coordinator), minutes, f"Action: {MARKUP} to ring", 1).json()

    assert "<script>alert" not in told["understood"]
    assert "<img" not in told["understood"]


def test_stale_number_when_no_lock_is_needed_is_refused_by_the_service(coordinator, minutes):
    section = first_section(minutes)
    rewrite(minutes, "Two.", by=coordinator)

    with pytest.raises(StaleEdit):
        save_section(section=section, text="Three.", edit_no=1, by=coordinator)
    assert first_section(minutes).text == "Two."


def test_page_when_somebody_saved_lately_says_who_writes_here_too(
    coordinator, rep, meeting, minutes, client_for
):
    meeting.minute_taker = rep
    meeting.save()
    client, address = client_for(coordinator), box(minutes)
    assert "writing here too" not in client.get(address).content.decode()
    typed(client_for(rep), minutes, "Two.", 1)
    with time_machine.travel(timezone.now() + timedelta(seconds=70), tick=False):
        said = f"{rep.name} is writing here too (1 minute ago)"
        assert said in client.get(address).content.decode()
        assert client.get(address, headers=JSON).json()["others"] == said
        typed(client, minutes, "Three.", 2)
        # Their own saving since doesn't hide her.
        assert client.get(address, headers=JSON).json()["others"] == said
    with time_machine.travel(timezone.now() + timedelta(minutes=12), tick=False):
        client.force_login(coordinator)
        assert client.get(address, headers=JSON).json()["others"] == ""


# Signed out meanwhile -----------------------------------------------------------------------------


def test_words_when_sent_after_signing_out_come_back_with_a_way_to_sign_in(minutes, client):
    address = box(minutes)
    came_from = f"http://testserver{address}?back=comments"
    text = f"Long & careful words.\n\n{MARKUP}"

    page = client.post(
        address, {"text": text, "edit_no": 1, "then": "on"}, headers={"Referer": came_from}
    )

    words = page.content.decode()
    assert page.status_code == 403
    assert "You were signed out" in words
    assert "Long &amp; careful words." in words
    assert "<script>alert" not in words
    assert f"next={address.replace('/', '%2F')}%3Fback%3Dcomments" in words
    assert words.count("<textarea") == 1, "ids and numbers aren’t words"


@pytest.mark.parametrize(
    "came_from", ["https://elsewhere.example/", "http://testserver.elsewhere.example/", "", "//x"]
)
def test_sign_in_when_the_form_came_from_elsewhere_leads_back_to_its_own_address(
    minutes, client, came_from
):
    page = client.post(box(minutes), {"text": "Words."}, headers={"Referer": came_from})

    assert "elsewhere" not in page.content.decode()
    assert f"next={box(minutes).replace('/', '%2F')}" in page.content.decode()


def test_secrets_when_sent_after_signing_out_are_not_shown_again(client, forum):
    data = {"password": "hushhush", "sort_code": "one two", "needs": "a ramp", "note": "Words."}
    page = client.post(reverse("members:my_details_edit"), data)

    words = page.content.decode()
    assert "Words." in words
    for secret in ("hushhush", "one two", "a ramp"):
        assert secret not in words


def test_forms_when_nothing_was_typed_only_lead_to_signing_in(minutes, client):
    for method in (client.get, client.post):
        answer = method(box(minutes))
        assert answer.status_code == 302
        assert "/accounts/" in answer["Location"]


def test_typing_when_signed_out_is_told_so_with_a_link_back(minutes, client):
    answer = typed(client, minutes, "Two.", 1)

    assert answer.status_code == 401
    assert answer.json()["sign_in"].endswith(f"next={box(minutes).replace('/', '%2F')}")
    assert "One was said" not in answer.content.decode()


def test_typing_when_the_token_is_old_is_told_so(coordinator, minutes, client_for):
    answer = typed(client_for(coordinator, enforce_csrf_checks=True), minutes, "Two.", 1)

    assert (answer.status_code, answer.json()) == (403, {"reason": "token"})


# From a comment to its paragraph and back ---------------------------------------------------------


@pytest.fixture
def said(meeting, coordinator, rep):
    version = circulated(meeting, "One was said.\n\nAction: Two to ring", by=coordinator)
    return comment(version, rep, place=1)


def way(said):
    section = Section.objects.get()
    address = reverse("meetings:section_edit", args=[section.minutes.meeting.slug, section.item_id])
    return f"{address}?back=comments&c={said.pk}"


def test_comment_when_its_text_is_changed_leads_back_with_the_answer_chosen(
    coordinator, said, client_for
):
    client = client_for(coordinator)
    settle = reverse("meetings:comments_settle", args=[said.version.minutes.meeting.slug])
    assert way(said).replace("&", "&amp;") in client.get(settle).content.decode()

    page = client.get(way(said)).content.decode()
    assert said.text in page
    assert 'data-caret="15,34"' in page
    assert f"{settle}#comment{said.pk}" in page

    answer = client.post(way(said), {"text": "One.\n\nAction: Three to ring", "edit_no": 1})
    assert answer["Location"] == f"{settle}?changed={said.pk}#comment{said.pk}"
    form = client.get(answer["Location"]).context["rows"][0]["form"]
    assert form["outcome"].value() == "changed"


def test_comment_when_asked_for_by_the_minute_taker_is_not_shown(
    meeting, said, officer, client_for
):
    meeting.minute_taker = officer
    meeting.save()

    page = client_for(officer).get(way(said))

    assert page.status_code == 200
    assert said.text not in page.content.decode()


@pytest.mark.parametrize("number", ["²", "x", "-1", "9" * 30, "0"])
def test_comment_when_its_number_is_none_is_left_out(coordinator, said, client_for, number):
    page = client_for(coordinator).get(f"{way(said).partition('&')[0]}&c={number}")

    assert page.status_code == 200
    assert page.context["comment"] is None


# Before everyone reads it -------------------------------------------------------------------------

PRIVATE = "One family described a review that was held at Millbrook without them."


def test_short_version_when_it_says_private_words_is_warned_about_on_every_page_before(
    coordinator, rep, meeting, client_for
):
    minutes = written(meeting, f"One was said.\n\n{PRIVATE}", by=coordinator)
    keep_private(paragraph=Paragraph.objects.get(text=PRIVATE), reason="One family", by=coordinator)
    save_short_version(
        minutes=minutes, text="A review that was held without telling anybody.", by=coordinator
    )
    client = client_for(coordinator)

    def warned(page):
        shown = client.get(reverse(f"meetings:{page}", args=[meeting.slug])).content.decode()
        return "“A review that was held”" in shown

    assert [warned(page) for page in ("minutes_write", "minutes_short", "minutes_circulate")] == [
        True
    ] * 3
    circulate_minutes(minutes=minutes, number=1, by=coordinator)
    assert warned("minutes_publish")
    save_short_version(minutes=minutes, text="Reviews need parents.", by=coordinator)
    assert not warned("minutes_short")


def test_abbreviations_when_one_is_unexplained_are_not_ticked_as_explained(
    coordinator, rep, meeting, client_for
):
    minutes = agreed(meeting, "The EHCP was late.", by=coordinator, people=[rep])
    client = client_for(coordinator)
    address = reverse("meetings:minutes_publish", args=[meeting.slug])
    assert "EHCP (1.1)" in client.get(address).content.decode()

    tasks = {"tasks": ["no_child", "private", "words"], "do": "save"}
    answer = client.post(address, tasks, follow=True)

    assert "stays open: EHCP isn’t explained yet" in answer.content.decode()
    assert set(minutes.ticks.values_list("task", flat=True)) == {"no_child", "private"}
    # It is said, and stops nobody.
    client.post(address, {**tasks, "do": "publish"})
    minutes.refresh_from_db()
    assert minutes.state == "published"


# Who is there, at one press -----------------------------------------------------------------------


def test_everybody_when_pressed_ticks_who_isnt_ticked_and_leaves_the_rest(
    coordinator, rep, rep_of_other_group, staff, officer, client_for
):
    meeting = past_meeting(absent=[coordinator, rep, rep_of_other_group, staff], days=0)
    invite(meeting, officer, came="online")
    for person, said in ((rep, "room"), (rep_of_other_group, "online"), (staff, "cannot")):
        reply(meeting.invitations.get(person=person), said)
    address = reverse("meetings:meeting_attendance", args=[meeting.slug])

    def there():
        came = meeting.invitations.filter(attendance__isnull=False)
        return dict(came.values_list("person", "attendance__how"))

    client_for(coordinator).post(address, {"everybody": "yes"})
    yes = {officer.pk: "online", rep.pk: "room", rep_of_other_group.pk: "online"}
    assert there() == yes
    client_for(coordinator).post(address, {"everybody": "all"})
    assert there() == {**yes, coordinator.pk: "room", staff.pk: "room"}
