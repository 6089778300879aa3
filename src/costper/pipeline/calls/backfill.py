"""Gives past calls the customer, team and user that settings say now: plan, then apply.

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

from costper.errors import BooksError
from costper.identity import Identities
from costper.model.answer import Answer, Row
from costper.model.money import total
from costper.model.names import quoted
from costper.pipeline.calls.fold import folded_seq
from costper.pipeline.calls.moves import (
    ACCOUNT,
    RENAMED,
    USER,
    Move,
    hand_over_renamed,
    moves,
)
from costper.pipeline.calls.people import remember_customers
from costper.pipeline.calls.rollup import ROLLUPS, summed
from costper.pipeline.calls.true_up import true_up_again
from costper.pipeline.words import Columns, handed_over, text_schema
from costper.store.audit import log
from costper.store.books import Books
from costper.store.call_tables import call_hourly, calls, user_daily, user_hourly
from costper.store.engine import Ask, Write

MOVES = "call_moves"
OF_TENANTS = (call_hourly, user_daily, user_hourly)
"""The roll-ups by tenant and customer: people's rows in them are moved as they are."""

PLACED = ("tenant", "account", "user_id", "customer", "team")
_SCHEMA = text_schema(
    (*PLACED, "new_user_id", "new_user_kind", "new_customer", "new_team"),
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
    _hand_over(books, found, known)
    rows: list[dict[str, Any]] = books.marts.query(
        "SELECT m.place, COUNT(*) FILTER (WHERE c.line_no = 0) AS calls, "
        "COUNT(*) FILTER (WHERE c.cost IS NULL) AS unpriced, "
        f"CAST(COALESCE(SUM(c.cost), 0) AS DECIMAL(38,18)) AS cost "
        f"FROM {_matched('calls')} GROUP BY m.place ORDER BY m.place"
    ).to_pylist()
    books.marts.forget(MOVES, RENAMED)
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
    undone by a crash is what the next plan shows. What is invoiced of accounts and renamed users
    is trued up again, at once; the charges of calls follow with the next `sync`.
    """
    remember_customers(books, known)
    done = [one for one in planned if not one.move.closed]
    for _, month in groupby(done, key=lambda one: one.move.days.start.replace(day=1)):
        of_month = list(month)
        _hand_over(books, [one.move for one in of_month], known)
        _write(books, of_month)
        books.marts.forget(MOVES, RENAMED)
    if any(not one.move.was.anybodys for one in done):
        true_up_again(books)
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
        "user": was.user_id,
        "new_user": becomes.account or becomes.user_id,
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


def _hand_over(books: Books, found: Sequence[Move], known: Identities) -> None:
    columns: Columns = {
        **{name: [getattr(one.was, name) for one in found] for name in PLACED},
        "new_user_id": [one.becomes.account or one.becomes.user_id for one in found],
        "new_user_kind": [_kind(one) for one in found],
        "new_customer": [one.becomes.customer for one in found],
        "new_team": [one.becomes.team for one in found],
        "since": [one.days.start for one in found],
        "until": [one.days.end for one in found],
        "place": list(range(len(found))),
    }
    handed_over(books.marts, MOVES, columns, _SCHEMA)
    hand_over_renamed(books, known.renamed())


def _kind(move: Move) -> str:
    return "service_account" if move.becomes.account else "user"


def _write(books: Books, moved: Sequence[Moved]) -> None:
    """Write the calls and the roll-ups of one month anew.

    What moves is added first and removed after: a new place is never one that anything moves
    from on the same day, so nothing is removed twice. That is counted before it is kept; calls
    that are folded in meanwhile have higher numbers.
    """
    rebuilt = _days_of_somebody(moved)
    writes = list(_shifted("calls", calls().names))
    for make in OF_TENANTS:
        writes += _shifted(make().name, make().names, anybodys=True)
    if rebuilt:
        where = f"day IN ({', '.join(f'$day_{number}' for number in range(len(rebuilt)))})"
        writes += [
            Write(table=make().name, where=where, select=summed(make(), where)) for make in ROLLUPS
        ]
    last = folded_seq(books)
    before = _counted(books.marts.query, last)
    books.marts.replace(
        writes,
        {f"day_{number}": day for number, day in enumerate(rebuilt)},
        check=lambda ask: _check(before, _counted(ask, last)),
    )


def _counted(ask: Ask, last: int) -> object:
    sql = (
        "SELECT COUNT(*) AS lines, COALESCE(SUM(cost), 0) AS cost FROM calls WHERE seq <= $last "
        f"AND day >= (SELECT MIN(since) FROM {MOVES}) AND day < (SELECT MAX(until) FROM {MOVES})"
    )
    return ask(sql, {"last": last}).to_pylist()


def _check(before: object, after: object) -> None:
    if before != after:
        raise BooksError(
            "calls were changed while they were to be moved; nothing was moved",
            hint="run `costper backfill plan` again",
        )


def _shifted(table: str, names: Sequence[str], *, anybodys: bool = False) -> Iterator[Write]:
    """Add the rows that move, changed, and remove them where they were.

    Of roll-ups only `anybodys` moves are made so: one that knows no user cannot tell one of them
    from another, so the days of accounts and renamed users are summed again.
    """
    becomes = {"customer": "m.new_customer"}
    if not anybodys:
        somebody = "m.account <> '' OR m.user_id <> ''"
        for name in ("user_id", "user_kind", "team"):
            becomes[name] = f"CASE WHEN {somebody} THEN m.new_{name} ELSE c.{name} END"
    chosen = ", ".join(
        f"{becomes.get(name, f'c.{quoted(name)}')} AS {quoted(name)}" for name in names
    )
    origin, order = _matched(table, anybodys=anybodys), ", ".join(map(quoted, names[:3]))
    yield Write(table=table, select=f"SELECT {chosen} FROM {origin} ORDER BY {order}")
    same = _same(table, anybodys=anybodys)
    yield Write(table=table, where=f"EXISTS (SELECT 1 FROM {MOVES} AS m WHERE {same})")


def _matched(table: str, *, anybodys: bool = False) -> str:
    return f"{table} AS c JOIN {MOVES} AS m ON {_same('c', anybodys=anybodys)}"


def _same(row: str, *, anybodys: bool) -> str:
    """Say which rows of a table, or of its alias, a move is of."""
    account, user = (sql.replace("c.user", f"{row}.user") for sql in (ACCOUNT, USER))
    who = (
        f"m.account = '' AND m.user_id = '' AND {row}.user_kind <> 'service_account'"
        if anybodys
        else f"m.account = {account} AND m.user_id = {user} "
        f"AND (m.team = {row}.team OR (m.account = '' AND m.user_id = ''))"
    )
    return (
        f"m.tenant = {row}.tenant AND m.customer = {row}.customer AND {who} "
        f"AND {row}.day >= m.since AND {row}.day < m.until"
    )


def _days_of_somebody(moved: Sequence[Moved]) -> list[date]:
    some = (one.move.days for one in moved if not one.move.was.anybodys)
    return sorted({day for days in some for day in days.each_day()})
