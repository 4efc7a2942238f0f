"""What people send by mistake or with intent: each refused in words, or rewritten clean.

Every file is made here. Of a refused one nothing is kept, neither in the database nor on the disk;
of what is kept nothing tells where, when and with what it was taken, and nothing can run.
"""

import io
import tempfile
import zipfile
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from expenses import receipts
from expenses.models import Receipt
from expenses.services.receipts import ReceiptRefused, store_receipt
from tests.factories.files import (
    SECRETS,
    exif,
    kept_bytes,
    kept_files,
    pdf,
    photo,
    picture,
    png_that_claims,
    upload,
)
from tests.factories.money import ClaimFactory, PolicyFactory

pytestmark = pytest.mark.django_db

PHP = b"<?php system($_GET['c']); ?>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.fixture
def claim(forum, rep):
    PolicyFactory()
    return ClaimFactory(person=rep)


def animated(kind):
    made = io.BytesIO()
    frames = [picture((64, 48)), Image.new("RGB", (64, 48), "red")]
    frames[0].save(made, kind, save_all=True, append_images=frames[1:])
    return made.getvalue()


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("Evil.class", b"\xca\xfe\xba\xbe hidden")
    return made.getvalue()


def nested(levels=3, size=200_000_000):
    """A stream packed in itself: kilobytes that unpack to as much as this."""
    packer, packed = zlib.compressobj(9), b""
    for _ in range(size // 1_000_000):
        packed += packer.compress(b" " * 1_000_000)
    packed += packer.flush()
    for _ in range(levels - 1):
        packed = zlib.compress(packed, 9)
    return packed


def bomb(levels):
    def change(document):
        held = document.make_stream(nested(levels))
        held.Filter = Array([Name.FlateDecode] * levels)
        document.pages[0].Contents = held

    return change


def image_bomb(document):
    held = document.make_stream(nested(1))
    held.Type, held.Subtype, held.Filter = Name.XObject, Name.Image, Name.FlateDecode
    held.Width, held.Height, held.BitsPerComponent = 60_000, 60_000, 8
    held.ColorSpace = Name.DeviceRGB
    document.pages[0].Resources.XObject.Big = held


def outside(document):
    """A picture whose bytes lie in another file."""
    document.pages[0].Resources.XObject.Im0.F = Dictionary(Type=Name.Filespec, F="/etc/passwd")


def acting_font(document):
    """Something that is done, where only what is drawn belongs."""
    script = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    document.pages[0].Resources.Font = Dictionary(F1=script)


REFUSED = {
    "a renamed program": (b"MZ\x90\x00" + b"\0" * 500, "isn’t a photo or a PDF"),
    "an ELF program": (b"\x7fELF" + b"\0" * 500, "isn’t a photo or a PDF"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "isn’t a photo or a PDF"),
    "a page named .png": (b"<!doctype html><script>alert(1)</script>", "isn’t a photo or a PDF"),
    "an SVG": (SVG, "SVG pictures"),
    "a GIFAR": (animated("GIF") + zipped(), "GIF pictures"),
    "a ZIP": (zipped(), "isn’t a photo or a PDF"),
    "a GIF": (animated("GIF"), "GIF pictures"),
    "a TIFF": (animated("TIFF"), "TIFF pictures"),
    "a WebP": (animated("WEBP"), "WebP pictures"),
    "a moving PNG": (animated("PNG"), "moving picture"),
    "a film": (b"\0\0\0\x18ftypisom" + b"\0" * 200, "isn’t a photo or a PDF"),
    "an AVIF": (b"\0\0\0\x18ftypavif" + b"\0" * 200, "AVIF pictures"),
    "a moving HEIC": (b"\0\0\0\x18ftypmsf1" + b"\0" * 200, "moving picture"),
    "nothing": (b"", "is empty"),
    "the head of a JPEG": (b"\xff\xd8\xff", "can’t be read"),
    "a JPEG cut in two": (photo()[:4000], "can’t be read"),
    "a PNG cut in two": (photo(kind="PNG")[:-200], "can’t be read"),
    "a HEIC cut in two": (photo(kind="HEIF")[:-500], "can’t be read"),
    "a HEIC of rubbish": (b"\0\0\0\x18ftypheic" + b"\x41" * 900, "can’t be read"),
    "a picture that claims 2,500 megapixels": (png_that_claims(50_000, 50_000), "40 million"),
    "a PNG of 41 megapixels": (
        photo((8200, 5000), "PNG", bare=True, compress_level=1),
        "40 million",
    ),
    "a JPEG of 41 megapixels": (photo((8200, 5000), bare=True), "40 million"),
    "a PDF with a password": (
        pdf(encryption=pikepdf.Encryption(owner="one", user="two")),
        "locked",
    ),
    "a PDF locked for changes": (pdf(encryption=pikepdf.Encryption(owner="one")), "locked"),
    "a PDF of rubbish": (b"%PDF-1.7\n" + b"\x41" * 900, "can’t be read"),
    "a PDF without pages": (pdf(0), "has no pages"),
    "a PDF of 21 pages": (pdf(21), "21 pages: 20 is the most"),
    "a PDF packed three times": (pdf(change=bomb(3)), "too complicated"),
    "a PDF packed twice": (pdf(change=bomb(2)), "too complicated"),
    "a PDF that unpacks to 200 MB": (pdf(change=bomb(1)), "too complicated"),
    "a PDF with an endless picture": (pdf(change=image_bomb), "too complicated"),
    "a PDF that names another file": (pdf(change=outside), "besides its pages"),
    "a PDF with a script as a font": (pdf(change=acting_font), "besides its pages"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_receipt_when_it_is_no_receipt_then_refused_in_words_and_nothing_kept(
    which, claim, tmp_path, monkeypatch
):
    (tmp_path / "passing").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "passing"))
    content, words = REFUSED[which]
    with pytest.raises(ReceiptRefused, match=words):
        store_receipt(claim=claim, upload=upload(content), by=claim.person)
    assert not Receipt.objects.exists()
    assert kept_files() == []
    assert not list((tmp_path / "passing").iterdir())


def test_receipt_when_it_has_11_megabytes_then_refused_by_the_number(claim):
    content = photo() + b"\0" * (10 * 1024 * 1024)
    with pytest.raises(ReceiptRefused, match="11 MB: 10 is the most"):
        store_receipt(claim=claim, upload=upload(content), by=claim.person)
    assert not Receipt.objects.exists()
    assert kept_files() == []


# Rewritten ---------------------------------------------------------------------------------------

KEPT = {
    "a photo": photo(),
    "a photo held sideways": photo(orientation=6),
    "a PNG with remarks": photo(kind="PNG"),
    "a HEIC with a place": photo(kind="HEIF"),
    "a JPEG that is a ZIP too": photo() + zipped(),
    "a JPEG with a script behind it": photo() + PHP + b"hidden",
    "a JPEG with a script in its remark": photo(bare=True, comment=PHP + b"hidden"),
    "a JPEG with a PDF behind it": photo() + pdf(),
    "a PNG with a page behind it": photo(kind="PNG") + b"<script>hidden</script>",
    "a PDF": pdf(),
    "a PDF with a ZIP behind it": pdf() + zipped(),
}


@pytest.mark.parametrize("which", KEPT)
def test_receipt_when_it_tells_more_than_is_seen_then_only_that_is_kept(which, claim):
    content = KEPT[which]
    assert any(word in content for word in SECRETS) or "PNG" in which
    receipt = store_receipt(claim=claim, upload=upload(content), by=claim.person)
    kept = kept_bytes(receipt)
    for word in (*SECRETS, b"<?php", b"<script", b"PK\x03\x04", b"/Author", b"/Metadata"):
        assert word not in kept, word
    if receipt.kind == "pdf":
        assert kept.startswith(b"%PDF-")
        assert kept.rstrip().endswith(b"%%EOF")
        return
    assert kept.startswith(b"\xff\xd8\xff")
    assert kept.endswith(b"\xff\xd9")
    with Image.open(io.BytesIO(kept), formats=["JPEG"]) as image:
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not image.getexif()


def scripts(document):
    root, script = document.Root, Dictionary(S=Name.JavaScript, JS="app.alert('hidden')")
    root.OpenAction = script
    root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["one", script])))
    root.AcroForm = Dictionary(Fields=Array(), XFA="hidden")
    document.pages[0].obj.AA = Dictionary(O=script)
    document.pages[0].obj.PieceInfo = Dictionary(App=Dictionary(Private="hidden"))


def launching(document):
    launch = Dictionary(S=Name.Launch, F="cmd.exe", Win=Dictionary(F="cmd.exe", P="hidden"))
    link = Dictionary(S=Name.URI, URI="https://hidden.example/")
    document.pages[0].obj.Annots = Array(
        Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)
        for action in (launch, link)
    )


def attached(document):
    document.attachments["hidden.exe"] = b"MZ hidden"


def layered(document):
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name="hidden"))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary())
    document.pages[0].Resources.Properties = Dictionary(MC0=layer)
    document.pages[0].Contents = document.make_stream(
        b"/OC /MC0 BDC q 9 0 0 9 0 0 cm /Im0 Do Q EMC /Span <</ActualText (hidden)>> BDC EMC"
    )


def told_in_pictures(document):
    for name in ("Metadata", "PieceInfo", "Alternates"):
        document.pages[0].Resources.XObject.Im0[f"/{name}"] = document.make_stream(b"hidden")


def earlier(document):
    """Something that no page shows, and that a later version of the document took away."""
    document.Root.Hidden = document.make_stream(b"hidden")
    document.Root.StructTreeRoot = Dictionary(Type=Name.StructTreeRoot, K=Array(["hidden"]))


@pytest.mark.parametrize(
    "change", [scripts, launching, attached, layered, told_in_pictures, earlier]
)
def test_pdf_when_it_does_more_than_show_pages_then_only_these_are_kept(change, claim):
    content = pdf(2, change=change)
    assert b"hidden" in content
    receipt = store_receipt(claim=claim, upload=upload(content, "a.pdf"), by=claim.person)
    kept = kept_bytes(receipt)
    for word in (*SECRETS, b"/JavaScript", b"/JS", b"/OpenAction", b"/AA", b"/Launch", b"/URI",
                 b"/EmbeddedFile", b"/Filespec", b"/Annots", b"/AcroForm", b"/OCProperties",
                 b"/Metadata", b"/StructTreeRoot", b"/Info", b"cmd.exe"):  # fmt: skip
        assert word not in kept, word
    assert (receipt.kind, receipt.pages) == ("pdf", 2)
    with pikepdf.open(io.BytesIO(kept)) as document:
        assert set(document.Root.keys()) == {"/Type", "/Pages"}
        for page in document.pages:
            assert set(page.obj.keys()) <= {
                "/Type", "/Parent", "/MediaBox", "/Contents", "/Resources", "/CropBox",
            }  # fmt: skip
            assert b"/Im0 Do" in page.Contents.read_bytes().replace(b"\n", b" ")
            [image] = page.get_images().values()
            assert pikepdf.PdfImage(image).as_pil_image().size == (640, 480)


@pytest.mark.parametrize("packing", ["DCT", "ASCII85 and DCT", "JPX"])
def test_pdf_when_its_photo_says_where_it_was_taken_then_that_goes_whatever_it_is_packed_in(
    packing, claim
):
    import base64

    def change(document):
        held = document.pages[0].Resources.XObject.Im0
        if packing == "ASCII85 and DCT":
            packed = base64.a85encode(photo()) + b"~>"
            held.write(packed, filter=Array([Name.ASCII85Decode, Name.DCTDecode]))
        if packing == "JPX":
            made = io.BytesIO()
            picture().save(made, "JPEG2000", comment="hidden")
            box = b"xml " + b"Larkmere"
            told = (len(box) + 4).to_bytes(4, "big") + box
            held.write(made.getvalue() + told, filter=Name.JPXDecode)

    content = pdf(change=change)
    receipt = store_receipt(claim=claim, upload=upload(content), by=claim.person)
    kept = kept_bytes(receipt)
    assert not [word for word in SECRETS if word in kept]
    with pikepdf.open(io.BytesIO(kept)) as document:
        [image] = document.pages[0].get_images().values()
        assert pikepdf.PdfImage(image).as_pil_image().size == (640, 480)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a" * 300 + ".jpg", "x\r\nSet-Cookie: a=b.jpg", "\u202egpj.exe", "", ".."],
)
def test_receipt_when_its_name_is_hostile_then_none_of_it_is_kept(name, claim):
    sent = upload(photo())
    sent._name = name  # as a library of ours that is less careful than Django’s might pass it on
    receipt = store_receipt(claim=claim, upload=sent, by=claim.person)
    assert kept_files() == [receipt.path]
    assert receipt.path.isascii()
    assert receipt.path.count("/") == 2
    assert ".." not in receipt.path


@pytest.mark.parametrize(
    ("content", "said", "kind"),
    [(photo(), "application/pdf", "image"), (pdf(), "image/jpeg", "pdf"), (photo(), "", "image")],
)
def test_receipt_when_its_type_is_claimed_wrongly_then_the_bytes_decide(content, said, kind, claim):
    sent = upload(content, "a.exe", said)
    assert store_receipt(claim=claim, upload=sent, by=claim.person).kind == kind


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "HEIF"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_photo_when_it_was_held_in_some_way_then_stands_upright(kind, orientation, tmp_path):
    """The gradient is dark at its top: turned as the camera said, it lies elsewhere."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(photo(kind=kind, orientation=orientation))
    receipts.rewrite(source, target)
    with Image.open(target) as image:
        width, height = image.size
        dark = {1: (width // 2, 9), 3: (width // 2, height - 9), 6: (width - 9, height // 2)}
        x, y = dark.get(orientation, (9, height // 2))
        assert image.getpixel((x, y))[0] < 20


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_photo_when_its_colours_are_unusual_then_still_legible(mode, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    image = Image.new("L", (40, 40), 255).convert(mode) if mode != "I;16" else Image.new(
        "I;16", (40, 40), 65535
    )  # fmt: skip
    if mode == "RGBA":
        image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))  # nothing on nothing is white paper
    image.save(source, "JPEG" if mode == "CMYK" else "PNG")
    receipts.rewrite(source, target)
    with Image.open(target) as seen:
        assert seen.mode == "RGB"
        assert min(seen.getpixel((20, 20))) > 250


def test_photo_when_its_exif_is_broken_then_the_photo_is_kept_all_the_same(tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    broken = exif()[:14] + b"\xff" * 60
    made = io.BytesIO()
    picture().save(made, "JPEG", exif=broken)
    source.write_bytes(made.getvalue())
    assert receipts.rewrite(source, target).kind == "image"


def test_reader_when_it_uses_too_much_then_ended_without_harm(tmp_path, monkeypatch):
    """The process that reads has limits of its own: of memory, and of time."""
    source = tmp_path / "source"
    source.write_bytes(photo((6000, 6000), "PNG", bare=True))
    monkeypatch.setattr(
        receipts, "_START", receipts._START + "receipts.MOST_MEMORY = 100_000_000; "
    )
    with pytest.raises(receipts.CannotUse, match="too complicated"):
        receipts.rewrite_apart(source, tmp_path / "target")
    monkeypatch.setattr(receipts, "_START", receipts._START + "import time; time.sleep(30); ")
    monkeypatch.setattr(receipts, "MOST_SECONDS", 0.5)
    with pytest.raises(receipts.CannotUse, match="too complicated"):
        receipts.rewrite_apart(source, tmp_path / "target")


def test_reader_when_it_is_started_then_knows_none_of_the_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "canary")
    told = "import os; open(sys.argv[3], 'w').write(repr(dict(os.environ))); "
    monkeypatch.setattr(receipts, "_START", receipts._START + told + "sys.exit(); ")
    with pytest.raises(receipts.CannotUse):
        receipts.rewrite_apart(tmp_path / "none", tmp_path / "told")
    assert "canary" not in (tmp_path / "told").read_text()
    assert "PATH" in (tmp_path / "told").read_text()
