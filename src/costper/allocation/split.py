"""Divides an amount exactly: the definition every faster way must agree with, digit by digit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from costper.model.allocation import Reason
from costper.model.money import EXACT, POSTING_UNIT, QUANTITY_SCALE

COARSE_FROM = Decimal(10) ** 12
"""A pool whose weights total this much or more counts them in whole units."""

Key = str


def refusal(values: Iterable[Decimal], missing: Reason) -> Reason | None:
    """Say why these weights divide nothing; None when they do.

    `missing` is the driver's own word for "no weights at all".
    """
    found = list(values)
    if not found:
        return missing
    if min(found) < 0:
        return "negative_weights"
    return None if any(found) else "zero_weights"


def weight_units(values: Mapping[Key, Decimal]) -> dict[Key, int]:
    """Give weights as whole numbers: millionths, or whole units in a pool of 10^12 and more.

    Targets without a unit take no part and are left out.
    """
    with localcontext(EXACT):
        places = 0 if sum(values.values(), Decimal(0)) >= COARSE_FROM else QUANTITY_SCALE
        units = {
            key: int(value.scaleb(places).to_integral_value(ROUND_FLOOR))
            for key, value in values.items()
        }
    return {key: count for key, count in units.items() if count > 0}


def split(
    amount: Decimal, weights: Mapping[Key, int], *, quantum: Decimal = POSTING_UNIT
) -> dict[Key, Decimal]:
    """Divide an amount in proportion to whole weights; the parts add up to it exactly.

    >>> split(Decimal(100), {"a": 1, "b": 1, "c": 1}, quantum=Decimal("0.01"))
    {'a': Decimal('33.34'), 'b': Decimal('33.33'), 'c': Decimal('33.33')}
    """
    return {
        key: parts[""]
        for key, parts in split_columns({"": amount}, weights, record="", quantum=quantum).items()
    }


def split_columns(
    amounts: Mapping[str, Decimal],
    weights: Mapping[Key, int],
    *,
    record: str,
    quantum: Decimal = POSTING_UNIT,
) -> dict[Key, dict[str, Decimal]]:
    """Divide several cost columns with the same weights.

    Each amount is cut in whole units of `quantum`. Every target gets the whole part of its
    share; the units left over go one each to those with the largest remainder, ties by key.
    What is finer than a unit goes to the first of that order. The order is the one of column
    `record` for all columns; a credit is divided as the charge it mirrors.
    """
    if not weights or min(weights.values()) <= 0:
        raise ValueError("weights must be whole numbers above zero")
    total = sum(weights.values())
    order = _order(_units(amounts[record], quantum), weights, total)
    columns = {
        name: _handed_out(amount, weights, total, order, quantum)
        for name, amount in amounts.items()
    }
    return {key: {name: parts[key] for name, parts in columns.items()} for key in order}


def spread(total: Decimal, shares: Mapping[Key, Fraction]) -> dict[Key, Decimal]:
    """Round signed shares to posting units so that they add up to `total` exactly.

    Used to walk a leg back to its rows: rows of one pool may have both signs, so the shares
    are given, not weights. What rounding leaves over goes to the largest remainders, by key.
    """
    unit = Fraction(POSTING_UNIT)
    floors = {key: (share / unit).__floor__() for key, share in shares.items()}
    order = sorted(shares, key=lambda key: (floors[key] - shares[key] / unit, key))
    units = _units(total, POSTING_UNIT)
    left = units - sum(floors.values())
    each, more = divmod(left, len(order))
    with localcontext(EXACT):
        parts = {
            key: (floors[key] + each + (1 if place < more else 0)) * POSTING_UNIT
            for place, key in enumerate(order)
        }
        parts[order[0]] += total - units * POSTING_UNIT
    return {key: parts[key] for key in shares}


def _units(amount: Decimal, quantum: Decimal) -> int:
    """Count whole units, half a unit away from zero."""
    with localcontext(EXACT):
        return int((amount / quantum).to_integral_value(ROUND_HALF_UP))


def _order(units: int, weights: Mapping[Key, int], total: int) -> list[Key]:
    """Give the targets in hand-out order: the largest remainder first, ties by key."""
    size = abs(units)
    return sorted(weights, key=lambda key: (-(size * weights[key] % total), key))


def _handed_out(
    amount: Decimal,
    weights: Mapping[Key, int],
    total: int,
    order: list[Key],
    quantum: Decimal,
) -> dict[Key, Decimal]:
    units = _units(amount, quantum)
    size, sign = abs(units), -1 if units < 0 else 1
    whole = {key: size * weight // total for key, weight in weights.items()}
    left = size - sum(whole.values())
    with localcontext(EXACT):
        parts = {
            key: sign * (whole[key] + (1 if place < left else 0)) * quantum
            for place, key in enumerate(order)
        }
        parts[order[0]] += amount - units * quantum
    return parts
