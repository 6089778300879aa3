"""Walks amounts along the steps of an allocation, in both directions, without losing a digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from costper.allocation.drivers import DRIVERS
from costper.allocation.split import spread
from costper.model.money import EXACT

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
    pool_cost: Decimal
    weight: Decimal | None
    weight_total: Decimal | None

    def text(self) -> str:
        """Say it in words.

        >>> Step(stage=1, rule="db", version="1f", method="by_quantity", reason="", pool_no=7,
        ...      pool_cost=Decimal(100), weight=Decimal(25), weight_total=Decimal(100)).text()
        'db@1f: 25/100 of 100 by_quantity'
        """
        name = f"{self.rule}@{self.version}" if self.version else self.rule
        if self.weight is None or self.weight_total is None:
            return f"{name}: {self.pool_cost:f} {self.method}, {self.reason}"
        share = f"{_short(self.weight)}/{_short(self.weight_total)}"
        return f"{name}: {share} of {_short(self.pool_cost)} {self.method}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """One day's part of one row of a bill. `charge` is its id: SOURCE/DELIVERY/FILE:ROW."""

    charge: str
    file: str
    row_no: int
    description: str
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How much of a bill row, or of several (`rows`), is in the amount that is explained.

    `steps` are the divisions on the way, the last one first; none where it is direct.
    """

    day: date
    currency: str
    source: str
    service: str
    steps: tuple[Step, ...]
    rule: str
    version: str
    method: str
    reason: str
    cost: Decimal
    bill: BillRow | None = None
    rows: int = 1


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
    return Fraction(weight) / Fraction(weight_total)


def charge_id(row: Mapping[str, object]) -> str:
    """Name a bill row: SOURCE/DELIVERY/FILE:ROW.

    >>> charge_id({"source": "aws", "delivery_id": 3, "file_no": 0, "row_no": 17})
    'aws/3/0:17'
    """
    return f"{row['source']}/{row['delivery_id']}/{row['file_no']}:{row['row_no']}"


def _short(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
