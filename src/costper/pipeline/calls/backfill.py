"""Gives past calls the customer that a tenant map or service account says now: plan, then apply.

found = plan_backfill(books, known_people(books))
apply_backfill(books, found, now=now)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import pyarrow as pa

from costper.identity import Identities
from costper.model.answer import Answer, Row
from costper.model.money import total
from costper.model.names import quoted
from costper.pipeline.calls.moves import ACCOUNT, Move, moves
from costper.pipeline.calls.people import remember_customers
from costper.pipeline.calls.rollup import ROLLUPS, summed
from costper.pipeline.words import handed_over, text_schema
from costper.store.audit import log
from costper.store.books import Books
from costper.store.call_tables import call_hourly, calls, user_daily, user_hourly
from costper.store.engine import Parameters, Write

MOVES = "call_moves"
OF_TENANTS = (call_hourly, user_daily, user_hourly)
"""The roll-ups by tenant and customer: people's rows in them are moved as they are."""

_SCHEMA = text_schema(
    ("tenant", "account", "customer", "team", "new_customer", "new_team"),
    since=pa.date32(),
    until=pa.date32(),
    place=pa.int64(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A move with what it carries; `unpriced` are calls of it without a cost."""

    move: Move
    calls: int
    unpriced: int
    cost: Decimal


def plan_backfill(books: Books, known: Identities) -> tuple[Moved, ...]:
    """Say what would move and what it costs; nothing is written."""
    found = moves(books, known)
    if not found:
        return ()
    _hand_over(books, found)
    rows: list[dict[str, Any]] = books.marts.query(
        "SELECT m.place, COUNT(*) FILTER (WHERE c.line_no = 0) AS calls, "
        "COUNT(*) FILTER (WHERE c.cost IS NULL) AS unpriced, "
        f"CAST(COALESCE(SUM(c.cost), 0) AS DECIMAL(38,18)) AS cost "
        f"FROM {_matched('calls', accounts=True)} GROUP BY m.place ORDER BY m.place"
    ).to_pylist()
    books.marts.forget(MOVES)
    return tuple(
        Moved(
            move=found[int(row["place"])],
            calls=row["calls"],
            unpriced=row["unpriced"],
            cost=row["cost"],
        )
        for row in rows
    )


def apply_backfill(
    books: Books, planned: Sequence[Moved], known: Identities, *, now: datetime, actor: str = "cli"
) -> tuple[Moved, ...]:
    """Move what was planned and is not of a closed month, and give it.

    Each month changes in one transaction, its calls and their roll-ups together. What is left
    undone by a crash is what the next plan shows. The charges of calls follow with the next
    `sync`, and so does the invoice that roll-ups of accounts are trued up to.
    """
    remember_customers(books, known)
    done = [one for one in planned if not one.move.closed]
    for _, month in groupby(done, key=lambda one: one.move.days.start.replace(day=1)):
        of_month = list(month)
        _hand_over(books, [one.move for one in of_month])
        books.marts.replace(_writes(of_month), _days(of_month))
        books.marts.forget(MOVES)
    if done:
        with books.control.begin() as connection:
            log(
                connection,
                "calls moved to other customers",
                f"{sum(one.calls for one in done)} calls",
                now=now,
                detail={"moves": [_row(one) for one in done]},
                actor=actor,
            )
    return tuple(done)


def backfill_answer(planned: Sequence[Moved], *, applied: bool) -> Answer:
    """Put moves in the envelope, dearest first."""
    rows = sorted(planned, key=lambda one: (-one.cost, -one.calls, one.move.was.tenant))
    due = [one for one in planned if not one.move.closed]
    return Answer(
        question={"noun": "backfill", "applied": applied},
        rows=tuple(_row(one) for one in rows),
        total={
            "calls": sum(one.calls for one in due),
            "unpriced_calls": sum(one.unpriced for one in due),
            "cost": total([one.cost for one in due]),
            "closed_calls": sum(one.calls for one in planned if one.move.closed),
        },
        currency="USD",
        as_of="",
        settled_through=None,
        estimated=False,
        coverage=None,
    )


def _row(one: Moved) -> Row:
    was, becomes, days = one.move.was, one.move.becomes, one.move.days
    return {
        "tenant": was.tenant,
        "service_account": was.account,
        "from": days.start,
        "to": days.end,
        "customer": was.customer,
        "new_customer": becomes.customer,
        "team": was.team,
        "new_team": becomes.team,
        "calls": one.calls,
        "unpriced_calls": one.unpriced,
        "cost": one.cost,
        "closed": one.move.closed,
    }


def _hand_over(books: Books, found: Sequence[Move]) -> None:
    rows = [(one.was, one.becomes, one.days) for one in found]
    columns: dict[str, list[object]] = {
        "tenant": [was.tenant for was, _, _ in rows],
        "account": [was.account for was, _, _ in rows],
        "customer": [was.customer for was, _, _ in rows],
        "team": [was.team for was, _, _ in rows],
        "new_customer": [becomes.customer for _, becomes, _ in rows],
        "new_team": [becomes.team for _, becomes, _ in rows],
        "since": [days.start for _, _, days in rows],
        "until": [days.end for _, _, days in rows],
        "place": list(range(len(rows))),
    }
    handed_over(books.marts, MOVES, columns, _SCHEMA)


def _writes(moved: Sequence[Moved]) -> list[Write]:
    """Write the calls and the roll-ups of one month anew.

    What moves is added first and removed after: a new place is never one that anything moves
    from on the same day, so nothing is removed twice.
    """
    rebuilt = _account_days(moved)
    writes = list(_shifted("calls", calls().names, accounts=True))
    for make in OF_TENANTS:
        writes += _shifted(make().name, make().names, accounts=False)
    if rebuilt:
        where = f"day IN ({', '.join(f'$day_{number}' for number in range(len(rebuilt)))})"
        writes += [
            Write(table=make().name, where=where, select=summed(make(), where)) for make in ROLLUPS
        ]
    return writes


def _shifted(table: str, names: Sequence[str], *, accounts: bool) -> Iterator[Write]:
    becomes = {"customer": "m.new_customer"}
    if accounts:
        becomes["team"] = "CASE WHEN m.account <> '' THEN m.new_team ELSE c.team END"
    chosen = ", ".join(
        f"{becomes.get(name, f'c.{quoted(name)}')} AS {quoted(name)}" for name in names
    )
    origin, order = _matched(table, accounts=accounts), ", ".join(map(quoted, names[:3]))
    yield Write(table=table, select=f"SELECT {chosen} FROM {origin} ORDER BY {order}")
    yield Write(
        table=table,
        where=f"EXISTS (SELECT 1 FROM {MOVES} AS m WHERE {_same(table, accounts=accounts)})",
    )


def _matched(table: str, *, accounts: bool) -> str:
    same = _same("c", accounts=accounts)
    return f"{table} AS c JOIN {MOVES} AS m ON {same}"


def _same(row: str, *, accounts: bool) -> str:
    """Say which rows a move is of; roll-ups are only moved by tenant."""
    who = (
        f"m.account = {ACCOUNT.replace('user_', f'{row}.user_')} "
        f"AND (m.account = '' OR m.team = {row}.team)"
        if accounts
        else f"m.account = '' AND {row}.user_kind <> 'service_account'"
    )
    return (
        f"m.tenant = {row}.tenant AND m.customer = {row}.customer AND {who} "
        f"AND {row}.day >= m.since AND {row}.day < m.until"
    )


def _account_days(moved: Sequence[Moved]) -> list[date]:
    """Give the days of accounts' moves: `call_hourly` does not know one account from another."""
    return sorted(
        {day for one in moved if one.move.was.account for day in one.move.days.each_day()}
    )


def _days(moved: Sequence[Moved]) -> Parameters:
    return {f"day_{number}": day for number, day in enumerate(_account_days(moved))}
