"""Logging who took part, one short page each, and the forms of what is done with an entry.

Each page's form says what it keeps (``kept``), as text, in the draft; the same text fills it
again and is checked again before anything is saved, so a draft may lie for weeks.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms

from coprod import clocks
from coprod.forms import (
    Field,
    Form,
    Pick,
    PlainDateField,
)
from coprod.templatetags.forum import weekday_month
from members.models import MemberGroup, Person
from projects.methods import Method
from projects.models import Participation, Project
from projects.models.involvement import Stage
from projects.services.involvement import Part

Who = Participation.Who
#: Asked on every page where somebody writes: what is logged is read by everybody.
NO_CHILD = "Everybody can read this, so name no child and no family"
WORDS = forms.Textarea({"rows": 4})
#: Days that have been: the usual example may lie ahead.
PAST_DAY = "Such as 3 May 2026 or 3/5/2026"
#: Where the days of a first page come from without typing.
TODAY, YESTERDAY, OTHER = "today", "yesterday", "other"
#: Ways in which nobody counts who was asked to come.
NOT_INVITED = (Method.TOLD, Method.PHONE)
#: Pages that a short way leaves out: a phone call or a leaflet is logged without them.
SHORT = (Method.TOLD, Method.PHONE)


class PageForm(Form):
    """One page of an entry that is being logged."""

    def __init__(
        self,
        *args: Any,
        project: Project,
        person: Person,
        answers: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        self.project, self.person, self.answers = project, person, answers
        super().__init__(*args, **kwargs)

    @property
    def way(self) -> str:
        """How it was done, as its first page says."""
        return str(self.answers.get("how", {}).get("means", ""))

    def kept(self) -> dict[str, str]:
        """What was typed, as text that fills the page again."""
        found = {name: self.cleaned_data.get(name) for name in self.fields}
        return {name: as_text(value) for name, value in found.items() if value not in (None, "")}

    @classmethod
    def as_initial(cls, kept: Mapping[str, Any]) -> dict[str, Any]:
        """What is in the boxes when somebody comes back: days in words."""
        return {name: _as_day(value) for name, value in kept.items()}


def as_text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Person):
        return str(value.pk)
    return "on" if value is True else "" if value is False else str(value)


def _as_day(value: Any) -> Any:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return value


class HowForm(PageForm):
    """When it was and how it was done."""

    when = forms.ChoiceField(widget=forms.RadioSelect)
    on = PlainDateField(required=False)
    means = forms.ChoiceField(choices=Method, widget=forms.RadioSelect)
    title = forms.CharField(required=False, max_length=160)
    #: Names the draft before there is one, so that a button pressed twice makes one.
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    labels = {
        "when": "When was it?",
        "on": "If it was another day, which?",
        "means": "How were parents part of it, or how could they have been?",
        "title": "A name for it, if it has one",
    }
    hints = {
        "on": PAST_DAY,
        "means": "A survey is logged once answers are in. Until then, log that you told them of it",
        "title": "Such as “Fourth writing group”",
    }
    words = {"when": "Choose the day", "means": "Choose how it was done"}
    submit = "Go on"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clocks.today()
        yesterday = today - timedelta(days=1)
        when: Any = self.fields["when"]
        when.choices = [
            (TODAY, f"Today, {weekday_month(today)}"),
            (YESTERDAY, f"Yesterday, {weekday_month(yesterday)}"),
            (OTHER, "Another day"),
        ]
        if self.person.is_coordinator:
            self._ask_who_told()

    def _ask_who_told(self) -> None:
        named = self.project.named.current().exclude(person=self.person)
        people = Person.objects.filter(pk__in=named.values("person"), is_active=True)
        self.fields["told_by"] = forms.ModelChoiceField(
            people.order_by("name"),
            required=False,
            label="Did somebody on the project tell you?",
            help_text="The entry then says that you wrote it down for them",
            empty_label="No, I know it myself",
        )

    def make_layout(self) -> Sequence[Any]:
        told = ["told_by"] if "told_by" in self.fields else []
        return [Pick("when"), "on", Pick("means"), Field("title"), *told]

    def clean(self) -> dict[str, Any]:
        """One day, from the choice or from the box. A day typed without the choice counts."""
        cleaned = super().clean() or self.cleaned_data
        today, typed = clocks.today(), cleaned.get("on")
        chosen = cleaned.get("when")
        if chosen == OTHER and typed is None and "on" not in self.errors:
            self.add_error("on", "Enter the day, such as 3 November 2026")
        if chosen in (TODAY, YESTERDAY) and typed and typed != _day_of(chosen):
            self.add_error("on", "Choose “Another day”, or leave this box empty")
        if typed and typed > today:
            self.add_error("on", "Log it once it has happened: this day lies ahead")
        if chosen in (TODAY, YESTERDAY) and not self.errors:
            cleaned["on"] = _day_of(chosen)
        return cleaned

    def clean_key(self) -> uuid.UUID:
        try:
            return uuid.UUID(self.cleaned_data["key"])
        except ValueError:
            return uuid.uuid4()

    def kept(self) -> dict[str, str]:
        """The day itself: a draft that is opened tomorrow still means today."""
        kept = super().kept()
        kept.pop("key", None)
        return {**kept, "when": OTHER}

    @classmethod
    def as_initial(cls, kept: Mapping[str, Any]) -> dict[str, Any]:
        initial = super().as_initial(kept)
        for choice in (TODAY, YESTERDAY):
            if initial.get("on") == _day_of(choice):
                initial |= {"when": choice, "on": None}
        return initial


def _day_of(choice: str) -> date:
    return clocks.today() - timedelta(days=1 if choice == YESTERDAY else 0)


class WhoForm(PageForm):
    """How many took part, by group and kind; or that no parents did, said on purpose."""

    form_tag = False
    submit = "Go on"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counts_invited = self.way not in NOT_INVITED
        self.groups = list(_groups_for(self.project, self.answers))
        for key, name in self._rows():
            self._add_boxes(key, name)
        self.fields["none"] = forms.BooleanField(
            required=False,
            label="Nobody was told" if self.way == Method.TOLD else "No parents took part",
            help_text="Tick this only if there was no parent at all. From drafting onwards it "
            "keeps the level down, and it is still right to log it",
        )

    @cached_property
    def near(self) -> set[int]:
        """The groups whose rows stand first. Only a page asks for them."""
        return _near(self.project, self.answers)

    def _rows(self) -> list[tuple[str, str]]:
        others = [
            ("other", "Parents in no group, or not known which"),
            ("young", "Young people"),
            ("officers", "Officers"),
        ]
        return [*((f"g{group.pk}", group.name) for group in self.groups), *others]

    def _add_boxes(self, key: str, name: str) -> None:
        verb = "told" if self.way == Method.TOLD else "took part"
        invited = [("invited", "invited")] if self.counts_invited else []
        for part, word in [("came", verb), *invited]:
            self.fields[f"{part}_{key}"] = forms.IntegerField(
                required=False,
                min_value=0,
                max_value=99_999,
                label=f"{name}: {word}",
                widget=forms.NumberInput({"class": "govuk-input--width-3", "autocomplete": "off"}),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the page: groups near this project and everybody else's rows."""
        near = [self._row(f"g{g.pk}", g.name) for g in self.groups if g.pk in self.near]
        others = [self._row(key, name) for key, name in self._rows() if not key.startswith("g")]
        return [*near, *others]

    @property
    def further(self) -> list[dict[str, Any]]:
        """Groups that had no part in this project so far."""
        return [self._row(f"g{g.pk}", g.name) for g in self.groups if g.pk not in self.near]

    def _row(self, key: str, name: str) -> dict[str, Any]:
        came = self[f"came_{key}"]
        invited = self[f"invited_{key}"] if self.counts_invited else None
        errors = [*came.errors, *(invited.errors if invited is not None else [])]
        return {"name": name, "came": came, "invited": invited, "errors": errors}

    @property
    def further_is_open(self) -> bool:
        return not self.near or any(
            row["errors"] or row["came"].value() not in (None, "") for row in self.further
        )

    def clean(self) -> dict[str, Any]:
        """Either parents are counted, or somebody says that there were none."""
        cleaned = super().clean() or self.cleaned_data
        parents = sum(part.came for part in self.parts() if part.who == Who.PARENTS)
        if self.errors:
            return cleaned
        if not parents and not cleaned.get("none"):
            told = self.way == Method.TOLD
            label = self.fields["none"].label
            how = "were told" if told else "took part"
            self.add_error("none", f"Say how many parents {how}, or tick “{label}”")
        if parents and cleaned.get("none"):
            self.add_error("none", "You counted parents above: take this tick away, or the number")
        return cleaned

    def parts(self) -> list[Part]:
        """Who is counted, from the boxes that hold a number."""
        parts = []
        groups = {f"g{group.pk}": group for group in self.groups}
        for key, _ in self._rows():
            came = self.cleaned_data.get(f"came_{key}")
            invited = self.cleaned_data.get(f"invited_{key}")
            if came or invited:
                who = {"young": Who.YOUNG, "officers": Who.OFFICERS}.get(key, Who.PARENTS)
                parts.append(Part(who, came or 0, invited, groups.get(key)))
        return parts


def _groups_for(project: Project, answers: Mapping[str, Any]) -> Any:
    """Member groups, and those that were counted when they were still members."""
    counted = [name.partition("_g")[2] for name in answers.get("who", {})]
    kept = [int(pk) for pk in counted if pk.isdecimal() and len(pk) < 18]
    member = MemberGroup.Standing.MEMBER
    groups = MemberGroup.objects.filter(standing=member) | MemberGroup.objects.filter(pk__in=kept)
    return groups.order_by("name")


def _near(project: Project, answers: Mapping[str, Any]) -> set[int]:
    """Groups that took part before, whose reps are on the project, or that are counted now."""
    before = Participation.objects.filter(involvement__project=project, group__isnull=False)
    reps = project.named.current().filter(
        part="rep", person__seats__ended_at__isnull=True, person__seats__isnull=False
    )
    counted = [name.partition("_g")[2] for name in answers.get("who", {})]
    return {
        *before.values_list("group", flat=True),
        *reps.values_list("person__seats__group", flat=True),
        *(int(pk) for pk in counted if pk.isdecimal() and len(pk) < 18),
    }


class StageForm(PageForm):
    """Where the work stood."""

    stage = forms.TypedChoiceField(choices=Stage, coerce=int, widget=forms.RadioSelect)

    words = {"stage": "Choose where the work stood"}
    submit = "Go on"
    layout = [Field("stage", heading=True)]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["stage"]
        field.label = "Where did the work stand when parents came in?"
        if self.answers.get("who", {}).get("none"):
            field.label = "Which stage was it, without parents?"
        elif self.way == Method.TOLD:
            field.label = "Where did the work stand when parents were told?"


class SaidForm(PageForm):
    """What they said, what changed, what didn't and why; or how they were told."""

    said = forms.CharField(max_length=4000, widget=WORDS)
    changed = forms.CharField(required=False, max_length=4000, widget=WORDS)
    unchanged = forms.CharField(required=False, max_length=4000, widget=forms.Textarea({"rows": 2}))
    why = forms.CharField(required=False, max_length=4000, widget=forms.Textarea({"rows": 2}))

    labels = {
        "said": "What did they say?",
        "changed": "What changed because of it?",
        "unchanged": "What didn’t change?",
        "why": "Why didn’t it?",
    }
    hints = {
        "said": f"In a line or two. {NO_CHILD}",
        "changed": "Leave it empty if nothing has come of it yet. You can add it later",
    }
    words = {"said": "Write what they said, in a line or two"}
    submit = "Go on"
    layout = [Field("said", count=4000), "changed", "unchanged", "why"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        need_reason(self, cleaned)
        return cleaned


class ToldForm(PageForm):
    """How parents were told, where telling is all there was."""

    told_how = forms.CharField(max_length=200)

    labels = {"told_how": "How were they told?"}
    hints = {"told_how": "Such as “a letter to every family that uses it”"}
    words = {"told_how": "Write how they were told"}
    submit = "Go on"
    layout = [Field("told_how", heading=True)]


def need_reason(form: forms.Form, cleaned: dict[str, Any]) -> None:
    """A no has a reason, and a reason says of what."""
    if cleaned.get("unchanged") and not cleaned.get("why"):
        form.add_error("why", "Say why that didn’t change, in a line")
    if cleaned.get("why") and not cleaned.get("unchanged"):
        form.add_error("unchanged", "Say what didn’t change: you gave a reason for it")


class AfterForm(PageForm):
    """Whether parents heard what came of it, when they hear or meet next, what time they gave."""

    told = forms.ChoiceField(
        choices=[("no", "Not yet"), ("yes", "Yes")], widget=forms.RadioSelect, initial="no"
    )
    told_how = forms.CharField(required=False, max_length=200)
    replied_on = PlainDateField(required=False)
    next_on = PlainDateField(required=False)
    hours = forms.DecimalField(
        required=False, min_value=Decimal(0), max_value=Decimal(9999), decimal_places=2
    )

    labels = {
        "told": "Have these parents been told what came of it?",
        "told_how": "If yes: how?",
        "replied_on": "If yes: on which day?",
        "next_on": "When do they meet or hear next?",
        "hours": "Hours that parents gave, all together",
    }
    hints = {
        "told_how": "Such as “in the meeting” or “by e-mail to all twelve”",
        "replied_on": PAST_DAY,
        "next_on": "If a day is set",
        "hours": "If you know: six people for two hours are 12",
    }
    words = {"told": "Choose whether they have been told"}
    submit = "Go on"

    def make_layout(self) -> Sequence[Any]:
        hours = Field("hours", width=5)
        return [Pick("told", across=True), "told_how", "replied_on", "next_on", hours]

    def clean(self) -> dict[str, Any]:
        """A reply has a way, a day and something to say."""
        cleaned = super().clean() or self.cleaned_data
        asked = _as_day(self.answers.get("how", {}).get("on", ""))
        if cleaned.get("told") == "yes":
            said = self.answers.get("said", {})
            if not (said.get("changed") or said.get("unchanged")):
                words = "Say first what changed, or what didn’t and why: go back one page"
                self.add_error("told", words)
            need_day_and_way(self, cleaned, asked if isinstance(asked, date) else None)
        elif cleaned.get("replied_on") or cleaned.get("told_how"):
            self.add_error("told", "Choose “Yes” if they have been told, or empty the boxes below")
        following = cleaned.get("next_on")
        if following and isinstance(asked, date) and following < asked:
            self.add_error("next_on", "The next time can’t lie before this one")
        return cleaned


def need_day_and_way(form: forms.Form, cleaned: dict[str, Any], asked: date | None) -> None:
    """How and on which day parents were told: not before they were asked, not ahead."""
    day = cleaned.get("replied_on")
    if not cleaned.get("told_how") and "told_how" not in form.errors:
        form.add_error("told_how", "Write how they were told")
    if day is None and "replied_on" not in form.errors:
        form.add_error("replied_on", "Enter the day on which they were told")
    elif day is not None and day > clocks.today():
        form.add_error("replied_on", "Write it down once they have been told")
    elif day is not None and asked is not None and day < asked:
        form.add_error("replied_on", "They can’t have been told before they were asked")
