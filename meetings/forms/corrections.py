"""What the coordinator says when published minutes are put right."""

import hashlib
import json
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from coprod.forms import Button, Buttons, Field, Form, Group, Link, Pick, Side, Words
from coprod.templatetags.forum import day
from meetings import amending
from meetings.amending import FACTS, Place
from meetings.models import Correction, Version


class CorrectionForm(Form):
    """One place, its new words, and what everyone reads about it.

    ``seen`` is the fingerprint of what was shown before the last press: nothing is made that
    nobody looked at.
    """

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=9999)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    note = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    approved_by_words = forms.CharField(max_length=200)
    checked = forms.BooleanField()

    labels: ClassVar[dict[str, str]] = {
        "kind": "What are you doing?",
        "note": "What everyone reads about it",
        "approved_by_words": "Who agreed to it, and when",
        "checked": "No child can be recognised in what everyone will read",
        "text": "What it should say",
        "public_text": "What everyone reads there instead",
        "parents": "Parents and carers",
    }
    hints: ClassVar[dict[str, str]] = {
        "note": "Such as: The driver’s training is in May, not in March. The number was misheard.",
        "approved_by_words": "Everyone reads this too. Such as: the people who were there, by "
        "e-mail, on 2 March 2027.",
        "public_text": "This paragraph is private. If you leave this empty, everyone sees only "
        "that something is kept private, and why.",
    }
    words: ClassVar[dict[str, str]] = {
        "kind": "Choose what you are doing",
        "note": "Say what everyone reads about it",
        "approved_by_words": "Say who agreed to it, and when",
        "checked": "Check that no child can be recognised, then tick this",
    }

    def __init__(self, *args: Any, version: Version, back: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version, self.back = version, back
        self.fields["number"].initial = version.number
        #: What would be made, once the form is valid.
        self.renditions: tuple[dict[str, Any], dict[str, Any]] = (version.full, version.public)
        self.previewed = False

    @property
    def made_as(self) -> str:
        """Which kind of correction it is."""
        return str(self.cleaned_data.get("kind") or Correction.Kind.CORRECTION)

    def change(self) -> None:
        """Set ``renditions`` from what was typed. Adds errors; never called when some are there."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            self.change()
        if not self.errors and self.renditions == (self.version.full, self.version.public):
            self.add_error(None, "Nothing would change. Write what it should say instead")
        return cleaned

    @property
    def fingerprint(self) -> str:
        """Of everything that would be made and told."""
        said = [self.renditions, self.made_as, *map(self.cleaned_data.get, TOLD)]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @property
    def was_seen(self) -> bool:
        return bool(self.cleaned_data.get("seen") == self.fingerprint)

    def show_again(self) -> None:
        """The second time with both texts above it, and the button that makes the version."""
        self.previewed = True
        self.data = {**self.data.dict(), self.add_prefix("seen"): self.fingerprint}  # type: ignore[attr-defined]

    def what(self) -> list[Any]:
        raise NotImplementedError

    def make_layout(self) -> list[Any]:
        number = self.version.number + 1
        again = "Look again" if self.previewed else "See what everyone will read"
        look = Button(again, name="do", value="look", look="quiet" if self.previewed else "")
        buttons: list[Button | Link] = [look, Link("Leave it as it is", self.back)]
        if self.previewed:
            make = Button(f"Make version {number} for everyone", name="do", value="make")
            buttons.insert(0, make)
        return [*self.what(), "note", "approved_by_words", "checked", Buttons(*buttons)]


TOLD = ("note", "approved_by_words")


class WordsForm(CorrectionForm):
    """Other words in the short version or in one paragraph."""

    text = forms.CharField(
        required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 8})
    )
    kind = forms.ChoiceField(
        choices=[
            (Correction.Kind.CORRECTION, "Putting a mistake right"),
            (Correction.Kind.REDACTION, "Taking something out, such as a name"),
        ],
        widget=forms.RadioSelect,
        initial=Correction.Kind.CORRECTION,
    )

    def __init__(self, *args: Any, place: Place, **kwargs: Any) -> None:
        self.place = place
        paragraph = kwargs["version"].paragraph(place.key, full=True)
        self.record = FACTS.get(paragraph["kind"], []) if paragraph else []
        more: dict[str, forms.Field] = {
            key: forms.CharField(label=label, required=False, max_length=120)
            for key, label in self.record
        }
        if place.public_text is not None:
            more["public_text"] = forms.CharField(
                required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
            )
        self.base_fields = {**self.base_fields, **more}  # type: ignore[misc]
        initial = {"text": place.text, "public_text": place.public_text, **place.facts}
        super().__init__(*args, initial=initial, **kwargs)

    def what(self) -> list[Any]:
        public = ["public_text"] if "public_text" in self.fields else []
        facts = [Field(key) for key, _ in self.record]
        return [Pick("kind"), "text", *facts, *public]

    def change(self) -> None:
        cleaned, place = self.cleaned_data, self.place
        text = cleaned["text"].strip()
        if not text and self.made_as != Correction.Kind.REDACTION:
            self.add_error("text", "Write what it should say")
            return
        text = text or f"[Taken out on {day(timezone.now())}.]"
        self.renditions = amending.reworded(
            self.version.full,
            self.version.public,
            place.key,
            text=text,
            public_text=cleaned.get("public_text", ""),
            facts={key: cleaned[key] for key, _ in self.record},
            met_on=self.version.minutes.meeting.date,
        )
        told = " ".join(cleaned[name] for name in TOLD)
        if amending.quotes_private(told, place):
            self.add_error("note", "Everyone reads this note, so it can’t repeat what is private")
        elif self.made_as == Correction.Kind.REDACTION and (
            words := amending.names_gone(place, text, cleaned) & amending.words_in(told)
        ):
            said = ", ".join(sorted(words))
            self.add_error("note", f"The note repeats what you are taking out: {said}")

    @property
    def elsewhere(self) -> list[str]:
        """Other places that hold what is taken out here."""
        if self.made_as != Correction.Kind.REDACTION:
            return []
        gone = amending.names_gone(self.place, self.cleaned_data["text"], self.cleaned_data)
        return amending.also_elsewhere(self.renditions[0], self.renditions[1], gone)


class ReleaseForm(CorrectionForm):
    """Something private is shown to everyone, as somebody decided."""

    labels: ClassVar[dict[str, str]] = {
        **CorrectionForm.labels,
        "approved_by_words": "Who decided that everyone may read it, and when",
    }
    hints: ClassVar[dict[str, str]] = {
        **CorrectionForm.hints,
        "note": "Such as: The family has asked us to show this.",
    }
    words: ClassVar[dict[str, str]] = {
        **CorrectionForm.words,
        "approved_by_words": "Say who decided it, and when",
    }

    def __init__(self, *args: Any, place: Place, **kwargs: Any) -> None:
        self.place = place
        super().__init__(*args, **kwargs)

    @property
    def made_as(self) -> str:
        return str(Correction.Kind.RELEASE)

    def what(self) -> list[Any]:
        return []

    def change(self) -> None:
        try:
            self.renditions = amending.released(self.version, self.place.key)
        except LookupError:
            self.add_error(None, "This isn’t private any more. Open this page afresh")


class WhoForm(CorrectionForm):
    """Other counts of who was invited and who came; never a name."""

    parents = forms.IntegerField(min_value=0, max_value=9999)

    def __init__(self, *args: Any, place: Place, wanted: int, expected: list[str], **kw: Any):
        self.place, self.wanted, self.expected = place, wanted, expected
        who = kw["version"].public["who"]
        self.rows = who["rows"]
        initial, more = {"parents": who["parents"]}, {}
        for n, row in enumerate(self.rows):
            for name, label in (("invited", "Invited"), ("came", "Came")):
                initial[f"{name}_{n}"] = row[name]
                more[f"{name}_{n}"] = forms.IntegerField(label=label, min_value=0, max_value=9999)
        self.base_fields = {**self.base_fields, **more}  # type: ignore[misc]
        super().__init__(*args, initial=initial, **kw)

    def what(self) -> list[Any]:
        found: list[Any] = [Words("Only numbers change here. Nobody is named.")]
        for n, row in enumerate(self.rows):
            pair = Side(Field(f"invited_{n}", width=4), Field(f"came_{n}", width=4))
            found.append(Group(row["label"], pair))
        return [*found, Group("Of all those who came", Field("parents", width=4))]

    def change(self) -> None:
        cleaned = self.cleaned_data
        rows = [(cleaned[f"invited_{n}"], cleaned[f"came_{n}"]) for n in range(len(self.rows))]
        for n, (invited, came) in enumerate(rows):
            if came > invited:
                self.add_error(f"came_{n}", "More came than were invited. Change one of the two")
        if cleaned["parents"] > sum(came for _, came in rows):
            self.add_error("parents", "That is more than all who came")
        if not self.errors:
            self.renditions = amending.recounted(
                self.version.full,
                self.version.public,
                rows=rows,
                parents=cleaned["parents"],
                wanted=self.wanted,
                expected=self.expected,
            )
