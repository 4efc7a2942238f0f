"""What may stand in a text that somebody types or pastes; never a field."""

import unicodedata

from django.core.exceptions import ValidationError

#: Where a field names no limit of its own.
LINE_LIMIT, TEXT_LIMIT = 200, 20_000

# Cleaning what people type or paste ------------------------------------------------------------

_OVERRIDES = dict.fromkeys([0x202D, 0x202E])
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_BREAKS = str.maketrans({"\u2028": "\n", "\u2029": "\n", "\u0085": "\n", "\v": "\n", "\f": "\n"})


def clean_text(text: str, *, lines: bool) -> str:
    """``text`` without characters that nobody types on purpose.

    Control characters (NUL among them), unpaired surrogates and the marks that turn reading
    direction round go, because they can hide or forge words. Right-to-left languages need none
    of them in one line; in longer text only the overriding pair goes. ``lines``: may hold breaks.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BREAKS)
    text = text.translate(_OVERRIDES if lines else _DIRECTIONS)
    if not lines:
        text = text.replace("\t", " ")
    kept = (
        c
        for c in text
        if c in "\n\t" or (unicodedata.category(c) not in ("Cc", "Cs") and c != "\ufeff")
    )
    return unicodedata.normalize("NFC", "".join(kept))


def one_line(value: str) -> None:
    """Refuse line breaks: in a name or a subject they are never meant, and can forge headers."""
    if "\n" in value:
        raise ValidationError("Write this on one line", code="line_break")
