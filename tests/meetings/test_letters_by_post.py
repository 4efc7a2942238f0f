"""What a letter about minutes brings to somebody who reads by post."""

import io
from dataclasses import replace

import page
import pikepdf
import pytest

from coprod import outbox
from coprod.models import Message
from meetings.services.comments import settle_comment
from members.pdf import letters_pdf
from tests.factories.meetings import past_meeting
from tests.factories.minutes import circulated, comment
from tests.factories.published import send_out, withhold, written_minutes
from tests.meetings.reading_pdf import words_of


def letter_to(person):
    message = Message.objects.filter(person=person).latest("pk")
    return message, outbox.write(message)


@pytest.fixture
def meeting(coordinator, person_without_email, rep):
    return past_meeting(person_without_email, rep, days=5)


@pytest.fixture
def minutes(meeting, coordinator):
    items = [("Travel", "The bus is late.\n\nWe met Xanthippe.")]
    made = written_minutes(meeting, by=coordinator, items=items)
    withhold(made, "Xanthippe", by=coordinator)
    return made


def test_draft_when_posted_then_the_minutes_are_enclosed_as_this_reader_may_have_them(
    minutes, coordinator, person_without_email, rep
):
    send_out(minutes, by=coordinator)
    message, letter = letter_to(person_without_email)
    assert message.channel == Message.Channel.LETTER
    made = letters_pdf([(message, letter)])
    words = words_of(made)
    assert "4 Mill Row" in words
    assert "Draft minutes of" in words
    assert "The bus is late." in words
    assert "Xanthippe" in words  # they were there
    assert page.validate_pdf_bytes(made, profile="ua1").failures == []
    assert letter_to(rep)[1].enclosed == ""  # by e-mail there is a button


def test_draft_when_posted_to_somebody_who_was_not_there_then_private_words_stay_away(
    coordinator, person_without_email, rep
):
    meeting = past_meeting(rep, days=5, absent=[person_without_email])
    items = [("Travel", "The bus is late.\n\nWe met Xanthippe.")]
    minutes = written_minutes(meeting, by=coordinator, items=items)
    withhold(minutes, "Xanthippe", by=coordinator)
    send_out(minutes, by=coordinator)
    words = words_of(letters_pdf([letter_to(person_without_email)]))
    assert "The bus is late." in words
    assert "Xanthippe" not in words


@pytest.mark.parametrize(
    ("channel", "talk", "reply"),
    [("email", True, True), ("letter", False, False), ("phone", False, False)],
)
def test_draft_when_it_comes_by_each_channel_then_offers_only_what_fits(
    rep, coordinator, channel, talk, reply
):
    send_out(written_minutes(past_meeting(rep), by=coordinator), by=coordinator)
    message = Message.objects.get(person=rep, template="meetings/minutes_draft")
    message.channel = channel
    said = "\n".join(outbox.write(message).words.paragraphs)
    assert ("rather talk" in said) is talk
    assert ("just reply" in said) is reply
    assert "the number of the paragraph" in said
    assert ("write on these pages" in said) is (channel == "letter")
    assert ("read them to you now" in said) is (channel == "phone")


@pytest.mark.parametrize(
    ("channel", "offer"),
    [("email", "Reply to this message"), ("letter", "or write to us"), ("phone", "Tell me, and")],
)
def test_outcome_when_it_comes_by_each_channel_then_offers_only_what_fits(
    rep, coordinator, channel, offer
):
    version = circulated(past_meeting(coordinator, rep), "It was said.", by=coordinator)
    settle_comment(comment=comment(version, rep), outcome="changed", reason="", by=coordinator)
    message = Message.objects.get(person=rep, template="meetings/comment_outcomes")
    message.channel = channel
    said = "\n".join(outbox.write(message).words.paragraphs)
    offers = ("Reply to this message", "or write to us", "Tell me, and")
    assert [each for each in offers if each in said] == [offer]


def test_draft_when_posted_without_short_version_then_its_letter_is_one_page(
    coordinator, person_without_email, rep
):
    meeting = past_meeting(person_without_email, rep, days=5)
    send_out(written_minutes(meeting, by=coordinator, short=""), by=coordinator)
    message, letter = letter_to(person_without_email)
    with pikepdf.open(io.BytesIO(letters_pdf([(message, replace(letter, enclosed=" "))]))) as made:
        assert len(made.pages) == 2, "the letter, and the page on which the minutes begin"


def test_letter_when_it_runs_over_then_its_end_never_stands_alone_on_a_page(
    minutes, coordinator, person_without_email
):
    send_out(minutes, by=coordinator)
    message, letter = letter_to(person_without_email)
    for lines in range(10, 30):
        words = replace(letter.words, paragraphs=[*["A line of it."] * lines])
        made = letters_pdf([(message, replace(letter, enclosed="", words=words))])
        with pikepdf.open(io.BytesIO(made)) as opened:
            if len(opened.pages) == 1:
                continue
            alone, held = pikepdf.new(), io.BytesIO()
            alone.pages.append(opened.pages[-1])
            alone.save(held)
        assert "A line of it." in words_of(held.getvalue())
        break
    else:
        pytest.fail("no letter ran over")


def test_letters_when_printed_on_both_sides_then_each_begins_on_a_sheet_of_its_own(
    minutes, coordinator, person_without_email
):
    """A sheet holds pages 1 and 2, 3 and 4 …: two people's letters never share one."""
    send_out(minutes, by=coordinator)
    message, letter = letter_to(person_without_email)
    long = replace(letter, enclosed=letter.enclosed * 3)
    bare = replace(letter, enclosed="", words=replace(letter.words, paragraphs=["Hello Peter,"]))
    made = letters_pdf([(message, bare), (message, long), (message, bare), (message, bare)])
    with pikepdf.open(io.BytesIO(made)) as opened:
        begins = []
        for number, leaf in enumerate(opened.pages, 1):
            alone, held = pikepdf.new(), io.BytesIO()
            alone.pages.append(leaf)
            alone.save(held)
            if "4 Mill Row" in words_of(held.getvalue()):
                begins.append(number)
    assert len(begins) == 4
    assert begins[2] > begins[1] + 2
    assert all(number % 2 for number in begins), begins
