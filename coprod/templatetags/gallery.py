"""Invented content for the gallery of components; used by no other page."""

import json
from datetime import date, time
from pathlib import Path
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.forms import (
    BooleanField,
    CharField,
    CheckboxSelectMultiple,
    ChoiceField,
    DecimalField,
    EmailField,
    FileField,
    FileInput,
    MultipleChoiceField,
    RadioSelect,
    Textarea,
)
from django.utils.safestring import mark_safe

from coprod.forms import (
    Button,
    Buttons,
    Field,
    Form,
    Group,
    Link,
    Pick,
    PlainDateField,
    PlainTimeField,
    Side,
    Words,
)

register = template.Library()
CONTENT = Path(__file__).resolve().parents[2] / "templates" / "gallery.json"


class EveryField(Form):
    """One of each kind of field."""

    words = {"said": "Write what it should say"}

    title = CharField(label="Name of the meeting", max_length=80)
    email = EmailField(label="Your e-mail address", required=False)
    date = PlainDateField(label="Date")
    starts = PlainTimeField(label="Starts at")
    ends = PlainTimeField(label="Ends at", required=False)
    miles = DecimalField(label="Miles there and back", help_text="Last time you put 12.")
    parking = DecimalField(label="Parking, if you paid", required=False)
    travel = ChoiceField(
        label="The longest part of your journey",
        widget=RadioSelect,
        choices=[
            ("car", "My own car"),
            ("bus", "Bus or train"),
            ("taxi", "Taxi"),
            ("else", "Something else"),
        ],
    )
    help_with = MultipleChoiceField(
        label="What would help you?",
        help_text="Tick all that you need.",
        widget=CheckboxSelectMultiple,
        required=False,
        choices=[
            ("loop", "A hearing loop"),
            ("quiet", "A quiet space"),
            ("bsl", "A sign language interpreter"),
        ],
    )
    leads = ChoiceField(
        label="Who leads it", choices=[("", "Choose one"), ("c", "Council"), ("h", "Health")]
    )
    said = CharField(
        label="What should it say?",
        help_text="A few words are fine.",
        widget=Textarea(attrs={"rows": 4}),
    )
    receipt = FileField(label="Photo of the receipt", widget=FileInput, required=False)
    agreed = BooleanField(label="I’ve read it with no child’s name in it")

    layout = [
        "title",
        Field("email", width=20),
        Side("date", "starts"),
        Field("ends", width=10),
        Words("Your journey", heading=True),
        Field("miles", width=5, suffix="miles"),
        Field("parking", width=5, prefix="£"),
        Pick("travel", across=True),
        Pick("help_with"),
        Group("The paper", "leads", Field("said", count=200), hint="Shown before the meeting."),
        "receipt",
        "agreed",
        Buttons(
            Button("Save the meeting"),
            Button("Keep it for later", name="later", value="1", look="tap"),
            Link("Leave without saving", "#blank"),
        ),
    ]


class Narrow(Form):
    """A filter."""

    method, submit = "get", "Show these"
    rung = ChoiceField(
        label="Rung on the ladder",
        required=False,
        choices=[("", "Any rung"), ("3", "3: Participation")],
    )
    lead = ChoiceField(
        label="Who leads it", required=False, choices=[("", "Anyone"), ("h", "Health")]
    )
    news = ChoiceField(
        label="Last news", required=False, choices=[("", "Any time"), ("q", "Gone quiet")]
    )


def _marked(value: Any) -> Any:
    """Our own HTML as HTML, dates as dates; everything else as it was read."""
    if isinstance(value, list):
        return [_marked(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: mark_safe(each)
        if key in ("html", "news")
        else date.fromisoformat(each)
        if key == "date"
        else _marked(each)
        for key, each in value.items()
    }


@register.simple_tag
def gallery_content() -> dict[str, Any]:
    """Everything that the gallery shows: ``templates/gallery.json``, forms and times."""
    content: dict[str, Any] = _marked(json.loads(CONTENT.read_text()))
    wrong = {
        "b-title": "",
        "b-date": "31 February 2026",
        "b-starts": "5:30",
        "b-miles": "twelve",
        "b-said": "We said a quarter.",
    }
    late = {"label": "Comments open", "when": "3 days late", "state": "late"}
    parents = [("parent", True)] * 9 + [("parent", False)] * 3
    return {
        **content,
        "late_life": [late if step["state"] == "now" else step for step in content["life"]],
        "seats": [*parents, *[("service", True)] * 6, *[("service", False)] * 3],
        "day": date(2026, 11, 10),
        "year_day": date(2031, 2, 3),
        "from": time(10),
        "to": time(12),
        "evening": time(17, 30),
        "form": EveryField(prefix="a"),
        "wrong": EveryField(wrong, prefix="b"),
        "narrow": Narrow(),
        "page": Paginator(range(40), 20).page(1),
    }
