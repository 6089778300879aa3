"""Who pays what: customers as dated facts, and their revenue in a period."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat

from costper.economics.revenue import Revenue
from costper.model.answer import Absent
from costper.model.money import POSTING_SCALE, amount
from costper.model.outcome import Issue
from costper.model.sheet import Whole, complete
from costper.pipeline.answer.frame import Frame, missing_rate_issue
from costper.pipeline.answer.ground import Fact, Payer

NO_RECORD = Absent("no_customer_record")


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

    def whole_revenues(self, customers: Sequence[str]) -> list[Whole]:
        """Give the revenue of each, as `whole_revenue` does."""
        if self.known.keys() >= set(customers):
            return [*map(self.whole.get, customers, repeat(0))]
        return [*map(self.whole_revenue, customers)]

    def revenue_before(self, customer: str) -> Decimal | Absent:
        """Give a customer's revenue of the previous period."""
        if customer not in self.known:
            return NO_RECORD
        return _posted(self.whole_before.get(customer, 0))

    def all_revenue(self) -> Decimal | Absent:
        """Add up the revenue of everyone with a record; null when one of them, or all, is."""
        if not self.known:
            return NO_RECORD
        units = [*self.whole.values()]
        if complete(units):
            return _posted(sum(units))
        lost = {name: one for name, one in self.whole.items() if isinstance(one, Absent)}
        return lost[min(lost)]

    def issues(self) -> tuple[Issue, ...]:
        """Say which currencies lacked a rate, and how many customers that leaves without R."""
        if complete([*self.whole.values()]):
            return ()
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
    if customer is not None:
        return _looked_at(frame, {customer: facts.get(customer, ())}, before=True)
    steady = _steady(frame)
    if len(steady.known) == len(facts):
        return steady
    others = {name: own for name, own in facts.items() if name not in steady.known}
    found = _looked_at(frame, others)
    return Payers(known={**steady.known, **found.known}, whole={**steady.whole, **found.whole})


def _looked_at(
    frame: Frame, facts: Mapping[str, Sequence[Fact]], *, before: bool = False
) -> Payers:
    """Look at every fact of some customers."""
    start, end = frame.span.start, frame.span.end
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
        whole_before=_revenue(paying, Revenue(frame.previous, frame.rates)) if before else {},
    )


def _steady(frame: Frame) -> Payers:
    """Take together those of whom one thing holds all the time: equal MRR, equal revenue."""
    found, revenue = Payers(), Revenue(frame.period, frame.rates)
    start = frame.span.start
    for (currency, pays), alike in frame.ground.steady.items():
        until = bisect_right(alike.since, start)
        names, mrr = alike.names[:until], alike.mrr[:until]
        found.known.update(zip(names, alike.payers, strict=False))
        if pays:
            paid = {one: revenue.posted([(one, currency, start, None)]) for one in set(mrr)}
            found.whole.update(zip(names, map(paid.__getitem__, mrr), strict=True))
    return found


def _revenue(paying: Mapping[str, Sequence[Fact]], revenue: Revenue) -> dict[str, Whole]:
    return {name: revenue.posted([it[5:9] for it in own]) for name, own in paying.items()}
