"""The forms that every app's forms are made from; never an app's field."""

import copy
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from coprod.forms.drawing import PcfBoundField, Renderer
from coprod.forms.layout import Button, Buttons
from coprod.forms.text import LINE_LIMIT, TEXT_LIMIT, one_line
from coprod.forms.words import sentence, set_words

if TYPE_CHECKING:
    _Base = forms.BaseForm
else:
    _Base = object


class PcfFormMixin(_Base):
    """Our look, words and limits for a form. Use ``Form`` or ``ModelForm``, which have it.

    ``words``: per field, what to say when it is left empty. ``hints`` and ``labels``: per field.
    ``layout``: names and layout objects in order; all fields where it is left out.
    ``submit``: the button's label, unless the layout has its own ``Buttons``.
    ``method``: "post" or "get". ``form_tag``: False leaves ``<form>`` and token to the template.
    ``keep``: a name under which the device keeps unsent words.
    """

    words: ClassVar[Mapping[str, str]] = {}
    labels: ClassVar[Mapping[str, str]] = {}
    hints: ClassVar[Mapping[str, str]] = {}
    layout: ClassVar[Sequence[Any]] = ()
    submit: str = "Save"
    method: str = "post"
    form_tag: bool = True
    form_class: str = ""
    form_action: str = ""
    #: Off where losing typed words doesn't matter, such as a filter.
    warn_before_leaving: bool = True
    #: Unsent words stay on the device under this name, unique to the person (see keep.js).
    #: Never for bank details, passwords, codes or what somebody needs.
    keep: str = ""

    use_required_attribute = False
    bound_field_class = PcfBoundField
    default_renderer = Renderer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label or pretty(name))
            field.help_text = self.hints.get(name, field.help_text)
            set_words(field, str(field.label), self.words.get(name))
            if isinstance(field, forms.CharField) and not isinstance(field, forms.JSONField):
                _set_limits(field, str(field.label))

    def make_layout(self) -> Sequence[Any]:
        """The layout of this instance. Override it where the layout depends on the data."""
        return self.layout or [name for name, f in self.fields.items() if not f.widget.is_hidden]

    @property
    def helper(self) -> FormHelper:
        """What ``{% crispy form %}`` asks. Made afresh, because rendering writes into it."""
        helper = FormHelper()
        helper.template_pack = "pcf"
        helper.form_tag, helper.form_method = self.form_tag, self.method
        helper.form_class, helper.form_action = self.form_class, self.form_action
        helper.disable_csrf = self.method == "get" or not self.form_tag
        helper.include_media = False
        helper.render_hidden_fields = True
        helper.attrs = {"novalidate": True}
        if self.warn_before_leaving and self.method == "post":
            helper.attrs["data-typed"] = True
        if self.keep:
            helper.attrs["data-keep"] = self.keep
        things = copy.deepcopy(list(self.make_layout()))
        if self.form_tag and not any(isinstance(thing, Buttons | Button) for thing in things):
            look = "quiet" if self.method == "get" else "primary"
            things.append(Buttons(Button(self.submit, look=look)))
        helper.layout = Layout(*things)
        return helper


class RowsField(forms.ModelMultipleChoiceField):
    """Ticked rows. A number that no database can hold is no choice, like any other odd one."""

    def clean(self, value: Any) -> Any:
        for pk in value if isinstance(value, list | tuple) else ():
            if len(str(pk)) > 18:
                code = "invalid_choice"
                raise ValidationError(self.error_messages[code], code=code, params={"value": "…"})
        return super().clean(value)


class Form(PcfFormMixin, forms.Form):
    """A form of its own, in our look."""


class ModelForm(PcfFormMixin, forms.ModelForm):
    """A form over a model, in our look."""


def pretty(name: str) -> str:
    """``starts_on`` as a label, where nobody wrote one."""
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _set_limits(field: forms.CharField, label: str) -> None:
    """A length limit for every text, and one line where the control has one line."""
    lines = isinstance(field.widget, forms.Textarea)
    if field.max_length is None:
        field.max_length = TEXT_LIMIT if lines else LINE_LIMIT
        field.validators.append(MaxLengthValidator(field.max_length))
    field.error_messages["max_length"] = (
        f"{sentence(label)}: use %(limit_value)d characters or fewer; you have %(show_value)d"
    )
    field.error_messages.setdefault(
        "min_length", f"{sentence(label)}: use %(limit_value)d characters or more"
    )
    if not lines and not isinstance(field.widget, forms.PasswordInput):
        field.validators.append(one_line)


# Somebody else saved first

STALE_WORDS = (
    "Somebody else changed this while you were writing. Nothing is lost: your words are still "
    "here. Look at the newest version, then save again to put yours in its place"
)


class StaleEditMixin(PcfFormMixin):
    """Refuse to overwrite what somebody else saved in between.

    The page carries the number of the edit it was made from; ``current_edit_no`` says what it is
    now (by default the instance's ``edit_no``). The person keeps their words, is told, and can
    save on purpose the second time, because the page then carries the newer number.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edit_no"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
        self.initial["edit_no"] = self.current_edit_no()

    def current_edit_no(self) -> int:
        """The stored thing's edit number now."""
        return int(getattr(getattr(self, "instance", None), "edit_no", 0) or 0)

    @cached_property
    def sent_edit_no(self) -> int | None:
        """The number that the page was made from, for a service that checks under a lock."""
        sent = self.cleaned_data.get("edit_no")
        return int(sent) if sent is not None else None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.sent_edit_no != self.current_edit_no():
            self.add_stale_edit()
        return cleaned

    def add_stale_edit(self, current: int | None = None, words: str = STALE_WORDS) -> None:
        """Say so, and let the page that answers carry the newer number."""
        self.add_error(None, ValidationError(words, code="stale_edit"))
        name = self.add_prefix("edit_no")
        number = self.current_edit_no() if current is None else current
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[name] = str(number)
        self.data = data

    def is_stale(self) -> bool:
        """Whether the error just shown is that somebody else saved first."""
        return self.has_error("__all__", "stale_edit")
