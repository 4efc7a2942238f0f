"""How every form looks, refuses and is laid out; never an app's field.

``Form`` and ``ModelForm`` here give a form our markup, plain words for what is missing or too
long, cleaned text and a layout::

    class VenueForm(ModelForm):
        words = {"name": "Enter the venue's name"}        # when it is left empty
        layout = ["name", Field("town", width=20), Pick("access", across=True)]
        submit = "Save the venue"

A page writes ``{% crispy form %}``; ``base.html`` shows the error summary by itself.
"""

from coprod.forms.base import Form, ModelForm, PcfFormMixin, RowsField, StaleEditMixin
from coprod.forms.dates import (
    DAY_NAMES,
    MONTH_NAMES,
    PlainDateField,
    PlainTimeField,
    read_date,
    read_time,
    say_date,
    say_time,
)
from coprod.forms.drawing import PcfBoundField, Renderer, summary
from coprod.forms.layout import Button, Buttons, Field, Group, Link, Pick, Side, Words
from coprod.forms.text import clean_text, one_line

__all__ = [
    "DAY_NAMES",
    "MONTH_NAMES",
    "Button",
    "Buttons",
    "Field",
    "Form",
    "Group",
    "Link",
    "ModelForm",
    "PcfBoundField",
    "PcfFormMixin",
    "Pick",
    "PlainDateField",
    "PlainTimeField",
    "Renderer",
    "RowsField",
    "Side",
    "StaleEditMixin",
    "Words",
    "clean_text",
    "one_line",
    "read_date",
    "read_time",
    "say_date",
    "say_time",
    "summary",
]
