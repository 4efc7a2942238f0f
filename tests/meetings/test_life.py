"""Where minutes are, in words; and how their text is printed."""

from datetime import timedelta

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from meetings import life
from meetings.models import Minutes, Paragraph, Version
from meetings.services import minutes as services
from meetings.services.comments import comment_on, settle_comment
from meetings.services.confidential import make_public
from meetings.templatetags.minutes import minuted
from tests.factories.meetings import MeetingFactory, coming_meeting, past_meeting
from tests.factories.minutes import agreed, answer, circulated, comment, rewrite, written

STEPS = [
    "Met",
    "Draft shared",
    "Comments open",
    "Comments answered",
    "Agreed by those there",
    "Published",
]


def states(minutes, **kwargs):
    steps = life.life_of(minutes, **kwargs)
    assert [step["label"] for step in steps] == STEPS
    assert all(step["when"] for step in steps)
    return [step["state"] for step in steps]


@pytest.fixture
def meeting(coordinator, rep):
    return past_meeting(coordinator, rep, days=5)


def again():
    return Minutes.objects.select_related("meeting").get()


def test_life_when_meeting_lies_ahead_has_only_steps_to_come(rep):
    assert states(None, meeting=coming_meeting(rep)) == ["next"] * 6


def test_life_when_draft_is_due_says_which_day_it_is(meeting):
    steps = life.life_of(None, meeting=meeting)

    assert [s["state"] for s in steps] == ["done", "now", "next", "next", "next", "next"]
    assert "day 5 of 14" in steps[1]["when"]


def test_life_when_draft_is_late_says_by_how_much(rep):
    steps = life.life_of(None, meeting=past_meeting(rep, days=17))

    assert (steps[1]["state"], steps[1]["when"][-11:]) == ("late", "3 days late")


def test_life_when_meeting_was_recorded_later_counts_no_days(rep):
    meeting = MeetingFactory(date=timezone.localdate() - timedelta(days=40))
    meeting.created_at = timezone.now()

    shared = life.life_of(None, meeting=meeting)[1]
    assert (shared["when"], shared["state"]) == ("nothing sent so far", "next")


def test_life_when_recorded_years_later_then_every_day_says_its_year(rep, coordinator):
    meeting = past_meeting(coordinator, rep, days=800, created_at=timezone.now())
    version = circulated(meeting, "Said.", by=coordinator)

    steps = life.life_of(version.minutes)
    said = [step["when"] for step in steps[:3]]
    days = [meeting.date, timezone.localdate(), version.comments_close_on]
    for when, day in zip(said, days, strict=True):
        assert when.endswith(f" {day.year}"), when


def test_life_when_minutes_go_their_way_moves_one_step_at_a_time(coordinator, rep, meeting):
    version = circulated(meeting, "Said.", by=coordinator)
    note = comment(version, rep)
    assert states(again()) == ["done", "done", "now", "next", "next", "next"]

    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert states(again()) == ["done", "done", "done", "now", "next", "next"]
        settle_comment(comment=note, outcome="changed", reason="", by=coordinator)
        assert states(again()) == ["done", "done", "done", "done", "now", "next"]
        for person in (coordinator, rep):
            answer(version, person)
        assert states(again()) == ["done", "done", "done", "done", "done", "now"]
        Minutes.objects.update(
            state="published", shown_version=version, published_at=timezone.now()
        )
        assert states(again()) == ["done"] * 6
        Minutes.objects.update(
            state="withdrawn", withdrawn_at=timezone.now(), withdrawn_reason="A name"
        )
        assert states(again())[-1] == "late"


@pytest.mark.parametrize(
    ("sent_on_day", "today", "title", "note"),
    [
        (None, 9, "Day 9 of 14", "Everyone gets the draft within 14 days"),
        (None, 16, "The draft is 2 days late", "Everyone gets the draft"),
        (3, 9, "Day 9 of 14", "on day 3, so that promise is kept"),
        (3, 30, "Shared on day 3 of 14", "on day 3, so that promise is kept"),
        (15, 16, "Shared 1 day late", "1 day late"),
    ],
)
def test_clock_when_days_pass_says_the_day_or_how_it_was_kept(
    coordinator, rep, sent_on_day, today, title, note
):
    meeting = past_meeting(coordinator, rep, days=today)
    if sent_on_day is None:
        minutes = written(meeting, "Said.", by=coordinator)
    else:
        minutes = circulated(meeting, by=coordinator, days_ago=today - sent_on_day).minutes

    clock = life.day_clock(minutes.clock, minutes.latest)

    assert clock["title"] == title
    assert note in clock["note"]


def test_window_when_it_closes_soon_says_so_in_words(coordinator, meeting):
    version = circulated(meeting, by=coordinator)

    for days, word in ((7, "today, "), (6, "tomorrow, ")):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            later = Version.objects.get(pk=version.pk)
            assert f"Comments close {word}" in life.window_sentence(later)


# Printing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One & <two>\nthree", "<p>One &amp; &lt;two&gt;<br>three</p>"),
        ("3. The third", "<p>3. The third</p>"),
        ("It was **loud**", "<p>It was <strong>loud</strong></p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
    ],
)
def test_minuted_when_text_is_plain_or_light_markdown_keeps_every_word(text, html):
    assert str(minuted(text)).strip() == html


def test_minuted_when_list_is_typed_is_a_list():
    assert "<li>one</li>" in minuted("- one\n- two").replace("<li>\n", "<li>")


def test_rendition_when_printed_shows_records_without_saying_it_twice(coordinator, meeting):
    text = "Action: Ring them (Hester, by 2 October 2026)\n\nDecision: Cards for all (all agreed)"
    version = circulated(meeting, text, by=coordinator)

    html = Template("{% load minutes %}{% rendition items level=2 %}").render(
        Context({"items": version.public["items"]})
    )

    assert "<p>Ring them</p>" in html
    assert "<dd>2 October 2026</dd>" in html
    assert "<dt>How</dt><dd>all agreed</dd>" in html
    assert "<form" not in html


@pytest.mark.parametrize(
    ("text", "html"),
    [("One.", "<p>One.</p>"), ("- One.\n• Two.", "<li>One.</li><li>Two.</li>"), ("", "")],
)
def test_short_version_when_printed_is_a_list_from_two_lines_on(text, html):
    shown = Template("{% load minutes %}{% sentences_list text %}").render(Context({"text": text}))

    assert html in shown
    assert bool(shown) == bool(text)


# What agreed minutes refuse


def test_agreed_minutes_when_changed_in_any_way_refuse(coordinator, rep, meeting):
    meeting.date -= timedelta(days=10)
    meeting.save()
    minutes = agreed(meeting, "Said.", by=coordinator, people=[coordinator, rep])
    paragraph = Paragraph.objects.get()

    changes = [
        lambda: rewrite(minutes, "Other.", by=coordinator),
        lambda: services.keep_private(paragraph=paragraph, reason="Why", by=coordinator),
        lambda: make_public(paragraph=paragraph, by=coordinator),
        lambda: services.save_short_version(minutes=minutes, text="Short.", by=coordinator),
        lambda: services.circulate_minutes(minutes=minutes, number=2, by=coordinator),
        lambda: comment(minutes.agreed_version, rep),
    ]

    for change in changes:
        with pytest.raises(TransitionNotAllowed):
            change()


def test_minutes_when_recorded_later_are_sent_to_nobody(coordinator, rep, mailoutbox):
    meeting = past_meeting(coordinator, rep, days=40, created_at=timezone.now())
    version = circulated(meeting, "Said.", by=coordinator)
    note = comment(version, rep)

    settle_comment(comment=note, outcome="changed", reason="", by=coordinator)

    assert not services.outbox.Message.objects.exists()


def test_minutes_when_recorded_later_and_told_then_draft_and_outcome_are_sent(coordinator, rep):
    meeting = past_meeting(coordinator, rep, days=40, created_at=timezone.now())
    minutes = written(meeting, "Said.", by=coordinator)
    version = services.circulate_minutes(minutes=minutes, number=1, tell=True, by=coordinator)
    note = comment(version, rep)

    settle_comment(comment=note, outcome="changed", reason="", by=coordinator)

    sent = services.outbox.Message.objects.filter(person=rep).values_list("template", flat=True)
    assert sorted(sent) == ["meetings/comment_outcomes", "meetings/minutes_draft"]


def test_comment_when_paragraph_is_not_in_ones_rendition_is_refused(coordinator, rep, meeting):
    version = circulated(meeting, "Said.", by=coordinator)

    with pytest.raises(LookupError):
        comment_on(
            version=version,
            invitation=meeting.invitations.get(person=rep),
            uid="11111111-1111-4111-8111-111111111111",
            kind="wrong",
            speaking_for="myself",
            text="x",
            once="22222222-2222-4222-8222-222222222222",
            by=rep,
        )


def test_letter_when_window_has_closed_still_asks_those_who_were_there(
    coordinator, rep, officer, outbox_drained
):
    meeting = past_meeting(coordinator, rep, absent=[officer])
    circulated(meeting, "Said.", by=coordinator)

    with time_machine.travel(timezone.now() + timedelta(days=9)):
        mails = {mail.to[0]: mail for mail in outbox_drained(timezone.now())}

    assert mails[rep.email].subject == "Say if the minutes are a fair record"
    assert officer.email not in mails
