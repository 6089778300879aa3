"""Reads a formula into its tree, with the column of everything that means nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from lark import Token, Tree

from costper.economics.formula.functions import (
    FUNCTIONS,
    LONGEST_SHIFT,
    LONGEST_WINDOW,
    ONE_ARGUMENT,
    PLACES,
    SPANS,
    UNITS,
)
from costper.economics.formula.grammar import DEEPEST, EXPECTED, read, too_deep
from costper.economics.formula.reach import readings
from costper.economics.formula.tree import (
    Call,
    Chain,
    Change,
    Compare,
    Comparison,
    Condition,
    Expression,
    If,
    Joined,
    Moving,
    Name,
    Negate,
    Not,
    Number,
    Operator,
    Plain,
    Round,
    Shift,
    SpanUnit,
    Step,
)
from costper.errors import FormulaError, suggestion

DIGITS = 38
LARGEST = 30
"""A literal lies within 10^-30 and 10^30: more is a slip, and would only cost memory."""

Node = Tree[Token]


def parse(text: str, names: Collection[str], *, field: str = "formula") -> Expression:
    """Read a formula over `names`; a FormulaError says at which column it stops making sense.

    >>> parse("b / (a / 1_000)", {"a", "b"}).steps[0].operator
    '/'
    """
    builder = _Builder(names, field)
    found = builder.value(read(text, field), 0)
    readings(found, field=field)
    return found


@dataclass(frozen=True, slots=True)
class _Builder:
    """Turns lark's tree into ours; `depth` counts what stands around a node."""

    names: Collection[str]
    field: str

    def fault(self, message: str, column: int, hint: str = EXPECTED) -> FormulaError:
        return FormulaError(message, column, field=self.field, hint=hint)

    def value(self, node: Node, depth: int) -> Expression:
        found = self.either(node, depth)
        if isinstance(found, Compare | Not | Joined):
            message = "a condition stands only at the start of if(condition, then, otherwise)"
            raise self.fault(message, found.column, f"write it like: {FUNCTIONS['if']}")
        return found

    def condition(self, node: Node, depth: int) -> Condition:
        found = self.either(node, depth)
        if isinstance(found, Compare | Not | Joined):
            return found
        message = "a condition is needed here, such as x > 0"
        raise self.fault(message, found.column, f"write it like: {FUNCTIONS['if']}")

    def either(self, node: Node, depth: int) -> Expression | Condition:
        """Build whatever stands here, a value or a condition."""
        match node.data:
            case "either" | "both":
                return self.joined(node, depth)
            case "opposite":
                return self.opposite(node, depth)
            case "comparison":
                return self.comparison(node, depth)
            case "group":
                return self.either(_nth(node, 0), self.deeper(depth, _column(node)))
            case _:
                return self.arithmetic(node, depth)

    def arithmetic(self, node: Node, depth: int) -> Expression:
        match node.data:
            case "sum" | "product":
                return self.chain(node, depth)
            case "minus":
                return self.minus(node, depth)
            case _:
                return self.atom(node, depth)

    def atom(self, node: Node, depth: int) -> Expression:
        match node.data:
            case "number":
                return self.number(_token(node, 0))
            case "name":
                return self.name(_token(node, 0))
            case "call":
                return self.call(node, depth)
            case _:
                message = "a span of time stands only at the end of timeShift and pctChange"
                raise self.fault(message, _column(node), f"write it like: {FUNCTIONS['timeShift']}")

    def deeper(self, depth: int, column: int) -> int:
        if depth >= DEEPEST:
            raise too_deep(column, self.field)
        return depth + 1

    def opposite(self, node: Node, depth: int) -> Not:
        column = _column(node)
        return Not(self.condition(_nth(node, 1), self.deeper(depth, column)), column)

    def joined(self, node: Node, depth: int) -> Condition:
        parts = tuple(self.condition(part, depth) for part in _trees(node))
        word = _token(node, 1)
        return Joined("or" if node.data == "either" else "and", parts, _start(word))

    def comparison(self, node: Node, depth: int) -> Condition:
        sign = _token(node, 1)
        if len(node.children) > len(("left", "sign", "right")):
            message = "a comparison has two sides"
            raise self.fault(message, _start(_token(node, 3)), "write it like: a > 0 and a < 10")
        left, right = (self.value(side, depth) for side in _trees(node))
        word = cast("Comparison", "=" if sign == "==" else str(sign))
        return Compare(word, left, right, _start(sign))

    def chain(self, node: Node, depth: int) -> Expression:
        first, *operands = (self.value(part, depth) for part in _trees(node))
        signs = [child for child in node.children if isinstance(child, Token)]
        steps = tuple(
            Step(cast("Operator", str(sign)), operand, _start(sign))
            for sign, operand in zip(signs, operands, strict=True)
        )
        if isinstance(first, Chain) and first.is_sum == (steps[0].operator in "+-"):
            return Chain(first.first, (*first.steps, *steps), first.column)
        return Chain(first, steps, first.column)

    def minus(self, node: Node, depth: int) -> Expression:
        sign = _token(node, 0)
        if sign == "+":
            raise self.fault("a plus needs a value on its left", _start(sign))
        return Negate(self.value(_nth(node, 1), self.deeper(depth, _start(sign))), _start(sign))

    def number(self, literal: Token) -> Number:
        digits, _, exponent = literal.lower().replace("_", "").partition("e")
        power = int(exponent or 0)
        if abs(power) <= LARGEST:
            value = Decimal(f"{digits}e{power}") or Decimal(0)
            if len(value.as_tuple().digits) <= DIGITS and abs(value.adjusted()) <= LARGEST:
                return Number(value, _start(literal))
        message = (
            f"a number has at most {DIGITS} digits and lies within 1e-{LARGEST} and 1e{LARGEST}"
        )
        raise self.fault(message, _start(literal), "write a shorter number")

    def name(self, mention: Token) -> Name:
        if mention in self.names:
            return Name(str(mention), _start(mention))
        written = FUNCTIONS.get(mention)
        hint = f"write it like: {written}" if written else suggestion(mention, self.names)
        raise self.fault(f"unknown name {str(mention)!r}", _start(mention), hint)

    def call(self, node: Node, depth: int) -> Expression:
        called = _token(node, 0)
        name = str(called)
        if name not in FUNCTIONS:
            raise self.fault(f"unknown function {name!r}", _start(called), _near(name))
        arguments = _trees(node)
        inner = self.deeper(depth, _start(called))
        if name in SPANS:
            return self.spanned(called, arguments, inner)
        if name in {"movingAvg", "round"}:
            return self.counted(called, arguments, inner)
        if name == "if":
            self.need(called, arguments, 3, 3)
            condition = self.condition(arguments[0], inner)
            then, otherwise = (self.value(argument, inner) for argument in arguments[1:])
            return If(condition, then, otherwise, _start(called))
        return self.plain(called, arguments, inner)

    def plain(self, called: Token, arguments: list[Node], depth: int) -> Call:
        if called in ONE_ARGUMENT:
            self.need(called, arguments, 1, 1)
        else:
            self.need(called, arguments, 2, 2 if called == "default" else None)
        values = tuple(self.value(argument, depth) for argument in arguments)
        return Call(cast("Plain", str(called)), values, _start(called))

    def spanned(self, called: Token, arguments: list[Node], depth: int) -> Shift | Change:
        self.need(called, arguments, 2, 2)
        part, span = arguments
        if span.data != "span":
            message = f"{called} needs a span of time second, such as 1 MONTH"
            raise self.fault(message, _column(span), self.written(called))
        count = self.whole(_token(span, 0), 1, LONGEST_SHIFT, called)
        word = _token(span, 1)
        unit = _unit(word)
        if unit is None:
            message = f"unknown unit of time {str(word)!r}"
            raise self.fault(message, _start(word), suggestion(word.upper(), UNITS))
        kind = Shift if called == "timeShift" else Change
        return kind(self.value(part, depth), count, unit, _start(called))

    def counted(self, called: Token, arguments: list[Node], depth: int) -> Expression:
        if called == "round":
            self.need(called, arguments, 1, 2)
            places = self.places(arguments[1], called) if len(arguments) > 1 else 0
            return Round(self.value(arguments[0], depth), places, _start(called))
        self.need(called, arguments, 2, 2)
        count = self.whole_of(arguments[1], 1, LONGEST_WINDOW, called)
        return Moving(self.value(arguments[0], depth), count, _start(called))

    def places(self, node: Node, called: Token) -> int:
        negative = node.data == "minus" and _token(node, 0) == "-"
        places = self.whole_of(_nth(node, 1) if negative else node, 0, PLACES, called)
        return -places if negative else places

    def whole_of(self, node: Node, least: int, most: int, function: Token) -> int:
        if node.data == "number":
            return self.whole(_token(node, 0), least, most, function)
        message = f"{function} needs a whole number second, from {least} to {most}"
        raise self.fault(message, _column(node), self.written(function))

    def whole(self, literal: Token, least: int, most: int, function: Token) -> int:
        value = self.number(literal).value
        if value == value.to_integral_value() and least <= value <= most:
            return int(value)
        message = f"{function} needs a whole number from {least} to {most}, found {literal}"
        raise self.fault(message, _start(literal), self.written(function))

    def need(self, called: Token, arguments: list[Node], least: int, most: int | None) -> None:
        if least <= len(arguments) and (most is None or len(arguments) <= most):
            return
        asked = (
            f"{least}" if most == least else f"{least} to {most}" if most else f"{least} or more"
        )
        message = f"{called} takes {asked} values between its brackets, found {len(arguments)}"
        raise self.fault(message, _start(called), self.written(called))

    def written(self, called: Token) -> str:
        return f"write it like: {FUNCTIONS[called]}"


def _near(name: str) -> str:
    same = [known for known in FUNCTIONS if known.lower() == name.lower()]
    return suggestion(same[0] if same else name, FUNCTIONS)


def _unit(word: Token) -> SpanUnit | None:
    return next((unit for unit in UNITS if word.upper() in {unit, f"{unit}S"}), None)


def _trees(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]


def _nth(node: Node, at: int) -> Node:
    return cast("Node", node.children[at])


def _token(node: Node, at: int) -> Token:
    return cast("Token", node.children[at])


def _start(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _column(node: Node) -> int:
    """Give the column of the first thing written inside a node."""
    return next(_start(token) for token in node.scan_values(lambda it: isinstance(it, Token)))
