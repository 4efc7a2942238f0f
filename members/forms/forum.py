"""Forms about the forum itself: its settings, its set-up, and its messages."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from coprod.forms import MONTH_NAMES, Field, Group, ModelForm, Side
from coprod.models import Forum
from members.forms.accounts import LONG
from members.forms.people import check_phone
from members.models import Person

#: Levels by their usual names; the ladder's own page has those that the forum chose.
LEVELS = list(enumerate(("Information", "Consultation", "Participation", "Co-production"), 1))
#: Rules counted in days: what each means and how many are sensible.
DAYS = {
    "invitation_days": ("Invitations go out this many days before a meeting", 7, 90),
    "agenda_days": ("The agenda goes out this many days before a meeting", 1, 60),
    "minutes_days": ("Draft minutes go out within this many days after a meeting", 1, 60),
    "comment_days": ("Comments are open for this many days", 1, 60),
    "again_days": ("After a changed version, answers are open for this many days", 1, 60),
}
#: Rules of projects in days.
PROJECT_DAYS = {
    "quiet_days": ("A project has gone quiet after this many days without news", 7, 365),
    "reply_days": ("Parents hear what became of their views within this many days", 7, 365),
}
#: Every number, with what it may be.
LIMITS = {
    **{name: (least, most) for name, (_, least, most) in {**DAYS, **PROJECT_DAYS}.items()},
    "seat_cap": (1, 3),
    "agree_share": (1, 100),
    "parents_share": (0, 100),
    "ladder_sessions": (1, 20),
    "ladder_share": (1, 100),
}


class ForumForm(ModelForm):
    """Everything that a forum can decide about itself."""

    class Meta:
        model = Forum
        fields = [
            "name",
            "tagline",
            "area",
            "intro",
            "about",
            "phone",
            "hours",
            "email",
            "address",
            "own_child_help",
            "seat_cap",
            *DAYS,
            "agree_share",
            "agree_every_group",
            "agree_at_next",
            "parents_share",
            *PROJECT_DAYS,
            "ladder_sessions",
            "ladder_share",
            "logo_level",
            "year_begins",
            "second_factor",
        ]

    logo_level = forms.TypedChoiceField(choices=LEVELS, coerce=int)
    year_begins = forms.TypedChoiceField(choices=list(enumerate(MONTH_NAMES, 1)), coerce=int)

    labels = {
        "name": "The forum’s name",
        "tagline": "The line beneath the name",
        "area": "The area",
        "intro": "One short paragraph for the home page",
        "about": "About the forum",
        "phone": "Phone number",
        "hours": "When somebody answers",
        "email": "E-mail address",
        "address": "Postal address",
        "own_child_help": "Who can help with one’s own child",
        "seat_cap": "Seats of each group, at most",
        "agree_share": "How many of those present must say that it is a fair record",
        "agree_every_group": "At least one from each group that was there",
        "agree_at_next": "The next meeting may confirm minutes that aren’t agreed by then",
        "parents_share": "How many of those in the room should be parents, at least",
        "second_factor": "Those who run the forum use a second step when they sign in",
        "ladder_sessions": "Participation needs this many sessions of parents and officers",
        "ladder_share": "Co-production needs this many parents among those in the sessions",
        "logo_level": "A document may carry the logo from this level on, once you confirm it",
        "year_begins": "A year such as 2026/27 begins in",
        **{name: words for name, (words, _, _) in {**DAYS, **PROJECT_DAYS}.items()},
    }
    hints = {
        "intro": "",
        "again_days": "",
        "agree_share": "50 is half, 67 is two thirds, 100 is everybody",
        "agree_every_group": "So that no group’s minutes are agreed without it",
        "agree_at_next": "Then it is an item there. Everybody who said “not yet” is heard first",
        "area": "Such as a borough or county",
        "about": "Who you are and what you do. A blank line begins a new paragraph",
        "hours": "Such as Monday to Thursday, 9:30am to 2:30pm",
        "own_child_help": "One on each line: name, then a comma, then its web address",
        "seat_cap": "Three at most, so that no group outweighs another. One of them may be staff",
        "parents_share": "With fewer, the minutes say so",
        "quiet_days": "Its lead officer is asked then",
        "reply_days": "After that, views count as unanswered and the level can fall",
        "ladder_sessions": "",
        "ladder_share": "33 is a third, 50 is half",
        "logo_level": "Permissions that were given stay as they are",
        "year_begins": "For projects whose dates are written that way",
        "second_factor": "Coordinator, treasurer and administrator: a code from an app or a "
        "passkey, after the one by e-mail. Everybody else may",
    }
    words = {
        "name": "Enter the forum’s name",
        "area": "Enter the area",
        "tagline": "Enter the line beneath the name",
    }
    submit = "Save the settings"
    layout = [
        Group("Who you are", "name", "tagline", "area", "intro", Field("about"), heading=True),
        Group(
            "How people reach you",
            Field("phone", width=20),
            "hours",
            "email",
            "address",
            "own_child_help",
            heading=True,
        ),
        Group(
            "Promises",
            *[Field(name, width=3, suffix="days") for name in DAYS],
            heading=True,
            hint="A change counts from the next meeting or version. What is under way keeps the "
            "rule it began with.",
        ),
        Group(
            "Agreeing minutes",
            Field("agree_share", width=3, suffix="%"),
            "agree_every_group",
            "agree_at_next",
            heading=True,
            hint="A change counts from the next version that goes out.",
        ),
        Group(
            "Balance",
            Field("seat_cap", width=2),
            Field("parents_share", width=3, suffix="%"),
            heading=True,
        ),
        Group(
            "Projects",
            *[Field(name, width=3, suffix="days") for name in PROJECT_DAYS],
            Field("ladder_sessions", width=3, suffix="sessions"),
            Field("ladder_share", width=3, suffix="%"),
            "logo_level",
            "year_begins",
            heading=True,
            hint="What a level needs counts from the next quarter. Past quarters keep the rule "
            "they had.",
        ),
        Group("Signing in", "second_factor", heading=True),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (least, most) in LIMITS.items():
            self._limit(name, least, most)
        self.fields["phone"].validators.append(check_phone)
        self.fields["intro"].widget.attrs["rows"] = 3
        self.fields["own_child_help"].widget.attrs["rows"] = 4

    def _limit(self, name: str, least: int, most: int) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.IntegerField)
        field.min_value, field.max_value = least, most
        field.error_messages["required"] = f"Enter a number from {least} to {most}"
        field.widget.attrs |= {"inputmode": "numeric"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, (least, most) in LIMITS.items():
            number = cleaned.get(name)
            if number is not None and not least <= number <= most and name not in self.errors:
                self.add_error(name, f"Enter a number from {least} to {most}")
        if (cleaned.get("agenda_days") or 0) > (cleaned.get("invitation_days") or 999):
            self.add_error(
                "agenda_days", "The agenda can’t go out before the invitations: enter fewer days"
            )
        return cleaned


class SetUpForm(ModelForm):
    """An empty forum and the first person in it."""

    class Meta:
        model = Forum
        fields = ["name", "area", "phone", "email"]

    your_name = forms.CharField(label="Your name", max_length=120)
    your_email = forms.EmailField(label="Your e-mail address", help_text="You sign in with it")
    password = forms.CharField(
        label="Password",
        help_text=LONG,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    labels = {
        "name": "The forum’s name",
        "area": "The area that it is for",
        "phone": "Its phone number",
        "email": "Its e-mail address",
    }
    hints = {
        "area": "Such as a borough or county",
        "phone": "Shown on every page. You can add it later",
        "email": "Answers to letters go there. You can add it later",
    }
    words = {
        "name": "Enter the forum’s name",
        "area": "Enter the area that the forum is for",
        "your_name": "Enter your name",
        "your_email": "Enter your e-mail address",
        "password": "Enter a password of at least 10 characters",
    }
    layout = [
        Group("The forum", "name", "area", Side("phone", "email"), heading=True),
        Group("You", "your_name", "your_email", "password", heading=True),
    ]
    submit = "Set up the forum"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].validators.append(check_phone)

    def clean_your_email(self) -> str:
        email: str = self.cleaned_data["your_email"].lower()
        if Person.objects.filter(email=email).exists():
            raise ValidationError("Somebody has this address already", code="taken")
        return email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password
