"""What every question needs to know of the books first: days, words, currencies, rates."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from costper.economics.coverage import coverage
from costper.economics.currency import Rates, rates_into
from costper.model.answer import Absent
from costper.model.customer import Rate
from costper.model.names import quoted
from costper.pipeline.answer.frame import Readable
from costper.pipeline.answer.ground import unpriced_days
from costper.pipeline.answer.reach import bill_ends, reach
from costper.pipeline.answer.select import Bound, Select, spoken
from costper.store.metric_mart import metric_facts_of

PLAN = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The days something has data on, as ordinals in order.

    On a day in `crowded` some value was put together from several rows of the source. `ahead` says
    that there is cost of later days, which no bill covers yet.
    """

    days: tuple[int, ...] = ()
    said: tuple[str, ...] = ()
    crowded: frozenset[int] = frozenset()
    ahead: bool = False

    @property
    def first(self) -> date | None:
        """The first day with data."""
        return date.fromordinal(self.days[0]) if self.days else None

    @property
    def last(self) -> date | None:
        """The last day with data; of a metric by weeks or months the first day of that bucket."""
        return date.fromordinal(self.days[-1]) if self.days else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """What a metric lacks in a period: `rows` of the `of` its segments should have.

    `segments` of `of_segments` lack any; `named` are those that lack most.
    """

    rows: int = 0
    of: int = 0
    segments: int = 0
    of_segments: int = 0
    named: tuple[str, ...] = ()


@dataclass(slots=True)
class Coverage:
    """What the cost letters look at, in the home currency: how much of it is allocated."""

    gross: Decimal | Absent = Decimal(0)
    gross_missing: Decimal | Absent = Decimal(0)
    unallocated: dict[str, Decimal | Absent] = field(default_factory=dict[str, Decimal | Absent])
    missing: dict[str, int] = field(default_factory=dict[str, int])
    estimated: bool = False

    @property
    def coverage(self) -> Decimal | None:
        """Give the share of gross cost that has an owner; None without a rate or any cost."""
        if isinstance(self.gross, Absent) or isinstance(self.gross_missing, Absent):
            return None
        return coverage(self.gross, self.gross_missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What holds for one version of the books, whatever is asked; keep it as long as that.

    `settled` is the last day that every live bill covers, `ends` the last of each.
    `metrics` says of each metric its days and the dimensions it says. `plans` maps a plan as
    the customers' list writes it to its word. `values` fills up with the values of dimensions
    that conditions name, `coverage` with how much is allocated in periods that were asked for,
    `lines` with the rows that statements gave, by their mark, `lacking` with the segments metrics
    lack in periods that were asked for. `payers_since` is the first day of
    any record of a customer, by the currency of its MRR. `unpriced` says how many calls
    of a day are in no cost, for want of a price.
    """

    rates: Rates
    cost: Held
    settled: date | None = None
    ends: Mapping[str, date] = field(default_factory=dict[str, date])
    currencies: frozenset[str]
    metrics: Mapping[str, Held]
    plans: Mapping[str, str]
    payers_since: Mapping[str, date]
    unpriced: Mapping[date, int] = field(default_factory=dict[date, int])
    values: dict[tuple[str, str], frozenset[str]] = field(
        default_factory=dict[tuple[str, str], frozenset[str]]
    )
    coverage: dict[Hashable, Coverage] = field(default_factory=dict[Hashable, Coverage])
    lines: dict[Hashable, pa.Table] = field(default_factory=dict[Hashable, pa.Table])
    lacking: dict[Hashable, tuple[Lacking, ...]] = field(
        default_factory=dict[Hashable, tuple[Lacking, ...]]
    )

    @property
    def payer_currencies(self) -> frozenset[str]:
        """The currencies customers pay in."""
        return frozenset(self.payers_since)

    @property
    def has_plans(self) -> bool:
        """Say whether the customers' list names any plan."""
        return any(self.plans.values())


def facts_of(books: Readable) -> Facts:
    """Read the facts: six small statements, once for each version of the books."""
    charged, ends = _charged(books), bill_ends(books)
    days = sorted(frozenset(day for day, _ in charged))
    far = reach(date.fromordinal(days[-1]) if days else None, ends)
    payers = _payers(books)
    return Facts(
        rates=_rates(books),
        cost=_covered(days, far.held),
        settled=far.settled,
        ends=ends,
        currencies=frozenset(currency for _, currency in charged),
        metrics=_metrics(books),
        plans={plan: spoken(PLAN, plan, books.settings.dimensions) for plan, _, _ in payers},
        payers_since=_first_days(payers, books.settings.currency),
        unpriced=unpriced_days(books.marts),
    )


def _covered(days: Sequence[int], last: date | None) -> Held:
    """Give the days that bills cover; a fee may have charges on later ones."""
    if last is None:
        return Held()
    covered = tuple(day for day in days if day <= last.toordinal())
    return Held(days=covered, ahead=len(covered) < len(days))


def _charged(books: Readable) -> set[tuple[int, str]]:
    select = Select(
        columns={"day": "day", "currency": "currency"},
        table="dimension_daily",
        group=("day", "currency"),
    )
    rows = books.marts.query(select.text()).to_pylist()
    return {(row["day"].toordinal(), row["currency"]) for row in rows}


def _payers(books: Readable) -> set[tuple[str, str, date]]:
    select = Select(
        columns={"plan": "plan", "currency": "currency", "since": "min(valid_from)"},
        table="customers",
        group=("plan", "currency"),
    )
    rows = books.marts.query(select.text()).to_pylist()
    return {(row["plan"] or "", row["currency"] or "", row["since"]) for row in rows}


def _first_days(payers: Iterable[tuple[str, str, date]], home: str) -> dict[str, date]:
    """Give the first day anything is known of a customer, by currency."""
    found: dict[str, date] = {}
    for _, currency, since in payers:
        found[currency or home] = min(since, found.get(currency or home, since))
    return found


def _rates(books: Readable) -> Rates:
    names = ("valid_from", "currency", "target", "rate")
    select = Select(columns={name: name for name in names}, table="rates")
    rows = books.marts.query(select.text()).to_pylist()
    return rates_into(books.settings.currency, (Rate(**row) for row in rows))


def _metrics(books: Readable) -> dict[str, Held]:
    """Read the days of metrics; where nothing is special, what is kept of each tells them."""
    whole = _without_gaps(books)
    bound = Bound()
    names = books.settings.dimension_names
    said = {
        f"said_{place}": f"max(CASE WHEN {quoted(f'dim_{name}')} <> '' THEN 1 ELSE 0 END)"
        for place, name in enumerate(names)
    }
    known = ", ".join(map(bound.bind, whole))
    select = Select(
        columns={"metric": "metric", "day": "day", "most": "max(rows)", **said},
        table="metric_daily",
        where=(f"metric NOT IN ({known})",) if known else (),
        group=("metric", "day"),
        order=("metric", "day"),
    )
    return whole | _held(books.marts.query(select.text(), bound.values), names)


def _without_gaps(books: Readable) -> dict[str, Held]:
    """Give the metrics with data on every day from their first to their last, one value each."""
    names = books.settings.dimension_names
    found: dict[str, Held] = {}
    for name, facts in metric_facts_of(books.marts).items():
        if facts.first_day is None or facts.last_day is None or facts.crowded:
            continue
        days = range(facts.first_day.toordinal(), facts.last_day.toordinal() + 1)
        if len(days) == facts.days:
            said = tuple(word for word in names if word in facts.said)
            found[name] = Held(days=tuple(days), said=said)
    return found


def _held(rows: pa.Table, names: Sequence[str]) -> dict[str, Held]:
    """Sort rows by metric and day into what is held of each metric."""
    days: dict[str, list[int]] = {}
    crowded: dict[str, set[int]] = {}
    columns: list[list[Any]] = [rows.column(name).to_pylist() for name in ("metric", "day", "most")]
    for metric, day, most in zip(*columns, strict=True):
        days.setdefault(metric, []).append(day.toordinal())
        if most > 1:
            crowded.setdefault(metric, set()).add(day.toordinal())
    flags = {
        f"said_{place}": rows.column(f"said_{place}").to_pylist() for place in range(len(names))
    }
    found: dict[str, Held] = {}
    at = 0
    for metric, own in days.items():
        until = at + len(own)
        dims = tuple(
            name for place, name in enumerate(names) if any(flags[f"said_{place}"][at:until])
        )
        found[metric] = Held(days=tuple(own), said=dims, crowded=frozenset(crowded.get(metric, ())))
        at = until
    return found
