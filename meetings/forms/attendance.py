"""Replies, who was there, and people who came without an invitation."""

from collections.abc import Sequence
from datetime import time
from typing import Any, cast

from django import forms
from django.http import QueryDict

from coprod.forms import Field, Form, Pick, PlainTimeField, RowsField, Side
from coprod.templatetags.forum import and_list
from meetings.forms.calendar import PlaceForm, say_day
from meetings.models import AgendaItem, Attendance, Invitation, Reply, Via
from meetings.models.attendance import HEARD
from meetings.services.attendance import answers_for, groups_for
from meetings.services.presence import missed_by_times
from meetings.services.substitutes import known_substitutes
from members.models import MemberGroup, Person

#: The same answers, told about somebody by whoever heard them.
TOLD = {
    Reply.Answer.ROOM: "They’ll be there in person",
    Reply.Answer.ONLINE: "They’ll join online",
    Reply.Answer.CANNOT: "They can’t come",
}


def via_field(*, required: bool = True) -> forms.ChoiceField:
    """How somebody's words reached whoever writes them down."""
    return forms.ChoiceField(
        label="How did it reach you?",
        choices=HEARD,
        required=required,
        # Most of it comes by phone; nobody's own words are marked so by mistake.
        initial=Via.PHONE if required else None,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it reached you"},
    )


class ReplyForm(Form):
    """Room, online or can't; and what would help this time."""

    answer = forms.ChoiceField(widget=forms.RadioSelect)
    needs = forms.CharField(required=False, max_length=600, widget=forms.Textarea({"rows": 3}))
    #: The date and time that the page showed.
    planned = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    labels = {"answer": "Can you come?", "needs": "Anything you need this time?"}
    hints = {
        "needs": "Access, childcare, a lift, large print. Only the coordinator reads this. "
        "Leave it empty if there is nothing"
    }
    words = {"answer": "Choose whether you can come"}
    submit = "Send my answer"

    def __init__(self, *args: Any, invitation: Invitation, for_other: bool = False, **kwargs: Any):
        kept = getattr(invitation, "reply", None)
        if kept is not None:
            kwargs.setdefault("initial", {"answer": kept.answer, "needs": kept.needs})
        super().__init__(*args, **kwargs)
        self.meeting = invitation.meeting
        self.initial["planned"] = self._planned_now()
        answer: Any = self.fields["answer"]
        answer.choices = answers_for(invitation.meeting)
        self._offer_groups(invitation, for_other=for_other)
        if for_other:
            name = invitation.person.name
            answer.label = f"What did {name} say?"
            answer.choices = [(value, TOLD[value]) for value, _ in answer.choices]
            answer.error_messages["required"] = f"Choose what {name} said"
            self.fields["needs"].label = "Anything they need this time?"
            self.fields["via"] = via_field()
            self.submit = "Keep this answer"

    def make_layout(self) -> Sequence[Any]:
        heard = [Pick("via", across=True)] if "via" in self.fields else []
        groups = [Pick("for_group")] if "for_group" in self.fields else []
        return [Pick("answer"), *groups, Field("needs", count=600), *heard]

    def _offer_groups(self, invitation: Invitation, *, for_other: bool) -> None:
        """Ask somebody with seats in two groups for which one they come this time."""
        groups = groups_for(invitation)
        if not groups:
            return
        came_for = invitation.comes_for
        self.fields["for_group"] = forms.ModelChoiceField(
            MemberGroup.objects.filter(pk__in=[group.pk for group in groups]),
            label="Which group do they come for?" if for_other else "Which group do you come for?",
            help_text="One person counts once. It can be another group next time",
            empty_label=None,
            initial=came_for.pk if came_for else None,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose the group"},
        )

    def _planned_now(self) -> str:
        return f"{self.meeting.date} {self.meeting.starts:%H:%M}"

    def clean(self) -> dict[str, Any]:
        """Refuse an answer that was given to a date which the meeting no longer has."""
        cleaned = super().clean() or self.cleaned_data
        planned = cleaned.get("planned")
        if planned and planned != self._planned_now():
            date = say_day(self.meeting.date)
            self.add_error(None, f"This meeting has moved to {date}. Say if you can come then")
            data = cast(QueryDict, self.data).copy()
            data[self.add_prefix("planned")] = self._planned_now()
            self.data = data
        return cleaned


class AttendanceForm(Form):
    """One row of ticks a person: ``how_…`` as chosen and ``was_…`` as the page showed it.

    Only rows in which the two differ count as changes, so two people who save at once don't
    undo each other.
    """

    form_tag = False
    HOW = [("room", "In the room"), ("online", "Online"), ("", "Not there")]

    def __init__(self, *args: Any, invitations: Sequence[Invitation], **kwargs: Any) -> None:
        self.invitations = list(invitations)
        super().__init__(*args, **kwargs)
        for invitation in self.invitations:
            was = invitation.attendance.how if invitation.attended else ""
            self.fields[f"how_{invitation.pk}"] = forms.ChoiceField(
                choices=self.HOW,
                required=False,
                initial=was,
                label=invitation.person.name,
                widget=forms.RadioSelect,
            )
            self.fields[f"was_{invitation.pk}"] = forms.ChoiceField(
                choices=self.HOW, required=False, initial=was, widget=forms.HiddenInput
            )

    def changes(self) -> dict[int, str]:
        """Invitation id → how, for the rows that this page's reader changed."""
        if self.data.get("everybody"):
            return self._everybody(said_yes=self.data["everybody"] == "yes")
        found = {}
        for invitation in self.invitations:
            name = f"how_{invitation.pk}"
            if self.add_prefix(name) not in self.data:
                continue  # added by somebody else meanwhile: this page didn't show the row
            how, was = self.cleaned_data[name], self.cleaned_data[f"was_{invitation.pk}"]
            if how != was:
                found[invitation.pk] = how
        return found

    def _everybody(self, *, said_yes: bool) -> dict[int, str]:
        """All who aren't ticked yet: as they said they would come, or simply in the room."""
        found = {}
        for invitation in self.invitations:
            answer = getattr(getattr(invitation, "reply", None), "answer", "")
            how = answer if answer in ("room", "online") else "" if said_yes else "room"
            if how and not invitation.attended:
                found[invitation.pk] = how
        return found


class LatecomerForm(PlaceForm):
    """Somebody who came without being on the list."""

    how = forms.ChoiceField(
        choices=Attendance.How.choices, initial="room", widget=forms.RadioSelect
    )

    labels = {**PlaceForm.labels, "how": "They are"}
    words = {**PlaceForm.words, "how": "Choose whether they are in the room or online"}
    submit = "Add them"

    def make_layout(self) -> Sequence[Any]:
        return [*super().make_layout(), Pick("how", across=True)]


class PartForm(Form):
    """When somebody came and went, and which items they missed."""

    how = forms.ChoiceField(choices=Attendance.How.choices, widget=forms.RadioSelect)
    arrived = PlainTimeField(required=False)
    left = PlainTimeField(required=False)
    missed = RowsField(
        AgendaItem.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    #: The times for which this page has already suggested what was missed.
    suggested = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    labels = {
        "how": "They were",
        "arrived": "Came at",
        "left": "Left at",
        "missed": "Items they missed",
    }
    hints = {
        "arrived": "Such as 10:40. Leave it empty if they were there from the beginning",
        "left": "Such as 11:30. Leave it empty if they stayed to the end",
        "missed": "Of a private item they then read only what everyone reads, and its decisions "
        "count who was in the room without them",
    }
    words = {"how": "Choose whether they were in the room or online"}
    layout = [Pick("how", across=True), Side("arrived", "left"), Pick("missed")]
    submit = "Save"

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        kept = invitation.attendance if invitation.attended else None
        kwargs.setdefault(
            "initial",
            {
                "how": kept.how if kept else Attendance.How.ROOM,
                "arrived": kept.arrived if kept else None,
                "left": kept.left if kept else None,
                "missed": list(kept.missed.values_list("pk", flat=True)) if kept else [],
                "suggested": _times(kept.arrived, kept.left) if kept else "",
            },
        )
        super().__init__(*args, **kwargs)
        self.meeting = invitation.meeting
        self.items = list(self.meeting.agenda_items.on())
        missed: Any = self.fields["missed"]
        missed.queryset = self.meeting.agenda_items.on()
        missed.choices = [(item.pk, f"{n}. {item}") for n, item in enumerate(self.items, 1)]
        if not self.items:
            del self.fields["missed"]

    def make_layout(self) -> Sequence[Any]:
        return [part for part in self.layout if self.items or part is not self.layout[2]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        arrived, left = cleaned.get("arrived"), cleaned.get("left")
        if arrived and left and left <= arrived:
            self.add_error("left", "The time they left must be later than the time they came")
        elif not self.errors:
            self._suggest(cleaned, arrived, left)
        return cleaned

    def _suggest(self, cleaned: dict[str, Any], arrived: time | None, left: time | None) -> None:
        """Once for each pair of times: tick what the agenda says they missed, and ask again."""
        times = _times(arrived, left)
        missed = missed_by_times(self.meeting, self.items, arrived=arrived, left=left)
        asked = cleaned.get("suggested") == times
        if asked or set(missed) == set(cleaned.get("missed") or ()):
            return
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix("suggested")] = times
        data.setlist(self.add_prefix("missed"), [str(item.pk) for item in missed])
        self.data = data
        numbers = [str(n) for n, item in enumerate(self.items, 1) if item in missed]
        said = f"item {numbers[0]}" if len(numbers) == 1 else f"items {and_list(numbers)}"
        words = f"they missed {said}, ticked here" if missed else "they missed nothing"
        self.add_error(
            "missed", f"By the agenda’s times {words}. Put it right if need be, and save"
        )


def _times(arrived: time | None, left: time | None) -> str:
    return f"{arrived or ''}–{left or ''}"


class DeclareForm(Form):
    """That one was there, in the room or online."""

    how = forms.ChoiceField(choices=Attendance.How.choices, widget=forms.RadioSelect)

    labels = {"how": "Where were you?"}
    words = {"how": "Choose whether you were in the room or online"}
    layout = [Pick("how", across=True)]
    submit = "Say that I was there"


class SubstituteForm(Form):
    """Who comes in somebody's place: one of the same group or organisation, or somebody new."""

    person = forms.ModelChoiceField(
        Person.objects.none(), required=False, empty_label="Somebody else"
    )
    name = forms.CharField(required=False, max_length=120)
    email = forms.EmailField(required=False)
    phone = forms.CharField(required=False, max_length=40)

    labels = {
        "person": "Who comes instead?",
        "name": "Their name",
        "email": "Their e-mail address",
        "phone": "Their phone number",
    }
    hints = {"email": "We write to them there", "phone": "If they don’t use e-mail, we ring them"}
    submit = "Ask them to come"

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person: Any = self.fields["person"]
        person.queryset = known_substitutes(invitation)
        if not person.queryset.exists():
            del self.fields["person"]

    def make_layout(self) -> Sequence[Any]:
        known = ["person"] if "person" in self.fields else []
        return [*known, "name", "email", Field("phone", width=20)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        person, name = cleaned.setdefault("person", None), (cleaned.get("name") or "").strip()
        if person is not None:
            if name:
                self.add_error("name", f"Leave this empty, or choose “Somebody else” not {person}")
            return cleaned
        if not name:
            self.add_error("name", "Write the name of whoever comes instead")
        if not (cleaned.get("email") or cleaned.get("phone")) and not self.errors.get("email"):
            self.add_error("email", "Write their e-mail address or their phone number")
        return cleaned
