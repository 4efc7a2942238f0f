"""Dates and numbers in words, safe mark-up, drawings, letters and the PDF's frame."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import time_machine
from django.template import Context, Template
from django.template.loader import render_to_string

from coprod.templatetags import forum as look

STATIC = Path(__file__).resolve().parents[2] / "static"
FORUM = {"name": "Larkmere Parent Carer Forum", "tagline": "Run by parents.", "phone": ""}


def draw(source, **context):
    return Template("{% load forum %}" + source).render(Context(context))


def test_a_day_is_said_in_british_words_and_local_time():
    late_evening = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert look.long_day(date(2026, 11, 10)) == "Tuesday 10 November 2026"
    assert look.day_month(late_evening) == "1 July"
    assert look.moment_words(late_evening) == "1 July 2026 at 12:30am"
    assert look.day(None) == ""


def test_hours_are_said_as_people_say_them():
    assert look.to_hour(time(10), time(12)) == "10am to 12 noon"
    assert look.to_hour(time(17, 30), None) == "5:30pm"


@time_machine.travel("2026-11-19 23:30 +0000")
@pytest.mark.parametrize(
    ("day", "words"),
    [(19, "today"), (20, "tomorrow"), (18, "yesterday"), (15, "4 days ago"), (30, "in 11 days")],
)
def test_near_days_are_counted(day, words):
    assert look.when(date(2026, 11, day)) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 people"), (1, "1 person"), (3, "3 people"), (None, "0 people")]
)
def test_counts_agree_with_their_words(count, words):
    assert look.plural(count, "person,people") == words


@pytest.mark.parametrize(
    ("amount", "words"), [(9.8, "£9.80"), (12, "£12"), (1234.5, "£1,234.50"), (-3, "−£3")]
)
def test_money_is_said_in_pounds(amount, words):
    assert look.money(amount) == words


def test_lists_end_with_and():
    assert look.and_list(["a", "b", "c"]) == "a, b and c"
    assert look.and_list(["a"]) == "a"
    assert look.and_list([]) == ""


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "<img src=x onerror=alert(1)>",
        "![x](https://elsewhere.example/spy.png)",
        "<a href='https://x.example' style='position:fixed'>x</a>",
    ],
)
def test_mark_up_never_becomes_somebody_elses_html(typed):
    html = look.markup(typed)
    for bad in ("<script", "<img", 'href="javascript', 'href="data', "<a href='", "<img"):
        assert bad not in html


def test_light_mark_up_becomes_lists_bold_words_and_links():
    html = look.markup("One **two**\n\n- three\n- [four](https://example.org)")
    assert "<strong>two</strong>" in html
    assert '<ul class="pcf-list">' in html
    assert 'href="https://example.org"' in html


def test_plain_text_becomes_paragraphs_and_stays_plain():
    assert look.nl2p("a <b>\nb\n\nc") == "<p>a &lt;b&gt;<br>b</p><p>c</p>"
    assert look.nl2p(None) == ""


def test_the_round_table_says_what_it_shows():
    seats = [("parent", True)] * 2 + [("service", True), ("service", False)]
    svg = draw("{% seats seats %}", seats=seats)
    assert "2 of the 3 people round the table were parents or carers." in svg
    assert "1 invited seat was empty." in svg
    assert svg.count('class="p"') == 2 + 1  # and one in the key
    assert "style=" not in svg


def test_an_empty_table_can_be_drawn():
    assert "0 of the 0 people" in draw("{% seats seats %}", seats=[])


def test_the_clock_says_when_the_promise_is_past():
    assert "Day 9 of 14." in draw("{% clock 9 14 3 10 %}")
    assert "2 days past day 14." in draw("{% clock 16 14 %}")


def test_page_links_keep_the_filters(rf):
    request = rf.get("/", {"rung": "3", "page": "2"})
    link = draw("{% page_query page=3 %}", request=request)
    assert link == "?rung=3&amp;page=3"
    assert draw("{% page_query page=3 %}") == "?page=3"


def test_a_letter_is_complete_in_text_and_html():
    words = {
        "subject": "Please check the draft",
        "paragraphs": ["Hello Safiya,", "- one <b>\n- two"],
        "button": {"label": "Read it", "url": "http://forum.example/m/1?a=1&b=2"},
    }
    frame = {"forum": FORUM, "words": words, "why": "You were invited."}
    text = render_to_string("emails/letter.txt", frame)
    html = render_to_string("emails/letter.html", frame)
    assert text.startswith(
        "Hello Safiya,\n\n- one <b>\n- two\n\nRead it:\nhttp://forum.example/m/1?a=1&b=2"
    )
    assert "\n-- \nYou were invited." in text
    assert "\n\n\n" not in text
    assert html.count("http://forum.example/m/1?a=1&amp;b=2") == 3
    assert "one &lt;b&gt;" in html
    assert "<img" not in html
    assert "<style" not in html


def test_a_letters_list_is_a_list_in_html():
    assert look.letter_html("- one <b>\n- two").count("<li") == 2
    assert "one &lt;b&gt;" in look.letter_html("- one <b>\n- two")
    assert look.letter_html("one\ntwo").endswith(">one<br>two</p>")


def test_the_frame_of_a_pdf_passes_the_accessibility_rules():
    import page
    import weasyprint

    body = (
        "{% extends 'pdf/base.html' %}{% load forum %}{% block body %}"
        "<div class='item'><h2>1. Transport</h2><p class='p'><span class='n'>1.1 </span>Words.</p>"
        "<div class='p rec decision'><p class='kind'>Decision</p><div class='box'>"
        "<p class='say'>Yes.</p></div></div>{% seats_image seats %}</div>{% endblock %}"
    )
    html = Template(body).render(
        Context(
            {
                "forum": FORUM,
                "title": "Forum meeting",
                "about": "Minutes",
                "sub": ["Tuesday", "Online"],
                "state": {"word": "Draft", "look": "draft"},
                "cover": [{"label": "Ask us", "value": "By phone"}],
                "seats": [("parent", True), ("service", False)],
            }
        )
    )
    pdf = weasyprint.HTML(string=html, base_url=f"{STATIC}/").write_pdf(pdf_variant="pdf/ua-1")
    report = page.validate_pdf_bytes(pdf, profile=page.ValidationProfile.PDF_UA_1)
    assert list(report.failures) == []
