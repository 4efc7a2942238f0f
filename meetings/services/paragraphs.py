"""Putting what was typed in a box onto the stored paragraphs and their records.

In a handful of statements, however long the text is; within the transaction and the lock of
``save_section``.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q

from meetings import writing
from meetings.models import ActionItem, Ask, Decision, NamedReader, Paragraph, Section

#: What a save of the box may change in a paragraph.
STORED = [
    *("position", "kind", "text"),
    *("is_private", "private_reason", "public_text", "only_named"),
]


def _stored_values(paragraph: Paragraph) -> list[Any]:
    return [getattr(paragraph, name) for name in STORED]


def store_text(
    section: Section, before: list[Paragraph], written: list[writing.Written], now: datetime
) -> None:
    """Put the new text onto the old paragraphs, retire the ones that are gone."""
    continued = writing.match([p.text for p in before], [w.text for w in written])
    was = {p.pk: _stored_values(p) for p in before}
    stored = []
    for position, (words, old) in enumerate(zip(written, continued, strict=True), 1):
        paragraph = Paragraph(section=section) if old is None else before[old]
        paragraph.position = position
        paragraph.kind = words.kind
        stored.append(paragraph)
    readers = _carry_privacy(section, before, written, continued, stored)
    for paragraph, words in zip(stored, written, strict=True):
        paragraph.text = words.text
    kept = {index for index in continued if index is not None}
    gone = [p.pk for index, p in enumerate(before) if index not in kept]
    Paragraph.objects.filter(pk__in=gone).update(retired_at=now)
    Paragraph.objects.bulk_update(
        [p for p in stored if p.pk and _stored_values(p) != was[p.pk]], STORED
    )
    Paragraph.objects.bulk_create([p for p in stored if not p.pk])
    _keep_readers(stored, readers, now)
    _keep_records(stored, written, gone)


def _carry_privacy(
    section: Section,
    before: list[Paragraph],
    written: list[writing.Written],
    continued: list[int | None],
    stored: list[Paragraph],
) -> dict[int, set[int]]:
    """Keep private what was split off, merged, moved or rewritten from a private paragraph.

    Returns who may read those that hold words for named readers only, by their index.
    """
    elsewhere = list(
        Paragraph.objects.filter(
            Q(is_private=True) | Q(section__item__is_private=True), section__minutes=section.minutes
        )
        .exclude(section=section, retired_at__isnull=True)
        .select_related("section__item")
        .prefetch_related("named_readers", "section__item__named_readers")
    )
    if section.item.is_private:
        elsewhere = [p for p in elsewhere if _named_for(p, section) is not None]
    sources = [*before, *elsewhere]
    slipped = writing.slips(
        [(p.text, p.is_private) for p in before],
        [w.text for w in written],
        continued,
        [p.text for p in elsewhere],
    )
    for index, source in slipped.items():
        origin = sources[source]
        stored[index].is_private = True
        stored[index].private_reason = (
            origin.private_reason or origin.section.item.private_reason or "It was private before."
        )
        stored[index].public_text = ""
    named = {
        index: people
        for index, source in enumerate(sources)
        if (people := _named_for(source, section)) is not None
    }
    return _narrowed([p.text for p in sources], named, written, continued, slipped)


def _named_for(paragraph: Paragraph, section: Section) -> set[int] | None:
    """The only people who may read a paragraph, by itself or by an item that it left; None where
    there is no such list. The list of its own item holds for all that stands there.
    """
    left: Any = [paragraph.section.item] if paragraph.section_id != section.pk else []
    named: set[int] | None = None
    for part in (paragraph, *left):
        if part.only_named:
            people = {reader.person_id for reader in part.named_readers.all()}
            named = people if named is None else named & people
    return named


def _narrowed(
    sources: list[str],
    named: dict[int, set[int]],
    written: list[writing.Written],
    continued: list[int | None],
    slipped: dict[int, int],
) -> dict[int, set[int]]:
    """Who may read the texts that now hold words for named readers: nobody whom a source shut out.

    ``named`` has the readers by source. A text with the words of two is for those of both.
    """
    found: dict[int, set[int]] = {}
    for index, words in enumerate(written):
        old = continued[index]
        was = sources[old] if old is not None else ""
        for source, people in named.items():
            entered = writing.holds_words_of(words.text, sources[source])
            entered = entered and not writing.holds_words_of(was, sources[source])
            if source != old and (entered or slipped.get(index) == source):
                own = found.get(index, named.get(old, people) if old is not None else people)
                found[index] = people & own
    return found


def _keep_readers(stored: list[Paragraph], readers: dict[int, set[int]], now: datetime) -> None:
    """Make the lists of named readers what the words in these paragraphs ask for."""
    for index, people in readers.items():
        paragraph = stored[index]
        paragraph.only_named = True
        paragraph.save(update_fields=["only_named"])
        paragraph.named_readers.exclude(person__in=people).delete()
        NamedReader.objects.bulk_create(
            [NamedReader(paragraph=paragraph, person_id=pk, named_at=now) for pk in people],
            ignore_conflicts=True,
        )


def _record_values(words: writing.Written) -> dict[str, Any]:
    """A record's fields from what was picked out of its line."""
    values: dict[str, Any] = {"text": words.text}
    if words.kind == Paragraph.Kind.ACTION:
        values |= {"owner": words.who[:120]}
    elif words.kind == Paragraph.Kind.ASK:
        values |= {"of_whom": words.who[:120]}
    elif words.kind == Paragraph.Kind.DECISION:
        values |= {"how": words.who[:120]}
    if words.kind in (Paragraph.Kind.ACTION, Paragraph.Kind.ASK):
        values |= {"due_text": words.due_text[:60], "due_on": words.due_on}
    return values


def _keep_records(stored: list[Paragraph], written: list[writing.Written], gone: list[int]) -> None:
    """Make the records agree with the words: one of its kind for each paragraph, or none.

    But an ask with which somebody has done something is kept when its line goes, and waits for
    the coordinator: an answer is never lost with a slip of the pen.
    """
    everything = [p.pk for p in stored] + gone
    for model in (ActionItem, Decision, Ask):
        wanted = {
            p.pk: _record_values(words)
            for p, words in zip(stored, written, strict=True)
            if words.kind == model.WORD
        }
        rows: Any = model._default_manager.filter(paragraph__in=everything)
        unwanted = rows.exclude(paragraph__in=list(wanted))
        (unwanted.bare() if model is Ask else unwanted).delete()
        held = {r.paragraph_id: r for r in rows if r.paragraph_id in wanted}
        for key, values in wanted.items():
            for name, value in values.items():
                setattr(held.setdefault(key, model(paragraph_id=key)), name, value)
        if held:
            fields = list(next(iter(wanted.values())))
            rows.bulk_update([r for r in held.values() if r.pk], fields)
            rows.bulk_create([r for r in held.values() if not r.pk])
