"""What people type about minutes: text, privacy, comments, outcomes, answers, ticks."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms

from coprod.forms import Button, Buttons, Field, Form, Link, Pick
from meetings import writing
from meetings.forms.attendance import via_field
from meetings.models import Agreement, Comment, Invitation, Minutes, PublicationTick

#: Characters in one box. A two-hour meeting fills about a tenth of this.
MOST_TEXT = 60_000


class SectionForm(Form):
    """One agenda item's box of text, with the number of the edit that it was made from.

    ``following``: the number of the item after it, which a second button leads on to.
    """

    text = forms.CharField(
        required=False,
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"}),
    )
    edit_no = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**9)

    labels = {"text": "What was said and decided"}
    hints = {
        "text": "A blank line starts a new paragraph. A line that begins with Action:, Decision: "
        "or Ask: is kept as a record."
    }
    submit = "Save"

    def __init__(self, *args: Any, following: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.following = following

    def make_layout(self) -> Sequence[Any]:
        buttons = [Button(self.submit)]
        if self.following:
            on = f"Save, and write item {self.following}"
            buttons.append(Button(on, name="then", value="on", look="quiet"))
        return [*super().make_layout(), Buttons(*buttons)]

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        count = text.count("\n\n") + 1
        if count > writing.MOST_PARAGRAPHS:
            raise forms.ValidationError(
                f"That makes {count} paragraphs. Use at most {writing.MOST_PARAGRAPHS} for one "
                "item, or add an agenda item and move some of it there"
            )
        return text


class JoinForm(SectionForm):
    """Both texts as one, when two people changed the same box."""

    labels = {"text": "Both texts together"}
    hints = {"text": "Take out what is there twice, then save."}
    submit = "Save this text"


class PrivateForm(Form):
    """Why a paragraph is kept private, and what the public reads instead."""

    reason = forms.CharField(max_length=200)
    public_text = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )

    labels = {"reason": "Why it’s kept private", "public_text": "What the public reads instead"}
    hints = {
        "reason": "Everyone can read this reason, so give no details. Such as: It would point to "
        "one family.",
        "public_text": "If you leave this empty, the public sees that a paragraph is kept private, "
        "and the reason.",
    }
    words = {"reason": "Say why it’s kept private"}
    submit = "Keep it private"


class ShortForm(Form):
    """The short version, frozen with the version that people agree."""

    text = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 12})
    )

    labels = {"text": "The short version"}
    hints = {
        "text": "At most 12 sentences of at most 15 words each. Put each on a line of its own. "
        "Everyone can read it."
    }
    submit = "Save the short version"


class CirculateForm(Form):
    """Which version is meant, so that a second press is recognised, and whether to tell."""

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=9999)
    tell = forms.BooleanField(required=False)
    spelling_only = forms.BooleanField(required=False)
    submit = "Send the draft"


class CommentForm(Form):
    """What somebody says about one paragraph of the version that they read."""

    prefix = "c"
    uid = forms.CharField(widget=forms.HiddenInput, max_length=36)
    version = forms.IntegerField(widget=forms.HiddenInput, max_value=9999)
    once = forms.CharField(widget=forms.HiddenInput, max_length=36)
    author = forms.ModelChoiceField(Invitation.objects.none(), required=False)
    via = via_field(required=False)
    kind = forms.ChoiceField(choices=Comment.Kind.choices, widget=forms.RadioSelect)
    quote = forms.CharField(required=False, max_length=1000)
    text = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    speaking_for = forms.ChoiceField(choices=(), widget=forms.RadioSelect)

    labels = {
        "author": "Who said it?",
        "via": "How did it reach you?",
        "kind": "What kind of comment is it?",
        "quote": "Which words is it about?",
        "text": "What should it say?",
        "speaking_for": "Who are you speaking for?",
    }
    hints = {
        "quote": "Leave this empty if it’s about the whole paragraph.",
        "text": "A few words are fine. Please name no child.",
        "author": "For what somebody told you. We show that you wrote it down.",
        "via": "Only for somebody else’s comment.",
    }
    words = {
        "kind": "Choose what kind of comment it is",
        "text": "Write your comment",
        "speaking_for": "Choose who you are speaking for",
        "author": "Choose who said it",
    }
    form_tag = False

    def __init__(
        self,
        *args: Any,
        invitation: Invitation | None,
        writes_down: bool,
        minutes: Minutes,
        **kw: Any,
    ) -> None:
        """``writes_down``: this person may write down what others said."""
        super().__init__(*args, **kw)
        self.own = invitation
        if not writes_down:
            del self.fields["author"], self.fields["via"]
        else:
            self._offer_authors(minutes)
        choices = dict(Comment.SpeakingFor.choices)
        group = invitation.comes_for if invitation is not None else None
        if group is not None:
            choices[Comment.SpeakingFor.GROUP] = f"My group, {group}"
        elif not writes_down:
            del choices[Comment.SpeakingFor.GROUP]
        if writes_down:
            choices[Comment.SpeakingFor.GROUP] = "Their group"
            choices[Comment.SpeakingFor.MYSELF] = "Themselves"
        self.fields["speaking_for"].choices = list(choices.items())  # type: ignore[attr-defined]

    def _offer_authors(self, minutes: Minutes) -> None:
        people = minutes.meeting.invitations.with_people()
        field = self.fields["author"]
        field.queryset = people  # type: ignore[attr-defined]
        field.empty_label = None if self.own is None else "Me"  # type: ignore[attr-defined]
        field.label_from_instance = _invited_name  # type: ignore[attr-defined]
        field.required = self.own is None

    def clean_uid(self) -> uuid.UUID:
        return _uuid(self.cleaned_data["uid"])

    def clean_once(self) -> uuid.UUID:
        return _uuid(self.cleaned_data["once"])

    def make_layout(self) -> list[Any]:
        who = ["author", Pick("via", across=True)] if "author" in self.fields else []
        return [*who, "text", Pick("kind", across=True), Pick("speaking_for"), "quote"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        author = cleaned.get("author") or self.own
        speaking = cleaned.get("speaking_for")
        for_group = speaking == Comment.SpeakingFor.GROUP
        if for_group and author is not None and author.comes_for is None:
            self.add_error("speaking_for", "This person came for no group. Choose another answer")
        heard = "via" in self.fields and author is not None and author != self.own
        if heard and not cleaned.get("via") and "via" not in self.errors:
            self.add_error("via", "Choose how it reached you")
        cleaned["author"] = author
        return cleaned


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise forms.ValidationError("Open this page afresh, then write your comment") from None


def _invited_name(invitation: Invitation) -> str:
    return f"{invitation.person.name}, {invitation.on_behalf_of}"


class AnswerForm(Form):
    """Is it a fair record? A reason goes with “not yet”."""

    prefix = "a"
    version = forms.IntegerField(widget=forms.HiddenInput, max_value=9999)
    answer = forms.ChoiceField(choices=Agreement.Answer.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    labels = {"answer": "Is this a fair record?", "reason": "If not yet: what has to change?"}
    words = {"answer": "Choose your answer"}
    form_tag = False
    layout = [Pick("answer", quiet=True), "reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        not_yet = cleaned.get("answer") == Agreement.Answer.NOT_YET
        if not_yet and not str(cleaned.get("reason", "")).strip():
            self.add_error("reason", "Say what has to change, in a few words")
        if not not_yet:
            cleaned["reason"] = ""
        return cleaned


class AnswerForForm(AnswerForm):
    """An answer that came by phone or letter, written down by the coordinator."""

    prefix = "f"
    invitation = forms.ModelChoiceField(Invitation.objects.none(), empty_label="Choose a person")
    via = via_field()

    labels = {**AnswerForm.labels, "invitation": "Who answered?", "answer": "What did they say?"}
    words = {"invitation": "Choose who answered", "answer": "Choose what they said"}
    layout = ["invitation", Pick("via", across=True), Pick("answer"), "reason"]

    def __init__(self, *args: Any, minutes: Minutes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["invitation"]
        field.queryset = minutes.meeting.invitations.with_people().attended()  # type: ignore[attr-defined]
        field.label_from_instance = _invited_name  # type: ignore[attr-defined]


class SettleForm(Form):
    """What became of one comment: changed, or not and why; a question can just be answered."""

    outcome = forms.ChoiceField(choices=(), widget=forms.RadioSelect)
    reason = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    labels = {"outcome": "What became of it?", "reason": "What do you want to say about it?"}
    hints = {"reason": "Needed unless you changed the text. The person who wrote it reads this."}
    words = {"outcome": "Choose what became of this comment"}
    layout = [Pick("outcome", across=True), "reason"]
    form_tag = False

    def __init__(self, *args: Any, kind: str, late: bool = False, **kwargs: Any) -> None:
        """``late``: made after agreement, so the text isn't changed by it."""
        super().__init__(*args, **kwargs)
        outcome = Comment.Outcome
        fitting = [outcome.CHANGED, outcome.NOT_CHANGED]
        if kind == Comment.Kind.QUESTION:
            fitting.insert(0, outcome.ANSWERED)
        if late:
            fitting = [outcome.NEXT_MEETING, outcome.ANSWERED]
            hint = "Needed if you answer it now. The person who wrote it reads this."
            self.fields["reason"].help_text = hint
        field: Any = self.fields["outcome"]
        field.choices = [(each.value, each.label) for each in fitting]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        needed = {
            Comment.Outcome.NOT_CHANGED: "Say why nothing was changed",
            Comment.Outcome.ANSWERED: "Write the answer to the question",
        }
        words = needed.get(cleaned.get("outcome", ""))
        if words and not str(cleaned.get("reason", "")).strip():
            self.add_error("reason", words)
        return cleaned


class CorrectCommentForm(Form):
    """What its author really said."""

    text = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))

    labels = {"text": "What did you say?"}
    hints = {"text": "Please name no child."}
    words = {"text": "Write what you said"}
    submit = "Put it right"


class PublishForm(Form):
    """The task list before publishing, and the decision that a parents’ meeting needs."""

    tasks = forms.MultipleChoiceField(
        required=False, choices=(), widget=forms.CheckboxSelectMultiple
    )
    parents_decided = forms.BooleanField(required=False)

    labels = {
        "tasks": "Before publishing",
        "parents_decided": "The parents decided that everyone may read these minutes",
    }
    hints = {
        "parents_decided": "This was a parents’ meeting. Without their decision its minutes stay "
        "private."
    }

    def __init__(self, *args: Any, parents_only: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parents_only = parents_only
        if not parents_only:
            del self.fields["parents_decided"]
        self.fields["tasks"].choices = [  # type: ignore[attr-defined]
            (
                task.value,
                f"{task.label} (needed)" if task in PublicationTick.REQUIRED else task.label,
            )
            for task in PublicationTick.Task
        ]

    def make_layout(self) -> list[Any]:
        extra = ["parents_decided"] if self.parents_only else []
        save = Button("Save the list", name="do", value="save", look="quiet")
        return [
            Pick("tasks"),
            *extra,
            Buttons(Button("Publish for everyone", name="do", value="publish"), save),
        ]


class WithdrawForm(Form):
    """Why published minutes are taken from public view."""

    reason = forms.CharField(max_length=300)

    labels = {"reason": "Why are they withdrawn?"}
    hints = {"reason": "Everyone can read this reason on the meeting’s page."}
    words = {"reason": "Say why they are withdrawn"}

    def __init__(self, *args: Any, back: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.back = back

    def make_layout(self) -> list[Any]:
        return [
            Field("reason"),
            Buttons(Button("Withdraw these minutes"), Link("Go back", self.back)),
        ]


def fresh_comment(uid: str, version: int, *, own: bool) -> dict[str, Any]:
    """What a comment form begins with: its paragraph, its version, a number used once.

    ``own``: nobody else’s words can be written into it. Then writing and sending is enough: the
    kind is the one that its box asks for, and nobody speaks for others without saying so.
    """
    fresh = {"uid": uid, "version": version, "once": uuid.uuid4()}
    if own:
        fresh |= {"kind": Comment.Kind.WORDS, "speaking_for": Comment.SpeakingFor.MYSELF}
    return fresh
