"""Headings and their sums, and where things without a heading belong."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coprod.exceptions import TransitionNotAllowed
from coprod.models import AuditEvent
from expenses.models import Allocation, Heading, Line, Recognition, VoucherBatch
from expenses.services.locks import lock

#: What may fall under a heading by itself: kinds of line, and thank-yous that cost money.
KINDS: dict[str, str] = {
    **{kind.value: str(kind.label) for kind in Line.Kind if kind != Line.Kind.TOP_UP},
    **{
        kind.value: f"{kind.label}s"
        for kind in (Recognition.Kind.HONORARIUM, Recognition.Kind.VOUCHER)
    },
}
#: A set to begin with: (name, what falls under it, ring-fenced, for people without e-mail).
USUAL: tuple[tuple[str, tuple[str, ...], bool, bool], ...] = (
    (
        "Travel and parking",
        ("car", "motorcycle", "bicycle", "transport", "taxi", "parking"),
        False,
        False,
    ),
    ("Childcare and replacement care", ("childcare", "care"), False, False),
    ("Food and drink", ("meal",), False, False),
    ("Phone, printing and other costs", ("phone", "printing", "other"), False, False),
    ("Thank-yous", ("honorarium", "voucher"), False, False),
    ("Rooms and events", (), False, False),
    ("Reaching people without e-mail", (), True, True),
)


def _refuse_clash(
    *, name: str, kinds: Iterable[str], for_no_email: bool, but: Heading | None = None
) -> None:
    """One heading a name, a kind of line, and for people without e-mail."""
    others = Heading.objects.select_for_update().order_by("pk")
    for other in others:
        if but is not None and other.pk == but.pk:
            continue
        if other.name.casefold() == name.casefold():
            raise TransitionNotAllowed(f"There is a heading called “{other.name}” already.")
        if other.ended_at is not None:
            continue
        if for_no_email and other.for_no_email:
            raise TransitionNotAllowed(
                f"“{other.name}” is already the heading for people without e-mail."
            )
        if twice := [kind for kind in kinds if kind in other.kinds]:
            label = KINDS[twice[0]]
            raise TransitionNotAllowed(f"“{label}” already falls under “{other.name}”.")


@transaction.atomic
def add_heading(
    *,
    name: str,
    kinds: Iterable[str],
    is_ring_fenced: bool,
    for_no_email: bool,
    by: Any,
    at: datetime | None = None,
) -> Heading:
    """Add a heading. Raises TransitionNotAllowed where it clashes with another."""
    kinds = list(kinds)
    _refuse_clash(name=name, kinds=kinds, for_no_email=for_no_email)
    heading = Heading.objects.create(
        name=name,
        kinds=kinds,
        is_ring_fenced=is_ring_fenced,
        for_no_email=for_no_email,
        position=Heading.objects.count(),
    )
    AuditEvent.record("add_heading", heading, by=by, at=at, kinds=kinds)
    return heading


@transaction.atomic
def add_usual_headings(*, by: Any, at: datetime | None = None) -> list[Heading]:
    """The set to begin with, where there is no heading yet; otherwise nothing."""
    if Heading.objects.select_for_update().exists():
        return []
    return [
        add_heading(
            name=name, kinds=kinds, is_ring_fenced=fenced, for_no_email=no_email, by=by, at=at
        )
        for name, kinds, fenced, no_email in USUAL
    ]


@transaction.atomic
def change_heading(
    *,
    heading: Heading,
    name: str,
    kinds: Iterable[str],
    is_ring_fenced: bool,
    for_no_email: bool,
    by: Any,
    at: datetime | None = None,
) -> Heading:
    """Change what falls under a heading from now on. Lines that stand under one stay there.

    Raises TransitionNotAllowed where it clashes with another, or has been ended.
    """
    kinds = list(kinds)
    heading = lock(heading)
    if heading.ended_at is not None:
        raise TransitionNotAllowed("This heading has been ended.")
    _refuse_clash(name=name, kinds=kinds, for_no_email=for_no_email, but=heading)
    heading.name, heading.kinds = name, kinds
    heading.is_ring_fenced, heading.for_no_email = is_ring_fenced, for_no_email
    fields = ["name", "kinds", "is_ring_fenced", "for_no_email"]
    heading.save(update_fields=fields)
    AuditEvent.record("change_heading", heading, by=by, at=at, fields=fields, kinds=kinds)
    return heading


@transaction.atomic
def end_heading(*, heading: Heading, by: Any, at: datetime | None = None) -> None:
    """Nothing falls under it any more; years in which it counted still show it."""
    now = at or timezone.now()
    heading = lock(heading)
    if heading.ended_at is not None:
        raise TransitionNotAllowed("This heading has been ended already.")
    heading.ended_at, heading.ended_by = now, by
    heading.save(update_fields=["ended_at", "ended_by"])
    AuditEvent.record("end_heading", heading, by=by, at=now)


@transaction.atomic
def set_allocation(
    *,
    heading: Heading,
    year: int,
    pence: int,
    from_whom: str = "",
    note: str = "",
    instead_of: int | None,
    by: Any,
    at: datetime | None = None,
) -> Allocation:
    """Give a heading its sum for a year. The one before it is replaced and stays readable.

    ``instead_of``: the row that whoever sets it has seen, None where there was none. Raises
    TransitionNotAllowed where somebody set another meanwhile.
    """
    now = at or timezone.now()
    heading = lock(heading)
    current = Allocation.objects.filter(heading=heading, year=year, replaced_at=None).first()
    said = (pence, from_whom, note)
    if current is not None and (current.pence, current.from_whom, current.note) == said:
        return current
    if (current.pk if current else None) != instead_of:
        raise TransitionNotAllowed(
            "Somebody has set this sum meanwhile. Look at it, then set yours."
        )
    if current is not None:
        current.replaced_at, current.replaced_by = now, by
        current.save(update_fields=["replaced_at", "replaced_by"])
    made = Allocation.objects.create(
        heading=heading,
        year=year,
        pence=pence,
        from_whom=from_whom,
        note=note,
        set_at=now,
        set_by=by,
    )
    was = current.pence if current else None
    AuditEvent.record(
        "set_allocation", made, by=by, at=now, heading=heading.pk, year=year, was=was, pence=pence
    )
    return made


@transaction.atomic
def put_under(*, keys: Iterable[str], heading: Heading, by: Any, at: datetime | None = None) -> int:
    """Put what stands under no heading under this one; ``keys`` as ``budget.loose`` names it.

    What somebody has put elsewhere meanwhile stays there. Returns how many were put.
    """
    if lock(heading).ended_at is not None:
        raise TransitionNotAllowed("This heading has been ended.")
    wanted: dict[str, list[int]] = {"line": [], "thanks": [], "batch": []}
    for key in keys:
        kind, _, pk = key.partition("-")
        wanted[kind].append(int(pk))
    put = 0
    models: tuple[tuple[str, Any], ...] = (
        ("line", Line),
        ("thanks", Recognition),
        ("batch", VoucherBatch),
    )
    for kind, model in models:
        free = model.objects.filter(pk__in=wanted[kind], heading=None)
        found = list(free.values_list("pk", flat=True))
        put += model.objects.filter(pk__in=found, heading=None).update(heading=heading)
        if found:
            AuditEvent.record(
                "put_under_heading", heading, by=by, at=at, model=model._meta.label, rows=found
            )
    return put
