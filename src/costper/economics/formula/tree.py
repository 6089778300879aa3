"""What a formula is once it is read: small immutable nodes that remember their column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

SpanUnit = Literal["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]
Operator = Literal["+", "-", "*", "/"]
Comparison = Literal["<", "<=", ">", ">=", "=", "!="]
Plain = Literal["abs", "min", "max", "default", "cumSum", "share"]
"""Functions whose arguments are all expressions."""


@dataclass(frozen=True, slots=True)
class Number:
    """A literal; never negative, a sign is a `Negate`."""

    value: Decimal
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A letter, or another formula."""

    name: str
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negate:
    """Minus the part."""

    part: Expression
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One more operand of a chain; `column` is its operator's."""

    operator: Operator
    operand: Expression
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """`a + b - c` or `a * b / c`, left to right: all steps are sums, or all are products.

    A list and not a tree of pairs, so that the longest sum nests no deeper than the shortest.
    `first` is never a chain of the same kind: brackets at the front change nothing.
    """

    first: Expression
    steps: tuple[Step, ...]
    column: int = field(default=0, compare=False)

    @property
    def is_sum(self) -> bool:
        """Say whether it adds, or multiplies."""
        return self.steps[0].operator in "+-"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of expressions alone."""

    function: Plain
    arguments: tuple[Expression, ...]
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Round:
    """Rounded half up to `places` decimal places; negative places round to tens and more."""

    part: Expression
    places: int
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Shift:
    """What the part was `count` calendar units before."""

    part: Expression
    count: int
    unit: SpanUnit
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Change:
    """By how many per cent the part moved against `count` calendar units before."""

    part: Expression
    count: int
    unit: SpanUnit
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Moving:
    """The part over the last `count` buckets: a mean, of ratios a ratio of means."""

    part: Expression
    count: int
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two values; `=` and `==` are one."""

    comparison: Comparison
    left: Expression
    right: Expression
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Joined:
    """All parts hold (`and`), or one of them does (`or`)."""

    word: Literal["and", "or"]
    parts: tuple[Condition, ...]
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class If:
    """`then` where the condition holds, else `otherwise`."""

    condition: Condition
    then: Expression
    otherwise: Expression
    column: int = field(default=0, compare=False)


Condition = Compare | Not | Joined
Expression = Number | Name | Negate | Chain | Call | Round | Shift | Change | Moving | If
Node = Expression | Condition


def parts_of(node: Node) -> tuple[Node, ...]:
    """Give the nodes directly inside one, in the order they are written."""
    match node:
        case Chain():
            return (node.first, *(step.operand for step in node.steps))
        case Call() | Joined():
            return node.arguments if isinstance(node, Call) else node.parts
        case Compare():
            return (node.left, node.right)
        case If():
            return (node.condition, node.then, node.otherwise)
        case _:
            return () if isinstance(node, Number | Name) else (node.part,)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything inside it, in the order they are written."""
    waiting: list[Node] = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(parts_of(found)))


def names_in(node: Node) -> tuple[Name, ...]:
    """Give every mention of a letter or formula, in the order they are written."""
    return tuple(found for found in walk(node) if isinstance(found, Name))
