"""What a page of a claim is laid out with, besides the house's own parts."""

from typing import Any

from crispy_forms.layout import LayoutObject
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


class _Part(LayoutObject):
    template = ""

    def __init__(self, *fields: Any) -> None:
        self.fields = list(fields)

    def render(
        self, form: Any, context: Any, template_pack: str = "pcf", **kwargs: Any
    ) -> SafeString:
        inside = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return render_to_string(self.template, {"part": self, "fields": inside})


class Way(_Part):
    """Boxes that only count with some ways of travelling, named as words."""

    template = "expenses/_claim_way.html"

    def __init__(self, ways: str, *fields: Any) -> None:
        super().__init__(*fields)
        self.ways = ways.split()


class Fold(_Part):
    """Boxes that most people leave alone: out of sight until they are opened, without script."""

    template = "expenses/_claim_fold.html"

    def __init__(self, title: str, *fields: Any, is_open: bool = False) -> None:
        super().__init__(*fields)
        self.title, self.is_open = title, is_open
