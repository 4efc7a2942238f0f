"""Copy what everybody reads of each ask from the version that everybody reads."""

import re

from django.db import migrations

_BRACKET = re.compile(r"\s*\(([^()]*)\)\.?\s*$")


def said(paragraph):
    """The words without a closing bracket that says again who answers, by when."""
    text, who, due = paragraph["text"], paragraph.get("who") or "", paragraph.get("due_text") or ""
    bracket = _BRACKET.search(text)
    if bracket is None or not (who or due):
        return text
    told = {who, f"by {due}", f"{who}, by {due}", f"{who} by {due}", f"{who}, {due}"}
    return text[: bracket.start()] if bracket[1].strip() in told else text


def show(apps, schema_editor):
    Minutes, Ask = apps.get_model("meetings", "Minutes"), apps.get_model("meetings", "Ask")
    for minutes in Minutes.objects.filter(shown_version__isnull=False).select_related(
        "shown_version"
    ):
        shown = {
            paragraph["uid"]: paragraph
            for item in minutes.shown_version.public["items"]
            for paragraph in item["paragraphs"]
            if paragraph["kind"] == "ask" and not paragraph["private"]
        }
        asks = Ask.objects.filter(paragraph__section__minutes=minutes).select_related("paragraph")
        for ask in asks:
            read = shown.get(str(ask.paragraph.uid))
            if read is not None:
                ask.shown_in = minutes.shown_version
                ask.shown_text, ask.shown_number = said(read), read["number"]
                ask.shown_who = read.get("who", "")
                ask.save()


class Migration(migrations.Migration):
    dependencies = [("meetings", "0009_asks_as_everyone_reads_them")]

    operations = [migrations.RunPython(show, migrations.RunPython.noop)]
