"""Checks that calls are in the ledger whole, and that users add up to the invoices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from costper.model.call import CALLS
from costper.model.money import EXACT, plain, total
from costper.model.outcome import Issue
from costper.pipeline.calls.invoices import billed_days
from costper.pipeline.calls.price_gaps import gap_issues
from costper.pipeline.calls.true_up import overdue
from costper.store.books import Books
from costper.store.closing import EVERY_SOURCE, closed

Key = tuple[str, date]
"""A provider and a day."""

CLOSERS = (EVERY_SOURCE, CALLS)
SYNC = "run `costper sync`, which charges what calls cost and divides the invoices by them"


def check_calls(books: Books, now: datetime) -> Iterator[Issue]:
    """Give what is wrong with calls: days not charged, not trued up, prices missing or not right.

    Days that are not over are left out: they are charged by the next sync.
    """
    billed = billed_days(books)
    covered = {(one.provider, one.day) for one in billed}
    late = [key for key in overdue(books, billed) if key[1] < now.date()]
    if late:
        yield Issue(
            "calls_not_trued_up",
            f"calls of {_days(late)} do not add up to the invoice",
            CALLS,
            "warning",
            SYNC,
            len(late),
        )
    if books.settings.llm.calls.charges:
        yield from _uncharged(books, covered, now.date())
    yield from _unpriced(books)
    yield from gap_issues(books, now.date())


def _uncharged(books: Books, covered: set[Key], today: date) -> Iterator[Issue]:
    """Compare what calls cost by price with the charges they became, by provider and day."""
    called = _sums(
        books.marts.query(
            "SELECT provider, day, SUM(call_cost) AS cost FROM call_hourly AS h "
            "WHERE data_mode = 'real' AND day < $today GROUP BY provider, day",
            {"today": today},
        ).to_pylist()
    )
    charged = _sums(
        books.engine.query(
            "SELECT billing_account_id AS provider, day, SUM(effective_cost) AS cost "
            "FROM charge_daily AS d WHERE source = $source AND day < $today "
            "GROUP BY billing_account_id, day",
            {"source": CALLS, "today": today},
        ).to_pylist()
    )
    due = {key: cost for key, cost in called.items() if key not in covered}
    off = {
        key: EXACT.subtract(due.get(key, Decimal(0)), charged.get(key, Decimal(0)))
        for key in due.keys() | charged.keys()
    }
    shut = {month: source for source, month in sorted(closed(books.control)) if source in CLOSERS}
    wrong: dict[date | None, list[Key]] = {}
    for key in sorted(key for key, cost in off.items() if cost):
        begun = key[1].replace(day=1)
        wrong.setdefault(begun if begun in shut else None, []).append(key)
    for month, keys in wrong.items():
        lacking = total([off[key] for key in keys])
        yield Issue(
            "calls_not_charged",
            f"calls of {_days(keys)} cost {plain(lacking)} more than was charged for them"
            + ("" if month is None else f": {month:%Y-%m} is closed"),
            CALLS,
            "warning",
            SYNC if month is None else _reopen(month, shut[month]),
            len(keys),
        )


def _reopen(month: date, source: str) -> str:
    of = f" --source {source}" if source else ""
    return f"run `costper deliveries reopen {month:%Y-%m}{of} --reason WHY`, then `costper sync`"


def _sums(rows: Sequence[Mapping[str, object]]) -> dict[Key, Decimal]:
    found: dict[Key, Decimal] = {}
    for row in rows:
        day, cost = row["day"], row["cost"]
        if isinstance(day, date) and isinstance(cost, Decimal):
            found[str(row["provider"]), day] = cost
    return found


def _unpriced(books: Books) -> Iterator[Issue]:
    [row] = books.marts.query(
        "SELECT CAST(COALESCE(SUM(unpriced_calls), 0) AS BIGINT) AS calls, "
        "COUNT(DISTINCT provider || '/' || model) AS models FROM call_hourly AS h "
        "WHERE data_mode = 'real' AND unpriced_calls > 0"
    ).to_pylist()
    if row["calls"]:
        models = "1 model" if row["models"] == 1 else f"{row['models']} models"
        yield Issue(
            "unpriced_calls",
            f"calls of {models} have no price and are in no cost",
            CALLS,
            "warning",
            "`costper unpriced` says which, since when, and what they may be",
            row["calls"],
        )


def _days(keys: Sequence[Key]) -> str:
    """Name days shortly: the first one, and how many more."""
    provider, day = keys[0]
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{provider} on {day}{more}"
