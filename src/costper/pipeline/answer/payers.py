"""Who pays what: customers as dated facts, and their revenue in a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from costper.economics.revenue import Revenue
from costper.model.answer import Absent
from costper.model.money import POSTING_SCALE, amount
from costper.model.outcome import Issue
from costper.model.sheet import Whole
from costper.pipeline.answer.frame import Frame, missing_rate_issue
from costper.pipeline.answer.ground import Fact

NO_RECORD = Absent("no_customer_record")


class Payer(NamedTuple):
    """What is known of a customer at the end of the period."""

    name: str = ""
    status: str = ""
    plan: str = ""


UNKNOWN = Payer()


@dataclass(frozen=True, slots=True)
class Payers:
    """Everyone with a record that holds in the frame, and their revenue in the home currency.

    Revenue is in units of 10^-12, of those who pay. `whole_before` is that of the previous
    period, read only for one customer.
    """

    known: dict[str, Payer] = field(default_factory=dict[str, Payer])
    whole: dict[str, Whole] = field(default_factory=dict[str, Whole])
    whole_before: dict[str, Whole] = field(default_factory=dict[str, Whole])

    @property
    def current(self) -> dict[str, Decimal | Absent]:
        """The revenue of everyone who pays."""
        return {name: _posted(one) for name, one in self.whole.items()}

    def revenue(self, customer: str) -> Decimal | Absent:
        """Give a customer's revenue: zero when nothing counted, null without a record."""
        return _posted(self.whole_revenue(customer))

    def whole_revenue(self, customer: str) -> Whole:
        """Give a customer's revenue in units of 10^-12."""
        return self.whole.get(customer, 0) if customer in self.known else NO_RECORD

    def revenue_before(self, customer: str) -> Decimal | Absent:
        """Give a customer's revenue of the previous period."""
        if customer not in self.known:
            return NO_RECORD
        return _posted(self.whole_before.get(customer, 0))

    def all_revenue(self) -> Decimal | Absent:
        """Add up the revenue of everyone with a record; null when one of them, or all, is."""
        if not self.known:
            return NO_RECORD
        known = [one for one in self.whole.values() if not isinstance(one, Absent)]
        if len(known) == len(self.whole):
            return _posted(sum(known))
        return next(one for one in self.whole.values() if isinstance(one, Absent))

    def issues(self) -> tuple[Issue, ...]:
        """Say which currencies lacked a rate, and how many customers that leaves without R."""
        lost = sum(
            isinstance(one, Absent) and one.reason == "missing_rate" for one in self.whole.values()
        )
        if not lost:
            return ()
        return (missing_rate_issue("the currency of some MRR", lost),)


def _posted(units: Whole) -> Decimal | Absent:
    return units if isinstance(units, Absent) else amount(units, POSTING_SCALE)


def payers(frame: Frame, customer: str | None = None) -> Payers:
    """Give all customers (or one) that hold in the frame, and what they paid."""
    facts = frame.ground.facts
    start, end = frame.span.start, frame.span.end
    if customer is not None:
        facts = {customer: facts.get(customer, ())}
    holding = {
        name: held
        for name, own in facts.items()
        if (held := [it for it in own if it.since < end and (it.until is None or it.until > start)])
    }
    paying = {
        name: paid for name, held in holding.items() if (paid := [it for it in held if it.pays])
    }
    return Payers(
        known={name: Payer(*held[-1][1:4]) for name, held in holding.items()},
        whole=_revenue(paying, Revenue(frame.period, frame.rates)),
        whole_before=_revenue(paying, Revenue(frame.previous, frame.rates)) if customer else {},
    )


def _revenue(paying: Mapping[str, Sequence[Fact]], revenue: Revenue) -> dict[str, Whole]:
    return {name: revenue.posted([it[5:9] for it in own]) for name, own in paying.items()}
