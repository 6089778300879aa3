"""Sums calls into the tables that answers read: what is new, what is remade, what is packed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from functools import partial
from itertools import groupby

from costper.errors import BooksError
from costper.model.names import quoted
from costper.store.books import Books
from costper.store.call_tables import (
    MEASURES,
    TOKENS,
    call_hourly,
    latency_daily,
    user_daily,
    user_hourly,
)
from costper.store.engine import Ask, Engine, Table, Write

FIRST = "line_no = 0"
"""A call counts once, with its first line."""

SUMS: Mapping[str, str] = {
    "calls": f"COUNT(*) FILTER (WHERE {FIRST})",
    "errors": f"COUNT(*) FILTER (WHERE {FIRST} AND status <> 'ok')",
    "retries": f"COUNT(*) FILTER (WHERE {FIRST} AND attempt > 1)",
    "cached_calls": f"COUNT(*) FILTER (WHERE {FIRST} AND cache_read_tokens > 0)",
    "unpriced_calls": "COUNT(*) FILTER (WHERE cost IS NULL)",
    "estimated_calls": f"COUNT(*) FILTER (WHERE {FIRST} AND estimated)",
    **{name: f"CAST(SUM({name}) AS BIGINT)" for name, _ in TOKENS},
    "latency_calls": f"COUNT(latency_ms) FILTER (WHERE {FIRST})",
    "latency_ms_sum": f"CAST(COALESCE(SUM(latency_ms) FILTER (WHERE {FIRST}), 0) AS BIGINT)",
    "call_cost": "COALESCE(SUM(cost), 0)",
    "cost": "COALESCE(SUM(cost), 0)",
}
"""How each measure comes from lines. A line nobody priced counts, whichever of its call it is."""

OF: Mapping[str, str] = {
    "retries": "attempt",
    "cached_calls": "cache_read_tokens",
    "estimated_calls": "estimated",
    "latency_calls": "latency_ms",
    "latency_ms_sum": "latency_ms",
}
"""What a measure is of, where it is not the column of its own name."""

KEYS: Mapping[str, str] = {
    "user_key": "hash(user_id)",
    "hour": "date_trunc('hour', \"at\")",
    "latency_class": "CAST(floor(ln(greatest(latency_ms, 1)) / ln(1.05)) AS INTEGER)",
}
"""Keys that are not columns of `calls`."""

NONE = "CAST(0 AS BIGINT)"
ORDER = ("user_key", "day", "hour")
MEASURED = frozenset(name for name, _ in MEASURES)
ONLY: Mapping[str, str] = {"latency_daily": f"{FIRST} AND latency_ms IS NOT NULL"}
"""Which lines a roll-up is of, where not all."""

ROLLUPS: tuple[Callable[[], Table], ...] = (call_hourly, user_daily, user_hourly, latency_daily)


def added(where: str, unsaid: Collection[str] = ()) -> list[Write]:
    """Give the writes that add the calls that match to every roll-up.

    `unsaid` are columns in which none of them says anything, so that nothing is to be summed.
    """
    return [Write(table=make().name, select=summed(make(), where, unsaid)) for make in ROLLUPS]


def summed(table: Table, where: str, unsaid: Collection[str] = ()) -> str:
    """Give the SELECT that sums the calls that match into rows of one roll-up."""
    keys = [(name, KEYS.get(name, name)) for name in _keys(table)]
    only = ONLY.get(table.name)
    return _grouped(
        keys,
        [
            (name, NONE if OF.get(name, name) in unsaid else SUMS[name])
            for name in table.names
            if name in MEASURED
        ],
        f"calls WHERE {where}" + (f" AND {only}" if only else ""),
    )


def rebuild(books: Books, days: Iterable[date]) -> None:
    """Make the roll-ups of days again from the calls, all of a month's days in one transaction.

    `cost` is then that of the calls: what an invoice trued up is to be trued up again.
    """
    for where, params in _months(days):
        books.marts.replace(
            [
                Write(table=make().name, where=where, select=summed(make(), where))
                for make in ROLLUPS
            ],
            params,
        )


def pack(books: Books, days: Iterable[date]) -> bool:
    """Bring the rows of one key together, which folds add one by one; no sum changes.

    False where other writes came in between, which then stand: to be tried again.
    """
    marts = books.marts
    try:
        for where, params in _months(days):
            begun = marts.writes
            writes: list[Write] = []
            for make in ROLLUPS:
                table = make()
                packed = f"packed_{table.name}"
                marts.keep(packed, _packed(table, where), params)
                select = f"SELECT * FROM {packed}"
                writes.append(Write(table=table.name, where=where, select=select))
            marts.replace(writes, params, check=partial(_unchanged, marts, begun), apart=True)
    except _OvertakenError:
        return False
    finally:
        marts.forget(*(f"packed_{make().name}" for make in ROLLUPS))
    return True


class _OvertakenError(BooksError):
    """Something was written since."""


def _unchanged(marts: Engine, begun: int, _ask: Ask) -> None:
    if marts.writes != begun:
        raise _OvertakenError("the roll-ups were written meanwhile")


def _packed(table: Table, where: str) -> str:
    measures = [
        (name, f"CAST(SUM({quoted(name)}) AS {kind})")
        for name, kind in table.columns
        if name in MEASURED
    ]
    keys = [(name, quoted(name)) for name in _keys(table)]
    return _grouped(keys, measures, f"{table.name} WHERE {where}")


def _keys(table: Table) -> list[str]:
    return [name for name in table.names if name not in MEASURED]


def _grouped(keys: list[tuple[str, str]], measures: list[tuple[str, str]], origin: str) -> str:
    """Sum rows, in the order that answers look for them.

    All days of a user stand together, so that a page of one user reads a part of the table.
    """
    chosen = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in (*keys, *measures))
    groups = ", ".join(sql for _, sql in keys)
    first = dict(keys)
    order = ", ".join(first[name] for name in ORDER if name in first)
    return f"SELECT {chosen} FROM {origin} GROUP BY {groups} ORDER BY {order}"


def _months(days: Iterable[date]) -> Iterable[tuple[str, dict[str, date]]]:
    """Give for each month the condition on its days, and what it names."""
    for _, some in groupby(sorted(set(days)), key=lambda day: (day.year, day.month)):
        params = {f"day_{number}": day for number, day in enumerate(some)}
        yield f"day IN ({', '.join(f'${name}' for name in params)})", params
