"""Reading a photo or PDF of a receipt and writing it anew, so that only what is seen is kept.

What somebody sends is hostile until proven otherwise, and picture libraries are written in C. So
it is opened in a process of its own, which may use only so much time and memory, has none of the
portal's secrets in its environment, and whose end harms nobody. Nothing here needs Django.
"""

import io
import json
import os
import resource
import subprocess
import sys
import threading
import warnings
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from PIL import Image, ImageFile

#: What is kept of a photo: the longest side in pixels, at which a till's small print is legible.
LONGEST_SIDE = 2400
SMALL_SIDE = 320
MOST_PIXELS = 40_000_000
#: Of the process that reads: seconds of work, seconds in all, bytes of memory and of a file.
MOST_WORK, MOST_SECONDS, MOST_MEMORY, MOST_WRITTEN = 20, 40, 1_500_000_000, 40_000_000
_FOLDER = Path(__file__).resolve().parent.parent
_START = "import sys; sys.path.insert(0, sys.argv[1]); from expenses import receipts; "
#: How many are read at once in one server process, so that memory isn't what gives way.
_turns = threading.BoundedSemaphore(2)

DAMAGED = "This file can’t be read to its end. Take the photo again, or choose another file."
TOO_MUCH = (
    "This file is too large or too complicated to be opened safely. Send a photo of the receipt."
)
_UNKNOWN = "This isn’t a photo or a PDF. Choose a JPEG, PNG or HEIC photo, or a PDF."
_OTHER_PICTURE = "{} pictures can’t be used. Take a photo, or save it as JPEG, PNG or PDF."
_PIXELS = (
    "This photo has more than 40 million pixels. Take it again in your camera’s usual size, "
    "or send a screenshot of it."
)
_MOVING = "This is a moving picture. Take a photo, or choose a picture that stands still."

#: How a photo was held, as its EXIF says, and what puts it upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class CannotUse(Exception):
    """What was sent can't be kept. The text is for people."""


@dataclass(frozen=True)
class Rewritten:
    """What was written: a JPEG or a PDF, its pages, and a picture's size in pixels."""

    kind: str
    pages: int = 1
    width: int = 0
    height: int = 0

    @property
    def suffix(self) -> str:
        return "pdf" if self.kind == "pdf" else "jpg"


def sniff(head: bytes) -> str:
    """JPEG, PNG, HEIF or PDF, by the first bytes alone: names and claims aren't believed.

    Raises CannotUse.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.lstrip(b"\xef\xbb\xbf\t\r\n ").startswith(b"%PDF-"):
        return "PDF"
    if head[4:8] == b"ftyp":
        return _sniff_boxes(head[8:12])
    if not head:
        raise CannotUse("This file is empty. Take the photo again, or choose another file.")
    for starts, name in ((b"GIF8", "GIF"), (b"II*\x00", "TIFF"), (b"MM\x00*", "TIFF")):
        if head.startswith(starts):
            raise CannotUse(_OTHER_PICTURE.format(name))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        raise CannotUse(_OTHER_PICTURE.format("WebP"))
    if b"<svg" in head[:1024].lower():
        raise CannotUse(_OTHER_PICTURE.format("SVG"))
    raise CannotUse(_UNKNOWN)


def _sniff_boxes(brand: bytes) -> str:
    """The family of HEIC, AVIF and films tells its members apart by a brand."""
    if brand in (b"heic", b"heix", b"heim", b"heis", b"mif1"):
        return "HEIF"
    if brand in (b"avif", b"avis"):
        raise CannotUse(_OTHER_PICTURE.format("AVIF"))
    if brand in (b"hevc", b"hevx", b"msf1"):
        raise CannotUse(_MOVING)
    raise CannotUse(_UNKNOWN)


def rewrite(source: Path, target: Path) -> Rewritten:
    """Write to ``target`` what can be seen of ``source``. Raises CannotUse, or what a broken
    file makes a library raise. For ``rewrite_apart``, and for tests."""
    with source.open("rb") as opened:
        found = sniff(opened.read(2048))
    if found == "PDF":
        from expenses import receipt_pdfs

        return Rewritten("pdf", receipt_pdfs.rewrite_pdf(source, target))
    return _rewrite_picture(source, target, found)


def _rewrite_picture(source: Path, target: Path, found: str) -> Rewritten:
    """As a new JPEG that holds pixels and nothing else."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is broken in the EXIF goes anyway
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(source, formats=[found]) as image:
                image.verify()
            with Image.open(source, formats=[found]) as image:
                if found == "PNG" and getattr(image, "is_animated", False):
                    raise CannotUse(_MOVING)
                clean = _pixels_of(image)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise CannotUse(_PIXELS) from error
    clean.save(target, "JPEG", quality=85, optimize=True)
    return Rewritten("image", 1, *clean.size)


def _pixels_of(image: Any) -> Image.Image:
    """Upright, on white, no larger than is kept; a new picture, so that nothing clings to it."""
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    turn = None
    with suppress(Exception):  # what the camera wrote may be broken though the photo is whole
        turn = _UPRIGHT.get(image.getexif().get(0x0112, 1))
    image.load()
    if image.mode.startswith(("I", "F")):
        image = image.point(lambda value: value / 256).convert("L")
    seen = image.convert("RGBA" if image.has_transparency_data else "RGB")
    seen.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    clean = Image.new("RGB", seen.size, "white")
    clean.paste(seen, mask=seen.getchannel("A") if seen.mode == "RGBA" else None)
    return clean.transpose(turn) if turn is not None else clean


def small(opened: IO[bytes]) -> bytes:
    """A small picture of a JPEG that we wrote ourselves, for a list."""
    with Image.open(opened, formats=["JPEG"]) as image:
        image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
        image.thumbnail((SMALL_SIDE, SMALL_SIDE))
        made = io.BytesIO()
        image.save(made, "JPEG", quality=75)
    return made.getvalue()


# The process apart -------------------------------------------------------------------------------


def rewrite_apart(source: Path, target: Path) -> Rewritten:
    """As ``rewrite``, in a process that can neither stall nor fill this one.

    Raises CannotUse; OSError where the disk is full.
    """
    command = [sys.executable, "-I", "-c", _START + "receipts.main()"]
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    with _turns:
        try:
            done = subprocess.run(
                [*command, str(_FOLDER), str(source), str(target)],
                env=kept,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=MOST_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise CannotUse(TOO_MUCH) from error
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:  # it was ended for what it used, or fell over
        raise CannotUse(TOO_MUCH) from None
    if "no_room" in answer:
        raise OSError(answer["no_room"], os.strerror(answer["no_room"]))
    if "refused" in answer:
        raise CannotUse(answer["refused"])
    return Rewritten(**answer)


def main() -> None:
    """The body of that process: source and target are arguments, the answer is JSON."""
    for limit, most in (
        (resource.RLIMIT_CPU, MOST_WORK),
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # some systems know no limit of memory
            resource.setrlimit(limit, (most, most))
    sys.stdout.write(json.dumps(_answer(Path(sys.argv[2]), Path(sys.argv[3]))))


def _answer(source: Path, target: Path) -> dict[str, Any]:
    import errno

    try:
        return asdict(rewrite(source, target))
    except CannotUse as refused:
        return {"refused": str(refused)}
    except (MemoryError, RecursionError):
        return {"refused": TOO_MUCH}
    except Exception as error:  # a broken file can make a library raise anything
        number = getattr(error, "errno", None)
        if number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            return {"no_room": number}
        return {"refused": DAMAGED}
