"""Evaluates a formula at many places at once, where each value is made of its own place alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, Overflow, Subnormal

from costper.economics.formula.arithmetic import OPERATIONS, ZERO, Amount, combine
from costper.economics.formula.tree import Chain, Expression, Name, Negate, Number, Operator, walk
from costper.model.answer import Absent

Column = Sequence[Amount]
"""A value for each place."""


def local_formulas(formulas: Mapping[str, Expression]) -> frozenset[str]:
    """Name the formulas that add, subtract, multiply and divide at one place.

    `formulas` are in their order. Only those have columns; `costper.economics.formula.evaluate`
    says what all of them are worth.
    """
    found: set[str] = set()
    for name, expression in formulas.items():
        if all(_is_local(node, formulas, found) for node in walk(expression)):
            found.add(name)
    return frozenset(found)


def _is_local(node: object, formulas: Mapping[str, Expression], local: set[str]) -> bool:
    if isinstance(node, Name):
        return node.name not in formulas or node.name in local
    return isinstance(node, Number | Negate | Chain)


def column(expression: Expression, many: int, named: Callable[[str], Column]) -> Column:
    """Give a local formula's values at `many` places; `named` gives the columns of its names.

    Zero is without a sign in what is shown: pass the result of the whole formula to `settled`.
    """
    match expression:
        case Name(name=name):
            return named(name)
        case Number(value=value):
            return [value] * many
        case Negate(part=part):
            found = column(part, many, named)
            return [one if isinstance(one, Absent) else one.copy_negate() for one in found]
        case Chain():
            found = column(expression.first, many, named)
            for step in expression.steps:
                found = _combined(found, step.operator, column(step.operand, many, named))
            return found
        case _:
            raise TypeError(f"{type(expression).__name__} looks at other places")


def settled(found: Column) -> Column:
    """Write every zero as 0, whatever its sign and its decimals."""
    return [one or ZERO if isinstance(one, Decimal) else one for one in found]


def _combined(left: Column, operator: Operator, right: Column) -> Column:
    """Combine place by place: in one go where every value is there and nothing goes wrong."""
    plain = set(map(type, left)) | set(map(type, right)) <= {Decimal}
    if plain and (operator != "/" or all(right)):
        try:
            return list(map(OPERATIONS[operator], left, right))  # type: ignore[arg-type]
        except (Overflow, Subnormal):  # some place has a reason instead of a value
            pass
    return [_one(one, operator, other) for one, other in zip(left, right, strict=True)]


def _one(left: Amount, operator: Operator, right: Amount) -> Amount:
    if isinstance(left, Absent):
        return left
    return right if isinstance(right, Absent) else combine(left, operator, right)
