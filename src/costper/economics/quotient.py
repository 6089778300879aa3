"""Takes a formula apart into what is divided and what it is divided by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from costper.economics.formula.tree import Chain, Expression, Name, Number, Operator, Step


@dataclass(frozen=True, slots=True)
class Quotient:
    """A formula is `above` ÷ `below`, wherever it has a value."""

    above: Expression
    below: Expression


def quotient(expression: Expression, formulas: Mapping[str, Expression]) -> Quotient | None:
    """Part a formula at its divisions; None where it is no quotient at the top.

    Numbers it is multiplied with go below, so that what is above stays a plain amount: the
    cost of `b / a * 1000` is b, its units are a ÷ 1000. A name of an earlier formula is taken
    for what it stands for.

    >>> from costper.economics.formula.parse import parse
    >>> from costper.economics.formula.written import written
    >>> parts = quotient(parse("b / (a / 1000) * 2", "ab"), {})
    >>> written(parts.above), written(parts.below)
    ('b', 'a / 1000 / 2')
    """
    above: list[Expression] = []
    below: list[Expression] = []
    numbers: list[Expression] = []
    for operator, operand in _factors(expression, formulas):
        into = below if operator == "/" else numbers if isinstance(operand, Number) else above
        into.append(operand)
    if not above or not below:
        return None
    return Quotient(_product(above), _over(_product(below), numbers))


def _factors(
    expression: Expression, formulas: Mapping[str, Expression]
) -> list[tuple[Operator, Expression]]:
    """List what is multiplied and divided, in order; what is no product is one factor."""
    if isinstance(expression, Name) and expression.name in formulas:
        return _factors(formulas[expression.name], formulas)
    if not isinstance(expression, Chain) or expression.is_sum:
        return [("*", expression)]
    found = _factors(expression.first, formulas)
    for step in expression.steps:
        found.append((step.operator, step.operand))
    return found


def _product(parts: Sequence[Expression]) -> Expression:
    if len(parts) == 1:
        return parts[0]
    return _chain(parts[0], "*", parts[1:])


def _over(whole: Expression, numbers: Sequence[Expression]) -> Expression:
    return _chain(whole, "/", numbers) if numbers else whole


def _chain(first: Expression, operator: Operator, rest: Sequence[Expression]) -> Expression:
    """Chain operands, with no product at the front of a product."""
    steps = tuple(Step(operator, one) for one in rest)
    if isinstance(first, Chain) and not first.is_sum:
        return Chain(first.first, (*first.steps, *steps))
    return Chain(first, steps)
