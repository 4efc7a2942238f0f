"""Papers: who reads them, which came late, the pack on screen and paper."""

from datetime import timedelta

import page as page_check
import pytest
from django.urls import reverse
from django.utils import timezone

from coprod.models import AuditEvent
from meetings.models import Paper
from tests.factories.meetings import AgendaItemFactory, coming_meeting
from tests.meetings.reading_pdf import words_of

GOOD = {
    "title": "Two times for the bus",
    "summary": "The bus can come at 8am or at 8:20am.",
    "asked": "Tell us which suits you.",
    "text": "The whole story.\n\n* First\n* Second",
    "link": "",
}


@pytest.fixture
def meeting(rep, officer, coordinator):
    return coming_meeting(rep, officer, days=20)


@pytest.fixture
def item(meeting):
    return AgendaItemFactory(meeting=meeting, title="Transport")


def sent(meeting, days_ago=1):
    meeting.agenda_sent_at = timezone.now() - timedelta(days=days_ago)
    meeting.save()


def paper(item, **fields):
    return Paper.objects.create(item=item, **{**GOOD, "title": "Wildcanary", **fields})


def address(name, meeting, *args):
    return reverse(f"meetings:{name}", args=[meeting.slug, *args])


def test_paper_when_added_stands_on_the_page_with_what_is_asked(
    client, client_for, coordinator, meeting, item
):
    client_for(coordinator).post(address("paper_add", meeting, item.pk), GOOD)
    kept = Paper.objects.get()
    assert kept.added_by == coordinator
    assert AuditEvent.objects.about(kept).get().verb == "add_paper"
    sent(meeting, days_ago=-1)
    words = client.get(meeting.get_absolute_url()).content.decode()
    assert "Two times for the bus" in words
    assert "Tell us which suits you." in words
    assert "1 minute to read" in words
    assert "came late" not in words


def test_paper_when_agenda_went_out_before_is_marked_late(client, meeting, item):
    sent(meeting)
    kept = paper(item)
    assert "came late" in client.get(meeting.get_absolute_url()).content.decode()
    assert "Came late" in client.get(address("paper_detail", meeting, kept.pk)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": ""}, "Enter the name of the paper"),
        ({"summary": ""}, "Write a summary"),
        ({"asked": ""}, "Say what you ask"),
        ({"text": ""}, "Write the text, or give the address"),
        ({"link": "ht tp://x"}, "valid"),
    ],
)
def test_form_when_something_is_wrong_says_so_and_keeps_the_rest(
    client_for, coordinator, meeting, item, wrong, words
):
    page = client_for(coordinator).post(address("paper_add", meeting, item.pk), GOOD | wrong)
    assert words in page.content.decode()
    assert "8:20am" in page.content.decode() or "summary" in wrong
    assert not Paper.objects.exists()


def test_paper_when_agenda_is_not_out_is_the_coordinators(
    client, client_for, coordinator, rep, meeting, item
):
    kept = paper(item)
    for name, args in (("paper_detail", [kept.pk]), ("agenda_pack", []), ("agenda_pack_pdf", [])):
        assert client.get(address(name, meeting, *args)).status_code == 404
        assert client_for(rep).get(address(name, meeting, *args)).status_code == 404
        assert client_for(coordinator).get(address(name, meeting, *args)).status_code == 200


def test_paper_when_its_item_is_private_stays_away(client, client_for, rep, meeting, item):
    item.is_private, item.private_reason = True, "It would point to one family"
    item.save()
    kept = paper(item)
    AgendaItemFactory(meeting=meeting, title="Open item")
    sent(meeting)
    for reader in (client, client_for(rep)):
        assert reader.get(address("paper_detail", meeting, kept.pk)).status_code == 404
        for name in ("agenda_pack", "meeting_detail"):
            assert b"Wildcanary" not in reader.get(address(name, meeting)).content
        assert "Wildcanary" not in words_of(reader.get(address("agenda_pack_pdf", meeting)).content)


def test_paper_when_the_meeting_is_for_parents_is_not_an_officers(
    client, client_for, rep, officer, stranger
):
    meeting = coming_meeting(rep, audience="parents")
    kept = paper(AgendaItemFactory(meeting=meeting))
    sent(meeting)
    assert client_for(rep).get(address("paper_detail", meeting, kept.pk)).status_code == 200
    for reader in (client, client_for(officer)):
        assert reader.get(address("paper_detail", meeting, kept.pk)).status_code == 404
        assert reader.get(address("agenda_pack", meeting)).status_code == 404


def test_paper_of_another_meeting_when_asked_for_here_is_not_there(client, meeting, item, rep):
    other = paper(AgendaItemFactory(meeting=coming_meeting(rep, audience="parents")))
    sent(meeting)
    assert client.get(address("paper_detail", meeting, other.pk)).status_code == 404


def test_letter_when_agenda_goes_out_names_papers_with_what_is_asked(
    client_for, coordinator, meeting, item, outbox_drained
):
    paper(item, title="Two times for the bus")
    client_for(coordinator).post(address("agenda_send", meeting), {"times": 0})
    assert "To read: Two times for the bus (1 minute)" in outbox_drained()[0].body


def test_pack_when_made_as_pdf_is_tagged_and_numbered(client, meeting, item):
    paper(item, text="One.\n\n* Two\n* Three", title="Two times")
    sent(meeting)
    body = client.get(address("agenda_pack_pdf", meeting)).content
    assert page_check.validate_pdf_bytes(body, profile="ua1").failures == []
    assert "1.1 Two times" in " ".join(words_of(body).split())


def test_paper_when_text_holds_markup_shows_it_as_words(client, meeting, item):
    kept = paper(item, text="<script>alert(1)</script> [x](javascript:alert(1))")
    sent(meeting)
    words = client.get(address("paper_detail", meeting, kept.pk)).content.decode()
    assert "<script>alert" not in words
    assert 'href="javascript' not in words


def test_paper_when_taken_away_is_asked_about_first(client_for, coordinator, meeting, item):
    kept = paper(item)
    client = client_for(coordinator)
    client.get(address("paper_remove", meeting, kept.pk))
    assert Paper.objects.exists()
    client.post(address("paper_remove", meeting, kept.pk))
    assert not Paper.objects.exists()
    assert AuditEvent.objects.filter(verb="remove_paper", object_id=kept.pk).exists()


@pytest.mark.parametrize("count", [3, 30])
def test_page_when_papers_grow_costs_the_same_questions(
    client, meeting, item, count, django_assert_max_num_queries
):
    for number in range(count):
        paper(item, title=f"Paper {number}")
    sent(meeting)
    with django_assert_max_num_queries(10):
        client.get(meeting.get_absolute_url())
