"""What every question of one state of the books stands on: its days, rates and customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from costper.config.settings import Settings
from costper.economics.currency import Rates, converted, plus, rates_into
from costper.economics.revenue import COUNTED
from costper.model.answer import Absent, Row
from costper.model.customer import Rate
from costper.pipeline.answer.select import Bound, Select, record_sql
from costper.pipeline.answer.whole import whole
from costper.store.engine import Engine


class Fact(NamedTuple):
    """What holds of a customer from `since` until before `until` (None: still so).

    `mrr` is money a month in units of 10^-21, None where unknown; `pays` says whether the
    status counts.
    """

    customer: str
    name: str
    status: str
    plan: str
    pays: bool
    mrr: int | None
    currency: str
    since: date
    until: date | None


class Payer(NamedTuple):
    """What is known of a customer on one day."""

    name: str = ""
    status: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Steady:
    """Customers of one fact that still holds, all of one currency, all paying or none.

    The lists are of one length, in order of `since`.
    """

    since: list[date]
    names: list[str]
    payers: list[Payer]
    mrr: list[int | None]


class Measured(NamedTuple):
    """The first and last day of a month a metric has a value of, and how many days have one."""

    first: date
    last: date
    days: int


Amount = Decimal | Absent
DayCosts = tuple[Amount, Amount, Amount]
COSTS = ("cost", "effective_cost", "billed_cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Small enough to be held, and the same until the books change.

    `days` has the rows of each day with charges: currency, reason, cost, gross, estimated.
    `ends` has the last day each bill covers, where that is known.
    `costs` are of record, effective and billed, of each of those days in the home currency.
    `facts` are by customer, in order of time; `steady`, by currency and whether they pay, are
    those of them that one look each is too much for. `measured` are the months of each metric,
    `unpriced` how many calls of a day are in no cost, for want of a price.
    """

    rates: Rates
    days: Mapping[date, tuple[Row, ...]]
    ends: Mapping[str, date] = field(default_factory=dict[str, date])
    costs: Mapping[date, DayCosts]
    facts: Mapping[str, tuple[Fact, ...]]
    steady: Mapping[tuple[str, bool], Steady]
    measured: Mapping[str, tuple[Measured, ...]] = field(
        default_factory=dict[str, tuple[Measured, ...]]
    )
    unpriced: Mapping[date, int] = field(default_factory=dict[date, int])

    @property
    def first(self) -> date | None:
        """The first day with charges."""
        return min(self.days, default=None)

    @property
    def last(self) -> date | None:
        """The last day with charges."""
        return max(self.days, default=None)


def read_ground(
    marts: Engine, settings: Settings, ends: Mapping[str, date] | None = None
) -> Ground:
    """Read it from the marts; `ends` is what is known of how far each bill reaches."""
    rates, days = _rates(marts, settings.currency), _days(marts, settings)
    facts = _facts(marts, settings.currency)
    return Ground(
        rates=rates,
        days=days,
        ends=ends or {},
        costs={day: _in_home(day, rows, rates) for day, rows in days.items()},
        facts=facts,
        steady=steady_of(facts),
        measured=_measured(marts),
        unpriced=unpriced_days(marts),
    )


def _measured(marts: Engine) -> dict[str, tuple[Measured, ...]]:
    select = Select(
        columns={name: name for name in ("metric", "first_day", "last_day", "days")},
        table="metric_months",
    )
    found: dict[str, tuple[Measured, ...]] = {}
    for row in marts.query(select.text()).to_pylist():
        month = Measured(row["first_day"], row["last_day"], row["days"])
        found[row["metric"]] = (*found.get(row["metric"], ()), month)
    return found


def unpriced_days(marts: Engine) -> dict[date, int]:
    """Count the calls of each day that are in no cost, for want of a price."""
    select = Select(
        columns={"day": "day", "calls": "CAST(sum(calls) AS BIGINT)"},
        table="call_unpriced",
        group=("day",),
    )
    return {row["day"]: row["calls"] for row in marts.query(select.text()).to_pylist()}


def _rates(marts: Engine, home: str) -> Rates:
    select = Select(
        columns={name: name for name in ("valid_from", "currency", "target", "rate")},
        table="rates",
    )
    return rates_into(home, (Rate(**row) for row in marts.query(select.text()).to_pylist()))


def _days(marts: Engine, settings: Settings) -> dict[date, tuple[Row, ...]]:
    bound = Bound()
    select = Select(
        columns={
            "day": "day",
            "currency": "currency",
            "reason": "reason",
            "estimated": "bool_or(estimated)",
            "cost": f"sum({record_sql(settings, bound)})",
            "effective_cost": "sum(effective_cost)",
            "billed_cost": "sum(billed_cost)",
            "gross": "sum(gross_cost)",
        },
        table="dimension_daily",
        group=("day", "currency", "reason"),
        order=("day", "currency", "reason"),
    )
    found: dict[date, tuple[Row, ...]] = {}
    for row in marts.query(select.text(), bound.values).to_pylist():
        found[row["day"]] = (*found.get(row["day"], ()), row)
    return found


def _in_home(day: date, rows: Sequence[Row], rates: Rates) -> DayCosts:
    sums: list[Amount] = [Decimal(0), Decimal(0), Decimal(0)]
    for row in rows:
        for at, name in enumerate(COSTS):
            cost = row[name]
            if isinstance(cost, Decimal):
                sums[at] = plus(sums[at], converted(cost, str(row["currency"]), day, rates))
    return sums[0], sums[1], sums[2]


def _facts(marts: Engine, home: str) -> dict[str, tuple[Fact, ...]]:
    texts = ("customer", "name", "status", "plan", "currency")
    select = Select(
        columns={name: name for name in (*texts, "mrr", "valid_from", "valid_to")},
        table="customers",
        order=("customer", "valid_from"),
    )
    rows = marts.query(select.text())
    columns: list[list[Any]] = [
        *(rows.column(name).to_pylist() for name in texts),
        whole(rows, "mrr"),
        *(rows.column(name).to_pylist() for name in ("valid_from", "valid_to")),
    ]
    found: dict[str, tuple[Fact, ...]] = {}
    for customer, name, status, plan, currency, mrr, since, until in zip(*columns, strict=True):
        pays = status.replace(" ", "_").replace("-", "_") in COUNTED
        fact = Fact(customer, name, status, plan, pays, mrr, currency or home, since, until)
        found[customer] = (*found.get(customer, ()), fact)
    return found


def steady_of(facts: Mapping[str, tuple[Fact, ...]]) -> dict[tuple[str, bool], Steady]:
    """Find those of whom one fact is known that still holds."""
    alone = [own[0] for own in facts.values() if len(own) == 1 and own[0].until is None]
    found: dict[tuple[str, bool], Steady] = {}
    for fact in sorted(alone, key=lambda one: one.since):
        alike = found.setdefault((fact.currency, fact.pays), Steady([], [], [], []))
        alike.since.append(fact.since)
        alike.names.append(fact.customer)
        alike.payers.append(Payer(fact.name, fact.status, fact.plan))
        alike.mrr.append(fact.mrr)
    return found
