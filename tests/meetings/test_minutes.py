"""Writing minutes, keeping parts private, sending a draft, reading it."""

import threading
from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.db import connection, connections
from django.test import TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from coprod import links
from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent, Message
from meetings.models import ActionItem, Ask, Invitation, Minutes, Paragraph, Version
from meetings.services import minutes as services
from meetings.services.comments import settle_comment
from tests.factories.meetings import AgendaItemFactory, coming_meeting, invite, past_meeting
from tests.factories.members import MemberGroupFactory, PersonFactory, SeatFactory
from tests.factories.minutes import (
    circulated,
    comment,
    first_section,
    paragraphs,
    rewrite,
    written,
)

SECRET = "One family told us that the respite worker never came that night"
PLANTED = "zebrafinch"


@pytest.fixture
def meeting(coordinator, rep, officer, rep_of_other_group):
    """Held five days ago: the coordinator, a rep and an officer came; another rep didn't."""
    return past_meeting(coordinator, rep, officer, absent=[rep_of_other_group])


def at(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


def draft_link(person, meeting):
    invitation = meeting.invitations.get(person=person)
    token = links.make("draft", person=person, about=invitation.pk)
    return reverse("meetings:minutes_draft_by_link", args=[token])


# Writing ------------------------------------------------------------------------------------------


def test_overview_when_opened_makes_nothing(client_for, coordinator, meeting):
    AgendaItemFactory(meeting=meeting, title="Short breaks")

    page = client_for(coordinator).get(at("minutes_write", meeting))

    assert "Nothing written yet" in page.text
    assert "Day 5 of 14" in page.text
    assert not Minutes.objects.exists()


def test_overview_when_agenda_is_empty_leads_to_it(client_for, coordinator, meeting):
    page = client_for(coordinator).get(at("minutes_write", meeting))

    assert at("agenda_edit", meeting) in page.text


def test_section_when_saved_shows_how_it_was_read(client_for, coordinator, meeting):
    item = AgendaItemFactory(meeting=meeting)
    text = "It was said.\n\nAction: Hester to ring by 2 October\n\nAsk: Put it online"

    page = client_for(coordinator).post(
        at("section_edit", meeting, item.pk), {"text": text, "edit_no": 0}, follow=True
    )

    assert page.status_code == 200
    assert "Saved. Below is how we read it." in page.text
    assert 'id="p1-2"' in page.text
    assert "2 October" in page.text
    assert "No date found" in page.text
    action = ActionItem.objects.get()
    assert (action.owner, action.due_on.month) == ("Hester", 10)
    assert Ask.objects.get().text == "Put it online"


def test_section_when_saved_to_go_on_then_opens_the_next_item(client_for, coordinator, meeting):
    first, second = AgendaItemFactory(meeting=meeting), AgendaItemFactory(meeting=meeting)
    client = client_for(coordinator)
    here, there = (at("section_edit", meeting, item.pk) for item in (first, second))
    assert "Save, and write item 2" in client.get(here).text
    assert "Save, and write" not in client.get(there).text

    moved = client.post(here, {"text": "Said.", "edit_no": 0, "then": "on"})

    assert moved["Location"] == there
    assert Paragraph.objects.get().text == "Said."
    assert f"“{first.title}” is saved." in client.get(there).text


def test_section_when_private_words_moved_then_stays_to_have_them_looked_at(
    client_for, coordinator, meeting
):
    first = AgendaItemFactory(meeting=meeting)
    AgendaItemFactory(meeting=meeting)
    client = client_for(coordinator)
    here = at("section_edit", meeting, first.pk)
    client.post(here, {"text": f"{SECRET} {PLANTED}.", "edit_no": 0})
    services.keep_private(paragraph=Paragraph.objects.get(), reason="One family", by=coordinator)

    typed = {"text": f"{SECRET}.\n\n{SECRET} {PLANTED}.", "edit_no": 1, "then": "on"}

    assert client.post(here, typed)["Location"] == here


def test_section_when_named_minute_taker_saves_it_works(client_for, rep, meeting):
    meeting.minute_taker = rep
    meeting.save()
    item = AgendaItemFactory(meeting=meeting)

    client_for(rep).post(at("section_edit", meeting, item.pk), {"text": "Said.", "edit_no": 0})

    assert Paragraph.objects.get().text == "Said."


def test_section_when_edited_keeps_ids_and_records(coordinator, meeting):
    minutes = written(
        meeting, "One was said.\n\nAction: Hester to ring by 2 October", by=coordinator
    )
    before = list(Paragraph.objects.order_by("position").values_list("uid", flat=True))
    done = ActionItem.objects.get()
    done.done_at = timezone.now()
    done.save()

    rewrite(
        minutes,
        "New first.\n\nOne was said twice.\n\nAction: Hester to ring by 3 October",
        by=coordinator,
    )

    after = list(Paragraph.objects.living().values_list("uid", flat=True))
    assert after[1:] == before
    assert ActionItem.objects.get().done_at is not None
    assert ActionItem.objects.get().due_text == "3 October"


def test_section_when_paragraph_goes_never_gives_its_id_to_another(coordinator, meeting):
    minutes = written(meeting, "Action: Hester to ring", by=coordinator)
    uid = Paragraph.objects.get().uid

    rewrite(minutes, "Something else entirely, at length.", by=coordinator)
    rewrite(minutes, "Action: Hester to ring", by=coordinator)

    assert Paragraph.objects.living().get().uid != uid
    assert Paragraph.objects.get(uid=uid).retired_at is not None
    assert ActionItem.objects.count() == 1


def test_section_when_saved_costs_the_same_for_any_length(
    coordinator, meeting, django_assert_max_num_queries
):
    minutes = written(meeting, "One.", by=coordinator)
    text = "\n\n".join(f"Action: Person {n} to ring council {n} by 2 October" for n in range(60))

    with django_assert_max_num_queries(45):  # pages of 60 rows make several of the same statement
        rewrite(minutes, text, by=coordinator)
    assert ActionItem.objects.count() == 60


def test_section_when_somebody_saved_first_shows_both_texts(client_for, coordinator, rep, meeting):
    minutes = written(meeting, "It was said.", by=coordinator)
    item = first_section(minutes).item
    rewrite(minutes, "It was said by everyone.", by=coordinator)
    address = at("section_edit", meeting, item.pk)

    page = client_for(coordinator).post(address, {"text": "Mine was longer.", "edit_no": 1})

    assert page.status_code == 409
    for words in ("It was said by everyone.", "Mine was longer."):
        assert page.text.count(words) == 2  # beside each other, and together in the box
    assert first_section(minutes).text == "It was said by everyone."

    edit_no = first_section(minutes).edit_no
    client_for(coordinator).post(address, {"text": "Both.", "edit_no": edit_no})
    assert first_section(minutes).text == "Both."


def test_section_when_same_text_is_sent_twice_changes_once(client_for, coordinator, meeting):
    item = AgendaItemFactory(meeting=meeting)
    client = client_for(coordinator)

    for _ in range(2):
        client.post(at("section_edit", meeting, item.pk), {"text": "Said.", "edit_no": 0})

    assert Paragraph.objects.get().text == "Said."
    assert AuditEvent.objects.filter(verb="edit_minutes").count() == 1


@pytest.mark.parametrize("text", ["x" * 60_001, "a\n\n" * 201])
def test_section_when_text_is_too_long_keeps_it_and_says_so(client_for, coordinator, meeting, text):
    item = AgendaItemFactory(meeting=meeting)

    page = client_for(coordinator).post(
        at("section_edit", meeting, item.pk), {"text": text, "edit_no": 0}
    )

    assert page.status_code == 200
    assert page.context["form"].errors["text"]
    assert text[:100] in page.text
    assert not Paragraph.objects.exists()


def test_section_when_ten_megabytes_are_pasted_refuses_with_a_page(
    client_for, coordinator, meeting
):
    item = AgendaItemFactory(meeting=meeting)

    page = client_for(coordinator).post(
        at("section_edit", meeting, item.pk), {"text": "x" * 10_000_000, "edit_no": 0}
    )

    assert page.status_code in (400, 413)
    assert "<h1" in page.text


def test_short_version_when_long_lists_it_and_keeps_it(client_for, coordinator, meeting):
    long = "word " * 20 + "."

    page = client_for(coordinator).post(at("minutes_short", meeting), {"text": long}, follow=True)

    assert "1 sentence" in page.text
    assert "1 is longer than 15 words" in page.text
    assert Minutes.objects.get().short_version.startswith("word word")


@pytest.mark.parametrize("name", ["coordinator", "rep"])
def test_pages_when_text_is_hostile_show_it_as_words(
    request, client_for, coordinator, meeting, name
):
    hostile = "<script>alert(1)</script> <b>bold</b> \x00 \u202edrawkcab \n\nAction: <img src=x>"
    meeting.title = "<i>Title</i>"
    meeting.save()
    version = circulated(meeting, hostile.replace("\x00", ""), by=coordinator)
    client = client_for(request.getfixturevalue(name))
    pages = [at("minutes_draft", meeting), at("version_detail", meeting, 1)]
    if name == "coordinator":
        item = first_section(version.minutes).item
        pages += [at(page, meeting) for page in ("minutes_write", "comments_settle")]
        pages += [at("section_edit", meeting, item.pk), at("minutes_publish", meeting)]
        client.post(pages[-2], {"text": hostile, "edit_no": 1})
    for page in pages:
        html = client.get(page).text
        assert "<script>alert" not in html
        assert "<img" not in html
        assert "<i>Title" not in html
    if name == "coordinator":
        assert "\x00" not in first_section(version.minutes).text
        assert "\u202e" not in first_section(version.minutes).text


# Keeping parts private ----------------------------------------------------------------------------


def test_private_when_kept_needs_a_reason(client_for, coordinator, meeting):
    written(meeting, SECRET, by=coordinator)
    paragraph = Paragraph.objects.get()
    address = at("paragraph_private", meeting, paragraph.uid)

    page = client_for(coordinator).post(address, {"reason": "", "public_text": "Kept words"})

    assert "Say why it’s kept private" in page.text
    assert "Kept words" in page.text
    paragraph.refresh_from_db()
    assert not paragraph.is_private


def test_private_when_kept_and_taken_back_changes_the_public_text(client_for, coordinator, meeting):
    minutes = written(meeting, SECRET, by=coordinator)
    address = at("paragraph_private", meeting, Paragraph.objects.get().uid)
    client = client_for(coordinator)

    client.post(address, {"reason": "It would point to one family.", "public_text": ""})
    public = services.renditions.build(minutes)[1]["items"][0]["paragraphs"][0]
    assert (public["text"], public["private_reason"]) == ("", "It would point to one family.")

    client.post(address, {"public": "1"})
    public = services.renditions.build(minutes)[1]["items"][0]["paragraphs"][0]
    assert public["text"] == SECRET


@pytest.mark.parametrize(
    "text",
    [
        f"{SECRET}.\n\n{SECRET.split('respite')[0]} once more",
        "They said that the respite worker never came, which is serious.",
        f"Public before. {SECRET}",
    ],
)
def test_private_when_its_words_move_stay_private(coordinator, meeting, text):
    minutes = written(meeting, f"Public before.\n\n{SECRET}", by=coordinator)
    hidden = Paragraph.objects.get(text=SECRET)
    services.keep_private(paragraph=hidden, reason="One family", by=coordinator)

    rewrite(minutes, text, by=coordinator)

    assert "respite" not in str(services.renditions.build(minutes)[1])


def test_private_when_its_words_move_to_another_item_stay_private(coordinator, meeting):
    minutes = written(meeting, SECRET, "Public.", by=coordinator)
    hidden = Paragraph.objects.get(text=SECRET)
    services.keep_private(paragraph=hidden, reason="One family", by=coordinator)

    rewrite(minutes, f"Public.\n\n{SECRET}", by=coordinator, item=1)
    rewrite(minutes, "Nothing here.", by=coordinator, item=0)

    assert "respite" not in str(services.renditions.build(minutes)[1])


@pytest.fixture
def planted(coordinator, meeting):
    """A version with a word that only those who were there may read, in five places."""
    minutes = written(
        meeting, f"Public.\n\nThe {PLANTED} is private.", f"A {PLANTED}.", by=coordinator
    )
    hidden = Paragraph.objects.get(text__contains="is private")
    services.keep_private(paragraph=hidden, reason="One family", by=coordinator)
    item = list(minutes.sections.all())[1].item
    item.is_private, item.private_reason, item.title = True, "Staff matter", f"The {PLANTED}"
    item.lead = PLANTED
    item.save()
    version = services.circulate_minutes(minutes=minutes, number=1, by=coordinator)
    said = comment(version, meeting.invitations.attended().first().person, place=1, text=PLANTED)
    settle_comment(comment=said, outcome="not_changed", reason=f"{PLANTED} again", by=coordinator)
    return version


def test_private_when_version_is_frozen_is_only_in_its_full_rendition(planted):
    assert PLANTED in str(planted.full)
    assert PLANTED not in str(planted.public)


def test_private_when_reader_was_not_there_is_on_no_page(client_for, planted, rep_of_other_group):
    meeting = planted.minutes.meeting
    client = client_for(rep_of_other_group)
    uid = paragraphs(planted)[1]["uid"]
    pages = [
        client.get(at("minutes_draft", meeting)),
        client.get(at("version_detail", meeting, 1)),
        client.get(f"{at('minutes_draft', meeting)}?comment={uid}"),
        client_for(None).get(draft_link(rep_of_other_group, meeting)),
        client.get(meeting.get_absolute_url()),
        client_for(None).get(meeting.get_absolute_url()),
    ]
    for page in pages:
        assert page.status_code == 200
        assert PLANTED not in page.text
    assert "One paragraph is kept private." in pages[0].text
    assert "This item is kept private." in pages[0].text


def test_private_when_reader_was_there_is_on_the_page(client_for, planted, rep):
    page = client_for(rep).get(at("minutes_draft", planted.minutes.meeting))

    assert page.text.count(PLANTED) >= 4  # title, two paragraphs, the comment


def test_private_when_letters_go_out_is_in_none_to_those_who_were_not_there(
    planted, outbox_drained, rep_of_other_group
):
    theirs = [mail for mail in outbox_drained() if mail.to == [rep_of_other_group.email]]

    assert theirs
    assert all(PLANTED not in mail.body + str(mail.alternatives) for mail in theirs)


def test_private_when_preview_is_public_is_not_in_it(client_for, coordinator, planted):
    meeting = planted.minutes.meeting
    client = client_for(coordinator)

    assert PLANTED not in client.get(at("minutes_preview_public", meeting)).text
    assert PLANTED in client.get(at("minutes_preview_full", meeting)).text
    assert PLANTED not in client.get(at("minutes_publish", meeting)).text


# Sending ------------------------------------------------------------------------------------------


def test_sending_when_opened_counts_and_sends_nothing(client_for, coordinator, meeting):
    written(meeting, by=coordinator)

    page = client_for(coordinator).get(at("minutes_circulate", meeting))

    assert "4 e-mails to the 4 people" in page.text
    assert "3 people get everything" in page.text
    assert "1 other person gets" in page.text
    assert not Message.objects.exists()


def test_sending_when_pressed_twice_sends_once_and_says_so(
    client_for, coordinator, meeting, person_without_email
):
    invite(meeting, person_without_email)
    written(meeting, by=coordinator)
    client = client_for(coordinator)

    client.post(at("minutes_circulate", meeting), {"number": 1})
    second = client.post(at("minutes_circulate", meeting), {"number": 1}, follow=True)

    assert "Nothing went out twice" in second.text
    assert Version.objects.count() == 1
    drafts = Message.objects.filter(template="meetings/minutes_draft")
    assert drafts.count() == 5
    assert drafts.filter(channel="letter").count() == 1


@pytest.mark.parametrize("case", ["nobody", "empty", "future", "unchanged", "skipped"])
def test_sending_when_it_makes_no_sense_is_refused(client_for, coordinator, rep, case):
    meeting = coming_meeting(rep) if case == "future" else past_meeting(rep)
    text = "" if case == "empty" else "Said."
    minutes = written(meeting, text, by=coordinator)
    number = 1
    if case == "nobody":
        Invitation.objects.all().delete()
    if case == "unchanged":
        services.circulate_minutes(minutes=minutes, number=1, by=coordinator)
        number = 2
    if case == "skipped":
        number = 7
    before = Version.objects.count()

    with pytest.raises(TransitionNotAllowed):
        services.circulate_minutes(minutes=minutes, number=number, by=coordinator)

    page = client_for(coordinator).get(at("minutes_circulate", meeting))
    assert page.status_code == 200
    assert ("<button" not in page.text) == (case != "skipped")
    assert Version.objects.count() == before


def test_sending_when_nobody_is_invited_leads_to_inviting(client_for, coordinator, rep):
    meeting = past_meeting(rep)
    written(meeting, by=coordinator)
    Invitation.objects.all().delete()

    page = client_for(coordinator).get(at("minutes_circulate", meeting))

    assert at("meeting_invite", meeting) in page.text


def test_sending_when_recorded_later_then_says_nowhere_that_it_is_sent(
    client_for, coordinator, rep
):
    meeting = past_meeting(coordinator, rep, days=400, created_at=timezone.now())
    written(meeting, by=coordinator)
    client = client_for(coordinator)

    asked = client.get(at("minutes_circulate", meeting)).text
    assert "Share the draft" in asked
    assert "Send the draft" not in asked

    done = client.post(at("minutes_circulate", meeting), {"number": 1}, follow=True).text
    assert "Version 1 of the draft can be read here now. Nothing was sent." in done
    assert "on its way" not in done


def test_sending_when_text_changed_marks_what_did(client_for, coordinator, rep, meeting):
    version = circulated(meeting, "It was said.\n\nThat stays.\n\nThat goes.", by=coordinator)
    rewrite(version.minutes, "It was shouted.\n\nThat stays.\n\nThis is new.", by=coordinator)
    services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)

    page = client_for(rep).get(at("minutes_draft", meeting))

    assert "<del>said.</del><ins>shouted.</ins>" in page.text
    assert "version 2" in page.text


def test_draft_letter_when_written_fits_its_reader(
    coordinator, meeting, outbox_drained, rep, rep_of_other_group
):
    circulated(meeting, "Said.", by=coordinator)

    mails = {mail.to[0]: mail for mail in outbox_drained()}

    assert len(mails) == 4
    assert all(len(mail.subject) <= 50 for mail in mails.values())
    assert mails[rep.email].subject.startswith("Check the draft minutes by ")
    assert "fair record" in mails[rep.email].body
    assert "fair record" not in mails[rep_of_other_group.email].body
    assert "/meetings/minutes/" in mails[rep.email].body


def test_draft_letter_when_title_has_a_line_break_makes_no_header(
    coordinator, meeting, outbox_drained
):
    meeting.title = "Meeting\nBcc: everyone@larkmere.example"
    meeting.save()
    circulated(meeting, "Said.", by=coordinator)

    for mail in outbox_drained():
        assert "\n" not in mail.subject
        assert "Bcc" not in mail.message()


@pytest.mark.parametrize("case", ["inactive", "left", "uninvited", "newer", "published"])
def test_draft_letter_when_no_longer_due_is_dropped(
    coordinator, meeting, outbox_drained, rep, case
):
    version = circulated(meeting, "Said.", by=coordinator)
    message = Message.objects.get(person=rep)
    if case == "inactive":
        rep.is_active = False
        rep.save()
    elif case == "left":
        rep.seats.get().end(by=coordinator)
    elif case == "uninvited":
        meeting.invitations.filter(person=rep).delete()
    elif case == "newer":
        rewrite(version.minutes, "Said better.", by=coordinator)
        services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)
    else:
        Minutes.objects.update(
            state="published",
            agreed_version=version,
            shown_version=version,
            published_at=timezone.now(),
        )

    outbox_drained()

    message.refresh_from_db()
    assert message.state == "dropped"


# Reading ------------------------------------------------------------------------------------------


def test_link_when_opened_shows_whose_it_is_and_changes_nothing(
    client_for, coordinator, meeting, rep
):
    circulated(meeting, "Said.", by=coordinator)
    events = AuditEvent.objects.count()

    page = client_for(None).get(draft_link(rep, meeting))

    assert page.status_code == 200
    assert f"This link is for <strong>{rep.name}" in page.text
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "private, no-store"
    assert AuditEvent.objects.count() == events


@pytest.mark.parametrize("case", ["altered", "purpose", "inactive", "uninvited", "unsent", "ended"])
def test_link_when_it_does_not_hold_gives_a_friendly_page(
    client_for, coordinator, meeting, rep, case
):
    minutes = written(meeting, "Said.", by=coordinator)
    if case != "unsent":
        services.circulate_minutes(minutes=minutes, number=1, by=coordinator)
    address = draft_link(rep, meeting)
    moment = timezone.now()
    if case == "altered":
        address = address[:-6] + "AAAAA/"
    elif case == "purpose":
        token = links.make("reply", person=rep, about=meeting.invitations.get(person=rep).pk)
        address = reverse("meetings:minutes_draft_by_link", args=[token])
    elif case == "inactive":
        rep.is_active = False
        rep.save()
    elif case == "uninvited":
        meeting.invitations.filter(person=rep).delete()
    elif case == "ended":
        moment += timedelta(days=61)

    with time_machine.travel(moment):
        page = client_for(None).get(address)

    assert page.status_code in (404, 410)
    assert "01632 960 100" in page.text
    assert "Said." not in page.text


def test_draft_when_not_sent_yet_leads_its_writer_to_writing(client_for, coordinator, meeting):
    written(meeting, "Said.", by=coordinator)

    page = client_for(coordinator).get(at("minutes_draft", meeting))

    assert page.url == at("minutes_write", meeting)


def test_version_when_opened_shows_the_public_fingerprint_only(client_for, coordinator, planted):
    page = client_for(coordinator).get(at("version_detail", planted.minutes.meeting, 1))

    assert planted.public_sha256[:4] in page.text
    assert planted.full_sha256[:4] + " " + planted.full_sha256[4:8] not in page.text
    assert (
        client_for(coordinator).get(at("version_detail", planted.minutes.meeting, 2)).status_code
        == 404
    )


def _big_draft(coordinator, meeting, *, places, comments):
    people = [
        SeatFactory(group=MemberGroupFactory(), person=PersonFactory()).person for _ in range(8)
    ]
    for person in people:
        invite(meeting, person, came="room")
    text = "\n\n".join(f"Paragraph {n} of what was said." for n in range(places))
    version = circulated(meeting, text, by=coordinator)
    for n in range(comments):
        comment(version, people[n % 8], place=n % places, text=f"Comment {n}")
    return version


@pytest.mark.parametrize(("places", "comments"), [(3, 3), (60, 200)])
def test_draft_when_long_takes_thirteen_queries(
    client_for, coordinator, meeting, rep, django_assert_max_num_queries, places, comments
):
    version = _big_draft(coordinator, meeting, places=places, comments=comments)
    rewrite(version.minutes, "Paragraph 0 of all that was said.", by=coordinator)
    services.circulate_minutes(minutes=version.minutes, number=2, by=coordinator)
    client = client_for(rep)
    address = at("minutes_draft", meeting)
    client.get(address)

    with django_assert_max_num_queries(13):
        page = client.get(address)
    assert page.status_code == 200


# Many at once -------------------------------------------------------------------------------------

ROUNDS, THREADS = 5, 20


def at_once(work):
    """Run ``work(n)`` in twenty threads that start together; what each raised or returned."""
    barrier = threading.Barrier(THREADS)
    results = []

    def run(n):
        try:
            barrier.wait()
            results.append(work(n))
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.race
class CirculateAtOnce(TransactionTestCase):
    """Twenty presses of “Send” are one version, and one message for each person."""

    def setUp(self):
        from tests.factories.members import ForumFactory, RoleFactory

        ForumFactory()
        self.coordinator = RoleFactory(kind="coordinator").person
        self.rep = SeatFactory().person

    def one_round(self):
        meeting = past_meeting(self.rep, self.coordinator)
        minutes = written(meeting, "Said.", by=self.coordinator)

        def press(_):
            return services.circulate_minutes(
                minutes=Minutes.objects.get(pk=minutes.pk), number=1, by=self.coordinator
            )

        return minutes, at_once(press)

    def test_send_when_pressed_at_once_sends_once(self):
        for _ in range(ROUNDS):
            minutes, results = self.one_round()
            sent = [each for each in results if isinstance(each, Version)]
            refused = [each for each in results if isinstance(each, TransitionNotAllowed)]
            assert (len(sent), len(refused)) == (1, THREADS - 1), results
            assert minutes.versions.count() == 1
            assert Message.objects.filter(ids__version=sent[0].pk).count() == 2

    def test_send_when_guards_are_dropped_breaks(self):
        """The control: without the lock, and with a number that follows on, twenty go out."""
        if connection.vendor != "postgresql":
            pytest.skip("SQLite lets one writer in at a time: nothing to break")
        broken = 0

        def unlocked(minutes):
            return Minutes.objects.select_related("meeting").get(pk=minutes.pk)

        for _ in range(ROUNDS):
            with (
                mock.patch.object(services, "lock_minutes", unlocked),
                mock.patch.object(services, "refuse_unchanged"),
                mock.patch.object(Version._meta, "constraints", []),
                connection.cursor() as cursor,
            ):
                cursor.execute(
                    "ALTER TABLE meetings_version DROP CONSTRAINT IF EXISTS one_version_per_number"
                )
                minutes, _results = self.one_round()
            broken += minutes.versions.count() > 1
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM meetings_version")
                cursor.execute(
                    "ALTER TABLE meetings_version ADD CONSTRAINT one_version_per_number "
                    "UNIQUE (minutes_id, number)"
                )
        assert broken
