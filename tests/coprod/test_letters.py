"""Every letter has a subject, text and HTML, made of one template; none forgets a form."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template.loader import get_template

from coprod import letters
from coprod.registry import letters as registered

TEMPLATES = Path(settings.BASE_DIR, "templates/emails")
FRAMES = {"base.txt", "letter.txt"}


def names():
    return sorted(
        str(path.relative_to(TEMPLATES))[: -len(".txt")]
        for path in TEMPLATES.rglob("*.txt")
        if path.name not in FRAMES
    )


def test_letters_when_listed_then_each_template_has_its_function_and_each_function_its_template():
    assert names() == sorted(registered)


@pytest.mark.parametrize("name", names())
def test_letter_template_when_read_then_subject_first_and_nothing_of_html(name):
    source = (TEMPLATES / f"{name}.txt").read_text()
    get_template(f"emails/{name}.txt")
    first = source.split("\n", 1)[0]
    assert re.match(r"\{% load [\w ]*letters[\w ]* %\}\S", first), first
    assert "<" not in source
    assert "\n\n" in source


@pytest.mark.django_db
def test_letter_when_written_then_all_four_forms_hold_the_same_words(forum):
    person = SimpleNamespace(first_name="Nadia & <b>Co</b>")
    letter = letters.write("members/password_changed", {"person": person}, why="Because.")
    assert len(letter.subject) <= 50
    assert "\n" not in letter.subject
    assert "Hello Nadia & <b>Co</b>," in letter.text
    assert "Hello Nadia &amp; &lt;b&gt;Co&lt;/b&gt;," in letter.html
    assert letter.words.paragraphs[0] == "Hello Nadia & <b>Co</b>,"
    assert "Because." in letter.text
    assert "Because." in letter.html


@pytest.mark.django_db
def test_letter_when_it_has_a_button_then_address_is_of_the_configured_origin(forum, settings):
    settings.COPROD_ORIGIN = "https://forum.example"
    context = {"person": SimpleNamespace(first_name="Nadia"), "url": "/somewhere/"}
    letter = letters.write("members/password_reset", context, why="Because.")
    assert letter.words.button == {
        "label": "Choose a new password",
        "url": "https://forum.example/somewhere/",
    }
    assert "https://forum.example/somewhere/" in letter.text
    assert 'href="https://forum.example/somewhere/"' in letter.html
    assert "Opening the link changes nothing" in letter.text
    assert "\x00" not in letter.text + letter.html


@pytest.mark.django_db
def test_letter_when_a_title_breaks_lines_then_the_subject_stays_one(forum, settings, tmp_path):
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails/x.txt").write_text("{% load letters %}Come to {{ title }}\n\nWords.\n")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path], "APP_DIRS": False}]
    said = letters.words("x", {"title": "the\r\nBcc: x@y.example\rmeeting"})
    assert said.subject == "Come to the"
