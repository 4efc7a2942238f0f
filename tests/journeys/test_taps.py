"""The taps that a parent with a phone and no account is promised, counted as they happen.

The tap on the link in the mail is the first. Only what a finger does on the page is counted
besides, so text is typed where the page has put the cursor.
"""

import pytest

from meetings.models import Agreement, Comment, Reply
from meetings.services.calendar import default_invitees, invite_to_meeting
from tests.factories.meetings import MeetingFactory, past_meeting
from tests.factories.minutes import circulated
from tests.journeys.acting import words_of
from tests.journeys.conftest import ON_PHONE

pytestmark = pytest.mark.django_db

PROMISED = 3
#: Reports every touch, press of a mouse and key that works a control, before the page hears of it.
COUNT = """
addEventListener("pointerdown", event => {
  if (event.isTrusted) countTap(event.target.textContent);
}, true);
addEventListener("keydown", event => {
  if (event.isTrusted && /^(Tab|Enter|Arrow.*)$/.test(event.key)) countTap(event.key);
}, true);
"""


class Finger:
    """A thumb on a phone: all that it taps, the mail's link first."""

    def __init__(self, page):
        self.page, self.taps = page, []
        page.context.expose_function("countTap", lambda words: self.taps.append(words[:60]))
        page.context.add_init_script(COUNT)

    def open(self, link):
        self.taps.append("the link in the mail")
        self.page.goto(link)

    def tap(self, locator):
        locator.tap()

    def go(self, words, *, role="button"):
        with self.page.expect_navigation():
            self.tap(self.page.get_by_role(role, name=words).first)

    def type(self, words):
        self.page.keyboard.type(words)


@pytest.fixture
def finger(open_page):
    return Finger(open_page(**ON_PHONE))


def no_session(page):
    return not [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]


@pytest.fixture
def draft(rep, coordinator):
    """A draft that the rep, who was there, has by mail."""
    meeting = past_meeting(rep, coordinator)
    return circulated(meeting, "The bus comes at eight.\n\nA third is fair.", by=coordinator)


def test_coming_takes_three_taps_from_the_mail(finger, rep, coordinator, mailed, link_in):
    meeting = MeetingFactory()
    people = [options[0] for options in default_invitees(meeting).values()]
    invite_to_meeting(meeting=meeting, people=people, by=coordinator)
    finger.open(link_in(mailed(rep)))
    finger.tap(finger.page.get_by_text("I’ll be there"))
    finger.go("Send my answer")
    assert Reply.objects.get().answer == "room"
    assert len(finger.taps) == PROMISED, finger.taps


def test_commenting_takes_three_taps_from_the_mail(finger, rep, draft, mailed, link_in, look):
    page = finger.page
    finger.open(link_in(mailed(rep)))
    finger.go("Comment on 1.2", role="link")
    assert not Comment.objects.exists()
    box = page.get_by_label("What should it say?")
    assert box.evaluate("box => box === document.activeElement")
    in_sight = page.get_by_text("A third is fair.").bounding_box()["y"]
    assert 0 <= in_sight < page.viewport_size["height"], "what it is about is out of sight"
    look(page, "taps-comment")
    finger.type("We said a quarter.")
    finger.go("Send comment on 1.2")

    assert "We said a quarter." in page.locator("#p1-2").inner_text()
    kept = Comment.objects.get()
    assert (kept.number, kept.text, kept.made_by) == ("1.2", "We said a quarter.", rep)
    assert (kept.kind, kept.speaking_for) == ("words", "myself")
    assert no_session(page)
    assert len(finger.taps) == PROMISED, finger.taps


def test_agreeing_takes_three_taps_from_the_mail(finger, rep, draft, mailed, link_in):
    page = finger.page
    finger.open(link_in(mailed(rep)))
    finger.tap(page.get_by_text("Yes, it’s a fair record"))
    assert not Agreement.objects.exists()
    finger.go("Send my answer")

    assert "Thank you. Your answer: Yes, it’s a fair record" in words_of(page)
    kept = Agreement.objects.get()
    assert (kept.answer, kept.answered_by) == ("fair", rep)
    assert no_session(page)
    assert len(finger.taps) == PROMISED, finger.taps


def test_an_answer_is_taken_back_with_one_more_tap(finger, rep, draft, mailed, link_in):
    finger.open(link_in(mailed(rep)))
    finger.tap(finger.page.get_by_text("Yes, it’s a fair record"))
    finger.go("Send my answer")
    finger.go("Take my answer back")
    assert not Agreement.objects.exists()
    assert "Your answer is taken back." in words_of(finger.page)
    assert len(finger.taps) == PROMISED + 1, finger.taps
