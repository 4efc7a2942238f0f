"""Bringing in a table: the table itself, and what its columns are."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from coprod.forms import Button, Buttons, Field, Form, Link, PlainDateField
from projects import tables
from projects.columns import FIELDS, Columns
from projects.models import Project
from projects.services.imports import PASTED
from projects.tables import MOST_BYTES

_LARGE = "This file is larger than 10 MB. Split the table, or paste a part of it"


class ImportForm(Form):
    """A file, or a table pasted."""

    file = forms.FileField(
        required=False,
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.xlsx,.xlsm,text/csv"}),
    )
    text = forms.CharField(
        required=False,
        max_length=1_000_000,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
    )

    labels = {"file": "Choose a file", "text": "Or paste the table"}
    hints = {
        "file": "A spreadsheet (.xlsx) or a text table (.csv, .tsv), up to 10 MB and 20,000 rows",
        "text": "Copy the whole table in Word or Excel, its headings too, and paste it here",
    }
    layout = ["file", "text", Buttons(Button("Read the table"))]

    def clean(self) -> dict[str, Any]:
        """``content`` is what is to be read, and ``name`` what to call it."""
        cleaned = super().clean() or self.cleaned_data
        file, text = cleaned.get("file"), cleaned.get("text") or ""
        if file is not None:
            if file.size > MOST_BYTES:
                self.add_error("file", _LARGE)
            else:
                cleaned["content"] = file.read()
                named = tables.tidy(file.name)
                # A file of that name is a file all the same.
                cleaned["name"] = named if named not in ("", PASTED) else "A table"
        elif text.strip():
            # As it was sent: a tab or a blank at an end is part of a table.
            cleaned["content"] = str(self.data.get("text", text)).encode()
            cleaned["name"] = PASTED
        elif "text" not in self.errors and "file" not in self.errors:
            self.add_error("file", "Choose a file, or paste the table")
        return cleaned

    def add_problem(self, words: str) -> None:
        """Say what is wrong beside where the table came from."""
        self.add_error("file" if self.cleaned_data.get("file") else "text", words)


class ColumnsForm(Form):
    """For each column what it is; a column that is none of ours is kept beside the project."""

    submit = "Save and read the rows again"

    def __init__(self, *args: Any, columns: Columns, examples: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Keep it beside the project"), *FIELDS.items()]
        self.columns = columns
        for place, name in enumerate(columns.headings):
            if columns.goes_on(place) is not None:
                continue
            self.fields[f"c{place}"] = forms.ChoiceField(
                choices=choices,
                required=False,
                label=name,
                initial=columns.fields.get(place, ""),
                help_text=examples[place] if place < len(examples) else "",
            )

    def make_layout(self) -> Sequence[Any]:
        return [
            *self.fields,
            Buttons(Button(self.submit), Link("Back to the rows", "../")),
        ]

    def clean(self) -> dict[str, Any]:
        """Field names in their places; each field once, and a title among them."""
        cleaned = super().clean() or self.cleaned_data
        seen: dict[str, str] = {}
        for name, field in self.fields.items():
            chosen = cleaned.get(name)
            if chosen and chosen in seen:
                said = f"“{seen[chosen]}” is the {FIELDS[chosen].lower()} already"
                self.add_error(name, f"{field.label}: {said}")
            elif chosen:
                seen[chosen] = str(field.label)
        if "title" not in seen and not self.errors:
            raise ValidationError("Choose the column that holds the titles of the projects")
        return cleaned

    def chosen(self) -> dict[int, str]:
        """Place to field."""
        return {int(name[1:]): self.cleaned_data[name] for name in self.fields}


class FinishedForm(Form):
    """Projects whose notes read as finished: tick, and the day on which it was."""

    submit = "Mark the ticked ones completed"

    def __init__(self, *args: Any, rows: list[tuple[Project, str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields.clear()
        for project, notes, on in rows:
            said = f"Its notes: “{notes[:400]}{'…' if len(notes) > 400 else ''}”"
            self.fields[f"done-{project.pk}"] = forms.BooleanField(
                required=False, label=str(project)
            )
            self.fields[f"on-{project.pk}"] = PlainDateField(
                required=False, help_text=said, initial=on
            )
            self.fields[f"on-{project.pk}"].label = format_html(
                'Completed on<span class="pcf-vh">: {}</span>', project
            )

    def make_layout(self) -> Sequence[Any]:
        found: list[Any] = []
        for project, *_ in self.rows:
            found += [f"done-{project.pk}", Field(f"on-{project.pk}", width=20)]
        return [*found, Buttons(Button(self.submit), Link("Not now", "../"))]

    def clean(self) -> dict[str, Any]:
        """A ticked one needs its day; one at least is ticked."""
        cleaned = super().clean() or self.cleaned_data
        ticked = [p for p, *_ in self.rows if cleaned.get(f"done-{p.pk}")]
        for project in ticked:
            name = f"on-{project.pk}"
            if name not in self.errors and not cleaned.get(name):
                self.add_error(name, f"Enter the day on which “{project}” was completed")
        if not ticked:
            raise ValidationError("Tick at least one project, or choose “Not now”")
        return cleaned

    def ticked(self) -> list[tuple[Project, date]]:
        return [
            (project, self.cleaned_data[f"on-{project.pk}"])
            for project, *_ in self.rows
            if self.cleaned_data.get(f"done-{project.pk}")
        ]
