"""What people paste, type and press by mistake or on purpose: words for an answer, nothing lost."""

import uuid

import pytest

from coprod import links
from coprod.models import Message
from meetings.models import AgendaItem, Comment, Meeting, Reply, Section, Version
from members.models import MemberGroup, Person
from tests.factories.meetings import coming_meeting, invite, past_meeting
from tests.factories.minutes import circulated, written
from tests.journeys.acting import errors_of, press, words_of

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7|add:7 }} ‘&amp;’"
#: Turned round, with a NUL and an unseen mark between letters that stay.
TWISTED = "Mill\x00 \u202eRow\u202c\u2066 9\ufeff"
TEXTS = "main form[method=post] :is(input[type=text], textarea)"
PLAIN_FIELDS = {"date", "first_date", "starts", "ends", "minutes", "every_weeks", "every_months"}


def fill_everything(page, words, **known):
    """``words`` into every box of text that takes any words; ``known`` by field name."""
    for box in page.locator(TEXTS).all():
        name = box.get_attribute("name").split("-")[-1]
        if name in known:
            box.fill(known[name])
        elif name not in PLAIN_FIELDS and box.is_visible():
            box.fill(words)


def is_only_text(page):
    """Markup that was typed stands there as words and became no element; nothing ran."""
    assert page.locator("img[src=x]").count() == 0
    assert page.evaluate("[...document.scripts].filter(s => !s.src).length") == 0
    assert "{{ 7|add:7 }}" in page.content(), "the words aren’t on the page"


@pytest.fixture
def page(signed_in, coordinator):
    """The coordinator's page. Any dialog that a script opens fails the test."""
    page = signed_in(coordinator)
    page.opened = []
    page.on("dialog", lambda dialog: (page.opened.append(dialog.message), dialog.dismiss()))
    yield page
    assert page.opened == []


# Markup in every box ------------------------------------------------------------------------------


def test_markup_in_groups_and_people_stays_text(page, forum):
    page.goto("/groups/new/")
    fill_everything(page, HOSTILE)
    page.get_by_label("Parents’ group").check()
    page.get_by_label("How far has it come?").select_option("member")
    press(page, "Add this group")
    assert MemberGroup.objects.get().name == HOSTILE
    is_only_text(page)
    page.goto("/people/new/")
    fill_everything(page, HOSTILE, phone="", language=HOSTILE[:30], new_organisation="")
    page.get_by_label("Nothing yet").check()
    page.get_by_label("By letter").check()
    press(page, "Add this person")
    assert Person.objects.filter(name=HOSTILE).exists(), words_of(page)
    is_only_text(page)
    for place in ("/people/", "/groups/"):
        page.goto(place)
        is_only_text(page)


def test_markup_in_a_meeting_its_agenda_and_a_plan_stays_text(page, forum):
    page.goto("/meetings/new/")
    fill_everything(
        page, HOSTILE, date="1/6/2031", starts="10am", ends="noon", online_link="", places=""
    )
    page.get_by_label("In person", exact=True).check()
    press(page, "Add the meeting")
    meeting = Meeting.objects.get()
    assert meeting.title == HOSTILE
    is_only_text(page)
    page.goto(f"/meetings/{meeting.slug}/agenda/add/")
    page.get_by_label("Keep this item private").check()
    fill_everything(page, HOSTILE)
    press(page, "Save the item")
    assert AgendaItem.objects.get().private_reason == HOSTILE
    is_only_text(page)
    for place in ("/", "/meetings/", f"/meetings/{meeting.slug}/", "/today/"):
        page.goto(place)
        is_only_text(page)
    page.goto("/meetings/plan/")
    known = {"first_date": "3/6/2031", "starts": "10am", "ends": "noon", "online_link": ""}
    fill_everything(page, HOSTILE, **known)
    press(page, "See the dates")
    page.get_by_label("What is it?").fill(HOSTILE[:80])
    page.get_by_label("First day").fill("1/6/2031")
    page.get_by_label("Last day").fill("30/6/2031")
    press(page, "Add these closed days")
    is_only_text(page)
    clash = page.locator("table tbody tr").filter(has_text=HOSTILE[:80])
    assert clash.count(), "no date is said to clash"
    page.goto("/meetings/closed/")
    is_only_text(page)
    page.go_back()
    press(page, "Use these dates")
    is_only_text(page)


def test_markup_in_minutes_and_comments_stays_text(page, coordinator, rep, open_page):
    meeting = past_meeting(coordinator, rep)
    minutes = written(meeting, "First words.", by=coordinator)
    item = meeting.agenda_items.get()
    page.goto(f"/meetings/{meeting.slug}/minutes/write/{item.pk}/")
    fill_everything(page, f"{HOSTILE}\n\nAction: {HOSTILE} ({HOSTILE[:40]}, by 2 May)")
    press(page, "Save", exact=True)
    is_only_text(page)
    paragraph = minutes.sections.get().paragraphs.living().first()
    page.goto(f"/meetings/{meeting.slug}/minutes/paragraphs/{paragraph.uid}/private/")
    fill_everything(page, HOSTILE)
    press(page, "Keep it private")
    is_only_text(page)
    page.goto(f"/meetings/{meeting.slug}/minutes/short/")
    fill_everything(page, HOSTILE)
    press(page, "Save the short version")
    is_only_text(page)
    page.goto(f"/meetings/{meeting.slug}/minutes/send/")
    press(page, "Mark it ready and send")
    is_only_text(page)

    token = links.make("draft", person=rep, about=meeting.invitations.get(person=rep).pk)
    other = open_page()
    other.on("dialog", lambda dialog: page.opened.append(dialog.message))
    other.goto(f"/meetings/minutes/{token}/?comment={paragraph.uid}&quote={HOSTILE}")
    is_only_text(other)
    other.get_by_label("Which words is it about?").fill("")
    other.get_by_label("What should it say?").fill(HOSTILE)
    other.get_by_label("A question").check()
    other.get_by_label("Myself").check()
    press(other, "Send comment on 1.1")
    assert Comment.objects.get().text == HOSTILE
    is_only_text(other)
    other.get_by_label("Not yet, and").check()
    other.get_by_label("If not yet: what has to change?").fill(HOSTILE)
    press(other, "Send my answer")
    is_only_text(other)
    page.goto(f"/meetings/{meeting.slug}/minutes/comments/")
    is_only_text(page)
    fill_everything(page, HOSTILE)
    page.get_by_label("Changed", exact=True).check()
    press(page, "Keep this answer")
    is_only_text(page)


# Letters that nobody types ------------------------------------------------------------------------


def test_nul_and_letters_that_turn_the_line_round_are_taken_out(page, forum, rep):
    page.goto("/meetings/new/")
    fill_everything(
        page, TWISTED, date="1/6/2031", starts="10am", ends="noon", online_link="", places=""
    )
    press(page, "Add the meeting")
    meeting = Meeting.objects.get()
    assert (meeting.title, meeting.place) == ("Mill Row 9", "Mill Row 9")
    assert meeting.slug == "2031-06-01-mill-row-9"
    page.goto(f"/meetings/{meeting.slug}/")
    assert "Mill Row 9" in words_of(page)


def test_a_line_break_in_a_title_is_refused_at_its_field(page, forum):
    """A browser's own box takes none, so it is made a larger one."""
    page.goto("/meetings/new/")
    fill_everything(
        page, "Kiln Lane", date="1/6/2031", starts="10am", ends="noon", online_link="", places=""
    )
    page.evaluate(
        """() => { const one = document.querySelector("[name=title]");
        const many = document.createElement("textarea"); many.name = "title"; many.id = one.id;
        one.replaceWith(many); }"""
    )
    page.locator("[name=title]").fill("Hello\r\nBcc: everybody@larkmere.example")
    press(page, "Add the meeting")
    assert "one line" in errors_of(page)
    assert page.get_by_label("Place", exact=True).input_value() == "Kiln Lane"
    assert not Meeting.objects.exists()


def test_a_paste_of_ten_megabytes_gets_a_page_and_back_keeps_the_text(
    signed_in, coordinator, rep, fits
):
    """Without script; with it the page keeps the text and says so (test_writing_together)."""
    page = signed_in(coordinator, java_script_enabled=False)
    page.set_default_timeout(60_000)  # browsers lay so much text out for a while
    meeting = past_meeting(coordinator, rep)
    written(meeting, "First words.", by=coordinator)
    address = f"/meetings/{meeting.slug}/minutes/write/{meeting.agenda_items.get().pk}/"
    page.goto(address)
    box = page.get_by_label("What was said and decided")
    paste = "([box, times]) => { box.value = 'A long paste. '.repeat(times) }"
    page.evaluate(paste, [box.element_handle(), 750_000])
    with page.expect_navigation() as answer:
        page.get_by_role("button", name="Save", exact=True).click()
    assert answer.value.status in (400, 413)
    assert "a paste is very long" in words_of(page)
    fits(page)
    page.go_back()
    kept = page.evaluate("e => e.value.length", box.element_handle())
    assert kept == 750_000 * len("A long paste. ")
    assert Section.objects.get().text == "First words."
    # A text that is only a little too long is answered at its field, with everything kept.
    page.evaluate(paste, [box.element_handle(), 5_000])
    press(page, "Save", exact=True)
    assert "60,000" in errors_of(page).replace("60000", "60,000")
    assert page.evaluate("e => e.value.length", box.element_handle()) > 60_000


# Whose door it isn't ------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["reply", "minutes"])
def test_a_link_that_is_wrong_says_what_to_do(open_page, rep, coordinator, look, place):
    meeting = past_meeting(coordinator, absent=[rep])
    circulated(meeting, "Words.", by=coordinator)
    page = open_page()
    for token in ("nonsense", "a:b:c", str(uuid.uuid4()), "x" * 900):
        answer = page.goto(f"/meetings/{place}/{token}/")
        assert answer.status == 404
        assert "This link doesn’t work" in words_of(page)


def test_who_is_not_invited_reads_that_there_is_nothing(
    signed_in, rep, stranger, coordinator, look
):
    meeting = past_meeting(coordinator, rep, title="Workshop")
    circulated(meeting, "Words for those who came.", by=coordinator)
    page = signed_in(stranger)
    for place in ("minutes/draft/", "minutes/versions/1/", "reply/", "attendance/", "people/"):
        answer = page.goto(f"/meetings/{meeting.slug}/{place}")
        assert answer.status in (403, 404), place
        assert "Words for those who came" not in page.content()
    look(page, "not-yours")
    # Their own link to somebody else's invitation.
    token = links.make("draft", person=stranger, about=meeting.invitations.first().pk)
    assert page.goto(f"/meetings/minutes/{token}/").status == 404


# Pressed twice ------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False])
def test_a_double_click_on_send_sends_one_version(signed_in, coordinator, rep, officer, script):
    meeting = past_meeting(coordinator, rep, officer)
    written(meeting, "Words.", by=coordinator)
    page = signed_in(coordinator, java_script_enabled=script)
    other = page.context.new_page()
    for each in (page, other):
        each.goto(f"/meetings/{meeting.slug}/minutes/send/")
    page.get_by_role("button", name="Mark it ready and send").dblclick(no_wait_after=True)
    page.wait_for_url("**/minutes/draft/")
    press(other, "Mark it ready and send")
    assert "Nothing went out twice" in words_of(other)
    assert Version.objects.count() == 1
    assert Message.objects.filter(template="meetings/minutes_draft").count() == 3


@pytest.mark.parametrize("script", [True, False])
def test_a_double_click_on_a_reply_or_a_meeting_makes_one(
    signed_in, open_page, coordinator, rep, script
):
    meeting = coming_meeting(days=20)
    token = links.make("reply", person=rep, about=invite(meeting, rep).pk)
    page = open_page(java_script_enabled=script)
    page.goto(f"/meetings/reply/{token}/")
    page.get_by_label("I can’t come").check()
    page.get_by_role("button", name="Send my answer").dblclick(no_wait_after=True)
    page.get_by_role("heading", name="Thank you").wait_for()
    assert Reply.objects.count() == 1
