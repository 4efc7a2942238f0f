"""Minutes as a PDF: tagged, the same bytes twice, nothing private in it, nothing fetched."""

import socket

import page
import pytest

from coprod import pdf
from meetings.pdf import came_words, minutes_pdf
from meetings.services.minutes import circulate_minutes
from meetings.services.publicity import publish_minutes, tick_tasks
from tests.factories.meetings import invite, past_meeting
from tests.factories.published import (
    TEXT,
    agree,
    published_minutes,
    send_out,
    withhold,
    written_minutes,
)
from tests.meetings.reading_pdf import everything_in, words_of

CANARY = "Xanthippe"
LONG = "Parents described what a change of driver does to a morning, and what would help. " * 6


@pytest.fixture
def meeting(coordinator, rep, rep_of_other_group, staff, officer):
    meeting = past_meeting(
        rep, rep_of_other_group, officer, days=20, absent=[staff], title="Forum meeting"
    )
    invite(meeting, coordinator, came="room")
    return meeting


@pytest.fixture
def minutes(meeting, coordinator):
    """Eleven items of four paragraphs: several pages, one paragraph and one item private."""
    items = [(f"Item {n}", f"{LONG}\n\n{TEXT}") for n in range(9)]
    items += [("Travel", f"We met {CANARY}.\n\nAsk: Ring {CANARY}. (Council, by 3 May)")]
    items += [(f"About {CANARY}", f"{CANARY} spoke.\n\nDecision: {CANARY} stays.")]
    written = written_minutes(meeting, by=coordinator, items=items)
    withhold(written, CANARY, by=coordinator)
    last = written.sections.last().item
    last.is_private, last.private_reason = True, "About one family."
    last.save()
    return agree(send_out(written, by=coordinator, days_ago=10))


def test_pdf_when_made_then_keeps_every_rule_of_pdf_ua(minutes, caplog):
    report = page.validate_pdf_bytes(minutes_pdf(minutes.agreed_version), profile="ua1")
    assert [f"{f.rule_id}: {f.message}" for f in report.failures] == []
    assert report.rules.total >= 100
    assert report.document.page_count > 3
    assert caplog.records == []  # the style sheet, fonts and marks were found


def test_pdf_when_validator_sees_an_untagged_one_then_refuses():
    from weasyprint import HTML

    plain = HTML(string="<p>Nothing</p>").write_pdf()
    assert page.validate_pdf_bytes(plain, profile="ua1").failures


def test_pdf_when_made_twice_then_same_bytes(minutes):
    assert minutes_pdf(minutes.agreed_version) == minutes_pdf(minutes.agreed_version)


def test_pdf_when_words_are_private_then_nowhere_in_it(minutes):
    version = minutes.agreed_version
    assert CANARY in str(version.full)
    made = minutes_pdf(version)
    text = words_of(made)
    assert "It points to one family." in text
    assert "This item is kept private." in text
    assert CANARY not in text
    assert CANARY not in everything_in(made)


def test_pdf_when_agreed_then_says_so_with_its_facts(minutes, forum):
    text = words_of(minutes_pdf(minutes.agreed_version))
    assert "Agreed minutes, version 1" in text
    assert "by 4 of the 4 people" in text
    assert forum.phone in text
    assert "/meetings/" in text
    assert minutes.agreed_version.public_sha256 in text.replace(" ", "")
    assert "Page 1 of" in text
    assert ". Agreed." in text


def test_pdf_when_not_agreed_then_draft(meeting, coordinator):
    written = written_minutes(meeting, by=coordinator)
    version = circulate_minutes(minutes=written, number=1, by=coordinator)
    text = words_of(minutes_pdf(version))
    assert "Draft minutes, version 1" in text
    assert "Agreed minutes" not in text


def test_pdf_when_published_then_kept_and_made_once(minutes, coordinator):
    tick_tasks(minutes=minutes, tasks={"no_child", "private"}, by=coordinator)
    publish_minutes(minutes=minutes, by=coordinator)
    document = minutes.agreed_version.document
    assert bytes(document.body) == minutes_pdf(type(minutes).objects.get().agreed_version)


def test_pdf_when_text_is_hostile_then_nothing_is_opened(
    meeting, coordinator, monkeypatch, tmp_path
):
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    hostile = "\n\n".join(
        [
            f'<img src="file://{secret}"> <link rel="stylesheet" href="http://127.0.0.1:9/x">',
            f'<iframe src="file://{secret}"></iframe><style>@import "http://127.0.0.1:9/";</style>',
            f"![x](file://{secret}) [link](javascript:alert(1)) [f](file://{secret})",
            "<svg><image href='http://127.0.0.1:9/a.png'/></svg>",
        ]
    )
    minutes = published_minutes(meeting, by=coordinator, items=[("Bad", hostile)])

    def refuse(*args, **kwargs):
        raise AssertionError(f"a PDF opened {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    made = minutes_pdf(minutes.agreed_version)
    assert CANARY not in everything_in(made)
    assert page.validate_pdf_bytes(made, profile="ua1").failures == []


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/x",
        pdf.ASSETS + "../coprod/settings.py",
        pdf.ASSETS + "%2e%2e/coprod/settings.py",
        pdf.ASSETS + "css/none.css",
        "https://assets.invalid.example/css/pdf.css",
    ],
)
def test_asset_when_not_bundled_then_refused(address):
    with pytest.raises(pdf.Refused):
        pdf.asset(address)


def test_asset_when_bundled_then_found():
    assert pdf.asset(pdf.ASSETS + "css/pdf.css").name == "pdf.css"


@pytest.mark.parametrize(
    ("parents", "total", "words"),
    [
        (0, 0, "Nobody is recorded as having been there."),
        (9, 15, "Nine of the 15 people round the table were parents or carers."),
        (1, 2, "One of the two people round the table was a parent or carer."),
        (3, 3, "All three people round the table were parents or carers."),
        (1, 1, "The one person round the table was a parent or carer."),
        (0, 4, "None of the four people round the table were parents or carers."),
    ],
)
def test_came_when_said_in_words_then_a_sentence(parents, total, words):
    who = {"parents": parents, "total": total, "below_share": False, "sectors_missing": []}
    assert came_words(who) == words


def test_came_when_parents_were_few_or_a_sector_was_missing_then_said():
    missing = ["Health", "Education"]
    who = {"parents": 1, "total": 5, "below_share": True, "sectors_missing": missing}
    assert "fewer parents than this forum wants" in came_words(who)
    assert "Nobody came from Health or Education." in came_words(who)
