"""Everything by Tab, arrows, Space and Enter: what takes the focus, and that it is seen."""

import pytest

from meetings.models import Agreement, Comment, Reply
from projects.models import Involvement
from tests.factories.meetings import coming_meeting, invite, past_meeting
from tests.factories.members import PersonFactory
from tests.factories.minutes import circulated
from tests.factories.projects import NamedFactory
from tests.journeys.acting import press, words_of

pytestmark = pytest.mark.django_db

SEEN = """() => {
  const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
  const label = e.labels && e.labels[0] ? getComputedStyle(e.labels[0], "::before") : s;
  const ring = [s, label, e.labels && e.labels[0] ? getComputedStyle(e.labels[0]) : s].some(
    x => x.outlineStyle !== "none" || x.boxShadow !== "none");
  const x = r.left + Math.min(r.width / 2, 20);
  const own = [r.top + 3, (r.top + r.bottom) / 2, r.bottom - 3].every(y => {
    const top = document.elementFromPoint(x, y);
    return top && (top === e || e.contains(top) || top.contains(e)
      || (e.labels && [...e.labels].some(l => l === top || l.contains(top))));
  });
  return {what: (e.textContent || e.name || e.tagName).trim().slice(0, 40), ring,
          inside: r.bottom > 0 && r.top < innerHeight, own: !!own, tag: e.tagName};
}"""


def tab_until(page, words, most=80):
    """Press Tab until the focus is on what is called ``words``; never touch a mouse."""
    name = (
        "() => { const e = document.activeElement;"
        " const l = e.labels && e.labels[0] ? e.labels[0].textContent : '';"
        " return (l + ' ' + (e.textContent || e.value || '')).trim(); }"
    )
    for _ in range(most):
        page.keyboard.press("Tab")
        if words in page.evaluate(name):
            return
    raise AssertionError(f"{words!r} can’t be reached by Tab")


def enter(page):
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("place", ["/", "/meetings/", "/groups/", "/accounts/login/code/"])
def test_the_skip_link_comes_first_and_leads_past_the_frame(page_desktop, forum, place):
    page = page_desktop
    page.goto(place)
    page.keyboard.press("Tab")
    seen = page.evaluate(SEEN)
    assert (seen["what"], seen["inside"], seen["own"]) == ("Skip to the main part", True, True)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main, footer')")


def test_focus_is_always_seen_and_never_covered(page_phone, coordinator, signed_in):
    """The bar that stays at the bottom of the attendance page must not hide what has the focus."""
    people = PersonFactory.create_batch(14)
    meeting = coming_meeting(*people, coordinator, days=0)
    page = signed_in(coordinator, on=page_phone)
    page.goto(f"/meetings/{meeting.slug}/attendance/")
    stops = []
    while not stops or stops[-1]["tag"] != "BODY":
        page.keyboard.press("Tab")
        stops.append(page.evaluate(SEEN))
    stops.pop()
    assert sum(stop["tag"] == "INPUT" for stop in stops) == 15
    assert [stop for stop in stops if not (stop["ring"] and stop["inside"] and stop["own"])] == []


def test_errors_take_the_focus_and_their_links_reach_the_fields(
    page_desktop, coordinator, signed_in
):
    page = signed_in(coordinator, on=page_desktop)
    page.goto("/meetings/plan/")
    press(page, "See the dates")
    assert "error-summary" in page.evaluate("document.activeElement.className")
    for link in page.locator("#errors a").all():
        link.focus()
        page.keyboard.press("Enter")
        target = link.get_attribute("href").lstrip("#")
        focused = page.evaluate("document.activeElement.id")
        assert focused == target, f"“{link.inner_text()}” leads to {focused!r}"


def test_an_invitation_is_answered_by_keyboard_alone(page_desktop, rep, mailed, link_in):
    meeting = coming_meeting(days=20, format="both")
    from meetings.services.calendar import default_invitees, invite_to_meeting

    options = default_invitees(meeting)[rep.pk]
    invite_to_meeting(meeting=meeting, people=options, by=None)
    page = page_desktop
    page.goto(link_in(mailed(rep)))
    tab_until(page, "I’ll be there")
    page.keyboard.press("ArrowDown")
    tab_until(page, "Anything you need")
    page.keyboard.type("Large print")
    tab_until(page, "Send my answer", most=2)
    enter(page)
    assert page.locator("h1").inner_text() == "Thank you: see you there"
    assert [(r.answer, r.needs) for r in Reply.objects.all()] == [("online", "Large print")]


def test_a_comment_and_an_answer_are_given_by_keyboard_alone(
    page_desktop, rep, coordinator, signed_in
):
    meeting = past_meeting(rep, coordinator)
    circulated(meeting, "A third of places.\n\nA second paragraph.", by=coordinator)
    page = signed_in(rep, on=page_desktop)
    page.goto(f"/meetings/{meeting.slug}/minutes/draft/")
    tab_until(page, "Comment on 1.2")
    enter(page)
    page.keyboard.type("We said a quarter.")  # the cursor is in the box
    tab_until(page, "Better words")
    page.keyboard.press("ArrowUp")
    tab_until(page, "Myself")
    page.keyboard.press("ArrowDown")
    tab_until(page, "Send comment on 1.2")
    enter(page)
    assert "We said a quarter." in words_of(page)
    kept = Comment.objects.get()
    assert (kept.number, kept.kind, kept.speaking_for) == ("1.2", "missing", "group")
    tab_until(page, "Yes, it’s a fair record")
    page.keyboard.press("Space")
    tab_until(page, "Send my answer")
    enter(page)
    assert Agreement.objects.get().answer == "fair"


def test_agenda_items_change_places_without_dragging(page_desktop, coordinator, signed_in):
    from tests.factories.meetings import AgendaItemFactory

    meeting = coming_meeting(days=30)
    invite(meeting, coordinator)
    for title in ("Transport", "Short breaks"):
        AgendaItemFactory(meeting=meeting, title=title)
    page = signed_in(coordinator, on=page_desktop)
    page.goto(f"/meetings/{meeting.slug}/agenda/")
    tab_until(page, "Up: move Short breaks")
    enter(page)
    titles = [item.title for item in meeting.agenda_items.order_by("position")]
    assert titles == ["Short breaks", "Transport"]


def test_a_phone_call_is_logged_by_keyboard_alone(page_desktop, officer, signed_in):
    project = NamedFactory(person=officer, part="lead").project
    page = signed_in(officer, on=page_desktop)
    page.goto(project.get_absolute_url())
    tab_until(page, "Log who took part")
    enter(page)
    tab_until(page, "Today")
    page.keyboard.press("ArrowDown")  # yesterday
    tab_until(page, "We told them")
    page.keyboard.press("ArrowDown")
    tab_until(page, "Go on", most=3)
    enter(page)
    tab_until(page, "Parents in no group")
    page.keyboard.type("1")
    tab_until(page, "Officers")
    page.keyboard.type("2")
    tab_until(page, "Go on")
    enter(page)
    tab_until(page, "Before scoping")
    page.keyboard.press("Space")
    tab_until(page, "Go on", most=2)
    enter(page)
    tab_until(page, "What did they say?")
    page.keyboard.type("Ask us first.")
    tab_until(page, "Go on", most=4)
    enter(page)
    tab_until(page, "Save it in the log")
    enter(page)
    assert page.locator("h1").inner_text() == "It is in the log"
    entry = Involvement.objects.get()
    assert (entry.method, entry.stage, entry.said) == ("phone", 0, "Ask us first.")
    assert entry.parents_came == 1
