"""Rows in and out with fixed SQL: what every batch of the writer and every new socket needs.

Django's ORM builds its SQL anew for each query, which costs more than the query itself. Here the
text is made once per model and database; fields, converters and models stay Django's.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, models

M = TypeVar("M", bound=models.Model)
Converter = tuple[int, Callable[..., Any], Any]


def fetch(model: type[M], where: str, parameters: Sequence[Any]) -> list[M]:
    """All rows of a model under a condition, as model instances."""
    select, names, converters = _reader(model, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(f"{select} WHERE {where}", parameters)
        rows = cursor.fetchall()
    if converters:
        rows = [_converted(row, converters) for row in rows]
    return [model.from_db(DEFAULT_DB_ALIAS, names, row) for row in rows]


def select(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement as the driver gives them: for numbers and texts."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def in_list(column: str) -> str:
    """The condition that a column is one of a list, which is one parameter (see `a_list`)."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)"
    return f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - a column of ours


def a_list(values: Iterable[int | str | UUID]) -> Any:
    """The parameter that `in_list` wants."""
    if connection.vendor == "postgresql":
        return list(values)
    return json.dumps([v.hex if isinstance(v, UUID) else v for v in values])


def for_update() -> str:
    """The end of a statement that locks the rows it finds; SQLite has locked everything."""
    return " FOR UPDATE" if connection.vendor == "postgresql" else ""


def new(model: type[M], *values: object) -> M:
    """An instance from the values of its columns, the id first; quicker than by their names."""
    return model(*values)


def insert(model: type[M], rows: Sequence[M], *, key: tuple[str, ...] = ()) -> None:
    """Insert rows in one statement.

    With a unique `key` (names of columns) the rows learn their ids. The rows of RETURNING come in
    no promised order, hence the key.
    """
    if not rows:
        return
    start, one, values = _inserter(model, connection.vendor)
    parameters: list[Any] = []
    for row in rows:
        parameters.extend(values(row))
    sql = start + ", ".join([one] * len(rows))
    with connection.cursor() as cursor:
        if not key:
            cursor.execute(sql, parameters)
            return
        cursor.execute(f"{sql} RETURNING {', '.join(key)}, id", parameters)
        ids = {tuple(found[:-1]): found[-1] for found in cursor.fetchall()}
    identify = operator.attrgetter(*key)
    for row in rows:
        row.pk = ids[identify(row)]


def update(model: type[M], fields: tuple[str, ...], rows: Iterable[M]) -> None:
    """One prepared UPDATE for many rows: `bulk_update` builds a CASE per field and row."""
    values = operator.attrgetter(*fields, "pk")
    parameters = [values(row) for row in rows]
    if not parameters:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_updater(model, fields, connection.vendor), parameters)


@cache
def _reader(model: type[models.Model], vendor: str) -> tuple[str, list[str], list[Converter]]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - public in spite of its name
    table = _table(model)
    converters: list[Converter] = []
    for at, field in enumerate(fields):
        column = field.get_col(table)
        found = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
        converters += [(at, convert, column) for convert in found]
    columns = ", ".join(_quote(field.column) for field in fields)
    names = [field.attname for field in fields]
    return f"SELECT {columns} FROM {_quote(table)}", names, converters  # noqa: S608


def _converted(row: tuple[Any, ...], converters: list[Converter]) -> tuple[Any, ...]:
    values = list(row)
    for at, convert, column in converters:
        values[at] = convert(values[at], column, connection)
    return tuple(values)


@cache
def _inserter(
    model: type[models.Model], vendor: str
) -> tuple[str, str, Callable[[models.Model], Iterable[Any]]]:
    fields = [f for f in model._meta.concrete_fields if not f.primary_key]  # noqa: SLF001
    columns = ", ".join(_quote(field.column) for field in fields)
    plain = operator.attrgetter(*(field.attname for field in fields))
    # Binary values are bytes for every driver; a UUID is text where the database has no such type.
    as_text = [
        at
        for at, field in enumerate(fields)
        if isinstance(field, models.UUIDField) and not connection.features.has_native_uuid_field
    ]

    def values(row: models.Model) -> Iterable[object]:
        found = list(plain(row))
        for at in as_text:
            found[at] = found[at].hex
        return found

    start = f"INSERT INTO {_quote(_table(model))} ({columns}) VALUES "  # noqa: S608
    return start, f"({', '.join(['%s'] * len(fields))})", values


@cache
def _updater(model: type[models.Model], fields: tuple[str, ...], vendor: str) -> str:
    sets = ", ".join(f"{_quote(name)} = %s" for name in fields)
    return f"UPDATE {_quote(_table(model))} SET {sets} WHERE id = %s"  # noqa: S608


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 - public in spite of its name


def _quote(name: str | None) -> str:
    return connection.ops.quote_name(name or "")
