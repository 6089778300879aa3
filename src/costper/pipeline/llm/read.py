"""Reads sums of calls from a roll-up, whose rows of one key may stand more than once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costper.economics.calls import SUMMED, Used, added
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import COLUMNS, Chosen, conditions

HOURLY = "call_hourly"
USER_DAILY = "user_daily"
USER_HOURLY = "user_hourly"
LATENCY = "latency_daily"
LINES = "calls"
MONEY = ("call_cost", "cost")
Key = tuple[Any, ...]


def sums_sql(table: str, names: Sequence[str] = SUMMED) -> dict[str, str]:
    """Write the sums of the measures a roll-up keeps."""
    return {name: sum_sql(name) for name in names if name in COLUMNS[table]}


def sum_sql(name: str) -> str:
    """Write one sum; where nothing is known of the cost it is zero, and Used says it is null."""
    total = f"coalesce(sum({quoted(name)}), 0)"
    return total if name in MONEY else f"CAST({total} AS BIGINT)"


def used_of(row: Mapping[str, Any]) -> Used:
    """Take the sums out of a row."""
    return Used(**{name: row[name] for name in SUMMED if row.get(name) is not None})


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls a question is about: which of them, of which days."""

    frame: Frame
    chosen: Chosen
    period: Period

    def where(self, table: str, bound: Bound) -> tuple[str, ...]:
        """Write which rows of a roll-up they are in; UserError where it cannot tell."""
        return conditions(self.chosen, self.frame.books.settings, table, self.period, bound)


def read_by(
    calls: Calls,
    table: str,
    keys: Mapping[str, str],
    where: Sequence[str] = (),
    bound: Bound | None = None,
    names: Sequence[str] = SUMMED,
) -> dict[Key, Used]:
    """Give the sums of `names` by keys, which map a name to its SQL; `where` says more of rows."""
    bound = bound or Bound()
    select = Select(
        columns={**keys, **sums_sql(table, names)},
        table=table,
        where=(*calls.where(table, bound), *where),
        group=tuple(keys),
    )
    return {
        tuple(row[name] for name in keys): used_of(row) for row in ask(calls.frame, select, bound)
    }


def read_few(
    calls: Calls, table: str, columns: Sequence[str], where: Sequence[str], bound: Bound
) -> dict[Key, Used]:
    """Give the sums by columns of rows that are few, and nearly all of a key of their own.

    They are added up here: to plan fifteen sums takes the engine as long as to read the rows.
    """
    measures = {name: quoted(name) for name in SUMMED if name in COLUMNS[table]}
    select = Select(
        columns={**by_columns(*columns), **measures},
        table=table,
        where=(*calls.where(table, bound), *where),
    )
    found: dict[Key, list[Used]] = {}
    for row in ask(calls.frame, select, bound):
        found.setdefault(tuple(row[name] for name in columns), []).append(used_of(row))
    return {key: added(parts) for key, parts in found.items()}


def by_columns(*columns: str) -> dict[str, str]:
    """Give keys that are columns."""
    return {column: quoted(column) for column in columns}


def both_periods(
    frame: Frame, chosen: Chosen, table: str, columns: Sequence[str]
) -> tuple[dict[Key, Used], dict[Key, Used]]:
    """Read the days of a frame and as many before, in one go."""
    bound = Bound()
    keys = {"before": f"day < {bound.bind(frame.period.start)}", **by_columns(*columns)}
    found = read_by(Calls(frame, chosen, frame.span), table, keys, bound=bound)
    now = {key[1:]: used for key, used in found.items() if not key[0]}
    return now, {key[1:]: used for key, used in found.items() if key[0]}


def ask(frame: Frame, select: Select, bound: Bound) -> Iterator[dict[str, Any]]:
    """Ask the marts."""
    yield from frame.books.marts.query(select.text(), bound.values).to_pylist()
