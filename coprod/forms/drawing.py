"""How a field is drawn, and where the error summary's links lead; never a form."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.forms.renderers import TemplatesSetting
from django.utils.html import strip_tags

from coprod.forms.text import clean_text
from coprod.forms.words import set_words

_CLASSES: list[tuple[type[forms.Widget], str]] = [
    # Django's checkbox list is a kind of radio list, so it is asked first, here and below.
    (forms.CheckboxSelectMultiple, "govuk-checkboxes__input"),
    (forms.RadioSelect, "govuk-radios__input"),
    (forms.CheckboxInput, "govuk-checkboxes__input"),
    (forms.Textarea, "govuk-textarea"),
    (forms.Select, "govuk-select"),
    (forms.FileInput, "govuk-file-upload"),
    (forms.widgets.Input, "govuk-input"),
]


class PcfBoundField(BoundField):
    """A field as a page shows it: our classes, ids that exist, and text cleaned on its way in."""

    def __init__(self, form: Any, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        # Forms that others wrote say "This field is required."; a summary needs to say which.
        set_words(field, str(self.label), None)

    @property
    def kind(self) -> str:
        """Which part of the template pack draws it."""
        widget = self.field.widget
        if isinstance(widget, forms.CheckboxSelectMultiple):
            return "checkboxes"
        if isinstance(widget, forms.RadioSelect):
            return "radios"
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        if isinstance(widget, forms.MultiWidget | forms.SelectDateWidget):
            return "parts"
        if isinstance(widget, forms.ClearableFileInput):
            return "file"
        return "textarea" if isinstance(widget, forms.Textarea) else "input"

    @property
    def first_id(self) -> str:
        """The id of the first control, where a link from the error summary must lead."""
        if self.kind in ("radios", "checkboxes"):
            options = self.subwidgets
            return str(options[0].id_for_label) if options else self.auto_id
        if isinstance(self.field.widget, forms.MultiWidget):
            return f"{self.auto_id}_0"
        return self.id_for_label or self.auto_id

    @property
    def hint_id(self) -> str:
        return f"{self.auto_id}_hint"

    @property
    def error_id(self) -> str:
        return f"{self.auto_id}_error"

    @property
    def count_limit(self) -> int | None:
        """The number of characters to count down from, where a layout asks for that."""
        limit = self.field.widget.attrs.get("data-count")
        return int(limit) if limit else None

    @property
    def aria_describedby(self) -> str | None:
        """Hint, count and error, in reading order, and only those that the page holds."""
        told = []
        if self.help_text:
            told.append(self.hint_id)
        if self.count_limit:
            told.append(f"{self.auto_id}_count")
        if self.errors:
            told.append(self.error_id)
        return " ".join(told) or None

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        # A widget's title or placeholder says again what the label says; placeholders also fade.
        for name in ("placeholder", "title"):
            widget.attrs.pop(name, None)
        if widget.is_hidden:
            return attrs
        attrs.pop("required", None)
        group = self.kind in ("radios", "checkboxes", "parts")
        if group:
            # The group has the description; on each control it would be read out again.
            attrs.pop("aria-describedby", None)
            attrs.pop("aria-invalid", None)
        elif told := self.aria_describedby:
            attrs["aria-describedby"] = told
        css = next((name for kind, name in _CLASSES if isinstance(widget, kind)), "govuk-input")
        classes = [css, str(widget.attrs.get("class", ""))]
        if self.errors and not group:
            classes.append(f"{css}--error")
        attrs["class"] = " ".join(filter(None, dict.fromkeys(" ".join(classes).split())))
        if isinstance(widget, forms.NumberInput):
            # A number box of the browser's own drops "twelve" without a word, and turns by mistake.
            widget.input_type = "text"
            for name in ("step", "min", "max"):
                widget.attrs.pop(name, None)
            whole = type(self.field) is forms.IntegerField
            attrs.setdefault("inputmode", "numeric" if whole else "decimal")
        if isinstance(widget, forms.Textarea):
            # A browser cuts a long paste off without a word; the server's answer keeps it.
            widget.attrs.pop("maxlength", None)
        return attrs

    @property
    def data(self) -> Any:
        value = super().data
        if not isinstance(self.field, forms.CharField) or not isinstance(value, str):
            return value
        if isinstance(self.field.widget, forms.PasswordInput):
            return value
        return clean_text(value, lines=isinstance(self.field.widget, forms.Textarea))


class Renderer(TemplatesSetting):
    """The project's ``FORM_RENDERER``: forms that we don't own, such as allauth's, look alike."""

    form_template_name = "pcf/uni_form.html"
    bound_field_class = PcfBoundField


def summary(*things: forms.BaseForm | BaseFormSet | None) -> list[tuple[str, str]]:
    """(address of the first control, words) for every error; '' where there is no control."""
    found: list[tuple[str, str]] = []
    for thing in things:
        if isinstance(thing, BaseFormSet):
            if thing.is_bound:
                found += [("", str(words)) for words in thing.non_form_errors()]
                found += summary(*thing.forms)
        elif isinstance(thing, forms.BaseForm) and thing.errors:
            found += [("", str(words)) for words in thing.non_field_errors()]
            for name, errors in thing.errors.items():
                if name not in thing.fields:
                    continue
                bound = thing[name]
                link = ""
                if isinstance(bound, PcfBoundField) and not bound.is_hidden:
                    link = f"#{bound.first_id}"
                found += [(link, strip_tags(str(words))) for words in errors]
    return list(dict.fromkeys(found))
