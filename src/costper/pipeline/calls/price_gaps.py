"""Where the cost a provider reports is not what the catalogue would have charged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.money import divide, total
from costper.model.outcome import Issue
from costper.store.books import Books
from costper.store.call_tables import CALL_MONEY

LARGEST = Decimal(1)
"""Percent of the rated cost: a larger gap is told."""

WARNED_DAYS = 30
PLACES = 6

GAPS = (
    "SELECT provider, model, tier, COUNT(*) FILTER (WHERE line_no = 0) AS calls, "
    f"CAST(SUM(provider_cost) AS {CALL_MONEY}) AS reported, "
    f"CAST(SUM(rated_cost) AS {CALL_MONEY}) AS rated "
    "FROM calls WHERE provider_cost IS NOT NULL AND rated_cost IS NOT NULL AND day >= $since "
    "GROUP BY provider, model, tier "
    "ORDER BY ABS(SUM(provider_cost) - SUM(rated_cost)) DESC, provider, model, tier"
)


def price_gaps(books: Books, *, since: date, everything: bool = False) -> Answer:
    """Compare both costs of the calls that have both, by model, the largest gap first.

    Rows are {provider, model, tier, calls, reported, rated, gap, gap_percent}; those within one
    percent are left out, unless `everything` is asked for. What the provider reports counts.
    """
    found = [_row(row) for row in books.marts.query(GAPS, {"since": since}).to_pylist()]
    rows = [row for row in found if everything or _is_large(row)]
    reported, rated = (_sum(found, name) for name in ("reported", "rated"))
    return Answer(
        question={"noun": "price_gaps", "since": since},
        rows=tuple(rows),
        total={
            "calls": sum(row["calls"] for row in found if isinstance(row["calls"], int)),
            "reported": reported,
            "rated": rated,
            "gap": total([reported, -rated]),
            "gap_percent": _percent(reported, rated),
        },
        currency="USD",
        as_of="",
        settled_through=None,
        estimated=False,
        coverage=None,
        measures={"reported": "money", "rated": "money", "gap": "money", "gap_percent": "percent"},
    )


def gap_issues(books: Books, today: date) -> Iterator[Issue]:
    """Warn of models whose provider reports another cost than their price makes."""
    found = price_gaps(books, since=today - timedelta(days=WARNED_DAYS))
    names = [f"{row['provider']}/{row['model']}" for row in found.rows]
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Issue(
            "price_gap",
            f"{names[0]}{more}: the provider reports another cost than the price makes",
            "llm.prices",
            "warning",
            hint="`costper prices gaps` compares them; what the provider reports counts",
            count=len(names),
        )


def _row(row: Mapping[str, Any]) -> Row:
    reported, rated = row["reported"], row["rated"]
    gap = total([reported, -rated])
    return {**row, "gap": gap, "gap_percent": _percent(reported, rated)}


def _percent(reported: Decimal, rated: Decimal) -> Cell:
    share = divide(total([reported, -rated]) * 100, rated, PLACES)
    return Absent("no_rated_cost") if share is None else share


def _is_large(row: Row) -> bool:
    share = row["gap_percent"]
    return abs(share) > LARGEST if isinstance(share, Decimal) else bool(row["gap"])


def _sum(rows: list[Row], name: str) -> Decimal:
    return total([cell for row in rows if isinstance(cell := row[name], Decimal)])
