"""Import, export, import into an empty portal: no word is lost, nothing can be run."""

import os
import random
from pathlib import Path

import pytest

from coprod import clocks
from projects import tables
from projects.models import Import, Project, Theme
from projects.services import imports
from projects.services.exports import DERIVED_HEADINGS, Export
from projects.understood import fold
from tests.projects.test_imports import TABLE

ROWS = int(os.environ.get("COPROD_ROWS", "500"))
pytestmark = pytest.mark.django_db


def bring(content, by, name="table"):
    brought = imports.start_import(content=content, name=name, by=by)
    imports.go_on(brought=brought)
    assert brought.state == "read", brought.reason
    imports.run_import(brought=brought, by=by)
    imports.go_on(brought=brought)
    assert brought.state == "done"
    return brought


def exported():
    """Heading to words, of each project by its address; without what the portal works out."""
    export = Export(Project.objects.all(), today=clocks.today(), whole=True)
    found = {}
    for row in export.rows():
        cells = dict(zip(export.headings, row, strict=True))
        found[cells["Reference"]] = {
            name: words
            for name, words in cells.items()
            if words and name not in (*DERIVED_HEADINGS, "Review date")
        }
    return found


def as_file(kind):
    export = Export(Project.objects.all(), today=clocks.today(), whole=True)
    return b"".join(getattr(export, kind)())


def emptied():
    Project.objects.all().delete()
    Import.objects.all().delete()
    Theme.objects.all().delete()


def words_of(content):
    """Every word of every cell of a text table, but its headings'."""
    rows = tables.read(content).rows[1:]
    return sorted(word for row in rows for cell in row.cells for word in cell.split())


def all_words():
    """Every word that the export gives back, but addresses."""
    return sorted(
        word
        for cells in exported().values()
        for name, cell in cells.items()
        if name not in ("Reference", "Public")
        for word in cell.split()
    )


def check(content, by, count, kind):
    bring(content, by)
    assert Project.objects.count() == count
    assert all_words() == words_of(content)
    before, file = exported(), as_file(kind)
    again = imports.start_import(content=file, name="again", by=by)
    imports.go_on(brought=again)
    assert set(again.rows.values_list("outcome", flat=True)) == {"same"}
    emptied()
    bring(file, by)
    assert exported() == before
    twice = imports.start_import(content=file, name="twice", by=by)
    imports.go_on(brought=twice)
    assert set(twice.rows.values_list("outcome", flat=True)) == {"same"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_invented_tracker_when_it_goes_round_then_every_word(kind, coordinator):
    check(TABLE.encode(), coordinator, 6, kind)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_real_tracker_when_it_goes_round_then_every_word(kind, coordinator):
    folder = os.environ.get("COPROD_REAL_INPUT")
    if not folder:
        pytest.skip("COPROD_REAL_INPUT isn't set: the real tracker wasn't tried")
    content = (Path(folder) / "tracker.tsv").read_bytes()
    check(content, coordinator, 47, kind)
    assert Project.objects.filter(title="Autism Strategy").count() == 2
    assert not Project.objects.exclude(level=None).exists()
    assert not Project.objects.exclude(completed_on=None).exists()


# Five thousand rows -------------------------------------------------------------------------------

DATES = [
    "", "3 May 2026", "2026-05-03", "03/05/2026", "Jan 2021", "Autumn 2020", "summer 2021",
    "2022/23", "2022-23", '"023/24', "ongoing", "On going", "ASAP", "TBC", "monthly", "2021",
    "end of Feb-ongoing", "Christmas-ish", "=2020", "-", "by the end of May 2021", "Q3 2024",
]  # fmt: skip
STARTS = [
    "",
    "=",
    "+",
    "-",
    "@",
    "'",
    "'=",
    '"',
    "＝",
    "_x0041_",
    "[2020-01-01] ",
    "\\[2020-01-01] ",
]
HEADINGS = [
    "Title",
    "Started",
    "Due",
    "Who is involved",
    "Driver",
    "Notes",
    "RAG",
    "Theme",
    "Led by",
]


def letters_of_every_block():
    """For each stretch of 128 code points the letters that may stand in a text."""
    found = []
    for begin in range(0x20, 0x110000, 128):
        if 0xD800 <= begin < 0xE000 or 0xE080 <= begin < 0xF900 or begin >= 0x20000:
            continue
        letters = "".join(map(chr, range(begin, begin + 128)))
        if letters := "".join(tables.tidy(letters).split()):
            found.append(letters)
    return found + ["\U00020000\U0002fa1d", "\U000e0100", "\U0010fffd", "\ue000\uf8ff"]


def generated(count):
    """Rows with every kind of date, every block, formula starts, and some very long notes."""
    chance, blocks = random.Random(4), letters_of_every_block()
    rows = []
    for number in range(count):
        block = blocks[number % len(blocks)]
        start = STARTS[number % len(STARTS)]
        notes = f"{start}{block} {number}"
        if number % 7 == 0:
            notes += f'\n\nline, "two"\t; three\n{start}'
        if number % 100 == 0:
            notes = f"{block} " + "long words " * (3300 if number % 1000 == 0 else 910)
        rows.append(
            [
                f"{start}{block[: chance.randint(1, 60)]} {number % 4000}",
                DATES[number % len(DATES)],
                DATES[chance.randrange(len(DATES))],
                f"{start}parents {block[-5:]}" if number % 3 else "",
                f"{start}why {number}" if number % 4 else "",
                notes,
                ["red", "=amber", "", "grün"][number % 4],
                f"Theme {number % 6}" if number % 2 else "",
                "Nobody here" if number % 50 == 0 else "",
            ]
        )
    return [[tables.tidy(cell) for cell in row] for row in rows]


@pytest.mark.timeout(600)
def test_many_rows_when_they_go_round_then_nothing_is_lost(coordinator):
    """``COPROD_ROWS``: how many; five thousand by ``make faults``."""
    rows = generated(ROWS)
    file = b"".join(tables.write_csv(["Reference", *HEADINGS], [["", *row] for row in rows]))
    bring(file, coordinator)
    assert Project.objects.count() == ROWS
    _compare(rows)
    before, file = exported(), as_file("xlsx")
    emptied()
    bring(file, coordinator)
    assert exported() == before
    again = imports.start_import(content=as_file("csv"), name="again", by=coordinator)
    imports.go_on(brought=again)
    assert set(again.rows.values_list("outcome", flat=True)) == {"same"}


def _compare(rows):
    """Every cell of the first table beside what the export gives back."""
    export = Export(Project.objects.all(), today=clocks.today(), whole=True)
    place = {name: at for at, name in enumerate(export.headings)}
    names = [*HEADINGS[:-1], "Lead organisation (kept)"]
    for row, found in zip(rows, export.rows(), strict=True):
        for name, wanted in zip(names, row, strict=True):
            got = found[place[name]]
            if name == "Notes":
                got = got.replace("\\[2020", "[2020").replace("\\\\[2020", "\\[2020")
                wanted = wanted.replace("\\[2020", "[2020")
            assert fold(got) == fold(wanted), name


def test_export_of_generated_rows_when_opened_then_no_cell_begins_a_formula(coordinator):
    rows = generated(400)
    file = b"".join(tables.write_csv(["Reference", *HEADINGS], [["", *row] for row in rows]))
    bring(file, coordinator)
    cells = [cell for row in tables.read(as_file("csv")).rows for cell in row.cells]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))] == []
    assert [cell for cell in cells if cell.startswith("'=")] != []
