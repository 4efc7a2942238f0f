"""A real forum's table of projects: brought in, given back, logged from its notes, reported.

Its words belong to others: they are read by row from the folder named by COPROD_REAL_INPUT, and
are nowhere in the project. People, groups, days and numbers are invented. The levels are derived
by hand from the forum's table of levels, entry by entry.
"""

import csv
import io
import os
import re
from datetime import date
from pathlib import Path

import page as pdf
import pytest
import time_machine

from projects.models import Project
from tests.factories.members import OrganisationFactory, PersonFactory, RoleFactory
from tests.journeys.acting import errors_of, follow, press, words_of
from tests.journeys.conftest import DESKTOP, MODES, ON_PHONE
from tests.meetings.reading_pdf import words_of as words_of_pdf

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(900),
    pytest.mark.skipif("COPROD_REAL_INPUT" not in os.environ, reason="COPROD_REAL_INPUT isn’t set"),
]

NOT_YET, NOBODY = "Not on the ladder yet", "No parents involved"
TOLD, ASKED, PART, SHARED = "Information", "Consultation", "Participation", "Co-production"
#: Rows of the file, its heading being row 1: what their notes say of parents.
WITHOUT_PARENTS, AMENDED, SURVEY_OPEN, BOARD, FROM_THE_START = 5, 13, 14, 20, 28
#: Where each column goes in the export.
BECOMES = {
    "TASK": "Title",
    "STARTED": "Started",
    "DUE DATE": "Due",
    "INVOLVED": "Who is involved",
    "DRIVER": "Driver",
    "NOTES": "Notes",
}


@pytest.fixture
def rows():
    """The table by row number."""
    path = Path(os.environ["COPROD_REAL_INPUT"]) / "tracker.tsv"
    with path.open(newline="", encoding="utf-8") as lines:
        found = dict(enumerate(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 2))
    assert len(found) == 47
    return found


@pytest.fixture
def clock():
    with time_machine.travel("2024-04-22T09:00:00Z", tick=True) as traveller:
        yield traveller


@pytest.fixture
def desk(open_page, clock, coordinator, signed_in):
    return signed_in(coordinator, on=open_page(viewport=DESKTOP))


@pytest.fixture
def officers(clock, forum):
    """One for each of the five rows."""
    names = ("Ivo Marsh", "Della Quine", "Femi Rudd", "Hattie Vole", "Joss Tarn")
    found = {}
    for row, name in zip(LOGGED, names, strict=True):
        person = PersonFactory(name=name)
        RoleFactory(person=person, kind="officer", organisation=OrganisationFactory())
        found[row] = person
    return found


def bring(page, look, *, add=True):
    page.goto("/projects/")
    follow(page, "Import a table")
    path = Path(os.environ["COPROD_REAL_INPUT"]) / "tracker.tsv"
    page.get_by_label("Choose a file").set_input_files(path)
    press(page, "Read the table")
    look(page, "tracker-rows")
    if add:
        page.get_by_label("Everybody, at once").check()
        press(page, "Add 47 projects")
        look(page, "tracker-added")


def test_real_tracker_when_imported_and_exported_then_no_word_is_lost(desk, rows, look):
    bring(desk, look)
    assert "47 projects are added" in words_of(desk)
    assert Project.objects.count() == 47
    assert set(Project.objects.values_list("level", flat=True)) == {None}
    desk.goto("/projects/")
    look(desk, "tracker-list")
    words = words_of(desk)
    assert words.count(NOT_YET) >= 47
    # 15 due dates that end lie in the past; one start lies ahead, and one row says none.
    statuses = {"overdue": 15, "to_complete": 30, "due_to_start": 2, "completed": 0}
    shown = Project.objects.with_status(date(2024, 4, 22)).values_list("status", flat=True)
    assert {each: list(shown).count(each) for each in statuses} == statuses

    with desk.expect_download() as download:
        desk.get_by_role("link", name="All projects as CSV").click()
    made = Path(download.value.path()).read_text(encoding="utf-8-sig")
    back = list(csv.DictReader(io.StringIO(made)))
    assert len(back) == 47
    for row, given in zip(rows.values(), back, strict=True):
        for theirs, ours in BECOMES.items():
            assert given[ours].removeprefix("'").split() == row[theirs].split(), ours

    # Their own table again, and ours, add nothing.
    bring(desk, lambda *_: None, add=False)
    assert "Nothing in this table is new" in words_of(desk)
    press(desk, "Put this table away, add nothing")
    desk.goto("/projects/import/")
    desk.get_by_label("Or paste the table").fill(made)
    press(desk, "Read the table")
    assert "Nothing in this table is new" in words_of(desk)


# What officers log from the notes -----------------------------------------------------------------

#: Row: entries, each with the level that the log shows after it, and after its reply.
LOGGED = {
    # Sign-off with officers alone: a stage from drafting on with no parent in it.
    WITHOUT_PARENTS: [
        {
            "how": "A meeting",
            "on": "20 January 2021",
            "nobody": 4,
            "stage": "Sign-off",
            "is": NOBODY,
        }
    ],
    # One parent amends what was written: asked before sign-off; a dated reply makes it more.
    AMENDED: [
        {
            "how": "Writing or designing together",
            "on": "4 March 2024",
            "alone": 1,
            "officers": 3,
            "stage": "After the draft",
            "is": TOLD,
            "replied": ASKED,
        }
    ],
    # Told of a consultation; then asked; until the reply, and after its last day, no more.
    SURVEY_OPEN: [
        {
            "how": "We told them",
            "on": "15 January 2024",
            "alone": 120,
            "stage": "After the draft",
            "is": TOLD,
        },
        {
            "how": "A survey",
            "on": "1 February 2024",
            "alone": 31,
            "stage": "After the draft",
            "is": TOLD,
            "replied": ASKED,
        },
    ],
    # Asked and answered; one session; the second before sign-off; sign-off with parents. Of 16
    # in the three sessions 6 were parents: more than a third.
    BOARD: [
        {
            "how": "An open event",
            "on": "10 February 2021",
            "alone": 30,
            "officers": 5,
            "stage": "Scoping",
            "changed": True,
            "told": "24 February 2021",
            "is": ASKED,
        },
        {
            "how": "A working group",
            "on": "11 May 2021",
            "group": 2,
            "officers": 4,
            "stage": "Drafting",
            "changed": True,
            "is": ASKED,
        },
        {
            "how": "A board or steering group",
            "on": "7 July 2021",
            "group": 2,
            "officers": 3,
            "stage": "Drafting",
            "changed": True,
            "is": PART,
        },
        {
            "how": "A board or steering group",
            "on": "9 November 2021",
            "group": 2,
            "officers": 3,
            "stage": "Sign-off",
            "changed": True,
            "is": SHARED,
        },
    ],
    # Parents from the start: one session shows that they were heard, two make it their work too.
    FROM_THE_START: [
        {
            "how": "A working group",
            "on": "22 March 2022",
            "group": 2,
            "officers": 2,
            "stage": "Before scoping",
            "changed": True,
            "is": TOLD,
        },
        {
            "how": "A working group",
            "on": "26 April 2022",
            "group": 3,
            "officers": 3,
            "stage": "Scoping",
            "changed": True,
            "is": PART,
        },
    ],
}


def project_of(rows, row):
    """The project of a row: titles occur twice, so by order."""
    return Project.objects.order_by("pk")[row - 2]


def name_them(desk, rows, officers, look):
    """The coordinator puts an officer on each, from the project's page."""
    for row, person in officers.items():
        desk.goto(project_of(rows, row).get_absolute_url())
        follow(desk, "Who is on it")
        desk.get_by_label("Who?").select_option(label=person.name)
        desk.get_by_label("Lead officer").check()
        press(desk, "Name them on it")
        assert person.name in words_of(desk)
    look(desk, "tracker-people")


def log_it(page, entry, said, group, look):
    """The wizard, from the project's page, in taps."""
    follow(page, "Log who took part")
    look(page, "tracker-log-1")
    page.get_by_label(entry["how"]).check()
    page.get_by_label("Another day", exact=True).check()
    page.get_by_label("If it was another day, which?").fill(entry["on"])
    press(page, "Go on")
    count(page, entry, group)
    look(page, "tracker-log-2")
    press(page, "Go on")
    page.get_by_label(re.compile(f"^{entry['stage']}")).check()
    look(page, "tracker-log-3")
    press(page, "Go on")
    if "nobody" not in entry:
        tell(page, entry, said)
    look(page, "tracker-log-check")
    press(page, "Save it in the log")
    look(page, "tracker-log-saved")


def count(page, entry, group):
    told = "told" if "told" in entry["how"] else "took part"
    if "nobody" in entry:
        page.get_by_label("No parents took part").check()
        page.get_by_label("Officers: took part").fill(str(entry["nobody"]))
    elif "group" in entry:
        box = page.get_by_label(f"{group.name}: {told}")
        if not box.is_visible():
            page.locator("summary", has_text="ember groups").click()
        box.fill(str(entry["group"]))
    else:
        page.get_by_label(f"Parents in no group, or not known which: {told}").fill(
            str(entry["alone"])
        )
    if "officers" in entry:
        page.get_by_label(f"Officers: {told}").fill(str(entry["officers"]))


def tell(page, entry, said):
    if "We told" in entry["how"]:
        page.get_by_label("How were they told?").fill("On our page and by e-mail")
        press(page, "Go on")
        return
    page.get_by_label("What did they say?").fill(said)
    if entry.get("changed"):
        page.get_by_label("What changed because of it?").fill("We took it in.")
    press(page, "Go on")
    if "told" in entry:
        page.get_by_label("Yes", exact=True).check()
        page.get_by_label("If yes: how?").fill("By e-mail to all")
        page.get_by_label("If yes: on which day?").fill(entry["told"])
    press(page, "Go on")


def reply(page, look):
    follow(page, "Write the reply now")
    look(page, "tracker-reply")
    page.get_by_label("What changed because of it?").fill("Its second page is rewritten.")
    page.get_by_label("How were parents told?").fill("By letter")
    press(page, "Save the reply")


def shown_level(page, project):
    page.goto(project.get_absolute_url())
    return page.locator("#ladder").inner_text()


def assert_level(page, project, level):
    """Both the page that answers and the project's say it."""
    assert level in proven(page)
    assert level in shown_level(page, project)


def proven(page):
    """The level on the page that answers an entry or a reply."""
    return page.locator(".log-proven").inner_text()


def test_real_tracker_when_logged_from_its_notes_then_levels_follow(
    open_page, desk, rows, officers, group, signed_in, look, clock
):
    bring(desk, lambda *_: None)
    complete(desk, look)
    name_them(desk, rows, officers, look)
    for row, entries in LOGGED.items():
        # One officer's phone has no script.
        phone = MODES["no_script"] if row == AMENDED else ON_PHONE
        page = signed_in(officers[row], on=open_page(**phone))
        project = project_of(rows, row)
        assert NOT_YET in shown_level(page, project)
        for entry in entries:
            page.goto(project.get_absolute_url())
            log_it(page, entry, rows[row]["NOTES"], group, look)
            if "replied" in entry:
                assert entry["is"] in proven(page)
                reply(page, look)
                assert_level(page, project, entry["replied"])
            else:
                assert_level(page, project, entry["is"])
        page.goto(project.get_absolute_url())
        look(page, f"tracker-project-{row}")
        explain(page, row)
    phone = signed_in(officers[FROM_THE_START], on=open_page(**ON_PHONE))
    differ(desk, phone, open_page, rows, look)
    report(desk, look)


def complete(desk, look):
    """What reads as finished is ticked by a person."""
    follow(desk, "Say which are completed")
    look(desk, "tracker-finished")
    desk.get_by_role("checkbox").first.check()
    press(desk, "Mark the ticked ones completed")
    assert "1 project is completed" in words_of(desk)
    assert Project.objects.filter(completed_on__isnull=False).count() == 1


def explain(page, row):
    """What keeps each from going higher is on the page."""
    words = page.locator("#ladder").locator("xpath=..").inner_text()
    if row == WITHOUT_PARENTS:
        assert "Sign-off: on 20 January 2021 no parent was in it." in words
    if row == AMENDED:
        assert "Parents first came in here, after the draft was written" in words_of(page)
    if row == FROM_THE_START:
        assert "Parents taking part, with officers, in agreeing the result." in words


def differ(desk, page, open_page, rows, look):
    """The officer says more than the log proves, parents less: all stand in public."""
    project = project_of(rows, FROM_THE_START)
    page.goto(project.get_absolute_url())
    follow(page, "Say which level it has")
    look(page, "tracker-claim")
    page.get_by_label("4. Co-production").check()
    page.get_by_label("Why?").fill("Parents began it with us.")
    press(page, "Say that it has this level")
    confirm(desk, project, "2. Consultation", look)

    public = open_page(**ON_PHONE)
    public.goto(project.get_absolute_url())
    words = words_of(public)
    for each in ("The log proves: Participation", "said Co-production", "confirms Consultation"):
        assert each in words
    look(public, "tracker-differ")

    page.goto(project.get_absolute_url())
    follow(page, "Ask to use the forum’s logo")
    assert "It doesn’t confirm that now" in words_of(page)
    look(page, "tracker-logo-ask")
    page.get_by_label("Which document is it?").fill("Working together, version 1")
    press(page, "Ask the forum")
    decide(desk, look)
    assert "high enough" in errors_of(desk)
    confirm(desk, project, "3. Participation", lambda *_: None)
    decide(desk, look)
    code = project.logos.get().code
    public.goto("/projects/logo/")
    public.get_by_label("The code beside the logo").fill(code)
    press(public, "Check the code")
    assert "This document may carry our logo" in words_of(public)
    confirm(desk, project, "1. Information", lambda *_: None)
    public.reload()
    assert "may not carry our logo any more" in words_of(public)
    look(public, "tracker-logo-ended")


def confirm(desk, project, rung, look):
    desk.goto(project.get_absolute_url())
    follow(desk, "Confirm a level")
    look(desk, "tracker-confirm")
    desk.get_by_label(rung).check()
    desk.get_by_label("On which day did they decide?").fill("19 April 2024")
    desk.get_by_label("At which meeting?").fill("the parents’ meeting at the Corn Exchange")
    desk.get_by_label("What did they decide, and why?").fill("So it was for us.")
    press(desk, "Confirm this level")
    assert f"The forum confirms {rung[3:]}." in words_of(desk)


def decide(desk, look):
    desk.goto("/projects/logo/")
    follow(desk, "Decide")
    look(desk, "tracker-logo-decide")
    desk.get_by_label("Yes, this document may carry it").check()
    press(desk, "Save the decision")


def report(desk, look):
    """By the button; its PDF says every project, and is valid."""
    desk.goto("/projects/")
    follow(desk, "Progress reports")
    look(desk, "tracker-reports")
    follow(desk, "Prepare the next edition")
    look(desk, "tracker-report-form")
    desk.get_by_label("Thoughts (optional)").fill("Notes alone prove nothing.")
    press(desk, "Make this edition")
    look(desk, "tracker-report")
    link = desk.get_by_role("link", name="PDF").first.get_attribute("href")
    made = desk.request.get(link).body()
    if folder := os.environ.get("COPROD_SHOTS"):
        (Path(folder) / "tracker-report.pdf").write_bytes(made)
    assert pdf.validate_pdf_bytes(made, profile="ua1").failures == []
    told = plain(words_of_pdf(made))
    missing = [p.pk for p in Project.objects.all() if plain(p.title) not in told]
    assert missing == [], "projects that the report lacks"


def plain(text):
    """Letters and digits only: a PDF breaks lines and words where it likes."""
    return "".join(each for each in text.casefold() if each.isalnum())
