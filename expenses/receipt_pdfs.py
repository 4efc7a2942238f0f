"""A PDF written anew from what its pages show: their drawing, fonts and pictures, nothing else.

Nothing is taken over that isn't named here: no scripts, actions, links, forms, notes, attachments,
outlines, layers, structure, metadata or earlier versions of the document. Runs in the process of
``expenses.receipts`` only, which bounds its time and memory.
"""

import base64
import re
import zlib
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from expenses.receipts import DAMAGED, MOST_PIXELS, TOO_MUCH, CannotUse

MOST_PAGES = 20
#: Of everything that streams unpack to, in bytes, and of the parts that are looked at.
MOST_UNPACKED, MOST_PARTS = 150_000_000, 200_000

_LOCKED = (
    "This PDF is locked with a password. Save or print it again without one, or send a photo of it."
)
_HIDES = "This PDF holds something besides its pages. Send a photo of the receipt instead."
_NO_PAGES = "This PDF has no pages. Choose another file."
_INHERITED = ("/MediaBox", "/CropBox", "/Rotate", "/Resources")
_OF_A_PAGE = {"/Type", "/UserUnit", "/Group", "/Contents", *_INHERITED}
#: What a page may draw with; each maps names, which the document chooses, to things.
_RESOURCES = {"/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font"}
_MAPS = {*_RESOURCES, "/CharProcs"}
#: Never in anything that a page draws with: what these name is told or done, not seen.
_TOLD = {
    "/A",
    "/AA",
    "/AF",
    "/Alternates",
    "/Annots",
    "/Dests",
    "/EF",
    "/JS",
    "/LastModified",
    "/Measure",
    "/Metadata",
    "/Names",
    "/OC",
    "/OPI",
    "/OpenAction",
    "/PieceInfo",
    "/Properties",
    "/ProcSet",
    "/PtData",
    "/Ref",
    "/StructParent",
    "/StructParents",
    "/Thumb",
    "/URI",
}
_DONE = {
    "/GoTo",
    "/GoToE",
    "/GoToR",
    "/Hide",
    "/ImportData",
    "/JavaScript",
    "/Launch",
    "/Movie",
    "/Named",
    "/RichMediaExecute",
    "/Rendition",
    "/ResetForm",
    "/SetOCGState",
    "/Sound",
    "/SubmitForm",
    "/Thread",
    "/Trans",
    "/URI",
}
#: Marks in the drawing that only say what a part of it is; their properties can hold anything.
_MARKS = {"BMC", "BDC", "EMC", "MP", "DP"}
_PLAIN = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}
_SHORT = {"/Fl": "/FlateDecode", "/A85": "/ASCII85Decode", "/AHx": "/ASCIIHexDecode"}


def rewrite_pdf(source: Path, target: Path) -> int:
    """Write the pages of one document as a new one; how many there are. Raises CannotUse."""
    try:
        old = pikepdf.open(source)
    except pikepdf.PasswordError as error:
        raise CannotUse(_LOCKED) from error
    except pikepdf.PdfError as error:
        raise CannotUse(DAMAGED) from error
    with old, pikepdf.new() as new:
        if old.is_encrypted:
            raise CannotUse(_LOCKED)
        count = len(old.pages)
        if not count:
            raise CannotUse(_NO_PAGES)
        if count > MOST_PAGES:
            raise CannotUse(
                f"This PDF has {count} pages: {MOST_PAGES} is the most. "
                "Send only the pages that show what you paid."
            )
        for page in old.pages:
            _bare(page.obj)
            new.pages.append(page)
        cleaner = _Cleaner(new)
        for page in new.pages:
            cleaner.clean_page(page.obj)
        new.save(target, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return count


def _bare(page: Object) -> None:
    """Leave of a page its size, its drawing and what it draws with."""
    for key in _INHERITED:
        found, depth = page, 0
        while key not in found and "/Parent" in found and depth < 50:
            found, depth = found["/Parent"], depth + 1
        if key in found:
            page[key] = found[key]
    _keep_only(page, _OF_A_PAGE | {"/Parent"})  # which qpdf sees to itself
    known = page.get("/Resources")
    page["/Resources"] = Dictionary()
    for key in _RESOURCES if isinstance(known, Dictionary) else ():
        if isinstance(known.get(key), Dictionary):
            page["/Resources"][key] = known[key]


def _keep_only(thing: Object, keys: set[str]) -> None:
    for key in set(thing.keys()) - keys:
        del thing[key]


class _Cleaner:
    """Goes once over everything that the pages of a document draw with."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.seen: set[tuple[int, int]] = set()
        self.unpacked = self.parts = 0

    def clean_page(self, page: Object) -> None:
        pieces: Any = page.get("/Contents")
        pieces = [pieces] if isinstance(pieces, Stream) else list(pieces or [])
        drawing = b"\n".join(self.unpack(piece) for piece in pieces if isinstance(piece, Stream))
        page["/Contents"] = self.pdf.make_stream(drawing)
        self.redraw(page["/Contents"])
        for key in ("/Resources", "/Group"):
            if key in page:
                self.walk(page[key])

    def walk(self, start: Object) -> None:
        """Clean a thing and all that it names. ``drawn``: it is a drawing of its own."""
        todo: list[tuple[Any, str, bool]] = [(start, "", False)]
        while todo:
            thing, key, in_charprocs = todo.pop()
            self.parts += 1
            if self.parts > MOST_PARTS:
                raise CannotUse(TOO_MUCH)
            if not isinstance(thing, Dictionary | Array | Stream):
                continue
            if thing.is_indirect:
                if thing.objgen in self.seen:
                    continue
                self.seen.add(thing.objgen)
            if isinstance(thing, Array):
                self._plain_colours(thing, range(len(thing)))
                todo += [(part, "", False) for part in thing]
                continue
            is_map = key in _MAPS and isinstance(thing, Dictionary)
            if not is_map:
                self._forget(thing)
            self._plain_colours(thing, list(thing.keys()))
            todo += [
                (part, "" if is_map else name, is_map and key == "/CharProcs")
                for name, part in thing.items()
                if name != "/Parent"
            ]
            if isinstance(thing, Stream):
                self._clean_stream(thing, drawn=in_charprocs)

    @staticmethod
    def _forget(thing: Any) -> None:
        """Take off what is told or done, not seen. Raises CannotUse where it does anything."""
        if (
            str(thing.get("/S", "")) in _DONE
            or "/EF" in thing
            or thing.get("/Type")
            in (
                Name.Action,
                Name.Annot,
                Name.Filespec,
                Name.EmbeddedFile,
                Name.Sig,
            )
        ):
            raise CannotUse(_HIDES)
        for key in _TOLD & set(thing.keys()):
            del thing[key]

    @staticmethod
    def _plain_colours(thing: Any, places: Any) -> None:
        """Colours as they are, in place of a device's profile, which can name the device."""
        for place in places:
            part = thing[place]
            if isinstance(part, Array) and len(part) == 2 and part[0] == Name.ICCBased:
                thing[place] = _PLAIN.get(int(part[1].get("/N", 3)), Name.DeviceRGB)

    def _clean_stream(self, stream: Any, *, drawn: bool) -> None:
        if {"/F", "/FFilter", "/FDecodeParms"} & set(stream.keys()):
            raise CannotUse(_HIDES)  # its bytes would lie in another file
        kind = str(stream.get("/Subtype", ""))
        if kind == "/PS":
            raise CannotUse(_HIDES)
        if kind == "/Image":
            self._clean_image(stream)
        elif drawn or kind == "/Form" or stream.get("/PatternType") == 1:
            self.redraw(stream)
        else:
            self.unpack(stream)

    def _clean_image(self, stream: Any) -> None:
        """A picture without what its camera wrote into it."""
        if int(stream.get("/Width", 0)) * int(stream.get("/Height", 0)) > MOST_PIXELS:
            raise CannotUse(TOO_MUCH)
        filters = _filters(stream)
        if filters[-1:] == ["/DCTDecode"]:
            packed = self._unwrap(stream, filters[:-1])
            stream.write(only_picture(packed), filter=Name.DCTDecode)
        elif filters[-1:] == ["/JPXDecode"]:
            packed = self._unwrap(stream, filters[:-1])
            stream.write(only_codestream(packed), filter=Name.JPXDecode)
        elif filters[-1:] not in (["/CCITTFaxDecode"], ["/JBIG2Decode"]):
            self.unpack(stream)

    def redraw(self, stream: Any) -> None:
        """The same drawing without remarks and marks."""
        self.unpack(stream)
        kept: list[Any] = []
        for step in pikepdf.parse_content_stream(stream):
            if isinstance(step, pikepdf.ContentStreamInlineImage):
                packed = {str(name) for name in step.iimage.filters}
                if packed & {"/DCTDecode", "/DCT"}:
                    raise CannotUse(TOO_MUCH)
            elif str(step.operator) in _MARKS:
                continue
            kept.append(step)
        stream.write(pikepdf.unparse_content_stream(kept))

    def unpack(self, stream: Any) -> bytes:
        """What a stream holds. Raises CannotUse where it, or all of them, unpack to too much."""
        filters = _filters(stream)
        if len(filters) > 2:
            raise CannotUse(TOO_MUCH)
        self._unwrap(stream, filters)
        return bytes(stream.read_bytes())

    def _unwrap(self, stream: Any, filters: list[str]) -> bytes:
        """Undo the packings of a stream, one after the other, within what is left of the limit."""
        held = bytes(stream.read_raw_bytes())
        if len(filters) > 2:
            raise CannotUse(TOO_MUCH)
        for name in filters:
            if name == "/FlateDecode":
                most = MOST_UNPACKED - self.unpacked
                held = zlib.decompressobj().decompress(held, most + 1)
                if len(held) > most:
                    raise CannotUse(TOO_MUCH)
            elif name == "/ASCII85Decode":
                held = base64.a85decode(held.strip().removeprefix(b"<~").removesuffix(b"~>"))
            elif name == "/ASCIIHexDecode":
                held = bytes.fromhex(held.partition(b">")[0].decode("ascii"))
            else:
                break  # the rest is qpdf's, within the limits of this process
        self.unpacked += len(held)
        return held


def _filters(stream: Any) -> list[str]:
    found = stream.get("/Filter")
    names = [found] if isinstance(found, Name) else list(found or [])
    return [_SHORT.get(str(name), str(name)) for name in names]


def only_picture(held: bytes) -> bytes:
    """A JPEG without EXIF, remarks, thumbnails, profiles and what follows its end.

    What Adobe wrote about its colours stays: without it they come out inverted. Raises CannotUse.
    """
    if not held.startswith(b"\xff\xd8"):
        raise CannotUse(DAMAGED)
    kept, place = [b"\xff\xd8"], 2
    while place + 4 <= len(held):
        if held[place] != 0xFF:
            raise CannotUse(DAMAGED)
        mark = held[place + 1]
        if mark == 0xFF:  # filling
            place += 1
            continue
        if mark == 0xD9:
            break
        end = place + 2 + int.from_bytes(held[place + 2 : place + 4], "big")
        is_colours = mark == 0xEE and held[place + 4 : place + 9] == b"Adobe" and end - place == 16
        if mark == 0xDA:  # the picture itself, up to the next mark that isn't part of it
            following = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(held, end)
            end = following.start() if following else len(held)
        if is_colours or not (0xE0 <= mark <= 0xEF or mark == 0xFE):
            kept.append(held[place:end])
        place = end
    return b"".join([*kept, b"\xff\xd9"])


def only_codestream(held: bytes) -> bytes:
    """A JPEG 2000 without the boxes that tell of it. Raises CannotUse."""
    if held.startswith(b"\xff\x4f"):
        return _without_remarks(held)
    kept, place = [], 0
    while place + 8 <= len(held):
        size = int.from_bytes(held[place : place + 4], "big") or len(held) - place
        name, body = held[place + 4 : place + 8], held[place + 8 : place + size]
        if size < 8:
            raise CannotUse(DAMAGED)
        if name == b"jp2c":
            body = _without_remarks(body)
        if name in (b"jP  ", b"ftyp", b"jp2h", b"jp2c"):
            kept.append((len(body) + 8).to_bytes(4, "big") + name + body)
        place += size
    return b"".join(kept)


def _without_remarks(stream: bytes) -> bytes:
    """Its main head without remarks; what follows are tiles."""
    kept, place = [stream[:2]], 2
    while place + 4 <= len(stream) and stream[place : place + 2] != b"\xff\x90":
        end = place + 2 + int.from_bytes(stream[place + 2 : place + 4], "big")
        if stream[place] != 0xFF:
            raise CannotUse(DAMAGED)
        if stream[place + 1] != 0x64:
            kept.append(stream[place:end])
        place = end
    return b"".join([*kept, stream[place:]])
