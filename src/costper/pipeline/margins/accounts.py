"""On which terms customers are: their plan, seats and MRR, as dated facts of some days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from costper.allocation.facts import NOT_ACTIVE
from costper.economics.changes import Change
from costper.economics.revenue import Revenue, Segment
from costper.economics.trend import ratio
from costper.economics.what_if import NO_SEATS, Terms, is_counted, repriced
from costper.model.answer import Absent
from costper.model.dimension import normal
from costper.model.money import EXACT
from costper.model.period import Period
from costper.pipeline.answer.costs import Amount, decimals
from costper.pipeline.answer.frame import NO_DATA, Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.answer.unsaid import plan_words

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's terms from `start` until before `end`, within the period that was read."""

    customer: str
    terms: Terms
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Accounts:
    """Every customer's terms in the order they held."""

    by_customer: Mapping[str, Sequence[Account]] = field(
        default_factory=dict[str, Sequence[Account]]
    )

    def seats(self, customer: str) -> Amount:
        """Give the average of a customer's seats over the days they are known; else "no_seats".

        They are those that weigh in driver `by_seats`: of whoever is active, a trial too. Who has
        left has none from that day on.
        """
        days, active = 0, False
        total = ZERO
        for account in self.by_customer.get(customer, ()):
            seats = account.terms.seats
            if seats is None:
                continue
            held = (account.end - account.start).days
            days += held
            if normal(account.terms.status) not in NOT_ACTIVE:
                active = True
                total = EXACT.add(total, EXACT.multiply(seats, Decimal(held)))
        return ratio(total, Decimal(days), 6) if active else NO_SEATS

    def plan_on(self, customer: str, day: date) -> str:
        """Name the plan on a day, or the last one before it; '' where nobody knows."""
        plan = ""
        for account in self.by_customer.get(customer, ()):
            if account.start <= day:
                plan = account.terms.plan
        return plan

    def moved(self, start: date) -> frozenset[str]:
        """Name those who were on more than one plan, or on none at the start."""
        return frozenset(
            customer
            for customer, own in self.by_customer.items()
            if own[0].start > start or len({account.terms.plan for account in own}) > 1
        )

    def plans(self) -> frozenset[str]:
        """Name every plan anybody was on."""
        return frozenset(
            account.terms.plan
            for accounts in self.by_customer.values()
            for account in accounts
            if account.terms.plan
        )

    def revenue(self, frame: Frame, changes: Sequence[Change]) -> dict[str, Amount]:
        """Give each customer's revenue of the period, had its prices been others."""
        segments: list[Segment] = []
        lost: dict[str, Absent] = {}
        for customer, accounts in self.by_customer.items():
            for account in accounts:
                if not is_counted(account.terms.status):
                    continue
                mrr, currency = repriced(account.terms, changes, frame.rates.home)
                if isinstance(mrr, Absent):
                    lost[customer] = mrr
                else:
                    currency = currency or frame.rates.home
                    segments.append(Segment(customer, mrr, currency, account.start, account.end))
        if frame.counted is None:
            return dict.fromkeys([*lost, *(one.customer for one in segments)], NO_DATA)
        return {**Revenue(frame.counted, frame.rates).by_customer(segments), **lost}


def accounts(frame: Frame) -> Accounts:
    """Read the terms of all customers in the frame's period, in one query."""
    bound = Bound()
    period = frame.period
    start, end = bound.bind(period.start), bound.bind(period.end)
    texts = ("customer", "plan", "status", "currency")
    select = Select(
        columns={
            **{name: name for name in (*texts, "seats", "mrr")},
            "since": f"greatest(valid_from, {start}) - {start}",
            "until": f"least(coalesce(valid_to, {end}), {end}) - {start}",
            "valid_from": "valid_from",
        },
        table="customers",
        where=(f"valid_from < {end}", f"valid_to IS NULL OR valid_to > {start}"),
        order=("customer", "valid_from"),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    columns: list[list[Any]] = [
        rows.column(name).to_pylist() for name in (*texts, "since", "until")
    ]
    found: dict[str, list[Account]] = {}
    columns[1] = plan_words(frame, [plan or "" for plan in columns[1]])
    for seats, mrr, (customer, plan, status, currency, since, until) in zip(
        decimals(rows, "seats"), decimals(rows, "mrr"), zip(*columns, strict=True), strict=True
    ):
        terms = Terms(plan, status or "", seats, mrr, currency or "")
        account = Account(customer, terms, _day(period, since), _day(period, until))
        found.setdefault(customer, []).append(account)
    return Accounts(found)


def month_parts(period: Period) -> Iterable[tuple[date, Period]]:
    """Cut a period into calendar months: the first day of each, and the days that are asked for."""
    return ((part.start.replace(day=1), part) for part in period.months())


def _day(period: Period, offset: int) -> date:
    return period.start + timedelta(days=offset)
