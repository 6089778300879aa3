"""What a formula is worth in exact fractions, written apart from the evaluator."""

from collections.abc import Mapping
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne

from costper.economics.formula.tree import (
    Call,
    Chain,
    Compare,
    Condition,
    Expression,
    If,
    Joined,
    Name,
    Negate,
    Not,
    Number,
)

COMPARES = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "!=": ne}
LOST = Fraction(1, 1000)
FURTHEST = 10**60
Letters = Mapping[str, Fraction | None]


class Undecided(Exception):  # noqa: N818 - no error: rounded digits may honestly differ here
    """Digits cancel, or lie out of range: fifty of them cannot give the exact value."""


def worth(node: Expression, letters: Letters) -> Fraction | None:
    """Give the exact value; None where there is none."""
    match node:
        case Number(value=value):
            return Fraction(value)
        case Name(name=name):
            return letters[name]
        case Negate(part=part):
            found = worth(part, letters)
            return None if found is None else -found
        case Chain():
            return _chain(node, letters)
        case _:
            return _chosen(node, letters)


def _chosen(node: Expression, letters: Letters) -> Fraction | None:
    match node:
        case If(condition=condition, then=then, otherwise=otherwise):
            holds = _holds(condition, letters)
            return None if holds is None else worth(then if holds else otherwise, letters)
        case Call(function="default", arguments=(part, instead)):
            found = worth(part, letters)
            return worth(instead, letters) if found is None else found
        case Call(function=function, arguments=arguments):
            values = [worth(argument, letters) for argument in arguments]
            known = [value for value in values if value is not None]
            if len(known) < len(values):
                return None
            return min(known) if function == "min" else _largest(function, known)
        case _:
            raise AssertionError(node)


def _largest(function: str, values: list[Fraction]) -> Fraction:
    return abs(values[0]) if function == "abs" else max(values)


def _chain(node: Chain, letters: Letters) -> Fraction | None:
    result = worth(node.first, letters)
    for step in node.steps:
        operand = worth(step.operand, letters)
        if result is None or operand is None or (step.operator == "/" and not operand):
            return None
        result = _step(result, step.operator, operand)
    return result


def _step(left: Fraction, operator: str, right: Fraction) -> Fraction:
    if operator in "*/":
        found = left * right if operator == "*" else left / right
    else:
        found = left + right if operator == "+" else left - right
        if left and right and abs(found) < LOST * max(abs(left), abs(right)):
            raise Undecided
    if found and not Fraction(1, FURTHEST) < abs(found) < FURTHEST:
        raise Undecided
    return found


def _holds(node: Condition, letters: Letters) -> bool | None:
    match node:
        case Compare(comparison=comparison, left=left, right=right):
            one, other = worth(left, letters), worth(right, letters)
            if one is None or other is None:
                return None
            if abs(one - other) < LOST * abs(one):
                raise Undecided
            return bool(COMPARES[comparison](one, other))
        case Not(part=part):
            found = _holds(part, letters)
            return None if found is None else not found
        case Joined(word=word, parts=parts):
            held = {_holds(part, letters) for part in parts}
            decisive = word == "or"
            return decisive if decisive in held else None if None in held else not decisive
