"""Many small tables about one thing, read in one question.

A page of one project shows a dozen short lists. Each by itself is a journey to the database;
together they are one: every row as a JSON object, put together by UNION ALL, and made into
rows of their models again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import JSONObject

#: A queryset, and which of its columns are read; none named: all of them.
Wanted = tuple[models.QuerySet[Any], Sequence[str]]


def read(wanted: Mapping[str, Wanted]) -> dict[str, list[Any]]:
    """Rows by name, each list in its model's order. One question."""
    parts = [_part(name, queryset, columns) for name, (queryset, columns) in wanted.items()]
    found: dict[str, list[Any]] = {name: [] for name in wanted}
    first, *others = parts
    for name, row in first.union(*others, all=True):
        queryset, columns = wanted[name]
        found[name].append(_instance(queryset, columns, row))
    for name, (queryset, _) in wanted.items():
        _sort(found[name], queryset.model._meta.ordering)
    return found


def keep(thing: models.Model, name: str, rows: Iterable[Any]) -> None:
    """Let ``thing.name.all()`` answer with these rows, as after a prefetch."""
    kept: dict[str, Any] = thing.__dict__.setdefault("_prefetched_objects_cache", {})
    queryset = getattr(thing, name).all()
    queryset._result_cache = list(rows)
    queryset._prefetch_done = True
    kept[name] = queryset


def _columns(model: type[models.Model], columns: Sequence[str]) -> list[Any]:
    fields = model._meta.concrete_fields
    return [field for field in fields if not columns or field.attname in columns]


def _part(name: str, queryset: models.QuerySet[Any], columns: Sequence[str]) -> Any:
    names = [field.attname for field in _columns(queryset.model, columns)]
    row = JSONObject(**{each: F(each) for each in names})
    word = Value(name, output_field=models.CharField())
    return (
        queryset.order_by().annotate(the_word=word, the_row=row).values_list("the_word", "the_row")
    )


def _instance(queryset: models.QuerySet[Any], columns: Sequence[str], row: Any) -> Any:
    fields = _columns(queryset.model, columns)
    values = [_value(field, row[field.attname]) for field in fields]
    return queryset.model.from_db(queryset.db, [field.attname for field in fields], values)


def _value(field: Any, value: Any) -> Any:
    """As the column's own converters would have read it."""
    if value is None:
        return None
    if isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(value)
        # SQLite keeps moments in UTC without saying so.
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if isinstance(field, models.JSONField):
        return json.loads(value) if isinstance(value, str) else value
    return field.to_python(value)


def _sort(rows: list[Any], ordering: Iterable[Any]) -> None:
    for name in reversed([str(each) for each in ordering]):
        attribute = name.removeprefix("-")
        rows.sort(key=lambda row: _key(row, attribute), reverse=name.startswith("-"))


def _key(row: Any, attribute: str) -> Any:
    field = None if attribute == "pk" else row._meta.get_field(attribute)
    return row.pk if field is None else getattr(row, field.attname)
