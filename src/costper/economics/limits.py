"""What limits on spending would have touched: who comes to them, and how much lies above."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from costper.economics.calls import share
from costper.model.answer import Absent
from costper.model.money import EXACT, total

NO_MEMBERS = Absent("no_members")
NO_COST = Absent("no_cost")
NO_CALLS = Absent("no_calls")
MOST_STEPS = 8
Key = TypeVar("Key", bound=tuple[Hashable, Hashable])
STEPS = (Decimal(1), Decimal(2), Decimal(5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """What one limit would have touched.

    `touched` of `members` spent more than `limit` in some bucket (month or day). `touched_cost`
    is all they spent in those buckets, `above` what of it lies over the limit, both of `cost`.
    """

    limit: Decimal
    members: int
    touched: int
    buckets: int
    cost: Decimal
    touched_cost: Decimal
    above: Decimal

    @property
    def touched_percent(self) -> Decimal | Absent:
        """Give the share of members."""
        return share(self.touched, self.members, NO_MEMBERS)

    @property
    def touched_cost_percent(self) -> Decimal | Absent:
        """Give the share of the cost that those touched make."""
        return share(self.touched_cost, self.cost, NO_COST)

    @property
    def above_percent(self) -> Decimal | Absent:
        """Give the share of the cost that lies above the limit."""
        return share(self.above, self.cost, NO_COST)


def limited(spent: Mapping[Key, Decimal], limit: Decimal) -> Limited:
    """Say what a limit would have touched of what (member, bucket) spent.

    This is the definition; the books are asked in SQL, which agrees with it.
    """
    over = {key: cost for key, cost in spent.items() if cost > limit}
    return Limited(
        limit=limit,
        members=len({member for member, _ in spent}),
        touched=len({member for member, _ in over}),
        buckets=len(over),
        cost=total([*spent.values()]),
        touched_cost=total([*over.values()]),
        above=total([EXACT.subtract(cost, limit) for cost in over.values()]),
    )


def round_steps(low: Decimal, high: Decimal) -> tuple[Decimal, ...]:
    """Give round limits from `low` to below `high`: 1, 2, 5, 10, 20 …, the highest few of them.

    Where none lies between, it is the one below `high`.

    >>> round_steps(Decimal("0.7"), Decimal(30))
    (Decimal('1'), Decimal('2'), Decimal('5'), Decimal('10'), Decimal('20'))
    >>> round_steps(Decimal(0), Decimal(0))
    ()
    """
    if high <= 0:
        return ()
    below = sorted(step for step in _steps(high.adjusted()) if step < high)
    return tuple([step for step in below if low <= step] or below[-1:])[-MOST_STEPS:]


def _steps(exponent: int) -> Iterator[Decimal]:
    for shift in range(exponent - MOST_STEPS, exponent + 1):
        for step in STEPS:
            yield Decimal(f"{step.scaleb(shift):f}")
