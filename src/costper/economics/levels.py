"""The cost of a call at two levels, and which part of the change is tokens, which is price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from costper.economics.calls import UNPRICED, Amount, Used
from costper.economics.verdict import percent
from costper.model.answer import Absent

NEW = Absent("new")


@dataclass(frozen=True, slots=True)
class Change:
    """Percents by which cost per call, tokens per call and cost per token moved.

    (1 + cost) = (1 + tokens) x (1 + price), exactly before rounding.
    """

    cost: Amount
    tokens: Amount
    price: Amount


def change(before: Used, after: Used) -> Change:
    """Compare two levels of calls by their sums.

    >>> old = Used(calls=10, input_tokens=1000, cost=Decimal(1))
    >>> new = Used(calls=10, input_tokens=1100, cost=Decimal("1.21"))
    >>> change(old, new)
    Change(cost=Decimal('21.00'), tokens=Decimal('10.00'), price=Decimal('10.00'))
    """
    return Change(
        cost=_moved(_each(before), _each(after)),
        tokens=_moved(_over(before.tokens, before.calls), _over(after.tokens, after.calls)),
        price=_moved(_token(before), _token(after)),
    )


def _each(used: Used) -> Fraction | Absent:
    """Give the cost of a call; nobody knows that of calls none of which has a price."""
    unknown = used.calls > 0 and isinstance(used.cost_per_call, Absent)
    return UNPRICED if unknown else _over(used.cost, used.priced_calls)


def _token(used: Used) -> Fraction | Absent:
    """Give the cost of a token; tokens are not told apart by whether they have a price."""
    return UNPRICED if used.unpriced_calls else _over(used.cost, used.tokens)


def _over(part: Decimal | int, whole: int) -> Fraction:
    return Fraction(part) / whole if whole > 0 else Fraction(0)


def _moved(before: Fraction | Absent, after: Fraction | Absent) -> Amount:
    if isinstance(before, Absent) or isinstance(after, Absent):
        return UNPRICED
    return percent(after / before - 1) if before else NEW
