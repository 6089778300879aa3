"""How far is what calls cost by price from what the provider billed, by model and day?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from costper.economics.currency import converted, plus
from costper.economics.trend import percent_of
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.money import EXACT
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import Frame, missing_rate_issue
from costper.pipeline.calls.invoices import CURRENCY, billed_days, family, invoices
from costper.store.books import Books

By = Literal["provider", "model", "day"]
BYS: tuple[By, ...] = ("model", "provider", "day")
KEYS: Mapping[str, tuple[str, ...]] = {
    "provider": ("provider",),
    "model": ("provider", "model"),
    "day": ("day", "provider", "model"),
}
ALL_MODELS = "(all models)"
"""Stands for every model on days whose bill names none."""

NO_MODEL = "(no model)"
"""What a bill that names models says of none of them: web searches, credits."""

NO_INVOICE = Absent("no_invoice")
NO_BILL = Absent("no_bill")
UNPRICED = Absent("unpriced")
TOLERANCE = Decimal(1)
"""A gap of more than so many percent of the bill is told."""

Key = tuple[date, str, str]
"""Day, provider and model."""

Amount = Decimal | Absent


@dataclass(slots=True)
class Sums:
    """What calls and bills say of the same thing.

    `estimate` is of days with a bill, `unbilled` of the others. `has_bill` says that a bill covers
    the day, `lines` how many lines of it there are.
    """

    estimate: Amount = Decimal(0)
    billed: Amount = Decimal(0)
    unbilled: Amount = Decimal(0)
    calls: int = 0
    unpriced: int = 0
    lines: int = 0
    has_bill: bool = False

    @property
    def is_unpriced(self) -> bool:
        """Say whether there are calls, and none of them has a price."""
        return 0 < self.calls == self.unpriced

    @property
    def gap(self) -> Amount:
        """The estimate less the bill, over days with a bill."""
        if not self.has_bill:
            return NO_BILL
        if isinstance(self.billed, Absent):
            return self.billed
        if self.is_unpriced:
            return UNPRICED
        return plus(self.estimate, EXACT.minus(self.billed))


def reconcile(books: Books, frame: Frame, by: str = "model") -> Answer:
    """Compare real calls by price with invoices: by `model`, `provider` or `day`, widest gap first.

    `gap` is estimate - billed on the days an invoice covers; `unbilled_estimate` is what calls
    cost on all others. A bill without calls and calls without a bill are rows like any other.
    Models are compared without the date at their end. Calls nobody has a price for are counted
    and in no amount.
    """
    if by not in BYS:
        raise UnknownNameError("way to cut", by, BYS, where="by")
    found: dict[Key, Sums] = {}
    named = {one.provider for one in invoices(books.settings)}
    covered = _add_bills(books, frame, found)
    _add_calls(frame, found, covered)
    keys = KEYS[by]
    grouped = _grouped(found, keys)
    rows = [_row(key, sums, keys, named) for key, sums in grouped.items()]
    rows.sort(key=lambda row: (by == "day" and str(row["day"]), *_order(row)))
    whole = Sums()
    for sums in found.values():
        _merge(whole, sums)
    issues = (*_rates(grouped.values()), *_gaps(_grouped(found, ("provider",)), named))
    total = _cells(whole, invoiced=bool(named))
    answer = frame.answer({"noun": "reconcile", "by": by}, rows, total, issues)
    # What the ledger allocates of all cost says nothing of calls beside their bills.
    return replace(answer, coverage=None, unallocated={})


def _add_bills(books: Books, frame: Frame, found: dict[Key, Sums]) -> dict[tuple[str, date], bool]:
    """Add what invoices say; gives the provider-days they cover, and whether by model."""
    billed = billed_days(books, frame.period)
    covered: dict[tuple[str, date], bool] = {}
    for one in billed:
        key = (one.provider, one.day)
        covered[key] = covered.get(key, False) or bool(one.model)
    for one in billed:
        model = one.model or (NO_MODEL if covered[one.provider, one.day] else ALL_MODELS)
        sums = found.setdefault((one.day, one.provider, model), Sums())
        cost = converted(one.amount, one.currency, one.day, frame.rates)
        sums.billed = plus(sums.billed, cost)
        sums.has_bill = True
        sums.lines += 1
    return covered


def _add_calls(
    frame: Frame, found: dict[Key, Sums], covered: Mapping[tuple[str, date], bool]
) -> None:
    rows: list[dict[str, Any]] = frame.books.marts.query(
        "SELECT day, provider, model, SUM(call_cost) AS cost, CAST(SUM(calls) AS BIGINT) AS calls, "
        "CAST(SUM(unpriced_calls) AS BIGINT) AS unpriced FROM call_hourly AS h "
        "WHERE data_mode = 'real' AND day >= $start AND day < $end GROUP BY day, provider, model",
        {"start": frame.period.start, "end": frame.period.end},
    ).to_pylist()
    for row in rows:
        by_model = covered.get((row["provider"], row["day"]), True)
        model = (family(row["model"]) or NO_MODEL) if by_model else ALL_MODELS
        sums = found.setdefault((row["day"], row["provider"], model), Sums())
        cost = converted(row["cost"] or Decimal(0), CURRENCY, row["day"], frame.rates)
        if (row["provider"], row["day"]) in covered:
            sums.estimate = plus(sums.estimate, cost)
            sums.has_bill = True
        else:
            sums.unbilled = plus(sums.unbilled, cost)
        sums.calls += row["calls"]
        sums.unpriced += row["unpriced"]


def _grouped(found: Mapping[Key, Sums], keys: Sequence[str]) -> dict[tuple[Cell, ...], Sums]:
    grouped: dict[tuple[Cell, ...], Sums] = {}
    for (day, provider, model), sums in found.items():
        words: dict[str, Cell] = {"day": day, "provider": provider, "model": model}
        _merge(grouped.setdefault(tuple(words[name] for name in keys), Sums()), sums)
    return grouped


def _merge(into: Sums, sums: Sums) -> None:
    into.estimate = plus(into.estimate, sums.estimate)
    into.billed = plus(into.billed, sums.billed)
    into.unbilled = plus(into.unbilled, sums.unbilled)
    into.calls += sums.calls
    into.unpriced += sums.unpriced
    into.lines += sums.lines
    into.has_bill |= sums.has_bill


def _row(key: tuple[Cell, ...], sums: Sums, keys: Sequence[str], named: set[str]) -> Row:
    words = dict(zip(keys, key, strict=True))
    return {**words, **_cells(sums, invoiced=words["provider"] in named)}


def _cells(sums: Sums, *, invoiced: bool) -> dict[str, Cell]:
    billed: Amount = sums.billed if sums.has_bill else (NO_BILL if invoiced else NO_INVOICE)
    gap = sums.gap
    percent: Cell = Absent("zero_denominator")
    captured: Cell = Absent("zero_denominator")
    if isinstance(billed, Absent) or isinstance(gap, Absent):
        percent = captured = billed if isinstance(billed, Absent) else gap
    elif billed and isinstance(sums.estimate, Decimal):
        percent = percent_of(gap, EXACT.abs(billed))
        captured = percent_of(sums.estimate, billed)
    return {
        "estimate": (UNPRICED if sums.is_unpriced else sums.estimate) if sums.has_bill else billed,
        "billed": billed,
        "gap": gap if not isinstance(billed, Absent) else billed,
        "gap_percent": percent,
        "captured_percent": captured,
        "unbilled_estimate": UNPRICED if sums.is_unpriced else sums.unbilled,
        "calls": sums.calls,
        "unpriced_calls": sums.unpriced,
        "state": _state(sums, invoiced=invoiced),
    }


def _state(sums: Sums, *, invoiced: bool) -> str:
    if not sums.has_bill:
        return "not_billed_yet" if invoiced else "no_invoice"
    if not sums.lines:
        return "not_on_the_bill"
    return "compared" if sums.calls else "bill_without_calls"


def _order(row: Row) -> tuple[object, ...]:
    gap = row["gap"]
    width = abs(gap) if isinstance(gap, Decimal) else Decimal(-1)
    return (-width, str(row["provider"]), str(row.get("model", "")))


def _rates(sums: Iterable[Sums]) -> Iterator[Issue]:
    lacking = sum(isinstance(one, Absent) for each in sums for one in (each.billed, each.estimate))
    if lacking:
        yield missing_rate_issue(CURRENCY, lacking)


def _gaps(providers: Mapping[tuple[Cell, ...], Sums], named: set[str]) -> Iterator[Issue]:
    for (provider,), sums in providers.items():
        cells = _cells(sums, invoiced=provider in named)
        percent = cells["gap_percent"]
        if isinstance(percent, Decimal) and abs(percent) > TOLERANCE:
            yield Issue(
                code="estimate_gap",
                message=f"calls of {provider} cost {cells['captured_percent']} % of its bill "
                "by price",
                where=f"invoice of {provider}",
                severity="warning",
                hint="less: calls that are not sent to costper, or models without a price; "
                "more: a discount - put contract prices under llm.prices",
            )
