"""Words that are about to be read by more people than they were meant for; never blocking.

The short version is for everyone, and is typed apart from the paragraphs: what is withheld
there can come back here. Also the abbreviations that the public text leaves unexplained.
"""

from typing import Any

from meetings import proofing
from meetings.models import Minutes, Paragraph, Version


def in_short_version(minutes: Minutes, text: str | None = None) -> list[str]:
    """Phrases and names of private paragraphs in the short version as it is, or in ``text``."""
    short = minutes.short_version if text is None else text
    if not short.strip():
        return []
    shut: list[str] = []
    said: list[str] = []
    living = Paragraph.objects.living().filter(section__minutes=minutes)
    for paragraph in living.select_related("section__item"):
        private = paragraph.is_private or paragraph.section.item.is_private
        (shut if private else said).append(paragraph.text)
        said.append(paragraph.public_text)
    return proofing.slipped(short, shut, said)


def in_version(version: Version) -> list[str]:
    """The same in a version that went out: what everyone would read once it is published."""
    shut = [
        paragraph["text"]
        for item in version.full["items"]
        for paragraph in item["paragraphs"]
        if item["private"] or paragraph["private"]
    ]
    said = [p["text"] for item in version.public["items"] for p in item["paragraphs"]]
    return proofing.slipped(version.public["short_version"], shut, said)


def unexplained(rendition: dict[str, Any]) -> list[proofing.Remark]:
    """Abbreviations in a public rendition that it explains nowhere, each where it first stands."""
    texts = [
        proofing.Text(p["number"], p["text"])
        for item in rendition["items"]
        for p in item["paragraphs"]
        if p["text"]
    ]
    texts.append(proofing.Text("", rendition["short_version"]))
    return proofing.look_through(texts).abbreviations
