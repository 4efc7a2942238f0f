"""A real workshop's comments as minutes, read by post, by phone and from the link on a phone.

Its words belong to others: they are read from the folder named by COPROD_REAL_INPUT, and are
nowhere in the project. People and groups are invented.
"""

import csv
import os
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone

from coprod import news
from coprod.models import Message
from meetings.models import Agreement, Comment, Minutes
from tests.factories.members import (
    MemberGroupFactory,
    OrganisationFactory,
    PersonFactory,
    RoleFactory,
    SeatFactory,
)
from tests.journeys.acting import follow, press, words_of
from tests.journeys.conftest import DESKTOP, ON_PHONE
from tests.journeys.test_taps import Finger
from tests.journeys.workshop import GROUPS, SEVENTH
from tests.meetings.reading_pdf import words_of as words_of_pdf

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(900),
    pytest.mark.skipif("COPROD_REAL_INPUT" not in os.environ, reason="COPROD_REAL_INPUT isn’t set"),
]
BASE = "/meetings/2023-08-09-workshop/minutes"


@pytest.fixture
def comments():
    """The 116 comments by section, in the order of the report."""
    found = {}
    path = Path(os.environ["COPROD_REAL_INPUT"]) / "workshop-comments.tsv"
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(row["SECTION"], []).append(row["COMMENT"].strip())
    assert sum(map(len, found.values())) == 116
    return found


@pytest.fixture
def clock():
    with time_machine.travel("2023-08-10T10:00:00Z", tick=True) as traveller:
        yield traveller


@pytest.fixture
def caller(clock, group):
    person = PersonFactory(
        name="Wilf Hartley", email=None, phone="01632 960 177", channel=Message.Channel.PHONE
    )
    return SeatFactory(group=group, person=person).person


@pytest.fixture
def table(clock, coordinator, rep, person_without_email, caller):
    """Twenty-two people: seven groups, education, health and care, and the coordinator."""
    for number, name in enumerate([*GROUPS[1:], SEVENTH]):
        group = MemberGroupFactory(name=name, slug=f"group-{number}")
        for seat in range(3 if number < 3 else 2):
            SeatFactory(group=group, person=PersonFactory(), is_staff=seat == 2)
    for sector in ("education", "health", "children"):
        RoleFactory(kind="officer", organisation=OrganisationFactory(sector=sector))


def test_real_workshop_is_checked_by_post_by_phone_and_from_the_link(
    open_page,
    clock,
    table,
    comments,
    coordinator,
    rep,
    person_without_email,
    caller,
    signed_in,
    mailed,
    link_in,
    look,
):
    desk = signed_in(coordinator, on=open_page(viewport=DESKTOP))
    hold(desk, comments)
    write(desk, comments, look)
    follow(desk, "Check and send")
    assert "20 e-mails, 1 letter and 1 phone call" in words_of(desk)
    look(desk, "real-send")
    press(desk, "Mark it ready and send")

    letter = letters(desk, "real-draft")
    assert "4 Mill Row" in letter
    told = " ".join(letter.split())
    missing = [c for said in comments.values() for c in said if plain(c) not in plain(told)]
    assert missing == [], "comments that the posted minutes lack"
    press(desk, "Mark those ticked as posted")
    hear_from_the_one_who_reads_by_post(desk, person_without_email, look)
    ring(desk, caller, look)
    thumb_through(Finger(open_page(**ON_PHONE)), rep, link_in(mailed(rep)), look)

    answer_comments(desk, look)
    clock.shift(5 * 24 * 3600)  # whoever has said yes is told with Monday’s post
    news.gather(timezone.now())
    signed_in(coordinator, on=desk)
    back = letters(desk, "real-outcome")
    assert "Paragraph 1.2" in back
    assert "The bus is an example." in back
    assert "The room agreed on it." in back
    assert Minutes.objects.get().state == "circulated"
    assert Agreement.objects.count() == 3


def plain(text):
    """Letters and digits only: a PDF breaks lines and words where it likes."""
    return "".join(each for each in text.casefold() if each.isalnum())


def hold(page, comments):
    page.goto("/meetings/new/")
    page.get_by_label("Name of the meeting").fill("Workshop")
    page.get_by_label("Date").fill("9/8/2023")
    page.get_by_label("Starts at").fill("10am")
    page.get_by_label("Ends at").fill("1pm")
    page.get_by_label("In person", exact=True).check()
    page.get_by_label("Place", exact=True).fill("Kiln Lane Centre")
    press(page, "Add the meeting")
    press(page, "Go on")
    press(page, "Record 22 people")
    follow(page, "Agenda", exact=True)
    for title in comments:
        follow(page, "Add an item")
        page.get_by_label("What is it about?").fill(title)
        page.get_by_label("How long?").fill("15")
        press(page, "Save the item")
    follow(page, "Who was there")
    for row in page.get_by_role("group").all():
        row.get_by_label("In the room").check()
    press(page, "Save who is there")
    assert "Saved for 22 people." in words_of(page)


def write(page, comments, look):
    page.goto(f"{BASE}/write/")
    for number, (title, said) in enumerate(comments.items(), 1):
        follow(page, f"{number}. {title}")
        page.get_by_label("What was said and decided").fill("\n\n".join(said))
        press(page, "Save", exact=True)
        if number == 3:
            look(page, "real-section")
        follow(page, "All items")
    look(page, "real-write")


def letters(page, name):
    """All letters to post as one PDF: its words; the file stays beside the pictures."""
    page.goto("/messages/?show=letters")
    link = page.get_by_role("link", name="Print all letters").get_attribute("href")
    made = page.request.get(link).body()
    if folder := os.environ.get("COPROD_SHOTS"):
        (Path(folder) / f"{name}.pdf").write_bytes(made)
    return words_of_pdf(made)


def hear_from_the_one_who_reads_by_post(page, person, look):
    """They ring and say the number that stands on paper: a comment, then their answer."""
    page.goto(f"{BASE}/draft/")
    follow(page, "Comment on 1.2")
    author = page.get_by_label("Who said it?")
    author.select_option(label=f"{person.name}, {person.seats.get().group}")
    page.get_by_role("radio", name="By phone").first.check()
    page.get_by_label("What should it say?").fill("The bus is an example. Please add it.")
    page.get_by_label("Something’s missing").check()
    page.get_by_label("Themselves").check()
    look(page, "real-heard")
    press(page, "Send comment on 1.2")
    page.get_by_text("Write down an answer that came by phone or letter").click()
    page.get_by_label("Who answered?").select_option(
        label=f"{person.name}, {person.seats.get().group}"
    )
    heard = page.locator("#heard")
    heard.get_by_role("radio", name="By phone").check()
    heard.get_by_label("Yes, it’s a fair record").check()
    press(page, "Keep this answer")
    assert f"{person.name}’s answer is kept, written down by you." in words_of(page)


def ring(page, person, look):
    """From the call list: what to say, what they said, their answer."""
    page.goto("/messages/?show=calls")
    look(page, "real-calls")
    one = page.locator("li", has=page.get_by_role("heading", name=person.name))
    here = page.url
    follow(page, "Write down whether it’s a fair record", within=one)
    heard = page.locator("#heard")
    assert heard.get_by_role("radio", name="By phone").is_checked()
    heard.get_by_label("Yes, it’s a fair record").check()
    press(page, "Keep this answer")
    page.goto(here)
    one.get_by_label("We spoke").check()
    one.get_by_label("What was said?").fill("Fair record")
    press(page, "Note this call", within=one)
    assert f"The call to {person.name} is noted." in words_of(page)


def thumb_through(finger, rep, link, look):
    """Read, comment, agree, undo, agree again; nobody signs in."""
    page = finger.page
    finger.open(link)
    look(page, "real-link")
    finger.go("Comment on 3.4", role="link")
    look(page, "real-link-comment")
    finger.type("We said it as a question.")
    finger.go("Send comment on 3.4")
    assert "We said it as a question." in page.locator("#p3-4").inner_text()
    finger.tap(page.get_by_text("Yes, it’s a fair record"))
    finger.go("Send my answer")
    look(page, "real-link-answered")
    finger.go("Take my answer back")
    assert not Agreement.objects.filter(invitation__person=rep).exists()
    finger.tap(page.get_by_text("Yes, it’s a fair record"))
    finger.go("Send my answer")
    assert [cookie["name"] for cookie in page.context.cookies()].count("sessionid") == 0
    assert len(finger.taps) == 8, finger.taps


def answer_comments(page, look):
    page.goto(f"{BASE}/comments/")
    look(page, "real-settle")
    for comment in Comment.objects.order_by("pk"):
        form = page.locator(f"form:has([name='s{comment.pk}-outcome'])")
        form.get_by_label("Not changed, because").check()
        form.get_by_label("What do you want to say about it?").fill("The room agreed on it.")
        press(page, f"Keep this answer on {comment.number}", within=form)
