"""Decimal arithmetic where a number may be absent: what cannot be computed has a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import (
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    Subnormal,
)
from functools import reduce

from costper.economics.trend import ZERO_DENOMINATOR
from costper.model.answer import Absent

Amount = Decimal | Absent

PRECISION = 50
"""Significant digits: 38 of an amount in the books, and 12 to spare."""

RANGE = 99
"""Powers of ten a number may reach, up and down; beyond them it is absent."""

CONTEXT = Context(
    prec=PRECISION,
    Emax=RANGE,
    Emin=-RANGE,
    traps=[DivisionByZero, InvalidOperation, Overflow, Subnormal],
)
ZERO = Decimal(0)
HUNDRED = Decimal(100)
TOO_LARGE = Absent("too_large")
TOO_SMALL = Absent("too_small")


def combine(left: Decimal, operator: str, right: Decimal) -> Amount:
    """Add, subtract, multiply or divide; dividing by zero gives a reason, never infinity.

    >>> combine(Decimal(1), "/", Decimal(0))
    Absent(reason='zero_denominator')
    >>> combine(Decimal("1e99"), "*", Decimal("1e99"))
    Absent(reason='too_large')
    >>> combine(Decimal("1e-99"), "/", Decimal(10))
    Absent(reason='too_small')
    """
    if operator == "/" and not right:
        return ZERO_DENOMINATOR
    return _bounded(OPERATIONS[operator], left, right)


def mean(amounts: Sequence[Decimal]) -> Amount:
    """Give the plain mean of at least one amount."""
    try:
        return CONTEXT.divide(reduce(CONTEXT.add, amounts), Decimal(len(amounts)))
    except Overflow:
        return TOO_LARGE
    except Subnormal:
        return TOO_SMALL


def change(now: Decimal, base: Decimal) -> Amount:
    """Say by how many per cent of |base| a value moved.

    >>> change(Decimal(90), Decimal(120)), change(Decimal(1), Decimal(-2))
    (Decimal('-25.00'), Decimal('150.0'))
    """
    moved = combine(now, "-", base)
    if isinstance(moved, Absent):
        return moved
    part = combine(moved, "/", base.copy_abs())
    return part if isinstance(part, Absent) else combine(part, "*", HUNDRED)


def rounded(amount: Decimal, places: int) -> Decimal:
    """Round half away from zero; what is too long to have such places stays as it is.

    >>> rounded(Decimal("2.345"), 2), rounded(Decimal(1250), -2)
    (Decimal('2.35'), Decimal('1.3E+3'))
    """
    if amount.adjusted() + places >= PRECISION:
        return amount
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, CONTEXT)


def _bounded(
    operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal
) -> Amount:
    try:
        return operation(left, right)
    except Overflow:
        return TOO_LARGE
    except Subnormal:  # underflow is one of its kinds
        return TOO_SMALL


OPERATIONS = {
    "+": CONTEXT.add,
    "-": CONTEXT.subtract,
    "*": CONTEXT.multiply,
    "/": CONTEXT.divide,
}
