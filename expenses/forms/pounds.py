"""A sum of money in one text box: typed as people write it, kept as whole pence."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod.templatetags.forum import pence as in_pounds

_SUM = re.compile(r"£?\s*(\d{1,7})(?:\.(\d{1,2}))?\s*")


class PoundsField(forms.CharField):
    """``12``, ``12.5``, ``£12.50``, ``1,200``: the value is pence. ``most`` in pence too.

    Lay it out with ``Field("…", width=5, prefix="£")``.
    """

    def __init__(self, *, least: int = 1, most: int = 1_000_000, **kwargs: Any) -> None:
        self.least, self.most = least, most
        kwargs.setdefault("max_length", 20)
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("inputmode", "decimal")
        self.widget.attrs.setdefault("autocomplete", "off")

    def prepare_value(self, value: Any) -> Any:
        """Pence as people write them; what was typed stays as it is."""
        return f"{Decimal(value) / 100:.2f}".removesuffix(".00") if type(value) is int else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = _SUM.fullmatch(text.replace(",", "").strip())
        if found is None:
            raise ValidationError("Enter a sum in pounds, such as 12 or 12.50")
        pence = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
        if pence < self.least:
            raise ValidationError(f"Enter a sum of at least {in_pounds(self.least)}")
        if pence > self.most:
            raise ValidationError(f"Enter a sum of at most {in_pounds(self.most)}")
        return pence
