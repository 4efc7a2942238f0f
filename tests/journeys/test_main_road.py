"""From a forum with its groups to minutes that everybody can read, and back out of sight.

The story is told twice: by a coordinator at a desk and a rep with a phone, and again by both
on phones whose browsers run no script.
"""

import pytest
import time_machine
from django.test import Client

from meetings.models import Attendance, Comment, Meeting, Minutes, Version
from meetings.tasks import agree_when_due
from members.models import MemberGroup, Person, Seat
from tests.factories.members import MemberGroupFactory, PersonFactory, SeatFactory
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.journeys.conftest import DESKTOP, MODES, ON_PHONE
from tests.journeys.workshop import (
    GROUPS,
    ITEMS,
    NEW,
    OLD,
    PRIVATE,
    PRIVATE_REASON,
    SEVENTH,
    SHORT,
)
from tests.meetings.reading_pdf import everything_in
from tests.meetings.reading_pdf import words_of as words_of_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(240)]

NAMES = ["Asha", "Brid", "Cleo", "Dina", "Edie", "Faye"]
SLUG = "2030-01-07-workshop-on-what-works"


@pytest.fixture(params=["desk and phone", "no script"])
def devices(request, open_page):
    """The coordinator's page and the others' one."""
    if request.param == "no script":
        return open_page(**MODES["no_script"]), open_page(**MODES["no_script"])
    return open_page(viewport=DESKTOP), open_page(**ON_PHONE)


@pytest.fixture
def clock():
    """A Tuesday in January, the day after the workshop; time only goes forward."""
    with time_machine.travel("2030-01-08T10:00:00Z", tick=True) as traveller:
        yield traveller


@pytest.fixture
def table(clock, forum, coordinator):
    """Six groups with three people each, of whom one is staff in every second group."""
    for number, name in enumerate(GROUPS):
        group = MemberGroupFactory(name=name, slug=f"group-{number}")
        for seat in range(3):
            person = PersonFactory(name=f"{NAMES[number]} {seat}")
            SeatFactory(group=group, person=person, is_staff=seat == 2 and number % 2 == 0)


def test_the_whole_road_from_people_to_published_minutes(
    devices,
    table,
    clock,
    coordinator,
    forum,
    signed_in,
    mailed,
    link_in,
    look,
    open_page,
    outbox_drained,
):
    desk, other = devices
    signed_in(coordinator, on=desk)
    officer, without_email, rep = add_people(desk, look)
    hold_workshop(desk, look, coordinator, without_email)
    write_minutes(desk, look)
    send_draft(desk, look)
    post_letters(desk)

    comment_by_link(other, link_in(mailed(rep)), rep, look)
    read_by_link_of_one_who_was_away(other, link_in(mailed(officer)))
    answer_the_comment(desk, look)
    post_letters(desk)
    assert "See what became of your comment" in [mail.subject for mail in outbox_drained()]

    agree_by_links(other, mailed, link_in, rep, without_email, look)
    write_down_an_answer(desk, without_email, look)
    agree_when_due()
    assert Minutes.objects.get().state == "circulated", "agreed while comments were open"
    clock.shift(8 * 24 * 3600)
    agree_when_due()
    assert Minutes.objects.get().state == "agreed"

    signed_in(coordinator, on=desk)
    publish(desk, look)
    public = open_page(**ON_PHONE)
    read_in_public(public, rep, look)
    withdraw(desk, look)
    public.reload()
    assert "These minutes were withdrawn" in words_of(public)
    assert NEW not in public.content()
    assert public.request.get(f"/meetings/{SLUG}/minutes.pdf").status == 410
    look(public, "road-withdrawn-public")


# The acts -----------------------------------------------------------------------------------------


def add_people(page, look):
    """A group and three people by page: a rep, an officer, somebody without e-mail."""
    page.goto("/groups/new/")
    page.get_by_label("The group’s name").fill(SEVENTH)
    page.get_by_label("Young people’s group").check()
    page.get_by_label("How far has it come?").select_option("member")
    press(page, "Add this group")
    assert f"{SEVENTH} is added." in words_of(page)

    def add(name, email="", **more):
        page.goto("/people/new/")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("E-mail address", exact=True).fill(email)
        for label, value in more.items():
            field = page.get_by_label(label.replace("_", " "))
            field.select_option(label=value) if label.startswith("Which") else field.fill(value)
        return page

    add("Imelda Strand", "imelda@larkmere.example", Which_group_do_they_sit_for=SEVENTH)
    press(page, "Add this person")
    assert "Imelda Strand is added." in words_of(page)

    add("Peter Wragg", Which_group_do_they_sit_for=SEVENTH, Postal_address="4 Mill Row\nLarkmere")
    page.get_by_label("By letter").check()
    press(page, "Add this person")

    add("Owen Pryce", "owen@council.example", Or_the_name_of_a_new_one="Larkmere Council")
    page.get_by_label("Works for a service").check()
    press(page, "Add this person")
    assert "Choose which part of the services it is" in errors_of(page)
    page.get_by_label("Which part of the services").select_option(label="Education")
    press(page, "Add this person")
    look(page, "road-person")
    assert MemberGroup.objects.members().count() == 7
    assert Seat.objects.current().count() == 20
    find = Person.objects.get
    return find(name="Owen Pryce"), find(name="Peter Wragg"), find(name="Imelda Strand")


def hold_workshop(page, look, coordinator, without_email):
    """Yesterday's meeting: added, its people recorded, its agenda, who was there."""
    page.goto("/meetings/")
    follow(page, "Add a meeting")
    page.get_by_label("Name of the meeting").fill("Workshop on what works")
    page.get_by_label("Date").fill("7/1/2030")
    page.get_by_label("Starts at").fill("10am")
    page.get_by_label("Ends at").fill("1pm")
    page.get_by_label("In person", exact=True).check()
    page.get_by_label("Place", exact=True).fill("Kiln Lane Centre")
    look(page, "road-meeting-add")
    press(page, "Add the meeting")
    assert Meeting.objects.get().slug == SLUG
    look(page, "road-who-to-invite")
    press(page, "Go on")
    assert "Nothing is sent" in words_of(page)
    press(page, "Record 22 people")
    assert "22 people on the list. Nothing was sent." in words_of(page).replace(" are", "")
    look(page, "road-people")

    follow(page, "Agenda", exact=True)
    for title in ITEMS:
        follow(page, "Add an item")
        page.get_by_label("What is it about?").fill(title)
        page.get_by_label("How long?").fill("30")
        press(page, "Save the item")
    look(page, "road-agenda")

    follow(page, "Who was there")
    away = {"Faye 0", "Faye 1", "Edie 1", "Cleo 2", "Owen Pryce"}
    for row in page.get_by_role("group").all():
        if not any(name in row.inner_text() for name in away):
            row.get_by_label("In the room").check()
    press(page, "Save who is there")
    assert Attendance.objects.count() == 17
    assert "Saved for 17 people. Parents 14 of 17 (82%)." in words_of(page)
    look(page, "road-attendance")


def write_minutes(page, look):
    """Each item's text, one paragraph kept private, the short version, a look at it all."""
    page.goto(f"/meetings/{SLUG}/minutes/write/")
    look(page, "road-write-empty")
    for number, (title, text) in enumerate(ITEMS.items(), 1):
        follow(page, f"{number}. {title}")
        page.get_by_label("What was said and decided").fill(text)
        press(page, "Save", exact=True)
        assert "Saved." in words_of(page)
        if title == "School transport":
            look(page, "road-section")
            follow(page, "Keep 3.4 private")
            page.get_by_label("Why it’s kept private").fill(PRIVATE_REASON)
            look(page, "road-private")
            press(page, "Keep it private")
            assert "This paragraph is kept private." in words_of(page)
        follow(page, "All items")
    follow(page, "Write the short version")
    page.get_by_label("The short version").fill(SHORT)
    press(page, "Save the short version")
    look(page, "road-short")
    page.goto(f"/meetings/{SLUG}/minutes/write/")
    look(page, "road-write")


def send_draft(page, look):
    follow(page, "Check and send")
    assert "21 e-mails and 1 letter" in words_of(page)
    look(page, "road-send")
    follow(page, "See the public text")
    assert PRIVATE not in page.content()
    assert PRIVATE_REASON in words_of(page)
    look(page, "road-preview-public")
    page.go_back()
    press(page, "Mark it ready and send")
    assert "Version 1 of the draft is on its way." in words_of(page)
    look(page, "road-draft-coordinator")
    # A second press, from the page as it was: the version went out once.
    page.go_back()
    if page.get_by_role("button", name="Mark it ready and send").count():
        press(page, "Mark it ready and send")
    assert Version.objects.count() == 1


def post_letters(page):
    """Comments stay open until everybody’s letter is in the post."""
    page.goto("/messages/?show=letters")
    press(page, "Mark those ticked as posted")
    assert "marked as posted" in words_of(page)


def comment_by_link(page, link, rep, look):
    """Three taps: the mail's button, Comment on 4.2, Send."""
    page.goto(link)
    assert f"This link is for {rep.name}" in words_of(page)
    assert PRIVATE in words_of(page), "who was there reads everything"
    look(page, "road-draft")
    follow(page, "Comment on 4.2")
    press(page, "Send comment on 4.2")
    said = errors_of(page)
    assert "Write your comment" in said
    assert page.get_by_label("Better words").is_checked()
    assert page.get_by_label("Myself").is_checked(), "nobody speaks for others without saying so"
    look(page, "road-comment-errors")
    page.get_by_label("Something’s missing").check()
    page.get_by_label("What should it say?").fill("It should be one list, and also read aloud.")
    page.get_by_label(f"My group, {SEVENTH}").check()
    assert not Comment.objects.exists()
    press(page, "Send comment on 4.2")
    assert page.url.endswith("#p4-2")
    assert "It should be one list" in page.locator("#p4-2").inner_text()
    assert page.locator("#p4-2").bounding_box()["y"] < page.viewport_size["height"]
    look(page, "road-comment-sent")
    comment = Comment.objects.get()
    assert (comment.number, comment.author.person, comment.made_by) == ("4.2", rep, rep)


def read_by_link_of_one_who_was_away(page, link):
    page.goto(link)
    assert PRIVATE not in page.content()
    assert "One paragraph is kept private" in words_of(page)
    assert page.get_by_role("button", name="Send my answer").count() == 0


def answer_the_comment(page, look):
    """Change the paragraph, say so, send the second version."""
    page.goto(f"/meetings/{SLUG}/minutes/comments/")
    look(page, "road-settle")
    follow(page, "Change the text of 4.2")
    box = page.get_by_label("What was said and decided")
    box.fill(box.input_value().replace(OLD, NEW))
    press(page, "Save, and answer the comment")
    assert f"/meetings/{SLUG}/minutes/comments/" in page.url, "saving leads back to the comment"
    page.get_by_label("Not changed, because").check()
    press(page, "Keep this answer on 4.2")
    assert "Say why nothing was changed" in errors_of(page)
    page.get_by_label("Changed", exact=True).check()
    page.get_by_label("What do you want to say about it?").fill("You are right, thank you.")
    press(page, "Keep this answer on 4.2")
    look(page, "road-settled")
    follow(page, "Send version 2")
    press(page, "Send version 2")
    assert "Version 2 of the draft is on its way." in words_of(page)
    assert "Comments close Tuesday 15 January" in words_of(page), "as version 1 promised"


def agree_by_links(page, mailed, link_in, rep, without_email, look):
    """One by page; the others' links answered from their own browsers."""
    page.goto(link_in(mailed(rep)))
    assert "This is version 2." in words_of(page)
    assert "read aloud" in " ".join(page.locator("#p4-2 ins").all_inner_texts())
    look(page, "road-draft-2")
    press(page, "Send my answer")
    assert "Choose your answer" in errors_of(page)
    page.get_by_label("Yes, it’s a fair record").check()
    press(page, "Send my answer")
    assert "Thank you. Your answer: Yes, it’s a fair record" in words_of(page)
    look(page, "road-answered")
    there = Attendance.objects.select_related("invitation__person")
    for person in [each.invitation.person for each in there]:
        if person not in (rep, without_email):
            link = link_in(mailed(person))
            said = {"a-version": 2, "a-answer": "fair", "a-reason": ""}
            assert Client().post(f"{link}answer/", said).status_code == 302


def write_down_an_answer(page, person, look):
    page.goto(f"/meetings/{SLUG}/minutes/draft/")
    page.get_by_text("Write down an answer that came by phone or letter").click()
    page.get_by_label("Who answered?").select_option(label=f"{person.name}, {SEVENTH}")
    page.get_by_role("group", name="What did they say?").get_by_label("Yes").check()
    look(page, "road-answer-for")
    press(page, "Keep this answer")
    assert f"{person.name}’s answer is kept, written down by you." in words_of(page)


def publish(page, look):
    page.goto("/today/")
    look(page, "road-today")
    page.goto(f"/meetings/{SLUG}/minutes/publish/")
    press(page, "Publish for everyone")
    assert "No child can be recognised" in errors_of(page)
    look(page, "road-publish")
    page.get_by_label("No child can be recognised").check()
    page.get_by_label("Private parts are checked").check()
    press(page, "Publish for everyone")
    assert "Published. Everyone can read these minutes now." in words_of(page)
    look(page, "road-published")


def read_in_public(page, rep, look):
    """Without a session: the page, the PDF, and a second visit that costs nothing."""
    page.goto("/")
    look(page, "road-home")
    first = page.goto(f"/meetings/{SLUG}/")
    look(page, "road-public")
    html, words = page.content(), words_of(page)
    assert NEW in words
    assert PRIVATE not in html
    assert PRIVATE_REASON in words
    assert SEVENTH in words
    assert not any(name in html for name in Person.objects.values_list("name", flat=True))
    again = page.request.get(page.url, headers={"If-None-Match": first.headers["etag"]})
    assert again.status == 304
    assert "set-cookie" not in first.headers

    pdf = page.request.get(page.get_by_role("link", name="PDF").first.get_attribute("href"))
    assert pdf.headers["content-type"] == "application/pdf"
    said = words_of_pdf(pdf.body())
    assert NEW in said
    assert "4.2" in said
    held = everything_in(pdf.body())
    assert PRIVATE not in said + held
    assert rep.name not in said + held


def withdraw(page, look):
    page.goto(f"/meetings/{SLUG}/minutes/publish/")
    follow(page, "Withdraw these minutes")
    page.get_by_label("Why are they withdrawn?").fill("A paragraph has to be looked at again.")
    look(page, "road-withdraw")
    press(page, "Withdraw these minutes")
    assert "Withdrawn. Nobody outside the forum can read them now." in words_of(page)
    look(page, "road-withdrawn")
