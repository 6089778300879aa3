"""Counts the calls that limits would have cut: those from the one on that passes a limit.

Whole hours are read from the roll-up by hour and user, and calls themselves only of the hours in
which somebody passed a limit; where something is chosen that hours are not kept by, all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from costper.model.names import quoted
from costper.pipeline.answer.select import Bound
from costper.pipeline.llm.chosen import COLUMNS
from costper.pipeline.llm.read import USER_DAILY, USER_HOURLY, Calls
from costper.store.call_tables import CALL_MONEY

SPENT = "llm_spent"
"""Scratch: what everybody spent in each bucket."""

HOURS = "llm_spent_by_hour"
BY_CALL = "llm_spent_by_call"
SCRATCH = (HOURS, BY_CALL)


@dataclass(frozen=True, slots=True)
class Of:
    """Who is limited: the columns that make one, in the roll-up by user and in calls."""

    columns: tuple[str, ...]
    where: str
    key: str


def cut(calls: Calls, who: Of, grain: str, tried: Sequence[Decimal]) -> Mapping[str, Any]:
    """Give `calls_N` and `cost_N` of each limit tried, in ascending order."""
    said = calls.chosen.words().items()
    if all(name in COLUMNS[USER_HOURLY] for name, _ in said):
        return _by_hours(calls, who, grain, tried)
    return _by_calls(calls, who, grain, tried)


def _by_hours(calls: Calls, who: Of, grain: str, tried: Sequence[Decimal]) -> Mapping[str, Any]:
    marts, bound = calls.frame.books.marts, Bound()
    where = _where(calls, USER_HOURLY, who, bound)
    bucket = f"date_trunc('{grain}', day)"
    touched = _touched(quoted(who.key), bucket, bound.bind(tried[0]))
    hours = (
        f'SELECT {quoted(who.key)} AS who, {bucket} AS bucket, "hour", '
        f"CAST(sum(calls) AS BIGINT) AS calls, coalesce(sum(call_cost), 0) AS cost "
        f"FROM {USER_HOURLY} WHERE {where} AND {touched} GROUP BY ALL"
    )
    upto = 'sum(cost) OVER (PARTITION BY who, bucket ORDER BY "hour")'
    marts.keep(HOURS, f"SELECT *, {upto} - cost AS before FROM ({hours})", bound.values)
    bound = Bound()
    passed = " OR ".join(
        f"(h.before <= {name} AND h.before + h.cost > {name})" for name in map(bound.bind, tried)
    )
    # The lines of a call are peers in this order: all of them are up to the end of the call.
    upto = 'h.before + sum(c.cost) OVER (PARTITION BY h.who, h."hour" ORDER BY c."at", c.call_key)'
    lines = (
        f'SELECT {_key(who)} AS key, date_trunc(\'hour\', "at") AS at_hour, "at", call_key, '
        f"line_no, coalesce(cost, 0) AS cost FROM calls "
        f"WHERE {_where(calls, USER_DAILY, who, bound)}"
    )
    marts.keep(
        BY_CALL,
        f"SELECT c.line_no, c.cost, h.before, {upto} AS upto FROM ({lines}) AS c JOIN {HOURS} AS h "
        f'ON h.who = c.key AND h."hour" = c.at_hour WHERE {passed}',
        bound.values,
    )
    whole = _sums(calls, HOURS, "sum(calls)", "before > {limit}", tried)
    part = _sums(
        calls,
        BY_CALL,
        "count(*) FILTER (WHERE line_no = 0)",
        "before <= {limit} AND upto > {limit}",
        tried,
    )
    return {name: whole[name] + part[name] for name in whole}


def _by_calls(calls: Calls, who: Of, grain: str, tried: Sequence[Decimal]) -> Mapping[str, Any]:
    bound = Bound()
    key, bucket = _key(who), f"date_trunc('{grain}', day)"
    touched = _touched(key, bucket, bound.bind(tried[0]))
    lines = (
        f'SELECT {key} AS who, {bucket} AS bucket, "at", call_key, line_no, '
        f"coalesce(cost, 0) AS cost FROM calls "
        f"WHERE {_where(calls, USER_DAILY, who, bound)} AND {touched}"
    )
    upto = 'sum(cost) OVER (PARTITION BY who, bucket ORDER BY "at", call_key)'
    calls.frame.books.marts.keep(
        BY_CALL, f"SELECT line_no, cost, {upto} AS upto FROM ({lines})", bound.values
    )
    return _sums(calls, BY_CALL, "count(*) FILTER (WHERE line_no = 0)", "upto > {limit}", tried)


def _sums(
    calls: Calls, table: str, many: str, over: str, tried: Sequence[Decimal]
) -> Mapping[str, Any]:
    """Add up what is over each limit, in one statement."""
    bound = Bound()
    limits = [bound.bind(limit) for limit in tried]
    parts = " UNION ALL ".join(
        f"SELECT {number} AS n, CAST(coalesce({many}, 0) AS BIGINT) AS calls, "
        f"CAST(coalesce(sum(cost), 0) AS {CALL_MONEY}) AS cost "
        f"FROM {table} WHERE {over.format(limit=limit)}"
        for number, limit in enumerate(limits)
    )
    rows = calls.frame.books.marts.query(parts, bound.values).to_pylist()
    return {f"{name}_{row['n']}": row[name] for row in rows for name in ("calls", "cost")}


def _key(who: Of) -> str:
    return "hash(user_id)" if who.key == "user_key" else quoted(who.key)


def _where(calls: Calls, table: str, who: Of, bound: Bound) -> str:
    return " AND ".join(f"({it})" for it in (*calls.where(table, bound), who.where))


def _touched(key: str, bucket: str, least: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM {SPENT} AS s WHERE s.who = {key} AND s.bucket = {bucket} "
        f"AND s.cost > {least})"
    )
