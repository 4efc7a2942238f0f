"""Whole items and paragraphs with readers of their own, in every channel."""

import json
import zlib

import pytest
from django.urls import reverse

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import AgendaItem, Minutes, NamedReader, Paragraph, Release, Section
from meetings.readership import access_for
from meetings.renditions import full_with_released, public_with_released
from meetings.services import confidential
from meetings.services.comments import settle_comment
from meetings.services.minutes import circulate_minutes, keep_private
from tests.factories.meetings import invite, past_meeting
from tests.factories.minutes import agreed, comment, rewrite, written
from tests.factories.published import agree, publish, send_out

ITEM_SECRET = "Quillfeather waits for a hearing."
SECRET = "The family in Harlow Close was named twice."
OPEN = "Transport went well for most."
REASON = "It would point to one family"


def at(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


@pytest.fixture
def meeting(coordinator, rep, officer, rep_of_other_group):
    """The rep and the officer were there; the rep of the other group was only invited."""
    return past_meeting(coordinator, rep, officer, absent=[rep_of_other_group])


@pytest.fixture
def minutes(meeting, coordinator):
    """One open item with a private paragraph, and a private item."""
    minutes = written(meeting, f"{OPEN}\n\n{SECRET}", ITEM_SECRET, by=coordinator)
    keep_private(paragraph=paragraph(), reason=REASON, by=coordinator)
    AgendaItem.objects.filter(pk=item().pk).update(
        title="Tribunals", is_private=True, private_reason="It names a hearing"
    )
    return minutes


def paragraph():
    return Paragraph.objects.get(text=SECRET)


def item():
    return Section.objects.get(paragraphs__text=ITEM_SECRET).item


def send(minutes, by, number=1):
    return circulate_minutes(minutes=Minutes.objects.get(pk=minutes.pk), number=number, by=by)


def may_read(person, part):
    """By the rule itself, live."""
    if isinstance(part, AgendaItem):
        return access_for(person, part.meeting).item(part.pk)
    of = part.section.item
    return access_for(person, of.meeting).paragraph(str(part.uid), of.pk)


def name(part, *people, by):
    return confidential.name_readers(part=part, only_named=True, people=people, by=by)


def draft(client, meeting):
    return client.get(at("minutes_draft", meeting)).text


# Who reads


@pytest.mark.parametrize(
    ("who", "there"), [("rep", True), ("officer", True), ("rep_of_other_group", False),
                       ("coordinator", True)],
)  # fmt: skip
def test_private_parts_when_nobody_is_named_then_for_those_who_were_there(
    request, client_for, coordinator, meeting, minutes, who, there
):
    send(minutes, coordinator)
    page = draft(client_for(request.getfixturevalue(who)), meeting)
    assert ("Harlow" in page, "Quillfeather" in page) == (there, there)
    assert REASON in page


@pytest.mark.parametrize(
    ("who", "reads"), [("rep", True), ("officer", False), ("rep_of_other_group", False),
                       ("coordinator", True)],
)  # fmt: skip
def test_private_parts_when_readers_are_named_then_for_them_only(
    request, client_for, coordinator, rep, meeting, minutes, who, reads
):
    send(minutes, coordinator)
    for part in (paragraph(), item()):
        name(part, rep, by=coordinator)
    person = request.getfixturevalue(who)
    client = client_for(person)
    for page in (draft(client, meeting), client.get(at("version_detail", meeting, 1)).text):
        assert ("Harlow" in page, "Quillfeather" in page) == (reads, reads)
        assert (REASON in page, "It names a hearing" in page) == (True, True)
    assert may_read(person, paragraph()) is reads
    assert may_read(person, item()) is reads


def test_named_reader_when_they_were_not_there_then_reads_that_part_only(
    client_for, coordinator, rep_of_other_group, meeting, minutes
):
    send(minutes, coordinator)
    name(item(), rep_of_other_group, by=coordinator)
    page = draft(client_for(rep_of_other_group), meeting)
    assert ("Quillfeather" in page, "Harlow" in page) == (True, False)


def test_named_readers_when_changed_after_circulation_then_at_once_and_on_record(
    client_for, coordinator, rep, officer, meeting, minutes
):
    send(minutes, coordinator)
    client = client_for(officer)
    assert "Harlow" in draft(client, meeting)
    page = client_for(coordinator)

    page.post(at("paragraph_readers", meeting, paragraph().uid), {"who": "named",
                                                                  "people": [rep.pk]})  # fmt: skip
    assert "Harlow" not in draft(client, meeting)
    page.post(at("paragraph_readers", meeting, paragraph().uid), {"who": "there"})
    assert "Harlow" in draft(client, meeting)

    told = AuditEvent.objects.filter(verb="name_readers").order_by("pk")
    assert [event.data["readers"] for event in told] == [
        [rep.pk], "everybody who was there for it",
    ]  # fmt: skip
    assert "Harlow" not in json.dumps([event.data for event in told])


@pytest.mark.parametrize("odd", ["9" * 40, "x", "-1", "\x00"])
def test_readers_form_when_an_id_is_none_then_said_and_nothing_changes(
    client_for, coordinator, meeting, minutes, odd
):
    address = at("paragraph_readers", meeting, paragraph().uid)
    page = client_for(coordinator).post(address, {"who": "named", "people": [odd]})
    assert page.status_code == 200
    assert page.context["form"].errors["people"]
    assert not NamedReader.objects.exists()


def test_named_readers_when_minutes_are_agreed_then_can_still_change(
    coordinator, rep, officer, meeting, minutes
):
    send_out(minutes, by=coordinator, days_ago=10)
    agree(Minutes.objects.get())
    assert name(item(), rep, by=coordinator)
    assert not access_for(officer, meeting).item(item().pk)


@pytest.mark.parametrize("sent", [{"who": "named"}, {"who": ""}])
def test_readers_page_when_incomplete_then_says_so_and_changes_nothing(
    client_for, coordinator, meeting, minutes, sent
):
    page = client_for(coordinator).post(at("agenda_item_readers", meeting, item().pk), sent)
    assert "Choose " in page.text
    assert not NamedReader.objects.exists()


def test_readers_when_somebody_was_not_invited_then_refused(coordinator, stranger, minutes):
    with pytest.raises(TransitionNotAllowed, match="invited"):
        name(item(), stranger, by=coordinator)


# Every channel


def pdf_words(body):
    """Everything that stands in a PDF's streams and objects, roughly."""
    found = [body]
    for chunk in body.split(b"stream\n")[1:]:
        try:
            found.append(zlib.decompress(chunk))
        except zlib.error:
            continue
    return b"".join(found)


def test_case_11_confidential_item_is_in_no_public_channel(
    client_for, coordinator, rep, meeting, minutes
):
    name(item(), rep, by=coordinator)
    send_out(minutes, by=coordinator, days_ago=10)
    publish(agree(Minutes.objects.get()), by=coordinator)
    names = ["minutes_pdf", "minutes_json", "meeting_calendar", "minutes_share", "poster"]
    wide = ["meeting_list", "minutes_feed", "embed", "public_calendar", "follow"]
    addresses = [reverse("home"), reverse("promises"), meeting.get_absolute_url()]
    addresses += [at(each, meeting) for each in names]
    addresses += [reverse(f"meetings:{each}") for each in wide]

    for address in addresses:
        # What is made to be passed on is the public's text, also where a coordinator makes it.
        private = address.endswith(("share/", "poster.pdf"))
        response = client_for(coordinator if private else None).get(address)
        assert response.status_code == 200, address
        body = pdf_words(b"".join(response) if response.streaming else response.content)
        found = [word for word in (b"Quillfeather", b"Harlow", b"Tribunals") if word in body]
        assert found == [], address
    assert "It names a hearing" in client_for(None).get(meeting.get_absolute_url()).text


def letters_to(person, template):
    rows = Message.objects.filter(person=person, template=template)
    return [outbox.write(message) for message in rows]


def test_letter_on_paper_when_read_by_somebody_else_then_holds_only_their_parts(
    coordinator, rep, person_without_email, meeting, minutes
):
    invite(meeting, person_without_email, came="room")
    name(item(), rep, by=coordinator)
    send(minutes, coordinator)
    (letter,) = letters_to(person_without_email, "meetings/minutes_draft")
    assert "Harlow" in letter.enclosed
    assert "Quillfeather" not in letter.enclosed
    assert "Tribunals" not in letter.enclosed


def test_comments_when_on_a_part_for_named_readers_then_seen_by_them_only(
    client_for, coordinator, rep, officer, meeting, minutes, outbox_drained
):
    officer.news = "each"
    officer.save()
    version = send(minutes, coordinator)
    said = comment(version, officer, place=1, text="Zealous words about it.")
    name(paragraph(), rep, by=coordinator)

    assert "Zealous" in draft(client_for(rep), meeting)
    assert "Zealous" not in draft(client_for(officer), meeting)
    assert access_for(officer, meeting).find(version, str(paragraph().uid))["text"] == ""
    settle_comment(comment=said, outcome="changed", reason="Harlow Close went.", by=coordinator)
    mail = [m for m in outbox_drained() if officer.email in m.to]
    assert [m.subject for m in mail if "Harlow" in m.body] == []
    held = client_for(officer).get(reverse("members:my_export")).text
    assert "Harlow" not in held


def test_comment_when_a_quote_is_of_words_they_may_not_read_then_refused(
    client_for, coordinator, rep, officer, meeting, minutes
):
    version = send(minutes, coordinator)
    name(paragraph(), rep, by=coordinator)
    sent = {
        "c-uid": str(paragraph().uid), "c-version": version.number, "c-kind": "wrong",
        "c-once": "6a1ff0de-1111-4a5b-9f4e-2d2f1c3b4a59", "c-quote": "Harlow Close",
        "c-text": "Not so.", "c-speaking_for": "myself",
    }  # fmt: skip
    page = client_for(officer).post(at("minutes_comment", meeting), sent)
    assert "These words aren’t in" in page.text
    assert not version.comments.exists()


def test_agenda_when_an_item_is_for_named_readers_then_named_to_them_only(
    client_for, coordinator, rep, officer, meeting, minutes
):
    meeting.agenda_sent_at = meeting.created_at
    meeting.save()
    name(item(), rep, by=coordinator)
    shown = {
        person: "Tribunals" in client_for(person).get(meeting.get_absolute_url()).text
        for person in (coordinator, rep, officer)
    }
    assert shown == {coordinator: True, rep: True, officer: False}


def test_changes_when_a_private_part_changed_then_shown_to_its_readers_only(
    client_for, coordinator, rep, officer, meeting, minutes
):
    send(minutes, coordinator)
    rewrite(minutes, ITEM_SECRET.replace("hearing", "zephyr"), by=coordinator, item=1)
    changed = Section.objects.get(paragraphs__text__contains="zephyr").item
    name(changed, rep, by=coordinator)
    send(minutes, coordinator, number=2)
    for page in (at("minutes_draft", meeting), at("version_detail", meeting, 2)):
        assert "zephyr" in client_for(rep).get(page).text
        assert "zephyr" not in client_for(officer).get(page).text


# Words that move


def test_words_when_split_off_from_a_part_for_named_readers_then_stay_theirs(
    client_for, coordinator, rep, officer, meeting, minutes
):
    name(paragraph(), rep, by=coordinator)
    rewrite(
        minutes,
        f"{OPEN}\n\nThe family in Harlow Close was\n\nHarlow Close was named twice. A third time.",
        by=coordinator,
    )
    send(minutes, coordinator)
    assert "Harlow" not in draft(client_for(officer), meeting)
    assert "A third time" not in draft(client_for(officer), meeting)
    assert "A third time" in draft(client_for(rep), meeting)


def test_words_when_moved_out_of_an_item_for_named_readers_then_stay_theirs(
    client_for, coordinator, rep, officer, meeting, minutes
):
    name(item(), rep, by=coordinator)
    rewrite(minutes, "Nothing more.", by=coordinator, item=1)
    rewrite(minutes, f"{OPEN}\n\n{SECRET}\n\n{ITEM_SECRET}", by=coordinator)
    send(minutes, coordinator)
    assert "Quillfeather" not in draft(client_for(officer), meeting)
    assert "Quillfeather" in draft(client_for(rep), meeting)


def test_words_when_merged_into_a_wider_private_paragraph_then_narrowed(
    coordinator, rep, officer, meeting
):
    minutes = written(meeting, f"{SECRET}\n\n{ITEM_SECRET}", by=coordinator)
    for each in Paragraph.objects.all():
        keep_private(paragraph=each, reason=REASON, by=coordinator)
    name(Paragraph.objects.get(text=ITEM_SECRET), rep, by=coordinator)
    rewrite(minutes, f"{SECRET} {ITEM_SECRET}", by=coordinator)
    merged = Paragraph.objects.living().get()
    assert may_read(rep, merged)
    assert not may_read(officer, merged)


# Opened again


def test_paragraph_when_opened_before_it_went_out_then_no_note_is_asked(
    client_for, coordinator, rep, meeting, minutes
):
    name(paragraph(), rep, by=coordinator)
    address = at("paragraph_private", meeting, paragraph().uid)
    client_for(coordinator).post(address, {"public": "1"})
    assert (paragraph().is_private, paragraph().only_named) == (False, False)
    assert not NamedReader.objects.exists()
    assert not Release.objects.exists()


def test_paragraph_when_opened_after_it_went_out_then_only_with_a_note(
    client_for, coordinator, rep_of_other_group, meeting, minutes
):
    send(minutes, coordinator)
    page, address = client_for(coordinator), at("paragraph_private", meeting, paragraph().uid)
    assert "Say who decided" in page.post(address, {"public": "1"}).text
    assert paragraph().is_private

    page.post(address, {"public": "1", "note": "The family asked for it on 3 March"})
    send(minutes, coordinator, number=2)

    kept = Release.objects.get()
    assert (kept.paragraph, kept.released_by) == (paragraph(), coordinator)
    assert AuditEvent.objects.filter(verb="release").count() == 1
    assert "Harlow" in draft(client_for(rep_of_other_group), meeting)


def opened(item, **more):
    """What the item's form sends when it is no longer kept private."""
    return {"title": item.title, "purpose": item.purpose, "can_decide": "", **more}


def test_item_when_opened_after_it_went_out_then_only_with_a_note(
    client_for, coordinator, meeting, minutes
):
    send(minutes, coordinator)
    page, address = client_for(coordinator), at("agenda_item_edit", meeting, item().pk)
    assert "Say who decided" in page.post(address, opened(item())).text
    assert item().is_private
    page.post(address, opened(item(), note_on_release="The parents decided so"))
    assert not item().is_private
    assert Release.objects.get().item == item()


def test_item_when_minutes_are_agreed_then_opened_by_a_correction_only(
    client_for, coordinator, rep, officer
):
    meeting = past_meeting(coordinator, rep, officer)
    agreed(meeting, ITEM_SECRET, by=coordinator, people=[coordinator, rep, officer])
    AgendaItem.objects.update(is_private=True, private_reason="A hearing")
    address = at("agenda_item_edit", meeting, item().pk)
    page = client_for(coordinator).post(address, opened(item(), note_on_release="Why not"))
    assert "correction" in page.text
    assert item().is_private


# Released after publication: pure functions for the correction


@pytest.fixture
def version(minutes, coordinator):
    return send(minutes, coordinator)


def texts(rendition):
    return [p["text"] for each in rendition["items"] for p in each["paragraphs"]]


def test_release_when_a_paragraph_is_named_then_only_that_is_public(version):
    public = public_with_released(version, {str(paragraph().uid)}, set())
    assert texts(public) == [OPEN, SECRET]
    assert public["items"][1] == version.public["items"][1]
    shown = public["items"][0]["paragraphs"][1]
    assert (shown["private"], shown["private_reason"]) == (False, "")


def test_release_when_an_item_is_named_then_its_title_and_words_are_public(version):
    public = public_with_released(version, set(), {item().pk})
    assert texts(public) == [OPEN, "", ITEM_SECRET]
    assert public["items"][1]["title"] == "Tribunals"
    assert full_with_released(version, set(), {item().pk})["items"][1]["private"] is False


def test_release_when_the_item_has_a_private_paragraph_then_that_stays_shut(minutes, coordinator):
    keep_private(paragraph=Paragraph.objects.get(text=ITEM_SECRET), reason=REASON, by=coordinator)
    version = send(minutes, coordinator)
    public = public_with_released(version, set(), {item().pk})
    assert texts(public) == [OPEN, "", ""]


def test_release_when_nothing_is_named_then_the_public_text_as_it_was(version):
    assert public_with_released(version, set(), set()) == version.public


@pytest.mark.parametrize("what", ["open paragraph", "inside a shut item", "unknown item"])
def test_release_when_it_is_not_private_there_then_refused(version, what):
    uids = {
        "open paragraph": {str(Paragraph.objects.get(text=OPEN).uid)},
        "inside a shut item": {str(Paragraph.objects.get(text=ITEM_SECRET).uid)},
        "unknown item": set(),
    }[what]
    items = {99999} if what == "unknown item" else set()
    with pytest.raises(LookupError):
        public_with_released(version, uids, items)
