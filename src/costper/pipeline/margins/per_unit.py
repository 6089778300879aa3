"""What a unit cost is divided by: one metric of a period, in all and by customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from costper.economics.currency import plus
from costper.errors import UnknownNameError
from costper.model.answer import Absent
from costper.pipeline.answer.costs import Amount
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.units import metric_sums

NO_UNITS = Absent("no_units")


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """How many units there were: `total`, and by customer where the metric says so."""

    metric: str
    total: Amount
    by_customer: Mapping[str, Amount] | Absent

    def of(self, customer: str) -> Amount:
        """Give one customer's units."""
        if isinstance(self.by_customer, Absent):
            return self.by_customer
        return self.by_customer.get(customer, NO_UNITS)


def used(frame: Frame, metric: str) -> Used:
    """Read a metric over the period; UnknownNameError when nobody declared it."""
    by_customer = used_by(frame, metric, "customer")
    total: Amount = Decimal(0)
    for amount in by_customer.values():
        total = plus(total, amount)
    return Used(metric=metric, total=total, by_customer=by_customer)


def used_by(frame: Frame, metric: str, dimension: str) -> dict[str, Amount]:
    """Read a metric by one dimension; UnknownNameError when nobody declared it."""
    names = [one.name for one in frame.books.settings.metrics]
    if metric not in names:
        raise UnknownNameError("metric", metric, names)
    return {name: value for (name,), value in metric_sums(frame, metric, (dimension,), {}).items()}
