"""Who pays what: customers as dated facts, and their revenue in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from costper.economics.currency import plus
from costper.economics.revenue import COUNTED, Revenue, Segment
from costper.model.answer import Absent
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.answer.costs import decimals
from costper.pipeline.answer.frame import Frame, missing_rate_issue
from costper.pipeline.answer.select import Bound, Select

NO_RECORD = Absent("no_customer_record")


class Payer(NamedTuple):
    """What is known of a customer at the end of the period."""

    name: str = ""
    status: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Payers:
    """Everyone with a record that holds in the frame, and their revenue in the home currency.

    `before` is the revenue of the previous period, read only for one customer.
    """

    known: dict[str, Payer] = field(default_factory=dict[str, Payer])
    current: dict[str, Decimal | Absent] = field(default_factory=dict[str, Decimal | Absent])
    before: dict[str, Decimal | Absent] = field(default_factory=dict[str, Decimal | Absent])

    def revenue(self, customer: str) -> Decimal | Absent:
        """Give a customer's revenue: zero when nothing counted, null without a record."""
        if customer not in self.known:
            return NO_RECORD
        return self.current.get(customer, Decimal(0))

    def revenue_before(self, customer: str) -> Decimal | Absent:
        """Give a customer's revenue of the previous period."""
        if customer not in self.known:
            return NO_RECORD
        return self.before.get(customer, Decimal(0))

    def all_revenue(self) -> Decimal | Absent:
        """Add up the revenue of everyone with a record; null when one of them, or all, is."""
        if not self.known:
            return NO_RECORD
        found: Decimal | Absent = Decimal(0)
        for one in self.current.values():
            found = plus(found, one)
        return found

    def issues(self) -> tuple[Issue, ...]:
        """Say which currencies lacked a rate, and how many customers that leaves without R."""
        lost = sum(
            isinstance(one, Absent) and one.reason == "missing_rate"
            for one in self.current.values()
        )
        if not lost:
            return ()
        return (missing_rate_issue("the currency of some MRR", lost),)


def payers(frame: Frame, customer: str | None = None) -> Payers:
    """Read all customers (or one) that hold in the frame, in one query."""
    bound = Bound()
    start, end = bound.bind(frame.span.start), bound.bind(frame.span.end)
    where = [f"valid_from < {end}", f"valid_to IS NULL OR valid_to > {start}"]
    if customer is not None:
        where.append(f"customer = {bound.bind(customer)}")
    select = Select(
        columns={
            **{name: name for name in ("customer", "name", "status", "plan", "currency", "mrr")},
            "since": f"greatest(valid_from, {start}) - {start}",
            "until": f"least(coalesce(valid_to, {end}), {end}) - {start}",
            "valid_from": "valid_from",
        },
        table="customers",
        where=where,
        order=("customer", "valid_from"),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    return _payers(frame, rows, with_before=customer is not None)


def _payers(frame: Frame, rows: pa.Table, *, with_before: bool) -> Payers:
    home, span = frame.rates.home, frame.span
    days = [*span.each_day(), span.end]
    texts = ("customer", "name", "status", "plan", "currency", "since", "until")
    columns: list[list[Any]] = [rows.column(name).to_pylist() for name in texts]
    known: dict[str, Payer] = {}
    segments: list[Segment] = []
    for mrr, (customer, name, status, plan, currency, since, until) in zip(
        decimals(rows, "mrr"), zip(*columns, strict=True), strict=True
    ):
        known[customer] = Payer(name, status, plan)
        if status.replace(" ", "_").replace("-", "_") in COUNTED:
            segments.append(Segment(customer, mrr, currency or home, days[since], days[until]))
    return Payers(
        known=known,
        current=_revenue(segments, frame.period, frame),
        before=_revenue(segments, frame.previous, frame) if with_before else {},
    )


def _revenue(
    segments: Sequence[Segment], period: Period, frame: Frame
) -> dict[str, Decimal | Absent]:
    return Revenue(period, frame.rates).by_customer(segments)
