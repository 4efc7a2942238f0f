"""The words of a PDF as a reader's program gets them, through each font's own table."""

import io
import re

import pikepdf

_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


def _table(font) -> dict[int, str]:
    """Glyph number → letters, from the font's ToUnicode table."""
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", font.ToUnicode.read_bytes(), re.DOTALL):
        for code, letters in _PAIR.findall(block):
            found[int(code, 16)] = bytes.fromhex(letters.decode()).decode("utf-16-be")
    return found


def _shown(content, fonts) -> list[str]:
    letters, words = {}, []
    for operands, operator in pikepdf.parse_content_stream(content):
        if str(operator) == "Tf":
            letters = fonts[str(operands[0])]
        elif str(operator) in ("TJ", "Tj"):
            parts = operands[0] if str(operator) == "TJ" else operands
            for part in parts:
                if isinstance(part, pikepdf.String):
                    raw = bytes(part)
                    codes = zip(raw[::2], raw[1::2], strict=True)
                    words.append("".join(letters[256 * a + b] for a, b in codes))
        elif str(operator) == "ET":
            words.append("\n")
    return words


def words_of(made: bytes) -> str:
    """The text of every page, spaces and line ends made single."""
    said = []
    with pikepdf.open(io.BytesIO(made)) as opened:
        for page in opened.pages:
            fonts = {name: _table(font) for name, font in page.Resources.Font.items()}
            said += _shown(page, fonts)
    return " ".join("".join(said).split())


def everything_in(made: bytes) -> str:
    """All else that a PDF holds once unpacked: metadata, outlines, tags, attachments."""
    held = [made.decode("latin-1")]
    with pikepdf.open(io.BytesIO(made)) as opened:
        held.append(str(opened.docinfo))
        for thing in opened.objects:
            if isinstance(thing, pikepdf.Stream):
                held.append(thing.read_bytes().decode("latin-1"))
            held.append(repr(thing))
    return "\n".join(held)
