"""Photos and PDFs as people send them, made here; and what lies in the folder of files."""

import io
import struct
import zlib

import pikepdf
import pillow_heif
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

#: Words that cameras and programs write into pictures; none may be in what is kept.
SECRETS = (b"Kamera", b"Larkmere", b"xpacket", b"Exif", b"W5M0Mp", b"hidden", b"GPS", b"JFXX")
GPS = {1: "N", 2: (53.0, 33.0, 9.7), 3: "W", 4: (1.0, 28.0, 51.2)}


def picture(size=(640, 480)):
    """Something to see."""
    return Image.linear_gradient("L").resize(size).convert("RGB")


def exif(orientation=1):
    """As a telephone writes it: who made it, a remark, where it was."""
    made = Image.Exif()
    made[0x010F], made[0x0110], made[0x010E] = "Kamera", "Kamera 9", "Larkmere, at home"
    made[0x0112] = orientation
    made.get_ifd(0x8825).update(GPS)
    made.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0hidden"
    return made.tobytes()


XMP = b"<?xpacket begin='' id='W5M0Mp'?><x:xmpmeta>Larkmere</x:xmpmeta><?xpacket end='w'?>"


def photo(size=(640, 480), kind="JPEG", *, bare=False, orientation=1, **options):
    """The bytes of a picture, by default with everything that a camera tells with it."""
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    told = {} if bare else {"exif": exif(orientation)}
    if not bare and kind == "JPEG":
        told |= {"comment": b"hidden", "xmp": XMP}
    if not bare and kind == "HEIF":
        told["xmp"] = XMP
    if not bare and kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", "hidden", zip=True)
        info.add_itxt("XML:com.adobe.xmp", XMP.decode())
        told["pnginfo"] = info
    made = io.BytesIO()
    picture(size).save(made, kind, **told, **options)
    return made.getvalue()


def png_that_claims(width, height):
    """A PNG of some bytes whose head says that it is as large as this."""

    def chunk(name, body):
        whole = name + body
        return struct.pack(">I", len(body)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf(pages=1, *, image=None, change=None, **options):
    """The bytes of a PDF with a photo on each page; ``change(document)`` adds what is hostile."""
    with pikepdf.new() as made:
        held = made.make_stream(image or photo(), Type=pikepdf.Name.XObject)
        held.Subtype, held.Width, held.Height = pikepdf.Name.Image, 640, 480
        held.ColorSpace, held.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
        held.Filter = pikepdf.Name.DCTDecode
        for _ in range(pages):
            page = made.add_blank_page(page_size=(300, 400))
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=held))
            page.Contents = made.make_stream(b"% hidden\nq 200 0 0 150 50 50 cm /Im0 Do Q")
        made.docinfo["/Author"] = "Larkmere"
        with made.open_metadata() as told:
            told["dc:title"] = "Larkmere"
        if change:
            change(made)
        out = io.BytesIO()
        made.save(out, **{"compress_streams": False, **options})
    return out.getvalue()


def upload(content, name="till.jpg", content_type="image/jpeg"):
    return SimpleUploadedFile(name, content, content_type)


def kept_files(folder="receipts"):
    """Names of everything that is kept there."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    found = [f"{folder}/{name}" for name in files]
    for name in folders:
        found += kept_files(f"{folder}/{name}")
    return sorted(found)


def kept_bytes(receipt):
    with default_storage.open(receipt.path) as opened:
        return opened.read()
