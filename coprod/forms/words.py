"""What a field says when it is left empty or can't be right."""

from django import forms


def mid(label: str) -> str:
    """A label inside a sentence: "Name" becomes "name", "NHS number" stays."""
    label = label.rstrip("?:. ")
    keep = label[1:2].isupper() or label.startswith(("I ", "I’", "I'"))
    return label if keep else label[:1].lower() + label[1:]


def set_words(field: forms.Field, label: str, required: str | None) -> None:
    """Give the field its own words for what is missing or can't be right.

    Words that a form's author gave in ``error_messages`` stay.
    """
    picked = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    if required:
        field.error_messages["required"] = required
    _put(field, "required", _required(field, label, picked=picked))
    if picked:
        _put(field, "invalid_choice", f"Choose one of the answers shown: {mid(label)}")
    # For e-mail and web addresses the field's words stand before the validator's.
    if isinstance(field, forms.EmailField):
        _put(field, "invalid", "Enter an e-mail address such as name@example.com")
    elif isinstance(field, forms.URLField):
        _put(field, "invalid", "Enter a web address such as https://www.example.org")
    elif isinstance(field, forms.IntegerField):  # decimals and floats are of this kind
        example = "12" if type(field) is forms.IntegerField else "12 or 7.50"
        _put(field, "invalid", f"{sentence(label)}: enter a number, such as {example}")
        _put(field, "min_value", f"{sentence(label)}: enter %(limit_value)s or more")
        _put(field, "max_value", f"{sentence(label)}: enter %(limit_value)s or less")
        _put(field, "max_decimal_places", f"{sentence(label)}: use two digits after the point")
        _put(field, "max_digits", f"{sentence(label)}: that number is too large")


def _required(field: forms.Field, label: str, *, picked: bool) -> str:
    if label.endswith("?"):
        return f"{'Choose an answer to' if picked else 'Answer'} “{label}”"
    if isinstance(field, forms.FileField):
        return f"Choose a file: {mid(label)}"
    if isinstance(field, forms.BooleanField):
        return f"Tick “{label}”"
    return f"{'Choose' if picked else 'Enter'} {mid(label)}"


def _put(field: forms.Field, code: str, words: str) -> None:
    """Say ``words``, unless somebody already chose other words than Django's."""
    standard = [
        kind.__dict__["default_error_messages"][code]
        for kind in type(field).__mro__
        if code in kind.__dict__.get("default_error_messages", {})
    ]
    said = field.error_messages.get(code)
    if said is None or any(said == each for each in standard):
        field.error_messages[code] = words


def sentence(label: str) -> str:
    return label.rstrip("?:. ")
