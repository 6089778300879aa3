"""Carries LLM calls into the ledger: the invoice where there is one, else charges of their own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from costper.model.call import CALLS
from costper.model.delivery import Delivery
from costper.model.outcome import Issue
from costper.model.period import Period, month_of
from costper.pipeline.calls.bill import bill_of
from costper.pipeline.calls.charge_rows import SCRATCH, Shape, add_up, shape_of
from costper.pipeline.calls.invoices import CURRENCY, Billed, billed_days
from costper.pipeline.calls.measures import keep_unpriced, measured
from costper.pipeline.calls.true_up import TruedUp, true_up
from costper.pipeline.words import handed_over, text_schema
from costper.pipeline.workdir import workdir
from costper.store.books import Books
from costper.store.call_tables import MEASURES, call_hourly
from costper.store.deliveries import current
from costper.store.engine import Write
from costper.store.land import land_bill
from costper.store.landing import Landing
from costper.store.measured import SeriesLanding

VERSION = "2"
"""Goes up when the same calls would become other charges or measurements."""

FRESH = "call_fresh"
ONE_DAY = timedelta(days=1)
Progress = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsLanded:
    """What became of calls: months that changed, their bills and series, and what was trued up.

    `unpriced` counts the calls of those months that nobody has a price for: they are in no
    charge.
    """

    months: tuple[date, ...] = ()
    bills: tuple[Landing, ...] = ()
    series: tuple[SeriesLanding, ...] = ()
    trued_up: tuple[TruedUp, ...] = ()
    unpriced: int = 0
    own: tuple[Issue, ...] = ()

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The issues of calls, then those of landing them."""
        return (*self.own, *(issue for bill in self.bills for issue in bill.issues))


def land_calls(
    books: Books, *, now: datetime, today: bool = True, progress: Progress = str.strip
) -> CallsLanded:
    """Carry calls into the ledger; the same calls again change nothing.

    Days that an invoice covers are trued up to it, and their calls only weigh; all others become
    charges of the source `calls`, a snapshot for each provider and month. `today` says whether
    this day, which is not over, is among them; a day that was charged once stays.

    Raises BusyError while a sync is running, BooksError when the books cannot be written.
    """
    if not _has_calls(books):
        return CallsLanded()
    with workdir(books) as folder:
        return landed_calls(books, folder, now=now, today=today, progress=progress)


def landed_calls(
    books: Books,
    folder: Path,
    *,
    now: datetime,
    today: bool = True,
    progress: Progress = str.strip,
) -> CallsLanded:
    """Do the same within a sync; `folder` is empty and holds what is staged."""
    held = current(books.control, CALLS)
    if not held and not _has_calls(books):
        return CallsLanded()
    billed = billed_days(books)
    trued = true_up(books, billed)
    until = _until(held, now, today=today)
    shape = shape_of(books.settings)
    wanted = _fingerprints(books, shape, billed, held, until)
    known = {
        row["month"]: row["fingerprint"]
        for row in books.marts.query("SELECT month, fingerprint FROM call_landed").to_pylist()
    }
    changed = [month for month in sorted(wanted) if known.get(month) != wanted[month]]
    landing = _Landing(books, shape, billed, held, folder, now)
    for month in changed:
        progress(f"calls: landing {month:%Y-%m}")
        end = min(month_of(month).end, max(until, month + ONE_DAY))
        if landing.land(Period(month, end)):
            _remember(books, month, wanted[month])
    books.marts.forget(*SCRATCH)
    return CallsLanded(
        months=tuple(changed),
        bills=tuple(landing.bills),
        series=tuple(landing.series),
        trued_up=trued,
        unpriced=landing.unpriced,
        own=(*_foreign(billed), *_unpriced(landing.unpriced)),
    )


def _has_calls(books: Books) -> bool:
    return books.marts.query("SELECT 1 AS one FROM call_hourly LIMIT 1").num_rows > 0


def _until(held: Sequence[Delivery], now: datetime, *, today: bool) -> date:
    """Give the first day that is not charged: tomorrow, or the day after the last one charged.

    The latter also where a clock was moved back: a day that was charged stays.
    """
    last = max((one.last_day for one in held if one.last_day), default=date.min)
    return max(now.date() + ONE_DAY * today, last + ONE_DAY)


class _Landing:
    """Lands month after month, and adds up what came of it."""

    def __init__(
        self,
        books: Books,
        shape: Shape,
        billed: Sequence[Billed],
        held: Sequence[Delivery],
        folder: Path,
        now: datetime,
    ) -> None:
        self.books, self.shape, self.folder, self.now = books, shape, folder, now
        self.covered = sorted({(one.provider, one.day) for one in billed})
        self.held = held
        self.bills: list[Landing] = []
        self.series: list[SeriesLanding] = []
        self.unpriced = 0

    def land(self, month: Period) -> bool:
        """Land one month's charges and measurements; measured are only days that are over.

        False where a charge was refused: a closed month is tried again when it is open.
        """
        add_up(self.books, self.shape, month, self._covered(month))
        held = [one for one in self.held if one.scope.billing_period == month.start]
        accounts = [one.scope.account for one in held]
        bill = bill_of(self.books, self.shape, month, accounts, self.folder)
        if bill is not None:
            self.bills.append(
                land_bill(self.books, CALLS, bill, now=self.now, forced=self._fewer(held))
            )
        over = min(month.end, self.now.date())
        if over > month.start:
            days = Period(month.start, over)
            self.series.extend(measured(self.books, self.shape, days, self.folder, self.now))
        self.unpriced += _count(self.books, "SUM(unpriced_calls)")
        keep_unpriced(self.books, self.shape, month)
        return bill is None or not self.bills[-1].refused

    def _covered(self, month: Period) -> Sequence[tuple[str, date]]:
        """Give the provider-days that need no charge: all of them where calls make none."""
        if self.books.settings.llm.calls.charges:
            return [one for one in self.covered if month.holds(one[1])]
        rows = self.books.marts.query(
            "SELECT DISTINCT provider, day FROM call_hourly WHERE day >= $start AND day < $end",
            {"start": month.start, "end": month.end},
        ).to_pylist()
        return [(row["provider"], row["day"]) for row in rows]

    def _fewer(self, held: Sequence[Delivery]) -> bool:
        """Say whether a provider has charges on fewer days than before: an invoice has come."""
        rows = self.books.marts.query(
            "SELECT provider, COUNT(DISTINCT day) AS days, MAX(day) AS last FROM call_rows AS r "
            "WHERE NOT covered AND cost <> 0 GROUP BY provider"
        ).to_pylist()
        now = {row["provider"]: (row["days"], row["last"]) for row in rows}
        for one in held:
            days, last = now.get(one.scope.account, (0, date.min))
            if days < one.covered_days or last < (one.last_day or date.min):
                return True
        return False


def _count(books: Books, what: str) -> int:
    found = books.marts.query(f"SELECT CAST(COALESCE({what}, 0) AS BIGINT) AS n FROM call_rows")
    return int(found.to_pylist()[0]["n"])


def _fingerprints(
    books: Books,
    shape: Shape,
    billed: Sequence[Billed],
    held: Sequence[Delivery],
    until: date,
) -> dict[date, str]:
    """Name what each month is made of: its calls, its invoices, and how they are read."""
    columns = ", ".join(name for name in call_hourly().names if name not in {"hour", "cost"})
    measures = ", ".join(name for name, _ in MEASURES if name != "cost")
    accounts = f"day, provider, model, tier, tenant, customer, feature, environment, {measures}"
    sums: dict[date, list[str]] = {one.scope.billing_period: [] for one in held}
    for table, read, where in (
        ("call_hourly", columns, "TRUE"),
        ("user_daily", f"user_id, {accounts}", "user_kind = 'service_account'"),
    ):
        rows: list[dict[str, Any]] = books.marts.query(
            "SELECT CAST(date_trunc('month', day) AS DATE) AS month, "
            f"CAST(SUM(CAST(hash({read}) AS HUGEINT)) AS VARCHAR) AS mark FROM {table} AS t "
            f"WHERE data_mode = 'real' AND {where} AND day < $until GROUP BY 1 ORDER BY 1",
            {"until": until},
        ).to_pylist()
        for row in rows:
            sums.setdefault(row["month"], []).append(f"{table} {row['mark']}")
    days: dict[date, list[str]] = {}
    for one in billed:
        days.setdefault(one.day.replace(day=1), []).append(
            f"{one.provider} {one.day} {one.model} {one.currency} {one.amount:f}"
        )
    settings = _settings(books, shape)
    return {
        month: _hash([settings, str(min(until, month_of(month).end)), marks, days.get(month, [])])
        for month, marks in sums.items()
    }


def _settings(books: Books, shape: Shape) -> list[str]:
    """Write all of the settings that decides what calls become."""
    llm = books.settings.llm
    customers: list[str] = []
    if llm.free_plans:
        found = books.marts.query(
            "SELECT CAST(bit_xor(hash(customers)) AS VARCHAR) AS m FROM customers"
        )
        customers = [str(found.to_pylist()[0]["m"])]
    said = (shape, books.settings.dimensions, llm.service_accounts, llm.internal_tenants)
    return [
        VERSION,
        *(repr(one) for one in said),
        *map(repr, (llm.free_plans, llm.calls)),
        *customers,
    ]


def _hash(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _remember(books: Books, month: date, fingerprint: str) -> None:
    schema = text_schema(("fingerprint",), month=pa.date32())
    handed_over(books.marts, FRESH, {"month": [month], "fingerprint": [fingerprint]}, schema)
    where = f"month IN (SELECT month FROM {FRESH})"
    select = f"SELECT month, fingerprint FROM {FRESH}"
    books.marts.replace([Write(table="call_landed", where=where, select=select)])
    books.marts.forget(FRESH)


def _foreign(billed: Sequence[Billed]) -> Iterator[Issue]:
    """Tell of invoices that calls cannot be trued up to: they are in another currency."""
    found: Mapping[tuple[str, str], int] = {}
    counts = dict(found)
    for one in billed:
        if one.currency != CURRENCY:
            key = (one.source, one.currency)
            counts[key] = counts.get(key, 0) + 1
    for (source, currency), days in sorted(counts.items()):
        yield Issue(
            code="not_trued_up",
            message=f"{source} bills in {currency}: costs of single users stay estimates in "
            f"{CURRENCY}",
            where=source,
            severity="warning",
            hint="the charges of the invoice are divided by the calls all the same",
            count=days,
        )


def _unpriced(calls: int) -> Iterator[Issue]:
    if calls:
        yield Issue(
            code="unpriced_calls",
            message="calls of models without a price are in no charge",
            where=CALLS,
            severity="warning",
            hint="`costper unpriced` lists them; add prices to llm.prices, then `costper reprice`",
            count=calls,
        )
