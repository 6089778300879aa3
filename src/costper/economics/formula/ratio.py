"""Says which parts of a formula are ratios: those are never averaged bucket by bucket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costper.economics.formula.tree import (
    Call,
    Chain,
    Change,
    Expression,
    If,
    Name,
    Node,
    names_in,
    parts_of,
)

NONE = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Kinds:
    """Names of the formulas that read no letter, and of those that are ratios."""

    constants: frozenset[str] = frozenset()
    ratios: frozenset[str] = frozenset()


def kinds_of(formulas: Mapping[str, Expression]) -> Kinds:
    """Sort formulas, given in their order."""
    kinds = Kinds()
    for name, expression in formulas.items():
        kinds = Kinds(
            kinds.constants | ({name} if is_constant(expression, kinds) else NONE),
            kinds.ratios | ({name} if is_ratio(expression, kinds) else NONE),
        )
    return kinds


def is_ratio(node: Node, kinds: Kinds) -> bool:
    """Say whether a node divides by something measured.

    >>> from costper.economics.formula.parse import parse
    >>> is_ratio(parse("b / a", "ab"), Kinds()), is_ratio(parse("b / 1000", "b"), Kinds())
    (True, False)
    """
    match node:
        case Name(name=name):
            return name in kinds.ratios
        case Change() | Call(function="share"):
            return True
        case If(then=then, otherwise=otherwise):  # a condition chooses, it is no part of the value
            return is_ratio(then, kinds) or is_ratio(otherwise, kinds)
        case Chain() if _divides(node, kinds):
            return True
        case _:
            return any(is_ratio(part, kinds) for part in parts_of(node))


def is_constant(node: Node, kinds: Kinds) -> bool:
    """Say whether a node reads no letter at all."""
    return all(name.name in kinds.constants for name in names_in(node))


def _divides(node: Chain, kinds: Kinds) -> bool:
    return any(step.operator == "/" and not is_constant(step.operand, kinds) for step in node.steps)
