"""Walks amounts along the steps of an allocation, in both directions, without losing a digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from costper.allocation.drivers import DRIVERS
from costper.allocation.split import spread
from costper.model.money import EXACT

SECOND = timedelta(seconds=1)
TIMES = " \N{MULTIPLICATION SIGN} "
OTHERS = "(other rows)"
"""Stands for the bill rows that are not listed one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One division an amount went through: of what, by which rule and method, in what share.

    `weight` is None where nobody could divide it. Money and percent weigh in their own unit.
    """

    stage: int
    rule: str
    version: str
    method: str
    reason: str
    pool_no: int
    day: date
    pool_cost: Decimal
    weight: Decimal | None
    weight_total: Decimal | None

    def text(self) -> str:
        """Say the share, by what and by which rule.

        >>> Step(stage=1, rule="db", version="1f", method="by_quantity", reason="", pool_no=7,
        ...      day=date(2026, 8, 1), pool_cost=Decimal(100), weight=Decimal(25),
        ...      weight_total=Decimal(100)).text()
        '25/100 by_quantity [db]'
        """
        if self.weight is None or self.weight_total is None:
            return f"1/1 {self.reason or self.method} [{self.rule}]"
        share = f"{_short(self.weight)}/{_short(self.weight_total)}"
        return f"{share} {self.method} [{self.rule}]"

    def pool_text(self) -> str:
        """Say what was divided: the rule's cost of a day."""
        return f"{self.rule} of {self.day} = {_short(self.pool_cost)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """One day's part of one row of a bill. `charge` is its id: SOURCE/DELIVERY/FILE:ROW.

    `whole` is what the row costs in the file, `cost` the day's part of it, `share` of its time.
    """

    charge: str
    file: str
    row_no: int
    description: str
    cost: Decimal
    whole: Decimal
    share: Fraction = Fraction(1)

    def text(self) -> str:
        """Say what the day's part is: the row's cost, or a part of it.

        >>> BillRow(charge="aws/1/0:2", file="a.csv", row_no=2, description="",
        ...         cost=Decimal(125), whole=Decimal(3875), share=Fraction(1, 31)).text()
        '1/31 of 3875'
        """
        part = "" if self.share == 1 else f"{self.share} of "
        return f"{part}{_short(self.whole)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How much of a bill row, or of several (`rows`), is in the amount that is explained.

    `steps` are the divisions on the way, the last one first; none where it is direct: there the
    row names its value of `to` itself. `dims` are all dimensions; '' where several rows differ.
    """

    day: date
    currency: str
    source: str
    dims: Mapping[str, str]
    steps: tuple[Step, ...]
    rule: str
    version: str
    stage: int
    to: str
    method: str
    reason: str
    cost: Decimal
    bill: BillRow | None = None
    rows: int = 1

    @property
    def service(self) -> str:
        """Its service."""
        return self.dims["service"]


def derivation(bill: BillRow, steps: Sequence[Step], direct: str) -> str:
    """Write how a part follows from its bill row: the row times each share, the first one first.

    `direct` says why there is none. What is written multiplies out to the part, but for what
    handing out whole units of 10^-12 adds or takes.
    """
    if not steps:
        return direct if bill.share == 1 else f"{bill.text()}, {direct}"
    return TIMES.join((bill.text(), *(step.text() for step in steps)))


def undivided(reason: str, to: str) -> str:
    """Say why an amount went through no division."""
    return "no rule takes it" if reason else f"direct: names its {to}"


def day_share(start: datetime, end: datetime, day: date) -> Fraction:
    """Give the share of a charge's time that is on a day; 1 where it lasts no longer.

    >>> day_share(datetime(2026, 10, 1), datetime(2026, 11, 1), date(2026, 10, 7))
    Fraction(1, 31)
    """
    midnight = datetime.combine(day, time(), start.tzinfo)
    since, until = max(start, midnight), min(end, midnight + timedelta(days=1))
    if end <= start or until <= since:
        return Fraction(1)
    return Fraction((until - since) // SECOND, (end - start) // SECOND)


def weight_of(method: str, weight: Decimal | None) -> Decimal | None:
    """Give a weight in the unit people think in: money and percent are kept in millionths."""
    return None if weight is None else EXACT.scaleb(weight, -DRIVERS[method].scale)


def portions(
    amount: Decimal, inputs: Sequence[Decimal], whole: Decimal, ratio: Fraction
) -> list[Decimal]:
    """Divide an amount over the inputs of its pool, in proportion to them, exactly.

    `whole` is what the inputs add up to. Where they cancel out, each gives its `ratio`.
    """
    if not inputs:
        return []
    part = Fraction(amount) / Fraction(whole) if whole else ratio
    width = len(str(len(inputs)))
    shares = {f"{place:0{width}}": Fraction(value) * part for place, value in enumerate(inputs)}
    return list(spread(amount, shares).values())


def ratio_of(weight: Decimal | None, weight_total: Decimal | None) -> Fraction:
    """Give a share as a fraction; the whole where nothing was divided."""
    if weight is None or not weight_total:
        return Fraction(1)
    part, unit = weight.as_integer_ratio()
    whole, whole_unit = weight_total.as_integer_ratio()
    return Fraction(part * whole_unit, whole * unit)


def charge_id(row: Mapping[str, object]) -> str:
    """Name a bill row: SOURCE/DELIVERY/FILE:ROW.

    >>> charge_id({"source": "aws", "delivery_id": 3, "file_no": 0, "row_no": 17})
    'aws/3/0:17'
    """
    return f"{row['source']}/{row['delivery_id']}/{row['file_no']}:{row['row_no']}"


def _short(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
