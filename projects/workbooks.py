"""Excel workbooks (.xlsx), read and written as text; nothing in one is ever calculated or run.

Our own few lines rather than a library's, because no word may be lost: libraries cut cells at
32,767 characters, read ``_x0041_`` as a letter's code or not as they like, and give a date's
number instead of what somebody saw. A formula is read as its last result, as it stood on the
screen; macros and links are never opened.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from coprod.forms import MONTH_NAMES
from projects.tables import MOST_COLUMNS, MOST_ROWS, NotATable, Row, Table, checked, starts_formula

#: A spreadsheet refuses a cell of more than 32,767 UTF-16 units.
MOST_UNITS = 32_000
_DAMAGED = "This spreadsheet is damaged, so it can’t be read"

# Reading ------------------------------------------------------------------------------------------


def read(content: bytes) -> Table:
    """The first sheet with something in it, row by row. Raises NotATable.

    ``tables.check_kind`` has refused what is far larger inside than outside.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return _Workbook(parts).table()
    except NotATable:
        raise
    except DefusedXmlException as error:
        raise NotATable("This spreadsheet holds commands for its reader, so it isn’t opened") from (
            error
        )
    except (
        ArithmeticError,
        LookupError,
        NotImplementedError,
        OSError,
        ParseError,
        RuntimeError,
        ValueError,
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
    ) as error:
        raise NotATable(_DAMAGED) from error


def _name(tag: Any) -> str:
    """A tag without its namespace: strict workbooks have other ones."""
    return str(tag).rpartition("}")[2]


class _Workbook:
    """One opened file."""

    def __init__(self, parts: zipfile.ZipFile) -> None:
        self.parts = parts
        self.names = set(parts.namelist())
        self.epoch = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone
        self.sheets = self._sheets()
        self.strings = self._strings()
        self.formats = self._formats()

    def table(self) -> Table:
        """Rows of the first sheet that holds any, and a word about other sheets."""
        shown = [sheet for sheet in self.sheets if not sheet[2]] or self.sheets
        for place, (name, path, _) in enumerate(shown):
            if path in self.names and (rows := self._rows(path)):
                table = checked(rows)
                others = [other for other, *_ in shown[place + 1 :]]
                others += [other for other, _, hidden in self.sheets if hidden]
                if others:
                    said = ", ".join(f"“{other}”" for other in others[:5])
                    table.remarks.append(f"Only the sheet “{name}” is read, not {said}")
                return table
        raise NotATable("There is nothing in this spreadsheet")

    def _parse(self, path: str, *events: str) -> Iterator[tuple[str, Any]]:
        with self.parts.open(path) as part:
            yield from iterparse(part, events=events or ("end",), forbid_dtd=True)

    def _sheets(self) -> list[tuple[str, str, bool]]:
        """Name, path and whether it is hidden, in the workbook's order."""
        targets = {}
        for _, node in self._parse("xl/_rels/workbook.xml.rels"):
            if _name(node.tag) == "Relationship":
                target = node.get("Target", "")
                path = target[1:] if target.startswith("/") else f"xl/{target}"
                targets[node.get("Id")] = path
        sheets = []
        for _, node in self._parse("xl/workbook.xml"):
            if _name(node.tag) == "workbookPr" and node.get("date1904") in ("1", "true"):
                self.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
            if _name(node.tag) == "sheet":
                key = next((v for k, v in node.attrib.items() if _name(k) == "id"), "")
                hidden = node.get("state", "visible") != "visible"
                sheets.append((node.get("name", ""), targets.get(key, ""), hidden))
        return sheets

    def _strings(self) -> list[str]:
        """The texts that cells refer to by number."""
        found = []
        if "xl/sharedStrings.xml" in self.names:
            for _, node in self._parse("xl/sharedStrings.xml"):
                if _name(node.tag) == "si":
                    found.append(_text_of(node))
                    node.clear()
        return found

    def _formats(self) -> list[str]:
        """The number format of each style."""
        own: dict[str, str] = {}
        used: list[str] = []
        inside = False
        if "xl/styles.xml" in self.names:
            for event, node in self._parse("xl/styles.xml", "start", "end"):
                name = _name(node.tag)
                if name == "cellXfs":
                    inside = event == "start"
                elif event == "start" and name == "numFmt":
                    own[node.get("numFmtId", "")] = node.get("formatCode", "")
                elif event == "start" and name == "xf" and inside:
                    used.append(node.get("numFmtId", "0"))
        return [own.get(number) or _BUILT_IN.get(number, "") for number in used]

    def _rows(self, path: str) -> list[Row]:
        rows: list[Row] = []
        row, number, column, parent = Row(0, []), 0, 0, None
        for event, node in self._parse(path, "start", "end"):
            name = _name(node.tag)
            if name == "row" and event == "start":
                number = int(node.get("r") or number + 1)
                row, column, parent = Row(number, []), 0, node
            elif name == "row":
                if any(cell.strip() for cell in row.cells):
                    rows.append(row)
                if len(rows) > MOST_ROWS + 20:
                    break
                node.clear()
            elif name == "c" and event == "end":
                column = _column(node.get("r", "")) or column + 1
                if text := self._cell(node, row, column):
                    if column > MOST_COLUMNS:
                        raise NotATable(f"This table has more than {MOST_COLUMNS} columns")
                    row.cells += [""] * (column - len(row.cells))
                    row.cells[column - 1] = text
                if parent is not None:
                    parent.clear()  # else a row of a million cells stays in memory
        return rows

    def _cell(self, node: Any, row: Row, column: int) -> str:
        kind, value, formula = node.get("t", "n"), None, None
        for child in node:
            name = _name(child.tag)
            if name == "v":
                value = child.text or ""
            elif name == "f":
                formula = child.text or ""
            elif name == "is":
                return _text_of(child)
        if formula is not None:
            if not value and kind != "str":
                row.remarks.append(f"Column {column} holds a formula without a result")
                return f"={formula}"
            row.remarks.append(f"Column {column} holds a formula: its last result is read")
        if not value:
            return ""
        if kind == "s":
            return self.strings[int(value)]
        if kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if kind in ("str", "e", "d"):
            return _unescaped(value)
        style = int(node.get("s") or 0)
        known = self.formats[style] if style < len(self.formats) else ""
        return _number(value, known, self.epoch)


def _text_of(node: Any) -> str:
    """The words of a text with its runs, without how they are to be pronounced."""
    found = []
    for child in node:
        name = _name(child.tag)
        if name == "t":
            found.append(child.text or "")
        elif name == "r":
            found += [part.text or "" for part in child if _name(part.tag) == "t"]
    return _unescaped("".join(found))


def _column(reference: str) -> int:
    """``AB12`` is column 28."""
    number = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - 64
    return number


_DATE = "d mmmm yyyy"
_BUILT_IN = {
    **dict.fromkeys(("14", "15", "16"), _DATE),
    **dict.fromkeys([str(n) for n in (*range(27, 32), 36, *range(50, 59))], _DATE),
    "17": "mmm yyyy",
    **dict.fromkeys(("18", "19", "20", "21", "32", "33", "45", "46", "47"), "h:mm"),
    "22": f"{_DATE} h:mm",
    "9": "0%",
    "10": "0.00%",
    "34": "h:mm",
    "35": "h:mm",
}
_NOT_CODES = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|General', re.IGNORECASE)


def _number(value: str, known: str, epoch: datetime) -> str:
    """A number as somebody saw it: a date in words, a month without its day, a percentage."""
    number = float(value)
    codes = _NOT_CODES.sub("", known).lower()
    is_time = "h" in codes or "s" in codes
    is_date = "y" in codes or "d" in codes or ("m" in codes and not is_time)
    if (is_date or is_time) and 0 <= number < 2_958_466:
        moment = epoch + timedelta(seconds=round(number * 86_400))
        time = f"{moment:%H:%M}" if is_time else ""
        return f"{_date(moment, codes) if is_date else ''} {time}".strip()
    if "%" in codes:
        return f"{number * 100:.15g}%"
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:.15g}"


def _date(moment: datetime, codes: str) -> str:
    month = MONTH_NAMES[moment.month - 1]
    if "d" in codes:
        return f"{moment.day} {month} {moment.year}"
    return f"{month} {moment.year}" if "m" in codes else str(moment.year)


# What XML can't hold is written as _xHHHH_, and so is the mark itself.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _escaped(text: str) -> str:
    text = _ESCAPED.sub(lambda match: f"_x005F{match[0]}", text)
    return _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


# Writing ------------------------------------------------------------------------------------------


def pieces_of(cell: str) -> list[str]:
    """``cell`` in pieces that a spreadsheet holds: one, but for very long notes.

    Cut within words, because blanks at the ends of a cell are lost when it is read.
    """
    pieces = []
    while len(cell.encode("utf-16-le")) // 2 > MOST_UNITS:
        units = cell[:MOST_UNITS].encode("utf-16-le")[: MOST_UNITS * 2]
        cut = len(units.decode("utf-16-le", "ignore"))
        inside = cut
        while inside > 1 and (cell[inside - 1].isspace() or cell[inside].isspace()):
            inside -= 1
        cut = inside if inside > 1 else cut
        pieces.append(cell[:cut])
        cell = cell[cut:]
    return [*pieces, cell]


class _Outlet(io.RawIOBase):
    """What the zip is written into: it gives the bytes away as they come."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, some: Any) -> int:
        self.waiting += some
        return len(some)

    def take(self) -> bytes:
        some = bytes(self.waiting)
        self.waiting.clear()
        return some


def write(headings: Sequence[str], rows: Iterable[Sequence[str]], *, name: str) -> Iterator[bytes]:
    """A workbook of one sheet, in pieces as it grows. Every cell is text, none a formula.

    A text that a spreadsheet could take for a formula has the style that says "typed as text"
    too, so that it stays one when somebody edits it.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as parts:
        for path, words in _parts(name).items():
            parts.writestr(path, words)
        with parts.open("xl/worksheets/sheet1.xml", "w") as sheet:
            widths = "".join(
                f'<col min="{n}" max="{n}" width="{_width(heading)}" customWidth="1"/>'
                for n, heading in enumerate(headings, 1)
            )
            sheet.write(f"{_SHEET_TOP}<cols>{widths}</cols><sheetData>".encode())
            sheet.write(_row(1, headings, heading=True).encode())
            for number, row in enumerate(rows, 2):
                sheet.write(_row(number, row).encode())
                if len(outlet.waiting) > 32_768:
                    yield outlet.take()
            sheet.write(b"</sheetData></worksheet>")
    yield outlet.take()


def _width(heading: str) -> int:
    wide = ("notes", "driver", "summary", "involved", "title")
    return 50 if heading.lower().startswith(wide) else 18


def _row(number: int, cells: Sequence[str], *, heading: bool = False) -> str:
    found = []
    for place, cell in enumerate(cells):
        if cell:
            style = 1 if heading else 3 if starts_formula(cell) else 2
            found.append(
                f'<c r="{_letters(place)}{number}" s="{style}" t="inlineStr"><is>'
                f'<t xml:space="preserve">{escape(_escaped(cell))}</t></is></c>'
            )
    return f'<row r="{number}">{"".join(found)}</row>'


def _letters(place: int) -> str:
    """Column 0 is A, 27 is AB."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET_TOP = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    "</sheetView></sheetViews>"
)
# Styles 1 to 3: a heading; text; text that could be taken for a formula.
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/>'
    '<name val="Arial"/></font><font><b/><sz val="11"/><name val="Arial"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border>'
    "<left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    + "".join(
        f'<xf numFmtId="49" fontId="{font}" fillId="0" borderId="0" xfId="0"{more} '
        'applyNumberFormat="1" applyFont="1" applyAlignment="1">'
        '<alignment vertical="top" wrapText="1"/></xf>'
        for font, more in ((1, ""), (0, ""), (0, ' quotePrefix="1"'))
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    "</cellStyles></styleSheet>"
)


def _parts(name: str) -> dict[str, str]:
    """Everything of a workbook but its sheet."""
    relation = f'<Relationship Id="{{}}" Type="{_OFFICE}/{{}}" Target="{{}}"/>'
    relations = f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{{}}</Relationships>'
    override = f'<Override PartName="/xl/{{}}.xml" ContentType="{_TYPES}.{{}}+xml"/>'
    types = "".join(
        override.format(*each)
        for each in (
            ("workbook", "sheet.main"),
            ("worksheets/sheet1", "worksheet"),
            ("styles", "styles"),
        )
    )
    inner = relation.format("rId1", "worksheet", "worksheets/sheet1.xml")
    inner += relation.format("rId2", "styles", "styles.xml")
    sheet = f'<sheet name={quoteattr(name[:31])} sheetId="1" r:id="rId1"/>'
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": relations.format(
            relation.format("rId1", "officeDocument", "xl/workbook.xml")
        ),
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{sheet}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations.format(inner),
        "xl/styles.xml": _STYLES,
    }
