"""Photos and PDFs as people send them, made here; and what lies in the folder of files."""

import io

from django.core.files.storage import default_storage
from PIL import Image


def photo(size=(640, 480), kind="JPEG", **options):
    """The bytes of a picture with something to see in it."""
    made = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(made, kind, **options)
    return made.getvalue()


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
