"""Files that somebody made to do harm, through the page: words beside the field, never a crash."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects import tables
from projects.models import Import, Project
from projects.services import imports
from projects.services.imports import PASTED
from tests.projects.test_tables import workbook

pytestmark = pytest.mark.django_db

FILES = {
    "nothing": b"",
    "zeros": b"\0" * 5000,
    "a renamed program": b"MZ\x90\0" + bytes(range(256)) * 20,
    "half a zip": b"PK\x03\x04" + b"\0" * 40,
    "a million columns": b",".join([b"a"] * 90_000) + b"\nx",
    "nothing but tabs at first": b"\t" * 199_998 + b"\nx",
    "marks": b'"' * 150_000,
    "a broken table": b"Title,Notes\n\xff\xfe\xfd,\xed\xa0\x80\n",
}


def upload(client, content, name="t.csv"):
    return client.post("/projects/import/", {"file": SimpleUploadedFile(name, content)})


@pytest.mark.parametrize("kind", FILES)
def test_file_when_made_to_harm_then_words_or_a_table(client_for, coordinator, kind):
    client = client_for(coordinator)
    answer = upload(client, FILES[kind])
    assert answer.status_code in (200, 302)
    if answer.status_code == 302:
        assert client.get(answer["Location"]).status_code == 200
    assert not Project.objects.exists()


def test_tabs_when_nothing_else_is_near_then_read(db):
    assert tables.read(b"\t" * 300_000 + b"\nx").rows[0].cells == ["x"]


def test_file_when_named_like_a_paste_is_read_as_a_file(client_for, coordinator):
    """Its bytes are no text that was typed, whatever it is called."""
    answer = upload(client_for(coordinator), "Title,Notes\nÄpfel,é\n".encode("cp1252"), PASTED)
    assert answer.status_code == 302
    assert Import.objects.get().rows.get().cells == ["Äpfel", "é"]


def test_workbook_when_small_outside_and_large_inside_is_left_to_the_worker(
    coordinator, monkeypatch
):
    found = io.BytesIO(workbook([["Title", "Notes"], ["One", "x"]]))
    with zipfile.ZipFile(found, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/media/large.xml", b"<x>" + b" " * 20_000_000 + b"</x>")
    content = found.getvalue()
    assert len(content) < imports.SMALL_BYTES
    monkeypatch.setattr(imports, "_table_in", lambda *_: pytest.fail("read in the request"))
    assert imports.start_import(content=content, name="t", by=coordinator).state == "reading"


def test_import_when_it_breaks_its_reader_holds_up_no_other(coordinator, monkeypatch):
    content = b"Title\tNotes\nOne\tx\n"
    monkeypatch.setattr(imports, "_do_or_ring", lambda *_, **__: None)
    first = imports.start_import(content=content, name="first", by=coordinator)
    second = imports.start_import(content=content, name="second", by=coordinator)
    read = imports._read

    def breaks(brought):
        if brought.pk == first.pk:
            raise RuntimeError
        read(brought)

    monkeypatch.setattr(imports, "_read", breaks)
    imports.go_on_with_all()
    second.refresh_from_db()
    assert second.state == "read"
