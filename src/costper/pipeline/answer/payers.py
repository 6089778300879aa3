"""Who pays what: customers as dated facts, and their revenue in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from costper.economics.currency import plus
from costper.economics.revenue import COUNTED, Revenue, Segment
from costper.model.answer import Absent
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.answer.frame import Frame, missing_rate_issue
from costper.pipeline.answer.select import Bound, Select

NO_RECORD = Absent("no_customer_record")
FACTS = ("customer", "name", "status", "plan", "seats", "mrr", "currency", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class Payer:
    """What is known of a customer at the end of the period."""

    name: str = ""
    status: str = ""
    plan: str = ""
    seats: Decimal | None = None
    mrr: Decimal | None = None
    currency: str = ""


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
        """Add up the revenue of everyone with a record; null when one of them is null."""
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
        currencies = sorted({payer.currency for payer in self.known.values()})
        return (missing_rate_issue(f"the MRR in {' or '.join(currencies)}", lost),)


def payers(frame: Frame, customer: str | None = None) -> Payers:
    """Read all customers (or one) that hold in the frame, in one query."""
    bound = Bound()
    where = [
        f"valid_from < {bound.bind(frame.span.end)}",
        f"valid_to IS NULL OR valid_to > {bound.bind(frame.span.start)}",
    ]
    if customer is not None:
        where.append(f"customer = {bound.bind(customer)}")
    select = Select(
        columns={name: name for name in FACTS},
        table="customers",
        where=where,
        order=("customer", "valid_from"),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    columns = [rows.column(name).to_pylist() for name in FACTS]
    return _payers(frame, list(zip(*columns, strict=True)), with_before=customer is not None)


Fact = tuple[str, str, str, str, Decimal | None, Decimal | None, str, date, date | None]


def _payers(frame: Frame, facts: Sequence[Fact], *, with_before: bool) -> Payers:
    home = frame.rates.home
    segments = [
        Segment(customer, mrr, currency or home, start, end or frame.span.end)
        for customer, _, status, _, _, mrr, currency, start, end in facts
        if status in COUNTED
    ]
    return Payers(
        known={
            customer: Payer(name, status, plan, seats, mrr, currency or home)
            for customer, name, status, plan, seats, mrr, currency, *_ in facts
        },
        current=_revenue(segments, frame.period, frame),
        before=_revenue(segments, frame.previous, frame) if with_before else {},
    )


def _revenue(
    segments: Sequence[Segment], period: Period, frame: Frame
) -> dict[str, Decimal | Absent]:
    return Revenue(period, frame.rates).by_customer(segments)
