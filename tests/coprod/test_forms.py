"""Fields, words, cleaning, and an error summary whose every link leads somewhere."""

import re
from datetime import date, time
from html.parser import HTMLParser

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.template import Context, Template

from coprod.forms import (
    Field,
    Form,
    PlainDateField,
    PlainTimeField,
    StaleEditMixin,
    clean_text,
    read_date,
    read_time,
    say_time,
)
from coprod.templatetags.gallery import EveryField


class Ids(HTMLParser):
    """Every id, every link into the page, and every id that a control is described by."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.links, self.described = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if attrs.get("id"):
            self.ids.append(attrs["id"])
        if tag == "a" and (attrs.get("href") or "").startswith("#"):
            self.links.append(attrs["href"][1:])
        self.described += (attrs.get("aria-describedby") or "").split()
        self.described += [attrs["for"]] if tag == "label" and attrs.get("for") else []


def draw(form):
    page = "{% load crispy_forms_tags forum %}{% error_summary form %}{% crispy form %}"
    return Template(page).render(Context({"form": form}))


# Cleaning


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mia\x00 Lund", "Mia Lund"),
        ("Mia\x1b[31m Lund", "Mia[31m Lund"),
        ("tax\u202etxt.exe", "taxtxt.exe"),
        ("a\u2066b\u2069", "ab"),
        ("Jose\u0301", "José"),
        ("two\twords", "two words"),
        ("اسم", "اسم"),
        ("\ud800x", "x"),
    ],
)
def test_a_line_of_text_loses_what_nobody_types(typed, kept):
    assert clean_text(typed, lines=False) == kept


def test_long_text_keeps_its_line_breaks_and_loses_the_override():
    assert clean_text("one\r\ntwo\u2028three\u202e", lines=True) == "one\ntwo\nthree"


def test_a_line_break_in_one_line_is_refused():
    class Named(Form):
        name = forms.CharField()

    form = Named({"name": "Subject\r\nBcc: someone"})
    assert form.errors == {"name": ["Write this on one line"]}


def test_a_password_is_left_as_it_was_typed():
    class Secret(Form):
        password = forms.CharField(widget=forms.PasswordInput, strip=False)

    form = Secret({"password": " e\u0301\u202e "})
    assert form.is_valid()
    assert form.cleaned_data["password"] == " e\u0301\u202e "


# Words


def test_every_field_says_which_it_is_when_it_is_left_empty():
    form = EveryField({})
    assert not form.is_valid()
    said = [words for errors in form.errors.values() for words in errors]
    assert len(said) == len(set(said)) > 5
    assert "This field is required." not in said
    assert form.errors["said"] == ["Write what it should say"]


def test_the_authors_own_words_stay():
    class Asked(Form):
        words = {"name": "Enter your name"}
        name = forms.CharField()
        age = forms.IntegerField(error_messages={"invalid": "Digits, please", "required": "Age?"})
        mail = forms.EmailField(error_messages={"invalid": "No such address"})

    form = Asked({"age": "x", "mail": "x"})
    assert form.errors == {
        "name": ["Enter your name"],
        "age": ["Digits, please"],
        "mail": ["No such address"],
    }
    assert Asked({}).errors["age"] == ["Age?"]


def test_text_without_a_limit_gets_one_in_friendly_words():
    class Short(Form):
        name = forms.CharField(label="Name of the group")
        long = forms.CharField(widget=forms.Textarea, max_length=10)

    form = Short({"name": "x" * 201, "long": "y" * 11})
    assert form.errors["name"] == ["Name of the group: use 200 characters or fewer; you have 201"]
    assert form.errors["long"] == ["Long: use 10 characters or fewer; you have 11"]
    assert "maxlength" not in str(form["long"])


def test_forms_that_others_wrote_get_the_same_look_through_the_renderer():
    from coprod.forms import Renderer

    class Theirs(forms.Form):
        default_renderer = Renderer
        email = forms.EmailField(widget=forms.EmailInput(attrs={"placeholder": "Email"}))

    form = Theirs({})
    html = str(form["email"])
    assert "govuk-input" in html
    assert "placeholder" not in html
    assert form.errors == {"email": ["Enter email"]}


# The summary


def test_every_link_of_the_summary_leads_to_a_control():
    form = EveryField({"a-date": "31 February 2026", "a-miles": "twelve"}, prefix="a")
    page = Ids(draw(form) + '<h2 id="blank">Form</h2>')
    assert len(page.links) >= 7
    assert set(page.links) <= set(page.ids)
    assert "id_a-travel_0" in page.links


def test_every_description_and_label_names_an_id_of_the_page():
    page = Ids(draw(EveryField({}, prefix="a")))
    assert set(page.described) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_a_summary_of_a_formset_leads_into_the_right_row():
    class Row(Form):
        name = forms.CharField()

    rows = formset_factory(Row, extra=0)(
        {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "form-0-name": "x", "form-1-name": ""}
    )
    page = Template("{% load forum %}{% error_summary rows %}").render(Context({"rows": rows}))
    assert 'href="#id_form-1-name"' in page
    assert "One thing to put right" in page


def test_a_page_without_errors_has_no_summary():
    assert "govuk-error-summary" not in draw(EveryField())


def test_values_typed_by_people_are_escaped():
    class Named(Form):
        name = forms.CharField(label="<b>Name</b>", max_length=3)

    html = draw(Named({"name": '"><script>'}))
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_count_and_its_text_without_script():
    class Counted(Form):
        layout = [Field("words_said", count=200)]
        words_said = forms.CharField(widget=forms.Textarea)

    html = draw(Counted())
    assert 'data-count="200"' in html
    assert "You can use up to 200 characters" in html


def test_the_pressed_buttons_name_and_value_are_drawn():
    assert re.search(
        r'<button type="submit" class="pcf-tap" name="later" value="1">', draw(EveryField())
    )


# Somebody else saved first


class Edited(StaleEditMixin, Form):
    text = forms.CharField()
    now = 7

    def current_edit_no(self):
        return self.now


def test_an_edit_of_the_newest_version_is_taken():
    assert Edited({"text": "x", "edit_no": "7"}).is_valid()


@pytest.mark.parametrize("sent", ["6", "", "x"])
def test_an_edit_of_an_older_version_is_told_and_can_be_sent_again(sent):
    form = Edited({"text": "x", "edit_no": sent})
    assert not form.is_valid()
    assert form.is_stale()
    html = draw(form)
    assert "Somebody else changed this" in html
    assert 'value="7"' in html
    assert 'value="x"' in html


# Dates and times


@pytest.mark.parametrize(
    "typed",
    ["15 12 2026", "15/12/2026", "15.12.26", "15 December 2026", "15 dec 2026",
     "15th December 2026",
     "2026-12-15", "Tuesday 15 December 2026", "Tue, 15 Dec 2026", "15-12-2026", "१५ १२ २०२६"],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(typed):
    assert read_date(typed) == date(2026, 12, 15)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("31 February 2026", "February 2026 has no day 31"),
        ("12/15/2026", "Write the day first"),
        ("15 December", "Add the year"),
        ("15/12", "Add the year"),
        ("soon", "Enter a date such as"),
        ("15 12 20266", "Enter a date such as"),
        ("15 12 1066", "Check the year"),
        ("Monday 15 December 2026", "is a Tuesday, not a Monday"),
        ("", "Enter a date such as"),
    ],
)
def test_a_date_that_cannot_be_read_says_what_to_do(typed, words):
    with pytest.raises(ValidationError, match=words):
        read_date(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("10am", time(10)), ("10:00", time(10)), ("5.30pm", time(17, 30)), ("5:30 PM", time(17, 30)),
     ("17:30", time(17, 30)), ("1730", time(17, 30)), ("midday", time(12)), ("12 noon", time(12)),
     ("noon", time(12)), ("midnight", time(0)), ("12am", time(0)), ("12pm", time(12)),
     ("05:30", time(5, 30)), ("9:15", time(9, 15)), ("10 a.m.", time(10))],
)  # fmt: skip
def test_times_are_read_as_people_write_them(typed, meant):
    assert read_time(typed) == meant


@pytest.mark.parametrize(
    ("typed", "words"),
    [("5:30", "Is that 5:30am or 5:30pm"), ("7", "Is that 7am or 7pm"), ("25:00", "Enter a time"),
     ("13pm", "Enter a time"), ("10:75", "Enter a time"), ("later", "Enter a time")],
)  # fmt: skip
def test_a_time_that_could_be_two_is_asked_not_guessed(typed, words):
    with pytest.raises(ValidationError, match=words):
        read_time(typed)


@pytest.mark.parametrize("minutes", range(0, 24 * 60, 7))
def test_every_time_that_we_say_can_be_typed_back(minutes):
    moment = time(*divmod(minutes, 60))
    assert read_time(say_time(moment.hour, moment.minute)) == moment


def test_a_stored_date_and_time_are_shown_in_words():
    class When(Form):
        on = PlainDateField()
        at = PlainTimeField()

    form = When(initial={"on": date(2026, 12, 15), "at": time(17, 30)})
    assert 'value="15 December 2026"' in str(form["on"])
    assert 'value="5:30pm"' in str(form["at"])
    same = When({"on": "15/12/2026", "at": "17:30"}, initial=form.initial)
    assert same.is_valid()
    assert not same.has_changed()


def test_a_date_outside_its_limits_says_which():
    class When(Form):
        on = PlainDateField(min_date=date(2026, 1, 1), max_date=date(2026, 12, 31))

    assert When({"on": "1/1/2025"}).errors["on"] == ["Choose 1 January 2026 or later"]
    assert When({"on": "1/1/2027"}).errors["on"] == ["Choose 31 December 2026 or earlier"]
