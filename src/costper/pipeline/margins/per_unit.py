"""What a unit cost is divided by: one metric of a period, in all and by a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from costper.economics.verdict import exact_decimal
from costper.errors import UnknownNameError
from costper.model.answer import Absent
from costper.model.money import POSTING_UNIT
from costper.model.outcome import Issue
from costper.model.period import days_in_month
from costper.model.question import Letter, Question
from costper.pipeline.answer.costs import Amount
from costper.pipeline.answer.frame import Frame
from costper.pipeline.query.ask import ask
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.facts import facts_of

CUSTOMER = "customer"
LETTER = "units"
NO_UNITS = Absent("no_units")
NOT_MEASURED = Absent("not_measured")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """How many units there were: `total`, and by customer where the metric says so.

    The total is rolled up anew, by the metric's own rule: it need not be the sum.
    """

    total: Amount
    by_customer: Mapping[str, Amount] | Absent
    issues: tuple[Issue, ...] = ()

    def of(self, customer: str) -> Amount:
        """Give one customer's units."""
        if isinstance(self.by_customer, Absent):
            return self.by_customer
        return self.by_customer.get(customer, NO_UNITS)


def used(frame: Frame, metric: str) -> Used:
    """Read a metric over the period; UnknownNameError when nobody declared it."""
    found = _asked(frame, metric, CUSTOMER)
    if not found.question.by:
        return Used(total=found.value(LETTER), by_customer=NOT_MEASURED, issues=found.issues)
    return Used(total=found.value(LETTER), by_customer=_groups(found), issues=found.issues)


def used_by(frame: Frame, metric: str, dimension: str) -> dict[str, Amount]:
    """Read a metric by one dimension.

    Raises:
        UnknownNameError: nobody declared the metric, or it does not say the dimension.
    """
    found = _asked(frame, metric, dimension)
    if not found.question.by:
        said = facts_of(frame.books).metrics[metric].said
        raise UnknownNameError(f"dimension of {metric}", dimension, said, where="of")
    return _groups(found)


def months_brought(frame: Frame, metric: str) -> Fraction | None:
    """Count the months a unit brings its ARPU in: a part of a month counts by its days.

    They are the days cost is known of, as for revenue.
    None where the units add up: an order brings what it brings once, a user every month.
    """
    said = {one.name: one.aggregation for one in frame.books.settings.metrics}
    if said.get(metric) == "sum":
        return None
    parts = (frame.counted or frame.period).months()
    return sum((Fraction(one.days, days_in_month(one.start)) for one in parts), Fraction(0))


def brought(arpu: Decimal, months: Fraction | None) -> Decimal:
    """Give what one unit brings in so many months, posted to 12 places.

    >>> brought(Decimal(30), Fraction(3)), brought(Decimal(2), None)
    (Decimal('90.000000000000'), Decimal('2'))
    """
    return arpu if months is None else exact_decimal(Fraction(arpu) * months, POSTING_UNIT)


def _groups(found: Asked) -> dict[str, Amount]:
    return {name: found.value(LETTER, (name,)) for (name,) in found.groups}


def _asked(frame: Frame, metric: str, dimension: str) -> Asked:
    """Ask for a metric by a dimension, in all where it does not say it."""
    names = [one.name for one in frame.books.settings.metrics]
    if metric not in names:
        raise UnknownNameError("metric", metric, names)
    facts = facts_of(frame.books)
    held = facts.metrics.get(metric)
    question = Question(
        letters=(Letter(name=LETTER, kind="metric", of=metric),),
        by=(dimension,) if held is not None and dimension in held.said else (),
        since=frame.period.start,
        until=frame.period.end,
    )
    return ask(frame.books, question, now=frame.now, facts=facts)
