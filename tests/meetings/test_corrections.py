"""Published minutes put right: a dated note, a new version, and what becomes of the old one.

Case 4 of the messy cases: an error found after publication.
"""

import uuid

import page as pdf_page
import pytest
from django.urls import reverse

from coprod import outbox
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings import amending
from meetings.models import (
    ActionItem,
    Correction,
    Document,
    Minutes,
    Paragraph,
    PublicityChannel,
    Version,
)
from meetings.models.versions import sha256_of
from meetings.services.corrections import correct_minutes
from meetings.services.matters import comment_later
from meetings.services.publicity import withdraw_minutes
from tests.factories.meetings import past_meeting
from tests.factories.published import (
    agree,
    publish,
    published_minutes,
    send_out,
    withhold,
    written_minutes,
)
from tests.meetings.reading_pdf import everything_in, words_of

CANARY = "Xanthippe"
ITEMS = [
    (
        "Transport",
        f"The training is in March. {CANARY} drives.\n\n"
        "We met Barnaby privately.\n\n"
        "Action: Print the cards. (Ann, by 2 October)",
    )
]
NOTE = {
    "note": "The month was misheard.",
    "approved_by_words": "The people who were there, by e-mail, 2 March",
    "checked": "on",
}


@pytest.fixture
def meeting(rep, officer, coordinator, rep_of_other_group):
    return past_meeting(rep, officer, coordinator, days=20, absent=[rep_of_other_group])


@pytest.fixture
def minutes(meeting, coordinator):
    """Published; 1.1 is public, 1.2 is private, 1.3 an action."""
    written = written_minutes(meeting, by=coordinator, items=ITEMS)
    withhold(written, "Barnaby", by=coordinator)
    return publish(agree(send_out(written, by=coordinator, days_ago=10)), by=coordinator)


def uid_of(minutes, number):
    items = minutes.shown_version.full["items"]
    return next(p["uid"] for item in items for p in item["paragraphs"] if p["number"] == number)


def correct(minutes, by, number="1.1", text="The training is in May.", kind="correction", **said):
    """A correction by the service, of one paragraph or of the short version."""
    version = Minutes.objects.get(pk=minutes.pk).shown_version
    key = number if number == "short" else uid_of(Minutes.objects.get(pk=minutes.pk), number)
    return correct_minutes(
        minutes=minutes,
        number=version.number,
        renditions=amending.reworded(version.full, version.public, key, text=text, **said),
        kind=kind,
        note=NOTE["note"],
        approved_by_words=NOTE["approved_by_words"],
        by=by,
    )


def press(client, minutes, key, show=False, **data):
    """See both texts, then press the button, as a person does."""
    address = reverse("meetings:minutes_correct", args=[minutes.meeting.slug, key])
    address += "?show=1" if show else ""
    number = Minutes.objects.get(pk=minutes.pk).shown_version.number
    data = {**NOTE, "kind": "correction", "number": number, **data}
    seen = client.post(address, {**data, "do": "look"})
    assert seen.status_code == 200
    form = seen.context["form"]
    if form.errors:
        return seen
    return client.post(address, {**data, "do": "make", "seen": form.fingerprint}, follow=True)


# The coordinator's page ---------------------------------------------------------------------------


def test_page_when_minutes_are_public_lists_every_place(client_for, coordinator, minutes):
    page = client_for(coordinator).get(
        reverse("meetings:corrections_start", args=[minutes.meeting.slug])
    )
    assert "The short version" in page.text
    assert "The training is in March" in page.text
    assert "Who was invited and who came" in page.text


def test_correction_when_looked_at_and_made_then_everyone_reads_it(
    client_for, coordinator, minutes
):
    done = press(
        client_for(coordinator), minutes, uid_of(minutes, "1.1"), text="The training is in May."
    )

    assert "Version 2 is what everyone reads now" in done.text
    public = client_for(None).get(minutes.meeting.get_absolute_url()).text
    assert "The training is in May." in public
    assert "The training is in March" not in public
    assert "The month was misheard." in public
    assert "Agreed by: The people who were there" in public
    assert "Corrected" in public


def test_correction_when_nobody_looked_then_not_made_yet(client_for, coordinator, minutes):
    address = reverse(
        "meetings:minutes_correct", args=[minutes.meeting.slug, uid_of(minutes, "1.1")]
    )
    data = {**NOTE, "kind": "correction", "number": 1, "text": "Other.", "do": "make", "seen": "x"}
    page = client_for(coordinator).post(address, data)

    assert "What everyone will read" in page.text
    assert not Correction.objects.exists()


@pytest.mark.parametrize("missing", ["note", "approved_by_words", "checked"])
def test_correction_when_something_is_missing_then_asked_for_and_kept(
    client_for, coordinator, minutes, missing
):
    page = press(
        client_for(coordinator),
        minutes,
        uid_of(minutes, "1.1"),
        text="The training is in May.",
        **{missing: ""},
    )
    assert "<title>Error: " in page.text
    assert "The training is in May." in page.text
    assert not Correction.objects.exists()


def test_correction_when_nothing_changes_then_refused(client_for, coordinator, minutes):
    text = minutes.shown_version.paragraph(uid_of(minutes, "1.1"), full=True)["text"]
    page = press(client_for(coordinator), minutes, uid_of(minutes, "1.1"), text=text)
    assert "Nothing would change" in page.text


def test_correction_when_number_is_old_then_refused(coordinator, minutes):
    version = minutes.shown_version
    correct(minutes, coordinator)
    with pytest.raises(TransitionNotAllowed, match="Version 2 is there already"):
        correct_minutes(
            minutes=minutes,
            number=1,
            renditions=amending.reworded(version.full, version.public, "short", text="New."),
            kind="correction",
            note="n",
            approved_by_words="a",
            by=coordinator,
        )


def test_correction_when_minutes_are_only_agreed_then_refused(coordinator, meeting):
    written = written_minutes(meeting, by=coordinator, items=ITEMS)
    agreed = agree(send_out(written, by=coordinator, days_ago=10))
    version = agreed.agreed_version
    with pytest.raises(TransitionNotAllowed, match="have been published"):
        correct_minutes(
            minutes=agreed,
            number=1,
            renditions=amending.reworded(version.full, version.public, "short", text="New."),
            kind="correction",
            note="n",
            approved_by_words="a",
            by=coordinator,
        )


# What becomes of both versions --------------------------------------------------------------------


def test_case_4_error_found_after_publication(client_for, coordinator, minutes):
    """The old version stays, both are downloadable, the same address shows the newest."""
    client = client_for(None)
    here = minutes.meeting.get_absolute_url()
    before = client.get(f"{here}minutes.pdf").content
    first = Version.objects.get()

    correct(minutes, coordinator)

    old = client.get(f"{here}earlier/1/")
    assert old.status_code == 200
    assert "The training is in March" in old.text
    assert "The month was misheard." in old.text
    assert client.get(f"{here}minutes-1.pdf").content == before
    newest = client.get(f"{here}minutes-2.pdf").content
    assert newest == client.get(f"{here}minutes.pdf").content != before
    assert "The training is in May." in words_of(newest)
    assert "The month was misheard." in words_of(newest)
    assert client.get(f"{here}earlier/2/")["Location"] == here
    shown = Minutes.objects.get()
    assert shown.shown_version.number == 2
    assert shown.agreed_version == first
    assert Version.objects.get(number=1).public_sha256 == first.public_sha256
    assert AuditEvent.objects.filter(verb="correct", by_id=coordinator.pk).count() == 1


def test_correction_when_made_then_pdf_keeps_every_rule_of_pdf_ua(coordinator, minutes):
    correct(minutes, coordinator)
    made = bytes(Document.objects.latest("pk").body)
    report = pdf_page.validate_pdf_bytes(made, profile="ua1")
    assert [f"{f.rule_id}: {f.message}" for f in report.failures] == []


def test_correction_when_made_then_nothing_but_one_place_changes(coordinator, minutes):
    Paragraph.objects.filter(text__startswith="Print").update(text="Never agreed.")
    before = minutes.shown_version
    correct(minutes, coordinator)
    after = Version.objects.get(number=2)
    assert amending.changed_uids(before.full, after.full) == {uid_of(minutes, "1.1")}
    assert "Never agreed." not in str(after.full)
    assert after.public_sha256 == sha256_of(after.public) != before.public_sha256


def test_correction_when_page_was_stored_then_reader_gets_the_new_one(
    client_for, coordinator, minutes
):
    client, here = client_for(None), minutes.meeting.get_absolute_url()
    etag = client.get(here)["ETag"]
    assert client.get(here, headers={"If-None-Match": etag}).status_code == 304
    correct(minutes, coordinator)
    again = client.get(here, headers={"If-None-Match": etag})
    assert again.status_code == 200
    assert "in May" in again.text
    assert "in May" in client.get("/").text or "The training" not in client.get("/").text


def test_correction_of_an_action_when_made_then_its_record_follows(
    client_for, coordinator, minutes
):
    press(
        client_for(coordinator),
        minutes,
        uid_of(minutes, "1.3"),
        text="Print the cards. (Ann, by 12 October)",
        who="Ann",
        due_text="12 October",
    )
    record = ActionItem.objects.get()
    assert (record.due_text, record.due_on.day) == ("12 October", 12)
    page = client_for(None).get(minutes.meeting.get_absolute_url()).text
    assert "2 October" not in page.replace("12 October", "")


def test_correction_of_the_short_version_when_made_then_home_shows_it(
    client_for, coordinator, minutes
):
    press(client_for(coordinator), minutes, "short", text="Families know in May.")
    assert "Families know in May." in client_for(None).get("/").text
    page = client_for(None).get(minutes.meeting.get_absolute_url()).text
    assert "The short version: changed" in page


def test_correction_of_who_came_when_made_then_counts_and_share_change(
    client_for, coordinator, minutes
):
    rows = minutes.shown_version.public["who"]["rows"]
    counts = {f"invited_{n}": 9 for n in range(len(rows))} | {
        f"came_{n}": 3 for n in range(len(rows))
    }
    press(client_for(coordinator), minutes, "who", parents=1, **counts)
    who = Version.objects.get(number=2).public["who"]
    assert (who["total"], who["parents"]) == (3 * len(rows), 1)
    assert who["below_share"] is True
    page = client_for(None).get(minutes.meeting.get_absolute_url()).text
    assert f"Parents were 1 of {3 * len(rows)}: below the forum’s third." in page
    assert "Barnaby" not in page


def test_correction_of_who_came_when_more_came_than_invited_then_refused(
    client_for, coordinator, minutes
):
    rows = minutes.shown_version.public["who"]["rows"]
    counts = {f"invited_{n}": 1 for n in range(len(rows))} | {
        f"came_{n}": 3 for n in range(len(rows))
    }
    page = press(client_for(coordinator), minutes, "who", parents=1, **counts)
    assert "More came than were invited" in page.text


# Private parts ------------------------------------------------------------------------------------


def test_private_correction_when_made_then_public_text_stays_and_note_shows(
    client_for, coordinator, minutes
):
    before = minutes.shown_version
    press(
        client_for(coordinator),
        minutes,
        uid_of(minutes, "1.2"),
        text="We met Barnaby twice.",
        note="A private paragraph was put right.",
    )
    after = Version.objects.get(number=2)
    assert after.public == before.public
    assert after.public_sha256 == before.public_sha256
    assert "Barnaby twice" in str(after.full)
    page = client_for(None).get(minutes.meeting.get_absolute_url()).text
    assert "A private paragraph was put right." in page
    assert "Barnaby" not in page
    assert "Barnaby" not in everything_in(bytes(after.document.body))


def test_private_correction_when_note_repeats_it_then_refused(client_for, coordinator, minutes):
    page = press(
        client_for(coordinator),
        minutes,
        uid_of(minutes, "1.2"),
        text="We met Barnaby twice.",
        note="Before it said: we met Barnaby privately.",
    )
    assert "can’t repeat what is private" in page.text
    assert not Correction.objects.exists()


def test_release_when_decided_then_shown_with_who_decided(client_for, coordinator, minutes):
    uid = uid_of(minutes, "1.2")
    assert "Barnaby" not in client_for(None).get(minutes.meeting.get_absolute_url()).text

    press(
        client_for(coordinator),
        minutes,
        uid,
        show=True,
        note="The family asked for it.",
        approved_by_words="The parents’ meeting on 1 March",
    )

    assert Correction.objects.get().kind == "release"
    page = client_for(None).get(minutes.meeting.get_absolute_url()).text
    assert "We met Barnaby privately." in page
    assert "The parents’ meeting on 1 March" in page
    assert (
        "Barnaby"
        not in client_for(None).get(f"{minutes.meeting.get_absolute_url()}earlier/1/").text
    )


def test_release_when_nothing_is_private_there_then_not_found(client_for, coordinator, minutes):
    address = reverse(
        "meetings:minutes_correct", args=[minutes.meeting.slug, uid_of(minutes, "1.1")]
    )
    assert client_for(coordinator).get(f"{address}?show=1").status_code == 404


# Taking out ---------------------------------------------------------------------------------------


def test_redaction_when_made_then_words_are_gone_from_every_public_copy(
    client_for, coordinator, minutes
):
    client, here = client_for(None), minutes.meeting.get_absolute_url()
    for address in ("", "minutes.pdf", "minutes.json", "minutes-1.pdf"):
        client.get(f"{here}{address}")  # stored, as on any day
    assert CANARY in client.get(here).text

    press(
        client_for(coordinator),
        minutes,
        uid_of(minutes, "1.1"),
        kind="redaction",
        text="The training is in March. A parent drives.",
        note="A name was taken out.",
    )

    assert "A parent drives." in client.get(here).text
    public = [here, "/", "/meetings/", f"{here}minutes.json", f"{here}earlier/1/"]
    for address in public:
        assert CANARY not in client.get(address).text, address
    assert client.get(f"{here}earlier/1/").status_code == 410
    assert "A name was taken out." in client.get(f"{here}minutes-1.pdf").text
    assert client.get(f"{here}minutes-1.pdf").status_code == 410
    assert CANARY not in everything_in(client.get(f"{here}minutes.pdf").content)
    assert CANARY not in str(list(Paragraph.objects.values_list("text", flat=True)))
    assert Version.objects.get(number=1).public_sha256  # the hash of the old one is kept


def test_redaction_when_reader_of_the_draft_opens_old_versions_then_not_there(
    client_for, coordinator, rep, rep_of_other_group, minutes
):
    correct(minutes, coordinator, text="A parent drives.", kind="redaction")
    for person in (rep, rep_of_other_group, coordinator):
        for name, args in (("version_detail", [1]), ("version_detail", [2]), ("minutes_draft", [])):
            address = reverse(f"meetings:{name}", args=[minutes.meeting.slug, *args])
            page = client_for(person).get(address)
            assert page.status_code == 200
            assert CANARY not in page.text, (person, address)


def test_redaction_when_a_comment_quotes_the_words_then_no_page_shows_them(
    client_for, coordinator, rep, minutes
):
    comment_later(
        version=minutes.shown_version,
        invitation=minutes.meeting.invitations.get(person=rep),
        uid=uid_of(minutes, "1.1"),
        kind="wrong",
        speaking_for="myself",
        text="Not so.",
        quote=CANARY,
        once=uuid.uuid4(),
        by=rep,
    )
    pages = [
        (person, reverse(f"meetings:{name}", args=[minutes.meeting.slug]))
        for person, name in (
            (rep, "minutes_draft"),
            (coordinator, "minutes_draft"),
            (coordinator, "comments_settle"),
        )
    ]
    assert all(CANARY in client_for(person).get(address).text for person, address in pages)
    correct(minutes, coordinator, text="A parent drives.", kind="redaction")
    for person, address in pages:
        page = client_for(person).get(address).text
        assert "Not so." in page
        assert CANARY not in page, (person, address)


def test_redaction_when_no_words_are_given_then_a_marker_stands_there(
    client_for, coordinator, minutes
):
    press(client_for(coordinator), minutes, uid_of(minutes, "1.1"), kind="redaction", text="")
    assert (
        "[Taken out on "
        in Version.objects.get(number=2).public["items"][0]["paragraphs"][0]["text"]
    )


def test_redaction_when_the_name_stands_elsewhere_then_said_before(
    client_for, coordinator, minutes
):
    correct(minutes, coordinator, "short", text=f"{CANARY} drives.")
    address = reverse(
        "meetings:minutes_correct", args=[minutes.meeting.slug, uid_of(minutes, "1.1")]
    )
    data = {**NOTE, "kind": "redaction", "number": 2, "text": "A parent drives.", "do": "look"}
    page = client_for(coordinator).post(address, data)
    assert "The same words stand in The short version too" in page.text


def test_redaction_when_note_repeats_the_name_then_refused(client_for, coordinator, minutes):
    page = press(
        client_for(coordinator),
        minutes,
        uid_of(minutes, "1.1"),
        kind="redaction",
        text="A parent drives.",
        note=f"{CANARY} was taken out.",
    )
    assert "The note repeats what you are taking out" in page.text


# Drafts are never there ---------------------------------------------------------------------------


def test_earlier_address_when_version_was_a_draft_then_not_found(
    client_for, coordinator, rep, officer
):
    from meetings.services.minutes import circulate_minutes, save_section

    meeting = past_meeting(rep, officer, days=20)
    minutes = send_out(written_minutes(meeting, by=coordinator), by=coordinator, days_ago=12)
    section = minutes.sections.get()
    save_section(section=section, text="Changed.", edit_no=section.edit_no, by=coordinator)
    from datetime import timedelta

    from django.utils import timezone

    circulate_minutes(
        minutes=minutes, number=2, by=coordinator, at=timezone.now() - timedelta(days=9)
    )
    publish(agree(Minutes.objects.get(pk=minutes.pk)), by=coordinator)
    client, here = client_for(None), meeting.get_absolute_url()
    for address in ("earlier/1/", "minutes-1.pdf", "earlier/3/", "minutes-99999999999999999.pdf"):
        assert client.get(f"{here}{address}").status_code == 404, address
    assert client.get(f"{here}minutes-2.pdf").status_code == 200


# Who is told --------------------------------------------------------------------------------------


def test_letters_when_corrected_then_everybody_invited_and_contacts_hear(
    coordinator, rep_of_other_group, minutes, outbox_drained
):
    PublicityChannel.objects.create(name="Local Offer", email="offer@council.example")
    PublicityChannel.objects.create(name="Library", email="lib@x.example", is_used=False)
    correct(minutes, coordinator)
    told = [mail for mail in outbox_drained() if "changed in the minutes" in mail.subject]
    addresses = {mail.to[0] for mail in told}
    assert len(told) == 5
    assert {rep_of_other_group.email, "offer@council.example"} <= addresses
    assert "lib@x.example" not in addresses
    for mail in told:
        assert len(mail.subject) <= 50
        assert "The month was misheard." in mail.body
        assert "paragraph 1.1" in mail.body
        assert "Barnaby" not in mail.body


def test_letters_when_private_part_was_corrected_then_no_word_of_it(
    coordinator, minutes, outbox_drained
):
    correct(minutes, coordinator, "1.2", text="We met Barnaby twice.")
    told = [mail for mail in outbox_drained() if "changed in the minutes" in mail.subject]
    assert told
    for mail in told:
        assert "Barnaby" not in mail.body
        assert "What everyone can read hasn’t changed." in mail.body


def test_correction_when_minutes_are_withdrawn_then_told_when_published_again(
    coordinator, minutes, client_for
):
    withdraw_minutes(minutes=minutes, reason="A name was in it.", by=coordinator)
    correct(minutes, coordinator, text="A parent drives.", kind="redaction")
    letters = Message.objects.filter(template="meetings/minutes_corrected")
    assert not letters.exists()
    assert (
        client_for(None).get(f"{minutes.meeting.get_absolute_url()}minutes-2.pdf").status_code
        == 410
    )

    publish(Minutes.objects.get(), by=coordinator)

    assert letters.count() == 4
    assert Minutes.objects.get().shown_version.number == 2
    assert "A parent drives." in client_for(None).get(minutes.meeting.get_absolute_url()).text
    assert CANARY not in client_for(None).get(minutes.meeting.get_absolute_url()).text


def test_letters_when_corrected_twice_then_each_once(coordinator, minutes):
    correct(minutes, coordinator)
    correct(minutes, coordinator, text="The training is in June.")
    assert Message.objects.filter(template="meetings/minutes_corrected").count() == 8
    assert Minutes.objects.get().shown_version.number == 3


def test_published_letter_when_corrected_meanwhile_then_holds_the_newest(coordinator, minutes):
    correct(minutes, coordinator, "short", text="Families know in May.")
    message = Message.objects.filter(template="meetings/minutes_published").first()
    assert "Families know in May." in outbox.write(message).text


def test_parents_minutes_when_corrected_then_officers_still_read_them(
    coordinator, rep, client_for, officer
):
    meeting = past_meeting(rep, coordinator, days=20, audience="parents")
    minutes = published_minutes(meeting, by=coordinator, items=ITEMS)
    correct(minutes, coordinator)
    assert client_for(officer).get(f"{meeting.get_absolute_url()}earlier/1/").status_code == 200
    withdraw_minutes(minutes=Minutes.objects.get(), reason="Why", by=coordinator)
    for address in ("earlier/1/", "minutes-1.pdf", "minutes.pdf", "minutes.json"):
        page = client_for(officer).get(f"{meeting.get_absolute_url()}{address}")
        assert page.status_code == 404, address
