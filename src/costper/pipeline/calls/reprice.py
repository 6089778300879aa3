"""Prices calls of the books again by the prices known now: plan, then apply.

planned = plan_reprice(books, catalogue_of(books), since=day)
apply_reprice(books, planned, now=now)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.call import CALLS, COUNTS
from costper.model.money import total
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.calls.fold import RateKey
from costper.pipeline.calls.pricing import pricing_of
from costper.pipeline.calls.rollup import ROLLUPS, summed
from costper.pipeline.calls.true_up import true_up_again
from costper.pipeline.words import Columns, handed_over
from costper.rating.catalogue import Catalogue
from costper.rating.sql_price import RATED
from costper.store.audit import log
from costper.store.books import Books
from costper.store.call_tables import CALL_MONEY, calls
from costper.store.closing import EVERY_SOURCE, closed
from costper.store.engine import Parameters, Write

NEW_RATES = "reprice_rates"
REPRICED = "repriced_calls"
DAYS = "day >= $since AND day < $until"
ONE_DAY = timedelta(days=1)
UNPRICED = Absent("unpriced")

MADE = {
    "rated_cost": "r.new_rated",
    "cost": "COALESCE(c.provider_cost, r.new_rated)",
    "price_status": "CASE WHEN c.provider_cost IS NOT NULL THEN 'provider' "
    "WHEN r.new_rated IS NOT NULL THEN 'priced' ELSE 'unpriced' END",
    "price_version": "$price_version",
}
"""What a price changes of a call."""

BY_MODEL = (
    "SELECT provider, model, tier, COUNT(*) FILTER (WHERE line_no = 0) AS calls, "
    "COUNT(*) AS lines, COUNT(*) FILTER (WHERE cost IS NULL) AS unpriced_before, "
    "COUNT(*) FILTER (WHERE COALESCE(provider_cost, new_rated) IS NULL) AS unpriced_after, "
    f"CAST(COALESCE(SUM(cost), 0) AS {CALL_MONEY}) AS before, "
    f"CAST(COALESCE(SUM(COALESCE(provider_cost, new_rated)), 0) AS {CALL_MONEY}) AS after, "
    "MIN(price_version) AS first_version, MAX(price_version) AS last_version, "
    "COUNT(DISTINCT price_version) AS versions"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repriced:
    """What other prices make of a model's calls at a tier in one month; unchanged ones are not in.

    `before` and `after` are what they cost in all, `unpriced_…` how many have no price.
    `versions` name the price lists that rated them. A closed month stays as it is.
    """

    month: date
    provider: str
    model: str
    tier: str
    calls: int
    lines: int
    unpriced_before: int
    unpriced_after: int
    before: Decimal
    after: Decimal
    versions: tuple[str, ...]
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What pricing calls from `days` on by `catalogue` would change."""

    catalogue: Catalogue
    days: Period
    found: tuple[Repriced, ...]


def plan_reprice(
    books: Books, catalogue: Catalogue, *, since: date, until: date | None = None
) -> Plan:
    """Say what the prices of a catalogue would change from a day on; nothing is written.

    `until` is the first day that is left as it is; all days that the books hold when left out.
    """
    days = _held_days(books, since, until)
    shut = {month for source, month in closed(books.control) if source in {EVERY_SOURCE, CALLS}}
    found = [
        _repriced(row, month, closed_month=month.start.replace(day=1) in shut)
        for month in days.months()
        for row in _planned(books, catalogue, month)
    ]
    return Plan(catalogue=catalogue, days=days, found=tuple(found))


def apply_reprice(
    books: Books, planned: Plan, *, now: datetime, actor: str = "cli"
) -> tuple[Repriced, ...]:
    """Price again what was planned and is not of a closed month, and give it.

    Each month changes in one transaction, its calls and their roll-ups together; then what is
    invoiced is trued up again, at once. What is left undone by a crash is what the next plan
    shows, or what the next `sync` trues up. Charges follow with it.
    """
    done = tuple(one for one in planned.found if not one.closed)
    due = {one.month for one in done}
    for month in planned.days.months():
        if month.start.replace(day=1) in due:
            _rewrite(books, planned.catalogue, month)
    if done:
        true_up_again(books)
        with books.control.begin() as connection:
            log(
                connection,
                "calls repriced",
                f"{sum(one.calls for one in done)} calls",
                now=now,
                detail={"version": planned.catalogue.version, "models": [_row(it) for it in done]},
                actor=actor,
            )
    return done


def reprice_answer(planned: Plan, *, applied: bool) -> Answer:
    """Put a plan in the envelope: by month and model, the largest difference first."""
    rows = sorted(
        planned.found,
        key=lambda it: (-abs(it.after - it.before), it.month, it.provider, it.model, it.tier),
    )
    due = [one for one in planned.found if not one.closed]
    before, after = (total([getattr(one, name) for one in due]) for name in ("before", "after"))
    return Answer(
        question={
            "noun": "reprice",
            "applied": applied,
            "since": planned.days.start,
            "until": planned.days.end,
            "price_version": planned.catalogue.version,
        },
        rows=tuple(_row(one) for one in rows),
        total={
            "calls": sum(one.calls for one in due),
            "unpriced_before": sum(one.unpriced_before for one in due),
            "unpriced_after": sum(one.unpriced_after for one in due),
            "before": before,
            "after": after,
            "difference": total([after, -before]),
            "closed_calls": sum(one.calls for one in planned.found if one.closed),
        },
        currency="USD",
        as_of="",
        settled_through=None,
        estimated=False,
        coverage=None,
        measures=dict.fromkeys(("before", "after", "difference"), "money"),
    )


def _held_days(books: Books, since: date, until: date | None) -> Period:
    """Give the days that are priced again: those with calls."""
    (row,) = books.marts.query(
        "SELECT MIN(day) AS first, MAX(day) AS last FROM call_hourly WHERE day >= $since",
        {"since": since},
    ).to_pylist()
    if row["first"] is None:
        return Period(since, since)
    last: date = row["last"] + ONE_DAY
    return Period(max(since, row["first"]), max(min(last, until or last), since))


def _planned(books: Books, catalogue: Catalogue, days: Period) -> list[dict[str, Any]]:
    _hand_over(books, catalogue, days)
    select = f"{BY_MODEL} FROM {_changed(catalogue)} GROUP BY provider, model, tier ORDER BY ALL"
    try:
        return books.marts.query(select, _params(days)).to_pylist()
    finally:
        books.marts.forget(NEW_RATES)


def _repriced(row: dict[str, Any], days: Period, *, closed_month: bool) -> Repriced:
    first, last = row.pop("first_version"), row.pop("last_version")
    many = row.pop("versions") > len({first, last})
    versions = tuple(dict.fromkeys((first, *(("…",) if many else ()), last)))
    month = days.start.replace(day=1)
    return Repriced(month=month, versions=versions, closed=closed_month, **row)


def _rewrite(books: Books, catalogue: Catalogue, days: Period) -> None:
    """Write the calls of a month that cost otherwise now, and all its roll-ups.

    Lines with their new price are added, and those with another one removed: what others wrote
    meanwhile, such as a backfill, stays.
    """
    made = {name: MADE.get(name, f"c.{quoted(name)}") for name in calls().names}
    chosen = ", ".join(f"{made[name]} AS {quoted(name)}" for name in calls().names)
    _hand_over(books, catalogue, days)
    keys = "call_key, call_id, line_no, day, new_rated"
    books.marts.keep(REPRICED, f"SELECT {keys} FROM {_changed(catalogue)}", _params(days))
    params = {**_params(days), "price_version": catalogue.version}
    order = ", ".join(f"c.{quoted(name)}" for name in calls().names[:3])
    writes = [
        Write(
            table="calls",
            select=f"SELECT {chosen} FROM calls AS c JOIN {REPRICED} AS r ON {_same('c')} "
            f"ORDER BY {order}",
        ),
        Write(
            table="calls",
            where=f"{DAYS} AND EXISTS (SELECT 1 FROM {REPRICED} AS r WHERE {_same('calls')})",
        ),
        *(Write(table=make().name, where=DAYS, select=summed(make(), DAYS)) for make in ROLLUPS),
    ]
    try:
        books.marts.replace(writes, params)
    finally:
        books.marts.forget(NEW_RATES, REPRICED)


def _same(line: str) -> str:
    """Say which lines still have another price than the one to be written."""
    same = " AND ".join(
        f"r.{name} = {line}.{name}" for name in ("day", "call_key", "call_id", "line_no")
    )
    return f"{same} AND {line}.rated_cost IS DISTINCT FROM r.new_rated"


def _changed(catalogue: Catalogue) -> str:
    """Give what to read the lines from that cost otherwise now, with `new_rated`."""
    cost = pricing_of(catalogue).cost("l", "r", COUNTS, RATED)
    return (
        f"(SELECT l.*, {cost} AS new_rated FROM calls AS l LEFT JOIN {NEW_RATES} AS r "
        f"ON l.provider = r.provider AND l.model = r.model AND l.tier = r.tier AND l.day = r.day "
        f"WHERE l.day >= $since AND l.day < $until) "
        f"WHERE rated_cost IS DISTINCT FROM new_rated"
    )


def _hand_over(books: Books, catalogue: Catalogue, days: Period) -> None:
    """Put the rates of a month's calls aside: one for each model, tier and day."""
    pricing = pricing_of(catalogue)
    keys: list[RateKey] = [
        (row["provider"], row["model"], row["tier"], row["day"])
        for row in books.marts.query(
            f"SELECT DISTINCT provider, model, tier, day FROM call_hourly WHERE {DAYS}",
            _params(days),
        ).to_pylist()
    ]
    rows = [pricing.rate(key) for key in keys]
    columns: Columns = {name: [row.get(name) for row in rows] for name in pricing.columns.names}
    handed_over(books.marts, NEW_RATES, columns, pa.schema(pricing.columns))


def _params(days: Period) -> Parameters:
    return {"since": days.start, "until": days.end}


def _row(one: Repriced) -> Row:
    return {
        "month": one.month,
        "provider": one.provider,
        "model": one.model,
        "tier": one.tier,
        "calls": one.calls,
        "unpriced_before": one.unpriced_before,
        "unpriced_after": one.unpriced_after,
        "before": _cost(one.before, one.unpriced_before, one.lines),
        "after": _cost(one.after, one.unpriced_after, one.lines),
        "difference": total([one.after, -one.before]),
        "versions": one.versions,
        "closed": one.closed,
    }


def _cost(cost: Decimal, unpriced: int, lines: int) -> Cell:
    """Give a cost; none at all where not one line has a price."""
    return UNPRICED if unpriced == lines else cost
