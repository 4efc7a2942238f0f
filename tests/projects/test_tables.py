"""Tables as people send them: encodings, separators, stray marks, workbooks, and bombs."""

import io
import re
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from projects import tables, workbooks
from projects.tables import NotATable


def cells(table):
    return [row.cells for row in table.rows]


# Text ---------------------------------------------------------------------------------------------

WANTED = [["Task", "Started", "Notes"], ["One", "2021", "Café, “then”"], ["Two", "", "–"]]


@pytest.mark.parametrize("separator", ["\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_text_when_in_any_usual_encoding_then_same_cells(separator, encoding):
    text = "\r\n".join(separator.join(row) for row in WANTED)
    assert cells(tables.read(text.encode(encoding))) == WANTED


def test_csv_when_quoted_with_breaks_then_cells_whole():
    text = 'Task,Notes\r\n"One, two","first\r\nsecond ""said"" so"\r\nThree,four\r\n'
    wanted = [["Task", "Notes"], ["One, two", 'first\nsecond "said" so'], ["Three", "four"]]
    assert cells(tables.read_text(text)) == wanted


def test_csv_when_excel_names_its_separator_then_believed():
    assert cells(tables.read_text("sep=;\nTask;Notes\nOne;a, b\n"))[1] == ["One", "a, b"]


STRAY = 'Task\tStarted\tNotes\nOne\t"023/24\tfirst\nTwo\t2022\tsaid "yes"\nThree\t2023\t"last"\n'


@pytest.mark.parametrize("pasted", [True, False])
def test_tsv_when_a_mark_is_never_closed_then_no_row_is_swallowed(pasted):
    found = cells(tables.read_text(STRAY, pasted=pasted))
    assert len(found) == 4
    assert found[1] == ["One", '"023/24', "first"]
    assert found[2] == ["Two", "2022", 'said "yes"']
    assert found[3] == ["Three", "2023", "last"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_text_when_a_stray_mark_opens_any_cell_then_every_row_stays(separator, place):
    rows = [["Task", "Started", "Notes"]] + [[f"T{n}", f"{n}", f"note {n}"] for n in range(9)]
    rows[3][place] = '"' + rows[3][place]
    rows[6][place] += '"'
    rows[8][1] = '"quoted"'
    text = "\n".join(separator.join(row) for row in rows)
    found = cells(tables.read_text(text))
    assert len(found) == len(rows)
    assert found[3][place] == rows[3][place]
    assert found[6][place] == rows[6][place]


def test_pasted_when_a_word_cell_has_paragraphs_then_one_row_that_says_so():
    text = "Task\tDue\tNotes\nOne\tMay 2026\tfirst\nsecond\nTwo\tJune\n2026\tthird\nThree\t\tx\n"
    table = tables.read_text(text, pasted=True)
    assert cells(table)[1:] == [
        ["One", "May 2026", "first\nsecond"],
        ["Two", "June\n2026", "third"],
        ["Three", "", "x"],
    ]
    assert table.rows[1].remarks == table.rows[2].remarks != []
    assert table.rows[3].remarks == []


def test_file_when_rows_are_short_then_never_joined():
    found = cells(tables.read(b"Task\tDue\tNotes\nOne\nTwo\tMay\nThree\tMay\tx\n"))
    assert found[1:] == [["One"], ["Two", "May"], ["Three", "May", "x"]]


def test_text_when_one_column_then_commas_are_words():
    assert cells(tables.read_text("Project\nShort breaks, and transport\nHubs\n"))[1] == [
        "Short breaks, and transport"
    ]


def test_cell_when_it_hides_characters_then_they_go_and_words_stay():
    assert tables.tidy(" a\x07b\u202ec\u00a0d \n e ") == "abc\u00a0d \n e"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing"),
        (b" \r\n\t\r\n", "nothing"),
        (b"\x00" * 40, "nothing"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "picture"),
        (b"\xff\xd8\xff\xe0JFIF", "picture"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "password"),
        (b"PK\x03\x04 not really", "damaged"),
        (b"Task\tNotes\nOne\tx\x00y\n", "no table"),
        (bytes(range(1, 32)) * 30, "no table"),
    ],
)
def test_file_when_it_is_no_table_then_said_in_words(content, words):
    with pytest.raises(NotATable, match=words):
        tables.read(content)


def test_file_when_over_ten_megabytes_then_refused():
    with pytest.raises(NotATable, match="10 MB"):
        tables.read(b"Task\tNotes\n" + b"x\ty\n" * 3_000_000)


def test_table_when_over_20_000_rows_then_refused_in_words():
    with pytest.raises(NotATable, match="20,000 rows"):
        tables.read(b"Task\tNotes\n" + b"x\ty\n" * 20_100)


def test_table_when_over_200_columns_then_refused_in_words():
    with pytest.raises(NotATable, match="200 columns"):
        tables.read(b"Task" + b"\tx" * 1_000_000 + b"\n")


# Workbooks ----------------------------------------------------------------------------------------


def workbook(rows, **parts):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, value in parts.items():
        setattr(book.active, name, value)
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


def changed(content, path, change):
    """The same workbook with one part written anew, or added."""
    found = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(found, "w") as new:
        for each in old.infolist():
            if each.filename != path:
                new.writestr(each, old.read(each))
        before = old.read(path) if path in old.namelist() else b""
        new.writestr(path, change(before))
    return found.getvalue()


def test_workbook_when_excel_typed_the_cells_then_read_as_shown():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Task", "Month", "Day", "Year", "Share", "Yes", "Sum"])
    sheet.append(["One", datetime(2021, 1, 1), date(2021, 3, 9), 2021, 0.25, True, 0.1 + 0.2])
    sheet["B2"].number_format = "mmm-yy"
    sheet["C2"].number_format = "dd/mm/yyyy"
    sheet["E2"].number_format = "0%"
    found = io.BytesIO()
    book.save(found)
    row = cells(tables.read(found.getvalue()))[1]
    assert row == ["One", "January 2021", "9 March 2021", "2021", "25%", "TRUE", "0.3"]


def test_workbook_when_it_holds_formulas_then_never_calculated():
    content = workbook([["Task", "Notes"], ["One", "=1+1"], ["Two", "plain"]])
    table = tables.read(content)
    assert cells(table)[1] == ["One", "=1+1"]
    assert "formula without a result" in table.rows[1].remarks[0]
    path = "xl/worksheets/sheet1.xml"
    table = tables.read(
        changed(content, path, lambda b: re.sub(rb"<v ?/>|<v></v>", b"<v>2</v>", b))
    )
    assert cells(table)[1] == ["One", "2"]
    assert "last result" in table.rows[1].remarks[0]


def test_workbook_when_it_has_more_sheets_then_says_which_is_read():
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    book.create_sheet("Tracker").append(["Task", "Notes"])
    book.create_sheet("Old").append(["Other"])
    hidden = book.create_sheet("Secret")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    found = io.BytesIO()
    book.save(found)
    table = tables.read(found.getvalue())
    assert cells(table) == [["Task", "Notes"]]
    assert "Tracker" in table.remarks[0]
    assert "Old" in table.remarks[0]
    assert "Secret" in table.remarks[0]


def test_workbook_when_far_larger_inside_then_not_opened():
    content = workbook([["Task", "Notes"]])
    with pytest.raises(NotATable, match="larger inside"):
        tables.read(
            _deflated(content, "xl/media/big.xml", b"<x>" + b" " * (101 * 1024 * 1024) + b"</x>")
        )


def _deflated(content, path, body):
    found = io.BytesIO(content)
    with zipfile.ZipFile(found, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(path, body)
    return found.getvalue()


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>&c;</t></is></c></row></sheetData></worksheet>'
)
OUTSIDE = BOMB.replace(b'"bbbbbbbbbb"', b'SYSTEM "file:///etc/passwd"')


@pytest.mark.parametrize("body", [BOMB, OUTSIDE])
@pytest.mark.parametrize("path", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_workbook_when_its_xml_declares_entities_then_not_opened(body, path):
    content = workbook([["Task", "Notes"], ["One", "x"]])
    with pytest.raises(NotATable, match="commands"):
        tables.read(changed(content, path, lambda _: body))


def test_workbook_when_a_row_names_a_million_columns_then_refused():
    content = workbook([["Task", "Notes"], ["One", "x"]])
    wide = (
        b'<row r="2">'
        + b"".join(b'<c r="A%d"/>' % n for n in range(1))
        + (b'<c r="XFD2" t="inlineStr"><is><t>far</t></is></c></row></sheetData>')
    )
    path = "xl/worksheets/sheet1.xml"
    with pytest.raises(NotATable, match="200 columns"):
        tables.read(changed(content, path, lambda b: b.replace(b"</sheetData>", wide)))


def test_workbook_when_a_million_cells_are_empty_then_only_the_full_ones_count():
    content = workbook([["Task", "Notes"], ["One", "x"]])
    empty = b'<row r="9">' + b"<c/>" * 500_000 + b"</row></sheetData>"
    path = "xl/worksheets/sheet1.xml"
    found = tables.read(changed(content, path, lambda b: b.replace(b"</sheetData>", empty)))
    assert cells(found) == [["Task", "Notes"], ["One", "x"]]


@pytest.mark.parametrize("cut", range(40, 4000, 331))
def test_workbook_when_cut_short_then_words_and_no_crash(cut):
    content = workbook([["Task", "Notes"], ["One", "x"]])
    with pytest.raises(NotATable):
        tables.read(content[:cut])


STRINGS = (
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<si><t>Task</t></si><si><t>Notes</t></si><si><r><t>One </t></r><r><rPr><b/></rPr><t>bold</t>"
    b'</r><rPh sb="0" eb="1"><t>said so</t></rPh></si><si><t>a_x000D_b _x005F_x0041_</t></si></sst>'
)
SHARED = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    b'<row r="4"><c r="A4" t="s"><v>2</v></c><c r="B4" t="s"><v>3</v></c></row>'
    b"</sheetData></worksheet>"
)


def shared(sheet):
    content = changed(workbook([["x"]]), "xl/sharedStrings.xml", lambda _: STRINGS)
    return changed(content, "xl/worksheets/sheet1.xml", lambda _: sheet)


def test_workbook_when_words_are_shared_then_runs_joined_and_codes_read():
    table = tables.read(shared(SHARED))
    assert cells(table) == [["Task", "Notes"], ["One bold", "a\nb _x0041_"]]
    assert table.rows[1].number == 4, "the row as the spreadsheet counts it"


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"<v>1</v>", b"<v>99</v>"), (b"<v>1</v>", b"<v>x</v>"), (b"</row>", b""), (b'"4"', b'"y"')],
)
def test_workbook_when_its_parts_contradict_then_words(old, new):
    with pytest.raises(NotATable, match="damaged"):
        tables.read(shared(SHARED.replace(old, new)))


def test_macros_when_in_a_workbook_then_left_alone():
    content = workbook([["Task", "Notes"], ["One", "x"]])
    content = _deflated(content, "xl/vbaProject.bin", b"Sub AutoOpen()")
    assert cells(tables.read(content))[1] == ["One", "x"]


def test_word_document_when_renamed_then_told_to_paste():
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as parts:
        parts.writestr("word/document.xml", "<x/>")
    with pytest.raises(NotATable, match="Word"):
        tables.read(found.getvalue())


# Writing ------------------------------------------------------------------------------------------

HARD = [
    "=1+1", "+44", "-5", "@SUM(A1)", "'=1", "''=1", "'quoted'", '"', 'a"b', "a,b;c|d", "＝1",
    "line\nbreak", "_x0041_", "_x005F_", "a_x000D_b", "<b>&amp;", "\ufffe x \uffff", "🦋" * 9,
    "‏עברית",
    "=cmd|' /C calc'!A0", "\\[2020-01-01] no", "-", "=", "'", "0012", "1e5", "TRUE", "1/2", "",
]  # fmt: skip


def test_csv_when_read_again_then_every_word_and_no_formula():
    rows = [["Title", "Words"], *[["x", word] for word in HARD]]
    content = b"".join(tables.write_csv(rows[0], rows[1:]))
    lines = cells(tables.read(content))
    found = [[tables.unguarded(cell) for cell in [*row, ""][:2]] for row in lines]
    assert found == rows
    plain = [cell for row in lines for cell in row]
    assert not [cell for cell in plain if cell[:1] in ("=", "+", "-", "@", "＝")]


def test_xlsx_when_read_again_then_every_word():
    rows = [["Title", "Words"], *[["x", word] for word in HARD]]
    content = b"".join(workbooks.write(rows[0], rows[1:], name="Projects"))
    assert [[*row, ""][:2] for row in cells(tables.read(content))] == rows


def test_xlsx_when_a_spreadsheet_opens_it_then_text_only_and_nothing_hidden():
    content = b"".join(workbooks.write(["Title"], [[word or "x"] for word in HARD], name="P"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["P"]
    assert book.active.sheet_state == "visible"
    for row, word in zip(book.active.iter_rows(min_row=2), HARD, strict=True):
        cell = row[0]
        assert cell.data_type in ("s", "inlineStr"), word
        assert cell.number_format == "@"
        assert bool(cell.quotePrefix) == tables.starts_formula(word), word
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert sheet.count(b't="inlineStr"') == sheet.count(b"<c ")


def test_long_text_when_over_a_cells_limit_then_in_pieces_that_join():
    for text in ("a" * 70_000, "🦋" * 40_000, "short", "long  words " * 9_000, "x" + " " * 70_000):
        pieces = workbooks.pieces_of(text)
        assert "".join(pieces) == text
        if "words" in text:
            assert all(piece.strip() == piece for piece in pieces[:-1])
        assert all(len(piece.encode("utf-16-le")) // 2 <= 32_000 for piece in pieces)


@pytest.mark.parametrize("word", HARD)
def test_guard_when_taken_off_then_as_before(word):
    assert tables.unguarded(tables.guarded(word)) == word
