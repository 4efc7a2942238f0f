"""Which column is what: guessed from headings as forums write them."""

import pytest

from projects import columns
from projects.columns import Columns


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("TASK", "title"),
        ("Project title:", "title"),
        ("DUE DATE", "due"),
        ("By when?", "due"),
        ("Start date", "started"),
        ("INVOLVED", "involved"),
        ("Who’s involved", "involved"),
        ("DRIVER", "driver"),
        ("Progress / update", "notes"),
        ("Progress update", "notes"),
        ("RAG", ""),
        ("Level", ""),
        ("", ""),
    ],
)
def test_heading_when_known_then_its_field(heading, field):
    assert columns.meaning(heading) == field


def test_guess_when_two_headings_mean_the_same_then_the_first_has_it():
    assert columns.guess(["Task", "Notes", "Comments", "RAG"]) == {0: "title", 1: "notes"}


def test_guess_when_no_title_is_named_then_the_first_column():
    assert columns.guess(["Thing we do", "Due"]) == {0: "title", 1: "due"}


def test_guess_when_somebody_elses_reference_then_kept_as_it_stands():
    assert "reference" not in columns.guess(["Reference", "Task"]).values()
    assert "reference" in columns.guess(["Reference", "Title"]).values()


def test_head_when_a_table_has_a_title_above_then_found_beneath():
    rows = [["Our tracker 2024"], ["Updated in April"], ["Task", "Due", "Notes"], ["One"]]
    assert columns.head_at(rows) == 2
    assert columns.head_at([["a", "b"], ["c", "d"]]) == 0


def test_names_when_empty_or_twice_then_each_its_own():
    assert columns.names_of(["Task", "", "Task", "Task"]) == [
        "Task",
        "Column 2",
        "Task – 2",
        "Task – 3",
    ]


def test_key_when_case_and_signs_differ_then_the_same():
    assert columns.key_of(["Task", "Due date"]) == columns.key_of(["TASK:", "due  date"])
    assert columns.key_of(["Task", "Due"]) != columns.key_of(["Due", "Task"])


def test_row_when_our_long_text_goes_on_beside_then_joined():
    found = Columns(["Reference", "Title", "Notes", "Notes (2)", "RAG"], {1: "title", 2: "notes"})
    cells = ["x", "One", "first ", "second", "amber"]
    assert found.read(cells)["notes"] == "first second"
    assert found.kept == {0: "Reference", 4: "RAG"}
    foreign = Columns(["Task", "Notes", "Notes (2)"], {0: "title", 1: "notes"})
    assert foreign.kept == {2: "Notes (2)"}
