"""Evaluates a formula at a bucket, from the values its letters have there and around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from costper.economics.formula.arithmetic import ZERO, Amount, change, combine, mean, rounded
from costper.economics.formula.ratio import Kinds, is_ratio, kinds_of
from costper.economics.formula.tree import (
    Call,
    Chain,
    Change,
    Compare,
    Condition,
    Expression,
    If,
    Joined,
    Moving,
    Name,
    Negate,
    Not,
    Number,
    Round,
    Shift,
    SpanUnit,
)
from costper.model.answer import Absent

At = TypeVar("At")
"""A place a letter has a value at: a bucket and a group. Only `Operands` looks inside."""


class Operands(Protocol[At]):
    """Where letters get their values; an `At` must be hashable."""

    def value(self, name: str, at: At) -> Amount:
        """Give a letter's value, rolled up to the bucket by its own aggregation."""
        ...

    def before(self, at: At, count: int, unit: SpanUnit) -> At | Absent:
        """Give the place `count` calendar units earlier; Absent when the books begin later."""
        ...

    def last(self, at: At, count: int) -> Sequence[At] | Absent:
        """Give the `count` buckets that end with this one, in order."""
        ...

    def first_to(self, at: At) -> Sequence[At] | Absent:
        """Give the buckets of the range up to and with this one, in order."""
        ...

    def whole(self, at: At) -> At:
        """Give the same bucket without groups."""
        ...


@dataclass(frozen=True, slots=True)
class Sheet(Generic[At]):
    """What stays the same over many cells: operands, named formulas, and what was found so far.

    Made by `sheet_of`.
    """

    operands: Operands[At]
    formulas: Mapping[str, Expression]
    kinds: Kinds
    found: dict[tuple[int, tuple[At, ...]], Amount] = field(
        default_factory=dict[tuple[int, tuple[At, ...]], Amount]
    )


def sheet_of(operands: Operands[At], formulas: Mapping[str, Expression] | None = None) -> Sheet[At]:
    """Open a sheet; the formulas come from `order_formulas`, in order and free of cycles."""
    return Sheet(operands, formulas or {}, kinds_of(formulas or {}))


def evaluate(
    expression: Expression,
    at: At,
    operands: Operands[At],
    *,
    formulas: Mapping[str, Expression] | None = None,
) -> Amount:
    """Give a formula's value at one place, or the reason why it has none."""
    return cell(expression, at, sheet_of(operands, formulas))


def cell(expression: Expression, at: At, sheet: Sheet[At]) -> Amount:
    """Give a formula's value at one place of a sheet; keep the sheet for the next cell.

    The expression must live as long as the sheet, which remembers results by its nodes.
    """
    found = _value(expression, (at,), sheet)
    return found or ZERO if isinstance(found, Decimal) else found


def _value(node: Expression, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    """Evaluate at one bucket, or over several.

    Over several, what holds no ratio is the mean of its values; a ratio is made of such means,
    so that no mean of ratios is ever taken.
    """
    if len(ats) > 1 and not is_ratio(node, sheet.kinds):
        return _mean(node, ats, sheet)
    match node:
        case Name():
            return _named(node, ats, sheet)
        case Number(value=value):
            return value
        case Chain():
            return _chain(node, ats, sheet)
        case Call():
            return CALLS[node.function](node, ats, sheet)
        case _:
            return _wrapped(node, ats, sheet)


def _wrapped(
    node: Negate | Round | Shift | Change | Moving | If, ats: tuple[At, ...], sheet: Sheet[At]
) -> Amount:
    match node:
        case If():
            return _if(node, ats, sheet)
        case Change():
            return _change(node, ats, sheet)
        case Shift() | Moving():
            around = _around(node, ats, sheet)
            return around if isinstance(around, Absent) else _value(node.part, around, sheet)
        case Negate() | Round():
            found = _value(node.part, ats, sheet)
            if isinstance(found, Absent):
                return found
            return found.copy_negate() if isinstance(node, Negate) else rounded(found, node.places)


def _around(node: Shift | Moving, ats: tuple[At, ...], sheet: Sheet[At]) -> tuple[At, ...] | Absent:
    if isinstance(node, Shift):
        return _before(node, ats, sheet)
    window = sheet.operands.last(ats[-1], node.count)
    return window if isinstance(window, Absent) else tuple(window)


def _named(node: Name, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    formula = sheet.formulas.get(node.name)
    if formula is None:
        return sheet.operands.value(node.name, ats[0])
    return _kept(formula, ats, sheet)


def _kept(node: Expression, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    """Evaluate once: what is asked for again and again would double with every level."""
    key = (id(node), ats)
    found = sheet.found.get(key)
    if found is None:
        found = sheet.found[key] = _value(node, ats, sheet)
    return found


def _mean(node: Expression, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    amounts: list[Decimal] = []
    for at in ats:
        found = _kept(node, (at,), sheet)
        if isinstance(found, Absent):
            return found
        amounts.append(found)
    return mean(amounts)


def _chain(node: Chain, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    result = _value(node.first, ats, sheet)
    for step in node.steps:
        if isinstance(result, Absent):
            return result
        operand = _value(step.operand, ats, sheet)
        if isinstance(operand, Absent):
            return operand
        result = combine(result, step.operator, operand)
    return result


def _before(node: Shift | Change, ats: tuple[At, ...], sheet: Sheet[At]) -> tuple[At, ...] | Absent:
    found: list[At] = []
    for at in ats:
        before = sheet.operands.before(at, node.count, node.unit)
        if isinstance(before, Absent):
            return before
        found.append(before)
    return tuple(found)


def _change(node: Change, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    now = _kept(node.part, ats, sheet)
    before = _before(node, ats, sheet)
    if isinstance(now, Absent):
        return now
    base = before if isinstance(before, Absent) else _kept(node.part, before, sheet)
    return base if isinstance(base, Absent) else change(now, base)


def _if(node: If, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    holds = _holds(node.condition, ats, sheet)
    if isinstance(holds, Absent):
        return holds
    return _value(node.then if holds else node.otherwise, ats, sheet)


def _holds(node: Condition, ats: tuple[At, ...], sheet: Sheet[At]) -> bool | Absent:
    match node:
        case Compare():
            left, right = _value(node.left, ats, sheet), _value(node.right, ats, sheet)
            if isinstance(left, Absent):
                return left
            return right if isinstance(right, Absent) else _compares(left, node.comparison, right)
        case Not(part=part):
            found = _holds(part, ats, sheet)
            return found if isinstance(found, Absent) else not found
        case Joined():
            return _joined(node, ats, sheet)


def _joined(node: Joined, ats: tuple[At, ...], sheet: Sheet[At]) -> bool | Absent:
    """Decide where the known parts decide, whatever the absent ones may be."""
    decisive = node.word == "or"
    missing: Absent | None = None
    for part in node.parts:
        found = _holds(part, ats, sheet)
        if isinstance(found, Absent):
            missing = missing or found
        elif found is decisive:
            return decisive
    return missing or not decisive


def _compares(left: Decimal, comparison: str, right: Decimal) -> bool:
    match comparison:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "=":
            return left == right
        case _:
            return left != right


def _abs(node: Call, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    found = _value(node.arguments[0], ats, sheet)
    return found if isinstance(found, Absent) else found.copy_abs()


def _extreme(node: Call, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    amounts: list[Decimal] = []
    for argument in node.arguments:
        found = _value(argument, ats, sheet)
        if isinstance(found, Absent):
            return found
        amounts.append(found)
    return min(amounts) if node.function == "min" else max(amounts)


def _default(node: Call, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    found = _value(node.arguments[0], ats, sheet)
    return _value(node.arguments[1], ats, sheet) if isinstance(found, Absent) else found


def _running(node: Call, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    """Add up from the first bucket on; each bucket's sum is kept for the next one."""
    at = ats[-1]
    buckets = sheet.operands.first_to(at)
    if isinstance(buckets, Absent):
        return buckets
    key = id(node)
    known = len(buckets)
    while known and (key, (buckets[known - 1],)) not in sheet.found:
        known -= 1
    total: Amount = sheet.found[key, (buckets[known - 1],)] if known else ZERO
    for bucket in buckets[known:]:
        found = _value(node.arguments[0], (bucket,), sheet)
        if not isinstance(total, Absent):
            total = found if isinstance(found, Absent) else combine(total, "+", found)
        sheet.found[key, (bucket,)] = total
    return total


def _share(node: Call, ats: tuple[At, ...], sheet: Sheet[At]) -> Amount:
    part = _kept(node.arguments[0], ats, sheet)
    if isinstance(part, Absent):
        return part
    whole = _kept(node.arguments[0], tuple(sheet.operands.whole(at) for at in ats), sheet)
    return whole if isinstance(whole, Absent) else combine(part, "/", whole)


CALLS = {
    "abs": _abs,
    "min": _extreme,
    "max": _extreme,
    "default": _default,
    "cumSum": _running,
    "share": _share,
}
