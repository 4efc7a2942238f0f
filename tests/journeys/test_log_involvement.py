"""An officer logs who took part, from a phone; a parent says whether they were involved.

The target is four minutes for a meeting and one for a parent's own word. It is counted, not
timed: a person types 200 characters a minute on a phone, needs a second and a half to find and
use a control, and three seconds to take in a page.
"""

from datetime import timedelta

import pytest

from coprod import clocks
from projects.models import Involvement, OwnAccount
from tests.factories.projects import InvolvementFactory, NamedFactory, ProjectFactory
from tests.journeys.acting import errors_of, follow, press, words_of

pytestmark = pytest.mark.django_db

SAID = (
    "Families don’t know who decides, and are afraid to ask. The form asks for the same thing "
    "three times. Put the phone number on the first page."
)
CHANGED = "The form is one page now, and the phone number is at its top."
UNCHANGED = "Proof of address every year"
WHY = "The law asks for it."


class Hand:
    """Somebody's thumb: counts what it does, and how long a person needs for that."""

    def __init__(self, page):
        self.page, self.screens, self.controls, self.characters = page, 1, 0, 0

    def choose(self, words):
        self.page.get_by_label(words, exact=True).check()
        self.controls += 1

    def write(self, label, text):
        self.page.get_by_label(label, exact=True).fill(text)
        self.controls += 1
        self.characters += len(text)

    def go(self, button, *, role="button"):
        press(self.page, button, role=role)
        self.controls += 1
        self.screens += 1

    @property
    def seconds(self):
        return self.characters / 200 * 60 + self.controls * 1.5 + self.screens * 3


@pytest.fixture
def project(forum, officer, rep, group, other_group):
    project = ProjectFactory(title="School transport: how families apply", slug="school-transport")
    NamedFactory(project=project, person=officer, part="lead")
    NamedFactory(project=project, person=rep, part="rep")
    return project


def log_a_meeting(hand, group, look):
    """Six pages and what answers them."""
    page = hand.page
    assert "Page 1 of 6" in words_of(page)
    look(page, "log-1-how")
    hand.choose("A working group")
    hand.write("A name for it, if it has one", "Second writing group")
    hand.go("Go on")
    look(page, "log-2-who")
    hand.write(f"{group.name}: took part", "2")
    hand.write("Parents in no group, or not known which: took part", "1")
    hand.write("Officers: took part", "3")
    hand.go("Go on")
    look(page, "log-3-stage")
    hand.choose("Scoping: deciding what to do")
    hand.go("Go on")
    look(page, "log-4-said")
    hand.write("What did they say?", SAID)
    hand.write("What changed because of it?", CHANGED)
    hand.write("What didn’t change?", UNCHANGED)
    hand.write("Why didn’t it?", WHY)
    hand.go("Go on")
    look(page, "log-5-after")
    hand.write("When do they meet or hear next?", "14 March 2099")
    hand.go("Go on")


def test_officer_logs_a_meeting_within_six_screens_and_four_minutes(
    page, project, officer, group, signed_in, look
):
    signed_in(officer, on=page)
    page.goto(f"/projects/{project.slug}/log/add/")
    hand = Hand(page)
    log_a_meeting(hand, group, look)
    assert hand.screens == 6
    look(page, "log-6-check")
    words = words_of(page)
    for part in (SAID, CHANGED, UNCHANGED, WHY, "2099", "in no group", "With this, the log shows"):
        assert part in words
    hand.go("Save it in the log")
    look(page, "log-7-saved")
    assert "It is in the log" in words_of(page)
    assert "What the log shows now" in words_of(page)
    assert Involvement.objects.get().parents_came == 3
    print(f"meeting: {hand.screens - 1} screens, {hand.seconds:.0f} s")
    assert hand.seconds < 240


def test_a_phone_call_needs_fewer_screens(page_no_script, project, officer, signed_in):
    page = signed_in(officer, on=page_no_script)
    page.goto(f"/projects/{project.slug}/log/add/")
    hand = Hand(page)
    hand.choose("A phone call")
    hand.go("Go on")
    hand.write("Parents in no group, or not known which: took part", "1")
    hand.write("Officers: took part", "1")
    hand.go("Go on")
    hand.choose("After the draft: it was written already")
    hand.go("Go on")
    hand.write("What did they say?", "The second page is unreadable.")
    hand.write("What changed because of it?", "We cut the second page.")
    hand.go("Go on")
    assert hand.screens == 5
    hand.go("Save it in the log")
    assert "It is in the log" in words_of(page)
    print(f"call: {hand.screens - 1} screens, {hand.seconds:.0f} s")
    assert hand.seconds < 120


def test_nothing_that_was_typed_is_lost(page, project, officer, group, signed_in, look):
    """A wrong day, Back, a reload, another device: every word is still there."""
    signed_in(officer, on=page)
    page.goto(f"/projects/{project.slug}/log/add/")
    press(page, "Go on")
    assert "Choose how it was done" in errors_of(page)
    look(page, "log-errors")
    page.get_by_label("A meeting", exact=True).check()
    page.get_by_label("Another day", exact=True).check()
    page.get_by_label("If it was another day, which?").fill("30 February 2026")
    press(page, "Go on")
    assert "February 2026 has no day 30" in errors_of(page)
    assert page.get_by_label("A meeting", exact=True).is_checked()
    page.get_by_label("If it was another day, which?").fill("3 November 2025")
    press(page, "Go on")

    press(page, "Go on")
    assert "Say how many parents took part" in errors_of(page)
    page.get_by_label(f"{group.name}: took part").fill("two")
    press(page, "Go on")
    assert "enter a number" in errors_of(page)
    page.get_by_label(f"{group.name}: took part").fill("2")
    press(page, "Go on")
    page.get_by_label("Review: looking back").check()
    press(page, "Go on")
    page.get_by_label("What did they say?").fill(SAID)
    press(page, "Go on")
    with page.expect_navigation():
        page.go_back()
    assert page.get_by_label("What did they say?").input_value() == SAID
    page.reload()
    assert page.get_by_label("What did they say?").input_value() == SAID

    page.goto("/today/")
    assert f"Finish what you began to log: {project}" in words_of(page)
    look(page, "log-today")
    follow(page, "Go on")
    assert "Have these parents been told" in words_of(page)
    press(page, "Go on")
    follow(page, "Change the day")
    assert page.get_by_label("If it was another day, which?").input_value() == "3 November 2025"
    press(page, "Go on")
    assert SAID in words_of(page)
    assert Involvement.objects.count() == 0


def test_a_stage_without_parents_is_logged_honestly(page, project, officer, signed_in, look):
    signed_in(officer, on=page)
    page.goto(f"/projects/{project.slug}/log/add/")
    page.get_by_label("A board or steering group").check()
    press(page, "Go on")
    page.get_by_label("No parents took part").check()
    page.get_by_label("Officers: took part").fill("5")
    press(page, "Go on")
    page.get_by_label("Sign-off: agreeing the result").check()
    press(page, "Go on")
    assert "A stage without parents counts." in words_of(page)
    assert "No parents involved" in words_of(page)
    look(page, "log-nobody")
    press(page, "Save it in the log")
    assert "No parents involved" in words_of(page)


def test_reply_putting_right_and_taking_back(page, project, officer, group, signed_in, look):
    signed_in(officer, on=page)
    page.goto(f"/projects/{project.slug}/log/add/")
    log_a_meeting(Hand(page), group, lambda *_: None)
    press(page, "Save it in the log")
    follow(page, "Write the reply now")
    look(page, "log-reply")
    assert page.get_by_label("What changed because of it?").input_value() == CHANGED
    press(page, "Save the reply")
    assert "Write how they were told" in errors_of(page)
    page.get_by_label("How were parents told?").fill("By e-mail to all three")
    press(page, "Save the reply")
    assert "Consultation" in words_of(page)

    follow(page, "Read it as everybody does")
    look(page, "log-entry")
    assert "By e-mail to all three" in words_of(page)
    press(page, "Put something right")
    follow(page, "Change who took part")
    page.get_by_label(f"{group.name}: took part").fill("1")
    press(page, "Go on")
    page.get_by_label("What was wrong?").fill("Only one came from that group")
    look(page, "log-put-right")
    press(page, "Save it in its place")
    page.goto(f"/projects/{project.slug}/log/")
    words = words_of(page)
    assert "Only one came from that group" in words
    assert "By e-mail to all three" in words
    look(page, "log-list")
    follow(page, "Second writing group")
    follow(page, "Take it back")
    look(page, "log-take-back")
    press(page, "Take it back")
    assert "Say why, in a few words" in errors_of(page)
    page.get_by_label("Why do you take it back?").fill("It was another project’s meeting")
    press(page, "Take it back")
    assert "The log now shows: Not on the ladder yet." in words_of(page)
    assert Involvement.objects.standing().count() == 0


def test_parent_says_whether_they_were_involved_within_a_minute(
    page, project, rep, group, signed_in, look
):
    signed_in(rep, on=page)
    page.goto(f"/projects/{project.slug}/")
    hand = Hand(page)
    hand.go("Say if you were involved", role="link")
    look(page, "own-word")
    hand.choose("We were involved")
    hand.write("When?", "Twice since Easter")
    hand.choose("No, too late")
    hand.go("Say so")
    look(page, "own-word-said")
    words = words_of(page)
    assert "“We were involved: Twice since Easter”" in words
    assert rep.name not in words
    assert hand.screens == 3
    print(f"own word: {hand.screens} screens, {hand.seconds:.0f} s")
    assert hand.seconds < 60
    follow(page, "Take it back")
    look(page, "own-word-back")
    press(page, "Take it back")
    assert "It is taken back" in words_of(page)
    assert OwnAccount.objects.standing().count() == 0


def test_officer_who_is_not_on_it_can_ask(
    page, project, coordinator, client_for, signed_in, look, organisation, mailed
):
    from tests.factories.members import PersonFactory, RoleFactory

    other = RoleFactory(
        person=PersonFactory(name="Nell Marsden"), kind="officer", organisation=organisation
    ).person
    signed_in(other, on=page)
    page.goto("/projects/requests/")
    look(page, "requests-empty")
    assert "Nothing is open" in words_of(page)
    page.goto(f"/projects/{project.slug}/log/add/")
    look(page, "log-refused")
    press(page, "Ask to be put on it")
    assert "The coordinator is asked" in words_of(page)
    assert "Nell asks" in mailed(coordinator).subject


def test_requests_list_what_is_open(page, project, officer, group, signed_in, look):
    signed_in(officer, on=page)
    due = clocks.today() + timedelta(days=5)
    InvolvementFactory(
        project=project, method="survey", title="Survey on the form", parents=96, reply_due_on=due
    )
    page.goto("/today/")
    assert f"Tell parents what came of it: {project}" in words_of(page)
    follow(page, "Requests")
    assert "Parents wait for a reply" in words_of(page)
    look(page, "requests")
    follow(page, "Write the reply")
    assert "What came of it?" in words_of(page)
