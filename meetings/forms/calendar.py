"""The pattern of a year, its dates, closed days, one meeting's details, and who is invited."""

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod.forms import (
    DAY_NAMES,
    MONTH_NAMES,
    Button,
    Buttons,
    Field,
    Form,
    Group,
    ModelForm,
    Pick,
    PlainDateField,
    PlainTimeField,
    Side,
    say_date,
    say_time,
)
from meetings import planner
from meetings.models import ClosedPeriod, Invitation, Meeting, Series
from meetings.models.calendar import Format
from members.models import MemberGroup, Organisation, Person

LABELS = {
    "audience": "Who is it for?",
    "starts": "Starts at",
    "ends": "Ends at",
    "format": "How do people take part?",
    "place": "Place",
    "online_link": "Link for joining online",
    "expect": "What to expect",
}
HINTS = {
    "place": "Name and street, as people would look for it",
    "online_link": "Only people who are invited see it",
    "expect": "What helps people decide to come: breaks, a quiet space, parking, cameras off",
}


class WhenAndWhereMixin(ModelForm):
    """Times, format, place and link, which a series and a meeting share."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "expect" in self.fields:
            self.fields["expect"].widget.attrs["rows"] = 3

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", "The end must be later than the start, on the same day")
        if starts and self.has_error("ends", "half"):
            self._suggest_end(starts)
        unsaid = not cleaned.get("place") and "place" not in self.errors
        if unsaid and cleaned.get("format") in (Format.ROOM, Format.BOTH):
            self.add_error("place", "Enter the place, or choose “Online” above")
        return cleaned

    def _suggest_end(self, starts: time) -> None:
        """Ask in words what "12" or "1" means as an end, naming the likely one."""
        typed = str(self.data.get(self.add_prefix("ends"), "")).strip()
        likely = planner.end_after(starts, typed)
        if likely:
            words = say_time(likely.hour, likely.minute)
            self.errors["ends"].clear()
            self.add_error("ends", f"Did you mean {words}? Write “{words}” if so, or another time")


def where_group() -> Group:
    return Group(
        "Where",
        Pick("format", across=True),
        "place",
        "online_link",
        heading=True,
    )


class PatternForm(WhenAndWhereMixin):
    """A series: how often, for whom, usually when and where; and the first date."""

    first_date = PlainDateField(label="First date")
    starts = PlainTimeField(label="Starts at")
    ends = PlainTimeField(label="Ends at")
    online_link = forms.URLField(required=False, assume_scheme="https")

    field_order = [
        *("name", "audience", "first_date", "every_weeks", "every_months", "starts", "ends")
    ]
    labels = {
        **LABELS,
        "name": "Name of these meetings",
        "every_weeks": "Every how many weeks?",
        "every_months": "Or every how many months?",
    }
    hints = {
        **HINTS,
        "name": "Such as “Forum meeting with services”",
        "every_weeks": "Six is usual: often enough to keep promises, rare enough to come",
        "every_months": "Instead of weeks, on the same weekday of the month as the first date, "
        "such as the second Wednesday. Three is quarterly",
    }
    words = {
        "name": "Enter a name for these meetings",
        "first_date": "Enter the first date",
        "starts": "Enter when these meetings start",
        "ends": "Enter when these meetings end",
    }
    layout = [
        "name",
        Pick("audience"),
        Group(
            "When",
            "first_date",
            Field("every_weeks", width=3, suffix="weeks"),
            Field("every_months", width=3, suffix="months"),
            Side("starts", "ends"),
            heading=True,
        ),
        where_group(),
        "expect",
    ]
    submit = "See the dates"

    class Meta:
        model = Series
        fields = [
            "name",
            "audience",
            "every_weeks",
            "every_months",
            "starts",
            "ends",
            "format",
            "place",
            "online_link",
            "expect",
        ]
        widgets = {"audience": forms.RadioSelect, "format": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["every_weeks"].required = False
        self.fields["name"].error_messages["unique"] = (
            "There is a series of that name already: open it from the list above, or choose "
            "another name"
        )

    def clean(self) -> dict[str, Any]:
        """Weeks or months: months win where they are given, so weeks may stay empty."""
        cleaned = super().clean()
        named = not {"every_weeks", "every_months"} & set(self.errors)
        if cleaned.get("every_weeks") is None and named:
            if cleaned.get("every_months") is None:
                self.add_error("every_weeks", "Enter how many weeks or months lie between them")
            cleaned["every_weeks"] = Series._meta.get_field("every_weeks").default
        return cleaned


class ClosedPeriodForm(ModelForm):
    """Days when nobody should meet."""

    first_day = PlainDateField(label="First day")
    last_day = PlainDateField(label="Last day")

    labels = {"name": "What is it?"}
    hints = {"name": "Such as “Summer holiday”"}
    words = {
        "name": "Enter what these days are, such as Summer holiday",
        "first_day": "Enter the first closed day",
        "last_day": "Enter the last closed day",
    }
    layout = [
        Field("name", width=20),
        Side("first_day", "last_day"),
        Buttons(Button("Add these closed days", name="close", value="1", look="quiet")),
    ]
    prefix = "closed"
    warn_before_leaving = False

    class Meta:
        model = ClosedPeriod
        fields = ["name", "first_day", "last_day"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day must be the first day or later")
        elif first and last:
            same = ClosedPeriod.objects.filter(first_day=first, last_day=last)
            if same.exclude(pk=self.instance.pk).exists():
                self.add_error("first_day", "These days are in the list already")
        return cleaned


def say_day(day: date) -> str:
    """``Wednesday 4 September 2024``."""
    return f"{DAY_NAMES[day.weekday()]} {say_date(day)}"


class DatesForm(Form):
    """What to do with each proposed date: two fields a date, ``do_…`` and ``other_…``."""

    warn_before_leaving = True
    form_tag = False

    def __init__(self, *args: Any, proposals: Sequence[planner.Proposal], **kwargs: Any) -> None:
        self.proposals = proposals
        super().__init__(*args, **kwargs)
        for proposal in proposals:
            day = proposal.day
            choice = forms.ChoiceField(
                choices=self._choices(proposal),
                initial=proposal.advice,
                label=f"What to do about {say_day(day)}",
            )
            other = PlainDateField(required=False, label=f"Another date instead of {say_date(day)}")
            choice.error_messages["required"] = f"Choose what to do about {say_day(day)}"
            self.fields[f"do_{day}"], self.fields[f"other_{day}"] = choice, other

    @staticmethod
    def _choices(proposal: planner.Proposal) -> list[tuple[str, str]]:
        choices = [("keep", f"Keep {proposal.day.day} {_month(proposal.day)}")]
        if proposal.move_to:
            # The same weekday, so that the month isn't cut off on a phone.
            choices.insert(
                0, ("move", f"Move to {proposal.move_to.day} {_month(proposal.move_to)}")
            )
        return [*choices, ("leave", "Leave it out"), ("other", "Another date")]

    def rows(self) -> list[dict[str, Any]]:
        """Each proposal with its two controls, for the page's table."""
        return [
            {"proposal": p, "do": self[f"do_{p.day}"], "other": self[f"other_{p.day}"]}
            for p in self.proposals
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen: dict[date, date] = {}
        for proposal in self.proposals:
            day = self._chosen(proposal, cleaned)
            if day in chosen:
                first = say_date(chosen[day])
                self.add_error(
                    f"do_{proposal.day}",
                    f"{say_day(day)} is already taken, instead of {first}"
                    if chosen[day] != day
                    else f"{say_day(day)} is in the list already",
                )
            elif day:
                chosen[day] = proposal.day
        if not chosen and not self.errors:
            raise ValidationError("Keep at least one date, or type another one")
        cleaned["dates"] = sorted(chosen)
        return cleaned

    def _chosen(self, proposal: planner.Proposal, cleaned: dict[str, Any]) -> date | None:
        what = cleaned.get(f"do_{proposal.day}")
        if what == "move":
            return proposal.move_to
        if what == "other":
            name = f"other_{proposal.day}"
            other: date | None = cleaned.get(name)
            if other is None and name not in self.errors:
                self.add_error(name, f"Enter the date instead of {say_date(proposal.day)}")
            return other
        return proposal.day if what == "keep" else None


def _month(day: date) -> str:
    return MONTH_NAMES[day.month - 1]


class MeetingForm(WhenAndWhereMixin):
    """One meeting's details. ``movable``: whether its date may be changed here; ``times``:
    whether the hours may, which isn't so once people were told of a meeting to come.
    """

    date = PlainDateField(label="Date")
    starts = PlainTimeField(label="Starts at")
    ends = PlainTimeField(label="Ends at")
    online_link = forms.URLField(required=False, assume_scheme="https")

    labels = {
        **LABELS,
        "title": "Name of the meeting",
        "series": "Part of a series?",
        "places": "How many places?",
    }
    hints = {
        **HINTS,
        "title": "As it should read in lists, without the date",
        "places": "For open events: how many people can sign up. Leave it empty for any number",
    }
    words = {"date": "Enter the date of the meeting"}
    submit = "Save the meeting"

    class Meta:
        model = Meeting
        fields = [
            "title",
            "audience",
            "date",
            "starts",
            "ends",
            "format",
            "place",
            "online_link",
            "expect",
            "places",
        ]
        widgets = {"audience": forms.RadioSelect, "format": forms.RadioSelect}

    def __init__(self, *args: Any, movable: bool = True, times: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fixed = [] if movable else ["audience", "date"]
        for name in [*fixed, *([] if times else ["starts", "ends"])]:
            del self.fields[name]

    def make_layout(self) -> Sequence[Any]:
        first = ["title", Pick("audience")] if "audience" in self.fields else ["title"]
        day = ["date"] if "date" in self.fields else []
        hours = [Side("starts", "ends")] if "starts" in self.fields else []
        when = [Group("When", *day, *hours, heading=True)] if hours else []
        return [*first, *when, where_group(), "expect", Field("places", width=4)]


class NewMeetingForm(MeetingForm):
    """An extra meeting, or one that was held already."""

    show = forms.BooleanField(
        required=False, initial=True, label="List it on the meetings page now"
    )

    hints = {
        **MeetingForm.hints,
        "date": "A meeting that has been held already can be entered too",
        "show": "Nobody is written to until you invite them",
    }
    submit = "Add the meeting"

    class Meta(MeetingForm.Meta):
        fields = ["series", *MeetingForm.Meta.fields]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        series: Any = self.fields["series"]
        series.empty_label = "No, a meeting of its own"

    def make_layout(self) -> Sequence[Any]:
        return [*super().make_layout(), "series", "show"]


class PlaceForm(Form):
    """Somebody who isn't on the list: who they are, and on behalf of whom they come."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.none(), required=False, empty_label="Somebody new"
    )
    name = forms.CharField(required=False, max_length=120)
    email = forms.EmailField(required=False)
    capacity = forms.ChoiceField(
        choices=[c for c in Invitation.Capacity.choices if c[0] != "coordinator"],
        widget=forms.RadioSelect,
    )
    group = forms.ModelChoiceField(
        queryset=MemberGroup.objects.none(), required=False, empty_label="No group"
    )
    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.none(), required=False, empty_label="No organisation"
    )

    labels = {
        "person": "Is it somebody we know?",
        "name": "Their name, if they are new",
        "email": "Their e-mail address, if they are new and have one",
        "capacity": "They come as",
        "group": "For which group?",
        "organisation": "From which organisation?",
    }
    hints = {
        "email": "Without one they hear from us by letter or phone",
        "group": "For parents and group staff. A parent may come for no group",
        "organisation": "For officers",
    }
    words = {"capacity": "Choose what they come as"}
    submit = "Add to the list"

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["person"]
        groups: Any = self.fields["group"]
        organisations: Any = self.fields["organisation"]
        invited = meeting.invitations.values("person")
        people.queryset = Person.objects.active().exclude(pk__in=invited).order_by("name")
        groups.queryset = MemberGroup.objects.order_by("name")
        organisations.queryset = Organisation.objects.order_by("name")
        if meeting.is_parents_only:
            capacity: Any = self.fields["capacity"]
            capacity.choices = [c for c in capacity.choices if c[0] != "officer"]
            del self.fields["organisation"]
            self.fields["group"].help_text = "Officers can’t be added: this is a parents’ meeting"

    def make_layout(self) -> Sequence[Any]:
        places = [name for name in ("group", "organisation") if name in self.fields]
        return ["person", Side("name", "email"), Pick("capacity", across=True), Side(*places)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        person, name = cleaned.get("person"), (cleaned.get("name") or "").strip()
        if not person and not name and "person" not in self.errors:
            self.add_error("person", "Choose somebody, or write a new name")
        if person and name:
            self.add_error("name", f"Leave this empty for {person.name}, or choose “Somebody new”")
        self._clean_email(cleaned)
        self._clean_place(cleaned)
        cleaned.setdefault("organisation", None)
        return cleaned

    def _clean_email(self, cleaned: dict[str, Any]) -> None:
        email = (cleaned.get("email") or "").lower()
        known = Person.objects.filter(email=email).first() if email else None
        if known and not cleaned.get("person"):
            self.add_error(
                "email", f"This is the address of {known.name}: choose them in the list instead"
            )

    def _clean_place(self, cleaned: dict[str, Any]) -> None:
        capacity = cleaned.get("capacity")
        if capacity == "officer":
            cleaned["group"] = None
            if not cleaned.get("organisation"):
                self.add_error("organisation", "Choose the organisation that they come from")
        elif capacity:
            cleaned["organisation"] = None
            if capacity == "staff" and not cleaned.get("group"):
                self.add_error("group", "Choose the group that they work for")


class MinuteTakerForm(Form):
    """Which invited person takes the minutes of this one meeting."""

    person = forms.ModelChoiceField(
        queryset=Person.objects.none(), required=False, empty_label="The coordinator"
    )

    labels = {"person": "Who takes the minutes?"}
    hints = {"person": "They can write the draft of this meeting, and nothing else"}
    submit = "Give them the minutes"
    warn_before_leaving = False

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["person"]
        people.queryset = Person.objects.filter(invitations__meeting=meeting).order_by("name")
        self.initial["person"] = meeting.minute_taker_id

    def make_layout(self) -> Sequence[Any]:
        return ["person", Buttons(Button(self.submit, look="quiet"))]
