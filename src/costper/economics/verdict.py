"""Whether cost grew faster or slower than what it is divided by, in one word.

Two periods of as many settled days are compared, exactly: nothing is rounded before a
threshold. Source: the verdict rule of the design, where the order of the conditions matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from costper.economics.trend import ZERO_DENOMINATOR
from costper.model.answer import Absent
from costper.model.money import EXACT

Name = Literal["insufficient_data", "no_usage", "no_baseline", "scaling_well", "flat", "drifting"]
Severity = Literal["", "minor", "major", "severe"]
Quadrant = Literal["", "growth", "cheaper while growing", "shrinking", "diverging"]
Amount = Decimal | Absent

TOLERANCE = Fraction(5, 100)
MINOR = Fraction(15, 100)
MAJOR = Fraction(30, 100)
COVERED = Decimal("0.8")
"""Less of either period than this, and nothing is said of it."""

LABELS: dict[Name, str] = {
    "insufficient_data": "Insufficient data",
    "no_usage": "Spend without units",
    "no_baseline": "No baseline",
    "scaling_well": "Scaling well",
    "flat": "Flat, no gain, no loss",
    "drifting": "Drifting, investigate",
}
ARROWS: dict[Name, str] = {"scaling_well": "↓", "flat": "→", "drifting": "↑"}
HEALTHY: tuple[Name, ...] = ("scaling_well", "flat")
NOT_SETTLED = Absent("not_settled")
LOW_COVERAGE = Absent("low_coverage")
UNEQUAL = Absent("unequal_periods")
NEW = Absent("new")
NO_UNITS = Absent("no_units")
NO_COST = Absent("no_cost")
_HUNDREDTH = Decimal("0.01")


class Side(NamedTuple):
    """One period: what was spent, how many units there were, how much of both is known (0..1)."""

    cost: Amount
    units: Amount
    coverage: Decimal = Decimal(1)
    settled: bool = True
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be said of two periods.

    The growths are in percent, rounded to two decimals for reading, null with a reason where
    there is nothing to compare with. `why` says what is missing where no growth can be told.
    """

    name: Name
    cost_growth: Amount
    unit_growth: Amount
    growth: Amount
    severity: Severity = ""
    quadrant: Quadrant = ""
    why: str = ""

    @property
    def label(self) -> str:
        """Give the words people read."""
        return LABELS[self.name]

    @property
    def arrow(self) -> str:
        """Give the direction the unit cost took; '' where it is not known."""
        return ARROWS.get(self.name, "")

    @property
    def stranded(self) -> bool:
        """Say whether cost stayed behind while units left."""
        return self.name == "drifting" and self.quadrant == "shrinking"


def verdict(before: Side, now: Side, *, tolerance: Fraction = TOLERANCE) -> Verdict:
    """Judge two periods, by the first condition that holds.

    Missing, unsettled or too little known; units of zero with cost; nothing to start from; then
    the growth of the unit cost against the tolerance, whose edges are flat.

    >>> verdict(Side(Decimal(100), Decimal(100)), Side(Decimal(130), Decimal(150))).label
    'Scaling well'
    >>> verdict(Side(Decimal(100), Decimal(100)), Side(Decimal(122), Decimal(128))).growth
    Decimal('-4.69')
    """
    growths = (growth(before.cost, now.cost), growth(before.units, now.units))
    lacking = _lacking(before, now)
    if lacking is not None:
        return Verdict(
            name="insufficient_data",
            cost_growth=growths[0],
            unit_growth=growths[1],
            growth=lacking,
            why=lacking.reason,
        )
    name, exact = _judged(before, now, tolerance)
    return Verdict(
        name=name,
        cost_growth=growths[0],
        unit_growth=growths[1],
        growth=exact if isinstance(exact, Absent) else percent(exact),
        severity=severity(exact) if name == "drifting" and isinstance(exact, Fraction) else "",
        quadrant=quadrant(before, now) if isinstance(exact, Fraction) else "",
        why=exact.reason if isinstance(exact, Absent) else "",
    )


def _lacking(before: Side, now: Side) -> Absent | None:
    """Find what is missing on any side."""
    for amount in (now.cost, now.units, before.cost, before.units):
        if isinstance(amount, Absent):
            return amount
    if not (before.settled and now.settled):
        return NOT_SETTLED
    if before.days != now.days:
        return UNEQUAL
    if min(before.coverage, now.coverage) < COVERED:
        return LOW_COVERAGE
    return None


def _judged(before: Side, now: Side, tolerance: Fraction) -> tuple[Name, Fraction | Absent]:
    c0, u0, c1, u1 = (
        Fraction(amount) if isinstance(amount, Decimal) else Fraction(0)
        for amount in (before.cost, before.units, now.cost, now.units)
    )
    if u1 == 0 and c1 > 0:
        return "no_usage", ZERO_DENOMINATOR
    if c0 <= 0 or u0 == 0:
        return "no_baseline", NO_UNITS if u0 == 0 else NO_COST
    if u1 == 0:
        return "insufficient_data", ZERO_DENOMINATOR
    grown = (c1 / c0) / (u1 / u0) - 1
    if grown < -tolerance:
        return "scaling_well", grown
    return ("flat" if grown <= tolerance else "drifting"), grown


def severity(grown: Fraction) -> Severity:
    """Say how bad a drift is: minor up to 15 %, major up to 30 %, severe above."""
    if grown <= MINOR:
        return "minor"
    return "major" if grown <= MAJOR else "severe"


def quadrant(before: Side, now: Side) -> Quadrant:
    """Say which way cost and units went; '' when one of them did not move or is not known."""
    c0, u0, c1, u1 = before.cost, before.units, now.cost, now.units
    if (
        isinstance(c0, Absent)
        or isinstance(c1, Absent)
        or isinstance(u0, Absent)
        or isinstance(u1, Absent)
        or c0 == c1
        or u0 == u1
    ):
        return ""
    if c1 > c0:
        return "growth" if u1 > u0 else "diverging"
    return "cheaper while growing" if u1 > u0 else "shrinking"


def growth(before: Amount, now: Amount) -> Amount:
    """Give now ÷ before - 1 in percent with two decimals; "new" where there was nothing."""
    if isinstance(now, Absent):
        return now
    if isinstance(before, Absent):
        return before
    if before <= 0:
        return NEW
    return percent(Fraction(now) / Fraction(before) - 1)


def percent(part: Fraction) -> Decimal:
    """Write a share in percent with two decimals, rounded half up.

    >>> percent(Fraction(-2, 15))
    Decimal('-13.33')
    """
    return exact_decimal(part * 100, _HUNDREDTH)


def exact_decimal(value: Fraction, step: Decimal) -> Decimal:
    """Round a fraction once, half up, to a step such as 0.01, however many digits it has."""
    scaled = abs(value) / Fraction(step)
    whole = int(scaled + Fraction(1, 2))
    return EXACT.multiply(Decimal(whole if value >= 0 else -whole), step)
