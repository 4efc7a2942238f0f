"""Numbers of a claim in one text box each: sums, miles and hours, as people write them."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from coprod.forms.words import sentence
from expenses.forms.pounds import PoundsField


class Cost(PoundsField):
    """A sum in pounds whose errors name what it is for."""

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        if re.fullmatch(r"£?\s*\d+,\d{1,2}", text):
            raise ValidationError(f"{self._name}: write a point, such as 3.20")
        try:
            return super().clean(value)
        except ValidationError as error:
            words = str(error.messages[0])
            raise ValidationError(f"{self._name}: {words[:1].lower()}{words[1:]}") from None

    @property
    def _name(self) -> str:
        return sentence(str(self.label))


class _Number(forms.CharField):
    """A number that may carry its unit."""

    units = ""
    example = ""
    places = 1
    most = Decimal(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        text = re.sub(rf"\s*({self.units})\.?$", "", str(super().clean(value)).strip().lower())
        if not text:
            return None
        text = text.replace("½", ".5").replace("¼", ".25").replace("¾", ".75")
        if not re.fullmatch(rf"\d{{0,4}}(\.\d{{1,{self.places}}})?", text) or text == "":
            raise ValidationError(f"Enter {self.example}")
        number = Decimal(text)
        if number <= 0:
            raise ValidationError(f"Enter {self.example}")
        if number > self.most:
            raise ValidationError(f"That is more than {self.most}: enter {self.example}")
        return number


class Miles(_Number):
    units, places, most = "miles?|mi", 1, Decimal(999)
    example = "miles as a number, such as 12 or 7.5"


class Hours(_Number):
    units, places, most = "hours?|hrs?|h", 2, Decimal(24)
    example = "hours as a number, such as 3 or 2.5"

    def clean(self, value: Any) -> Any:
        """``2:30`` as well."""
        if found := re.fullmatch(r"\s*(\d{1,2}):([0-5]\d)\s*", str(value or "")):
            value = f"{Decimal(found[1]) + (Decimal(found[2]) / 60):.2f}"
        return super().clean(value)
