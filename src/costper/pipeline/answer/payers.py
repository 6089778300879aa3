"""Who pays what: customers as dated facts, and their revenue in a period."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import repeat

from costper.economics.currency import MISSING_RATE
from costper.economics.revenue import Held, Revenue
from costper.model.answer import Absent
from costper.model.money import POSTING_SCALE, amount
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.model.sheet import Whole, complete
from costper.pipeline.answer.frame import NO_DATA, ONE_DAY, Frame, missing_rate_issue
from costper.pipeline.answer.ground import Fact, Payer

NO_RECORD = Absent("no_customer_record")


UNKNOWN = Payer()


@dataclass(frozen=True, slots=True)
class Payers:
    """Everyone with a record that holds in the frame, and their revenue in the home currency.

    Revenue is in units of 10^-12, of those who pay. `whole_before` is that of the previous
    period, read only for one customer. `left_out` says which days of the period do not count,
    `without_rate` in which currencies some pay that have no rate.
    """

    known: dict[str, Payer] = field(default_factory=dict[str, Payer])
    whole: dict[str, Whole] = field(default_factory=dict[str, Whole])
    whole_before: dict[str, Whole] = field(default_factory=dict[str, Whole])
    left_out: tuple[Issue, ...] = ()
    without_rate: tuple[str, ...] = ()

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
        """Say which days do not count, and how many customers lack a rate."""
        return (*(self.left_out if self.whole else ()), *self._rate_issues())

    def _rate_issues(self) -> tuple[Issue, ...]:
        if complete([*self.whole.values()]):
            return ()
        lost = sum(
            isinstance(one, Absent) and one.reason == "missing_rate" for one in self.whole.values()
        )
        if not lost:
            return ()
        named = ", ".join(self.without_rate) or "the currency of some MRR"
        return (missing_rate_issue(named, lost),)


def _posted(units: Whole) -> Decimal | Absent:
    return units if isinstance(units, Absent) else amount(units, POSTING_SCALE)


def payers(frame: Frame, customer: str | None = None) -> Payers:
    """Give all customers (or one) that hold in the frame, and what they paid.

    Revenue is that of the days cost is known of (`Frame.counted`), so that a margin compares
    equal days; null ("no_data") where there are none.
    """
    return paid_in(frame, frame.counted, customer, _left_out(frame))


def paid_in(
    frame: Frame,
    days: Period | None,
    customer: str | None = None,
    left_out: tuple[Issue, ...] = (),
) -> Payers:
    """Give them as `payers` does, with the revenue of the days that are said."""
    facts = frame.ground.facts
    if customer is not None:
        found = _looked_at(frame, {customer: facts.get(customer, ())}, days)
        before = _looked_at(frame, {customer: facts.get(customer, ())}, frame.counted_before)
        lacking = _without_rate(frame, found.whole, days)
        return replace(found, whole_before=before.whole, left_out=left_out, without_rate=lacking)
    steady = _steady(frame, days)
    others = {name: own for name, own in facts.items() if name not in steady.known}
    found = _looked_at(frame, others, days) if others else Payers()
    whole = {**steady.whole, **found.whole} if others else steady.whole
    return Payers(
        known={**steady.known, **found.known} if others else steady.known,
        whole=whole,
        left_out=left_out,
        without_rate=_without_rate(frame, whole, days),
    )


def _without_rate(frame: Frame, whole: Mapping[str, Whole], days: Period | None) -> tuple[str, ...]:
    """Name the currencies of those whose revenue is not known for want of a rate."""
    if days is None or complete([*whole.values()]):
        return ()
    paid_in_them = {
        fact.currency
        for name, one in whole.items()
        if one == MISSING_RATE
        for fact in frame.ground.facts.get(name, ())
        if fact.pays
    }
    return tuple(sorted(one for one in paid_in_them if _lacks_rate(frame, one, days)))


def _lacks_rate(frame: Frame, currency: str, days: Period) -> bool:
    """Rates hold until the next: only the first days of a period can be without one."""
    return frame.rates.on(currency, days.start) is None


def _left_out(frame: Frame) -> tuple[Issue, ...]:
    """Say which days at the ends of the period the books hold no cost of."""
    counted, asked = frame.counted, frame.period
    if counted == asked:
        return ()
    if counted is None:
        message = "the books hold no cost of these days: revenue and margin are not known"
    else:
        last = counted.end - ONE_DAY
        message = (
            f"the cost of these days is known from {counted.start} to {last}: revenue and margin "
            f"are of these {counted.days} of {asked.days} days"
        )
        if frame.ahead is not None:
            message += f", and cost also holds what fees are spread over from {frame.ahead} on"
    return (
        Issue(
            code="days_left_out",
            message=message,
            severity="warning",
            hint="revenue of days without cost would look like margin; sync them to count them",
        ),
    )


def _looked_at(frame: Frame, facts: Mapping[str, Sequence[Fact]], days: Period | None) -> Payers:
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
        whole=_revenue(paying, None if days is None else Revenue(days, frame.rates)),
    )


def _steady(frame: Frame, days: Period | None) -> Payers:
    """Take together those of whom one thing holds all the time: equal MRR, equal revenue."""
    found, revenue = Payers(), None if days is None else Revenue(days, frame.rates)
    start = frame.span.start
    for (currency, pays), alike in frame.ground.steady.items():
        until = bisect_right(alike.since, start)
        names, mrr = alike.names[:until], alike.mrr[:until]
        found.known.update(zip(names, alike.payers, strict=False))
        if pays:
            paid = {one: _posting(revenue, [(one, currency, start, None)]) for one in set(mrr)}
            found.whole.update(zip(names, map(paid.__getitem__, mrr), strict=True))
    return found


def _revenue(paying: Mapping[str, Sequence[Fact]], revenue: Revenue | None) -> dict[str, Whole]:
    return {name: _posting(revenue, [it[5:9] for it in own]) for name, own in paying.items()}


def _posting(revenue: Revenue | None, held: Sequence[Held]) -> Whole:
    return NO_DATA if revenue is None else revenue.posted(held)
