"""Hours that cost far more than the two weeks before them, put together to windows.

The plain z serves hourly series best: on labelled ones it beats seasonal scores at z >= 4. An hour
that is told of teaches the hours after it nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from costper.model.money import divide

MEMORY = 14 * 24
LEARNING = 3 * 24
"""Hours before an hour that are looked at, and that are needed to say anything."""

LIMIT = 4
SCORES = Context(prec=28)
LEAST_TIMES = 2
"""An hour costs at least so many times the mean, however steady the hours before it."""

DAYS_BACK = tuple(range(24, 8 * 24, 24))
SEEN_BEFORE = 2
"""What came at the same hour on so many days of the last week is usual there: a nightly job."""

APART = 1
"""Windows with so many quiet hours between them are one."""


@dataclass(frozen=True, slots=True)
class Window:
    """Hours in a row, from position `start` until before `end`, and what they were to cost.

    `dear` are the positions of the hours that were told: `cost` and `expected` are of these, not
    of a quiet hour between two of them. `expected` has 12 places. `z` is the highest of its
    hours', None where nothing was spent before.
    """

    start: int
    end: int
    cost: Decimal
    expected: Decimal
    z: Decimal | None
    dear: tuple[int, ...]


def windows(hours: Sequence[Decimal], first: int, minimum: Decimal) -> list[Window]:
    """Find the windows that start at position `first` or later.

    `hours` are consecutive hours, zero where nothing was called. An hour that is less than
    `minimum` above the mean is not told.
    """
    known: deque[Decimal] = deque()
    places: deque[int] = deque()
    whole = Decimal(0)
    found: list[Window] = []
    for at, cost in enumerate(hours):
        while places and places[0] < at - MEMORY:
            places.popleft()
            whole -= known.popleft()
        new = len(known) >= LEARNING and not _recurring(hours, at)
        judged = _judged(cost, known, whole, minimum) if new else None
        if judged is None:
            known.append(cost)
            places.append(at)
            whole += cost
        elif at >= first:
            _extend(found, Window(at, at + 1, cost, *judged, (at,)))
    return found


def _recurring(hours: Sequence[Decimal], at: int) -> bool:
    """Say whether the same hour of several days of the last week cost half as much or more."""
    alike = [hours[at - lag] for lag in DAYS_BACK if at >= lag]
    return sum(2 * one >= hours[at] for one in alike) >= SEEN_BEFORE


def _judged(
    cost: Decimal, before: Collection[Decimal], whole: Decimal, minimum: Decimal
) -> tuple[Decimal, Decimal | None] | None:
    """Give the mean and z of an hour that is to be told; None for any other."""
    mean = divide(whole, Decimal(len(before))) or Decimal(0)
    if cost - mean < minimum or cost < LEAST_TIMES * mean:
        return None
    square = sum(((one - mean) ** 2 for one in before), Decimal(0)) / (len(before) - 1)
    if not square:
        return mean, None
    score = ((cost - mean) ** 2 / square).sqrt(SCORES)
    return (mean, score) if score >= LIMIT else None


def _extend(found: list[Window], hour: Window) -> None:
    """Add an hour to the window it continues, or begin another."""
    last = found[-1] if found else None
    if last is None or hour.start - last.end > APART:
        found.append(hour)
        return
    scores = [one for one in (last.z, hour.z) if one is not None]
    found[-1] = Window(
        last.start,
        hour.end,
        last.cost + hour.cost,
        last.expected + hour.expected,
        max(scores, default=None),
        (*last.dear, *hour.dear),
    )
