"""What counts as unusual: the numbers every judgement of a day shares."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

CRITICAL = Decimal("3.5")
WARNING = Decimal("2.5")
Z_LIMITS = (Decimal(2), Decimal(3))
"""The plain z alone is a warning, and critical, above these: 3.0 is a warning still."""

MINIMUM = Decimal(50)
MINIMUM_SHARE = Decimal("0.15")
"""A day less than this far from what was expected is never unusual, whatever its score."""

RECENT = 29
LEARNING = RECENT
"""Days with data before the first score: the 30th day is the first that can be judged."""

RESIDUALS = 35
RESIDUALS_NEEDED = 10
WEEKS = (7, 14, 21, 28)
WEEKS_NEEDED = 2
MEMORY = RESIDUALS + WEEKS[-1]
"""A day's judgement depends on as many days before it, and on no other."""

MAD = Decimal("1.4826")
FLOOR = Decimal("0.02")
"""The robust deviation is never less than this share of what was expected."""

DOUBT = Decimal("1.17")
"""A robust deviation from n distances has a standard error of this ÷ √n of it."""

WEEK = 7
BEFORE = 28
DAYS_NEEDED = 21
"""A drift compares a week with the 28 days before it; as many of those must have data."""

DRIFT_SHARE = Decimal("0.2")
"""The least change of the week's mean that is a drift."""

SAME_SIDE = 6
"""Of the week's seven days as many must lie on that side of their weekday: one day is no drift."""


def is_young(memory: Sequence[Decimal] | Sequence[float]) -> bool:
    """Say whether something began, after days of nothing, less than 30 days ago and goes on.

    >>> is_young([0.0] * 40 + [5.0] * 3), is_young([0.0] * 40 + [5.0, 0.0, 0.0, 0.0])
    (True, False)
    """
    begun = next((at for at, value in enumerate(memory) if value), 0)
    since = memory[begun:]
    return begun > 0 and len(since) < LEARNING and 2 * sum(map(bool, since)) > len(since)
