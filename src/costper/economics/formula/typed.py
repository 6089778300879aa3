"""Works out what a formula is a number of, and refuses what means nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from costper.economics.formula.tree import (
    Call,
    Chain,
    Change,
    Compare,
    Condition,
    Expression,
    If,
    Joined,
    Name,
    Not,
    Number,
    Step,
)
from costper.economics.formula.units import (
    LITERAL,
    PERCENT,
    PROPORTION,
    MismatchError,
    Unit,
    over,
    scaled,
    times,
    together,
)
from costper.errors import FormulaError

ADDING = "put like with like: divide money by a count first, or convert currencies"


def typed(expression: Expression, types: Mapping[str, Unit], *, field: str = "formula") -> Unit:
    """Give the unit of a formula; `types` has one for every letter and formula it names.

    A FormulaError says where money meets money, a count or another currency, and where a ratio
    is summed.
    """
    return _Reader(types, field).unit(expression)


def typed_all(formulas: Mapping[str, Expression], types: Mapping[str, Unit]) -> dict[str, Unit]:
    """Give the unit of every formula, in their order, named as `order_formulas` names them."""
    found = dict(types)
    for name, expression in formulas.items():
        field = "formula" if len(formulas) == 1 else f"formula {name}"
        found[name] = typed(expression, found, field=field)
    return {name: found[name] for name in formulas}


@dataclass(frozen=True, slots=True)
class _Reader:
    types: Mapping[str, Unit]
    field: str

    def unit(self, node: Expression) -> Unit:
        match node:
            case Number():
                return LITERAL
            case Name(name=name):
                return self.types[name]
            case Chain():
                return self.chain(node)
            case If():
                self.condition(node.condition)
                return self.alike((node.then, node.otherwise), node.column)
            case Call():
                return self.call(node)
            case _:
                part = self.unit(node.part)
                return PERCENT if isinstance(node, Change) else part

    def chain(self, node: Chain) -> Unit:
        found = self.unit(node.first)
        before: Expression = node.first
        for step in node.steps:
            found = self.step(found, before, step)
            before = node
        return found

    def step(self, found: Unit, before: Expression, step: Step) -> Unit:
        """Take one more operand; `before` is what stands left of it where that is one value."""
        operand = self.unit(step.operand)
        if step.operator in "+-":
            return self.tried(together, found, operand, step.column)
        if isinstance(step.operand, Number):
            return scaled(found, step.operand.value, divided=step.operator == "/")
        if isinstance(before, Number) and step.operator == "*":
            return scaled(operand, before.value, divided=False)
        return self.tried(times if step.operator == "*" else over, found, operand, step.column)

    def call(self, node: Call) -> Unit:
        match node.function:
            case "share":
                self.refuse_ratio(node, self.unit(node.arguments[0]))
                return PROPORTION
            case "cumSum":
                return self.running(node)
            case _:
                return self.alike(node.arguments, node.column)

    def running(self, node: Call) -> Unit:
        found = self.unit(node.arguments[0])
        self.refuse_ratio(node, found)
        if found.literal or found.additive:
            return found
        said = " and ".join(noun for noun, _ in found.nouns) or "what is averaged"
        message = f"cumSum adds up sums, and {said} does not add up over time"
        raise self.fault(message, node.column, "use a metric whose aggregation is sum")

    def refuse_ratio(self, node: Call, unit: Unit) -> None:
        if unit.ratio:
            name = node.function
            message = f"{name} of a ratio means nothing"
            hint = f"write it as a ratio of both: {name}(b) / {name}(a)"
            raise self.fault(message, node.column, hint)

    def condition(self, node: Condition) -> None:
        match node:
            case Compare(left=left, right=right):
                self.alike((left, right), node.column)
            case Not(part=part):
                self.condition(part)
            case Joined(parts=parts):
                for part in parts:
                    self.condition(part)

    def alike(self, nodes: Iterable[Expression], column: int) -> Unit:
        units = [self.unit(node) for node in nodes]
        return reduce(lambda one, other: self.tried(together, one, other, column), units)

    def tried(
        self, combine: Callable[[Unit, Unit], Unit], left: Unit, right: Unit, column: int
    ) -> Unit:
        try:
            return combine(left, right)
        except MismatchError as mismatch:
            raise self.fault(str(mismatch), column, ADDING) from None

    def fault(self, message: str, column: int, hint: str) -> FormulaError:
        return FormulaError(message, column, field=self.field, hint=hint)
