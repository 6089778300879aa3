"""Reads the distinct words of a month in Python and hands their meaning back to the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import cast

import pyarrow as pa

from costper.allocation.definition import Definition
from costper.allocation.dimension import Resolved, columns_read, resolver
from costper.allocation.match import NO_RULE, all_hold, first_match, keys_of
from costper.allocation.sql_stage import Numbered, words
from costper.model.allocation import Match
from costper.model.dimension import UNTAGGED, normal
from costper.model.names import quoted
from costper.store.engine import Engine, Parameters

CHARGE_DAILY = "charge_daily"
Columns = dict[str, list[object]]


def handed_over(engine: Engine, name: str, columns: Columns, schema: pa.Schema) -> None:
    """Put small rows aside on the engine, as a scratch table of this session.

    Offered names are seen by every thread, so the offer has a name of this thread.
    """
    offered = f"{name}_{threading.get_ident()}"
    engine.offer(offered, pa.table(columns, schema=schema))
    engine.keep(name, f"SELECT * FROM {quoted(offered)}")


def text_schema(names: Iterable[str], **others: pa.DataType) -> pa.Schema:
    """Describe columns of text, and others of the type given."""
    fields = [pa.field(name, pa.string()) for name in names]
    return pa.schema([*fields, *(pa.field(name, kind) for name, kind in others.items())])


class Reader:
    """Reads words, remembering what it has read: months have most of their words in common."""

    def __init__(self, definition: Definition) -> None:
        first = definition.of_stage(1)
        self.definition = definition
        self._resolve = resolver(definition.dimensions, first)
        self._seen: dict[tuple[str, ...], Resolved] = {}
        self.used = _used(definition, first)
        self.names = definition.names

    def read(self, engine: Engine, name: str, params: Parameters) -> None:
        """Put a month's words aside with their meaning: source, used columns, dim_*, rule."""
        found = engine.query(words(CHARGE_DAILY, self.used), params)
        rows = rows_of(found, ("source", *self.used))
        meanings = [self._meaning(row) for row in rows]
        columns: Columns = {
            column: [row[place] for row in rows]
            for place, column in enumerate(("source", *self.used))
        }
        for place, dimension in enumerate(self.names):
            columns[f"dim_{dimension}"] = [one.values[place] for one in meanings]
        columns["rule"] = [one.rule for one in meanings]
        schema = text_schema((name for name in columns if name != "rule"), rule=pa.int32())
        handed_over(engine, name, columns, schema)

    def _meaning(self, row: tuple[str, ...]) -> Resolved:
        known = self._seen.get(row)
        if known is None:
            raw = dict(zip(("source", *self.used), row, strict=True))
            known = self._seen[row] = self._resolve(raw)
        return known


def _used(definition: Definition, first: Sequence[Numbered]) -> tuple[str, ...]:
    read = columns_read(definition.dimensions, (rule for _, rule in first))
    return tuple(column for column in read if column != "source")


def leg_columns(keys: Iterable[str], names: Sequence[str]) -> tuple[str, ...]:
    """Name the columns of legs that later stages' conditions look at."""
    return tuple(f"dim_{key}" if key in names else key for key in keys)


def read_legs(
    engine: Engine, legs: str, name: str, rules: Sequence[Numbered], names: Sequence[str]
) -> tuple[str, ...]:
    """Put aside which rule of a later stage takes legs with which words; gives the columns."""
    used = leg_columns(keys_of(rule for _, rule in rules), names)
    rows = _distinct(engine, legs, used)
    takes = [first_match(rules, _looked(row, used, names)) for row in rows]
    _hand_over(engine, name, used, rows, takes)
    return used


def read_base(
    engine: Engine, legs: str, name: str, base: Sequence[Match], names: Sequence[str]
) -> tuple[str, ...]:
    """Put aside the words of legs that a rule's `base` holds for; gives the columns."""
    used = leg_columns(dict.fromkeys(match.key for match in base), names)
    rows = [
        row for row in _distinct(engine, legs, used) if all_hold(base, _looked(row, used, names))
    ]
    _hand_over(engine, name, used, rows, [NO_RULE] * len(rows))
    return used


def _looked(row: Sequence[str], used: Sequence[str], names: Sequence[str]) -> Callable[[str], str]:
    """Give the function that looks up a leg's words, as conditions compare them."""
    values = dict(zip(used, row, strict=True))

    def look(key: str) -> str:
        if key in names:
            return values[f"dim_{key}"]
        return normal(values[key]) or UNTAGGED

    return look


def _distinct(engine: Engine, legs: str, used: Sequence[str]) -> list[tuple[str, ...]]:
    if not used:
        return [()]
    columns = ", ".join(quoted(column) for column in used)
    return rows_of(engine.query(f"SELECT DISTINCT {columns} FROM ({legs}) AS l"), used)


def _hand_over(
    engine: Engine,
    name: str,
    used: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    takes: Sequence[int],
) -> None:
    columns: Columns = {column: [row[place] for row in rows] for place, column in enumerate(used)}
    columns["takes"] = list(takes)
    handed_over(engine, name, columns, text_schema(used, takes=pa.int32()))


def rows_of(found: pa.Table, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Give the rows of text columns."""
    lists = [cast("list[str]", found.column(column).to_pylist()) for column in columns]
    return list(zip(*lists, strict=True))
