"""Tables as people send them: what kind of file it is, its text, its rows; never their meaning.

A file is judged by what is in it, never by its name. Text is split by whatever separates it,
and a stray quotation mark never swallows the rows after it.
"""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from coprod.forms import clean_text

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CELL = 100_000  # characters
#: Of a workbook, which is a zip: bytes when unpacked, and parts.
MOST_UNPACKED = 100 * 1024 * 1024
MOST_PARTS = 2_000


class NotATable(Exception):
    """What was sent can't be read as a table. The text is for people."""


@dataclass
class Row:
    """One row: its place in the table as people count it, from 1, and what was odd about it."""

    number: int
    cells: list[str]
    remarks: list[str] = field(default_factory=list)


@dataclass
class Table:
    """Rows that hold something, headings among them, and what has to be said of the whole.

    ``is_text``: from text, where an export of ours puts an apostrophe before formulas.
    """

    rows: list[Row]
    remarks: list[str] = field(default_factory=list)
    is_text: bool = False


# What it is ---------------------------------------------------------------------------------------

_OTHER_KINDS = (
    (b"%PDF", "This is a PDF. Copy the table out of it and paste it, or ask for the spreadsheet"),
    (b"\x89PNG", "This is a picture, so there are no words in it that we can read"),
    (b"\xff\xd8\xff", "This is a picture, so there are no words in it that we can read"),
    (b"GIF8", "This is a picture, so there are no words in it that we can read"),
    (b"RIFF", "This is a picture or a sound, so there are no words in it that we can read"),
    (
        b"\xd0\xcf\x11\xe0",
        "This is an old spreadsheet (.xls), or one with a password. Open it, save it without a "
        "password as .xlsx, and choose that",
    ),
    (b"{\\rtf", "This is a text document. Open it, copy the table, and paste it"),
)
_EMPTY = "There is nothing in this"
_NO_TEXT = "This is no table that we can read. Use CSV, TSV or XLSX, or paste the table"


def check_kind(content: bytes) -> bool:
    """Whether it is a workbook; otherwise it is text. Raises NotATable for anything else.

    Quick, so that it can be said beside the field; ``read`` finds what only reading can.
    """
    if len(content) > MOST_BYTES:
        raise NotATable("This file is larger than 10 MB. Split the table, or paste a part of it")
    if not content.strip(b"\x00 \t\r\n"):
        raise NotATable(_EMPTY)
    for start, words in _OTHER_KINDS:
        if content.startswith(start):
            raise NotATable(words)
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = set(parts.namelist())
            if "word/document.xml" in names:
                raise NotATable("This is a Word document. Open it, copy the table, and paste it")
            if "content.xml" in names:
                raise NotATable("Save this spreadsheet as .xlsx, and choose that")
            if "xl/workbook.xml" not in names:
                raise NotATable(_NO_TEXT)
            _refuse_bombs(parts)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise NotATable("This file is damaged, so it can’t be read") from error
    return True


def unpacked_size(content: bytes) -> int:
    """How many bytes a reader has to go through: of a workbook, what it unpacks to."""
    if not content.startswith(b"PK\x03\x04"):
        return len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return sum(each.file_size for each in parts.infolist())


def _refuse_bombs(parts: zipfile.ZipFile) -> None:
    """Sizes as the file declares them: unpacking stops at them, so they can't lie."""
    entries = parts.infolist()
    if len(entries) > MOST_PARTS or sum(each.file_size for each in entries) > MOST_UNPACKED:
        raise NotATable(
            "This spreadsheet is far larger inside than its file, so it isn’t opened. "
            "Copy the table into a new one"
        )
    if any(each.flag_bits & 1 for each in entries):
        raise NotATable("This spreadsheet has a password. Save it without one, and choose that")


def read(content: bytes) -> Table:
    """The table in a file. Raises NotATable."""
    if check_kind(content):
        from projects import workbooks

        return workbooks.read(content)
    text, remarks = _decoded(content)
    table = read_text(text)
    table.remarks += remarks
    return table


def _decoded(content: bytes) -> tuple[str, list[str]]:
    """The words of a file: UTF-8, UTF-16, or else Windows' western letters."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), []
    if b"\x00" in content:
        zeros = (content[0::2].count(0), content[1::2].count(0))
        if max(zeros) < len(content) // 5:
            raise NotATable(_NO_TEXT)
        name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        return content.decode(name, errors="replace"), []
    try:
        text, remarks = content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
        if lost := text.count("\ufffd"):
            some = "1 letter" if lost == 1 else f"{lost} letters"
            remarks = [f"{some} could not be read and stand as �. Save the file as UTF-8"]
        else:
            remarks = []
    odd = sum(text.count(chr(n)) for n in range(32) if n not in (9, 10, 11, 12, 13))
    if odd > len(text) // 20:
        raise NotATable(_NO_TEXT)
    return text, remarks


# Text ---------------------------------------------------------------------------------------------


def read_text(text: str, *, pasted: bool = False) -> Table:
    """The table in a text.

    ``pasted``: from Word, where a cell of several paragraphs comes as several lines; such lines
    are put together again, and the row says so. Raises NotATable.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise NotATable(_EMPTY)
    if hint := re.match(r"sep=(.)\n", text):
        text, separator = text[hint.end() :], hint[1]
    else:
        separator = _separator(text)
    rows: list[Row] = []
    for number, cells in enumerate(_records(text, separator), 1):
        if any(cells):
            rows.append(Row(number, cells))
        if len(rows) > MOST_ROWS * (4 if pasted else 1) + 20:
            break
    if pasted and separator == "\t":
        rows = _put_together(rows)
    table = checked(rows)
    table.is_text = True
    return table


def checked(rows: list[Row]) -> Table:
    """A table of these rows, their text cleaned. Raises NotATable where there is too much."""
    if len(rows) > MOST_ROWS + 20:
        raise NotATable(
            "This table has more than 20,000 rows. Split it, and import one part after the other"
        )
    if max((len(row.cells) for row in rows), default=0) > MOST_COLUMNS:
        raise NotATable(f"This table has more than {MOST_COLUMNS} columns")
    for row in rows:
        row.cells = [tidy(cell) for cell in row.cells]
        while row.cells and not row.cells[-1]:
            row.cells.pop()
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise NotATable(_EMPTY)
    return Table(rows)


_PLAIN = re.compile(r"[\n\t -~]*")


def tidy(cell: str) -> str:
    """A cell without characters that nobody types, and without space around it."""
    if not _PLAIN.fullmatch(cell):
        cell = clean_text(cell, lines=True)
    return cell.strip()


def _separator(text: str) -> str:
    """What stands between cells: whatever cuts most rows into the same number of pieces."""
    best, found = (0.0, 0), "\t"
    for separator in "\t,;|":
        counts: Counter[int] = Counter()
        for cells in _records(text[:200_000], separator):
            if any(cells):
                counts[len(cells)] += 1
            if counts.total() == 200:
                break
        if not counts:  # nothing but separators, as far as was looked
            continue
        size, times = max(counts.items(), key=lambda each: (each[1], each[0]))
        share = times / counts.total()
        if size > 1 and share >= 0.5 and (round(share, 1), size) > best:
            best, found = (round(share, 1), size), separator
    if best == (0.0, 0) and "\t" not in text:
        # One column, where commas belong to the words; unless its headings say otherwise.
        first = text.lstrip("\n").split("\n", 1)[0]
        found = next((each for each in ";|" if first.count(each) > 1), "\t")
    return found


def _records(text: str, separator: str) -> Iterator[list[str]]:
    """Each line as cells; a quoted cell may go over several lines.

    A quotation mark opens a cell only when one that closes it stands before a separator or the
    end of a line, and when believing it doesn't make one row of several.
    """
    reader = _Reader(text, separator)
    width = 0
    while reader.at < len(text):
        begin = reader.at
        cells = reader.record(over_lines=True)
        if width > 1 and "\n" in text[begin : reader.at - 1]:
            pieces = text[begin : reader.at - 1].split("\n")
            widths = [len(_Reader(piece, separator).record(over_lines=False)) for piece in pieces]
            swallowed = len(cells) != width and widths[0] == width
            if swallowed or all(each == width for each in widths):
                reader.at = begin
                cells = reader.record(over_lines=False)
        if not width and sum(1 for cell in cells if cell) > 1:
            width = len(cells)
        yield cells


class _Reader:
    """Reads one record after another from ``at`` on."""

    def __init__(self, text: str, separator: str) -> None:
        cut = re.escape(separator)
        self.text, self.separator, self.at = text, separator, 0
        self.bare = re.compile(rf"[^{cut}\n]*+")
        self.quoted = re.compile(rf'"([^"]*+(?:""[^"]*+)*+)"(?=[{cut}\n]|\Z)')

    def record(self, *, over_lines: bool) -> list[str]:
        """The cells up to the end of the line. ``over_lines``: quoted cells may hold breaks."""
        cells = []
        while True:
            cells.append(self._cell(over_lines))
            after = self.text[self.at : self.at + 1]
            self.at += 1
            if after != self.separator:
                return cells

    def _cell(self, over_lines: bool) -> str:
        if self.text.startswith('"', self.at) and (match := self.quoted.match(self.text, self.at)):
            inner = match[1]
            # Between tabs, what holds both a tab and a break is two rows and a stray mark.
            stray = "\n" in inner and (not over_lines or (self.separator == "\t" and "\t" in inner))
            if not stray:
                self.at = match.end()
                return inner.replace('""', '"')
        match = self.bare.match(self.text, self.at)
        assert match  # it also matches nothing
        self.at = match.end()
        return match[0]


def _put_together(rows: list[Row]) -> list[Row]:
    """Lines of one Word cell put together: a row is whole when it has as many cells as the top."""
    width = next((len(row.cells) for row in rows if len(row.cells) > 1), 1)
    if width == 1:
        return rows
    whole: list[Row] = []
    waiting: Row | None = None
    for row in rows:
        if waiting is not None and len(waiting.cells) + len(row.cells) - 1 <= width:
            _join(waiting, row)
        elif waiting is None and len(row.cells) == 1 and whole and len(whole[-1].cells) == width:
            # A line by itself goes on with the last cell above it: that is where notes stand.
            _join(whole[-1], row)
            continue
        else:
            if waiting is not None:
                whole.append(waiting)
            waiting = row
        if waiting is not None and len(waiting.cells) >= width:
            whole.append(waiting)
            waiting = None
    if waiting is not None:
        whole.append(waiting)
    for number, row in enumerate(whole, 1):
        row.number = number
    return whole


_JOINED = "Several lines were read as this one row"


def _join(row: Row, more: Row) -> None:
    row.cells[-1] = f"{row.cells[-1]}\n{more.cells[0]}"
    row.cells += more.cells[1:]
    if _JOINED not in row.remarks:
        row.remarks.append(_JOINED)


# Writing ------------------------------------------------------------------------------------------

#: What makes a spreadsheet take a text for a formula, also in its wide forms.
_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def guarded(cell: str) -> str:
    """``cell`` so that no spreadsheet takes it for a formula: with an apostrophe before it.

    One that had apostrophes already gets one more, so that ``unguarded`` gives every word back.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """What ``guarded`` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def starts_formula(cell: str) -> bool:
    """A spreadsheet might calculate this."""
    return bool(_FORMULA.match(cell))


class _Line:
    """What csv writes into: it gives each line back."""

    def write(self, line: str) -> str:
        return line


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Lines of a CSV file, every cell quoted, with the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield b"\xef\xbb\xbf"
    yield str(writer.writerow([guarded(cell) for cell in headings])).encode()
    for row in rows:
        yield str(writer.writerow([guarded(cell) for cell in row])).encode()
