"""What a form's ``layout`` may hold; never a field's rule."""

from typing import Any

from crispy_forms.layout import Field as CrispyField
from crispy_forms.layout import LayoutObject
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


class Field(CrispyField):
    """A field with something about its look.

    ``width``: characters wide (2, 3, 4, 5, 10, 20). ``prefix``/``suffix``: such as £ or miles.
    ``count``: show how many characters are left of this number. ``across``: options side by side.
    ``heading``: the label or legend is the page's h1. ``quiet``: label for screen readers only.
    """

    def __init__(
        self,
        *fields: str,
        width: int | None = None,
        prefix: str = "",
        suffix: str = "",
        count: int | None = None,
        across: bool = False,
        heading: bool = False,
        quiet: bool = False,
        **attrs: Any,
    ) -> None:
        if width:
            attrs["css_class"] = f"{attrs.get('css_class', '')} govuk-input--width-{width}".strip()
        if count:
            attrs["data_count"] = count
        super().__init__(*fields, **attrs)
        self.look = {
            "prefix": prefix,
            "suffix": suffix,
            "count": count,
            "across": across,
            "heading": heading,
            "quiet": quiet,
        }

    def render(
        self,
        form: Any,
        context: Any,
        template_pack: str = "pcf",
        extra_context: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> SafeString:
        extra = {**(extra_context or {}), "look": self.look}
        html: SafeString = super().render(
            form, context, template_pack, extra_context=extra, **kwargs
        )
        return html


class Pick(Field):
    """Radio or checkbox rows. The same as Field, under the name that says what it looks like."""


class Group(LayoutObject):
    """A fieldset: several questions that belong together, under one legend."""

    def __init__(
        self, legend: str, *fields: Any, hint: str = "", heading: bool = False, sheet: bool = False
    ) -> None:
        self.fields = list(fields)
        self.legend, self.hint, self.heading, self.sheet = legend, hint, heading, sheet

    def render(
        self, form: Any, context: Any, template_pack: str = "pcf", **kwargs: Any
    ) -> SafeString:
        inside = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string("pcf/layout/fieldset.html", {"group": self, "fields": inside})


class Side(LayoutObject):
    """Fields beside each other on wide screens, beneath each other on a phone."""

    def __init__(self, *fields: Any) -> None:
        self.fields = list(fields)

    def render(
        self, form: Any, context: Any, template_pack: str = "pcf", **kwargs: Any
    ) -> SafeString:
        inside = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string("pcf/layout/side.html", {"fields": inside})


class Words:
    """Our own words between fields: a heading or a paragraph, never anything that people typed."""

    def __init__(self, text: str, *, heading: bool = False) -> None:
        self.text, self.heading = text, heading

    def render(self, form: Any, context: Any, template_pack: str = "pcf", **_: Any) -> SafeString:
        return render_to_string("pcf/layout/words.html", {"words": self})


class Button:
    """One button. ``look``: primary (one a page), quiet, tap (words only), sun.

    ``name`` and ``value`` say which of several buttons was pressed.
    """

    def __init__(
        self, label: str, *, name: str = "", value: str = "", look: str = "primary"
    ) -> None:
        self.label, self.name, self.value, self.look = label, name, value, look

    def render(self, form: Any, context: Any, template_pack: str = "pcf", **_: Any) -> SafeString:
        return render_to_string("pcf/layout/button.html", {"button": self})


class Link:
    """A link that stands beside the buttons, such as "Leave without sending"."""

    def __init__(self, label: str, url: str, *, look: str = "tap") -> None:
        self.label, self.url, self.look = label, url, look

    def render(self, form: Any, context: Any, template_pack: str = "pcf", **_: Any) -> SafeString:
        return render_to_string("pcf/layout/link.html", {"link": self})


class Buttons(LayoutObject):
    """A row of buttons and links at the end of a form."""

    def __init__(self, *things: "Button | Link") -> None:
        self.fields = list(things)

    def render(
        self, form: Any, context: Any, template_pack: str = "pcf", **kwargs: Any
    ) -> SafeString:
        inside = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string("pcf/layout/buttons.html", {"fields": inside})
