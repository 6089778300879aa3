"""Writes a formula out again: the shortest brackets that read back as the same tree."""

from __future__ import annotations

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
)


def written(node: Expression | Condition) -> str:
    """Write a formula as text; reading the text gives the same tree.

    >>> from costper.economics.formula.parse import parse
    >>> written(parse("((b))/(a/1_000)", "ab"))
    'b / (a / 1000)'
    """
    match node:
        case Number(value=value):
            return str(value)
        case Name(name=name):
            return name
        case Chain():
            return _chain(node)
        case Negate(part=part):
            return f"-{_inside(part, isinstance(part, Chain))}"
        case Compare() | Not() | Joined():
            return _condition(node)
        case _:
            return _function(node)


def _chain(node: Chain) -> str:
    steps = "".join(
        f" {step.operator} {_inside(step.operand, _needs_brackets(step.operand, node))}"
        for step in node.steps
    )
    return f"{_inside(node.first, _needs_brackets(node.first, node))}{steps}"


def _needs_brackets(part: Expression, around: Chain) -> bool:
    """Say whether a part binds no tighter than what is around it."""
    return isinstance(part, Chain) and (part.is_sum or not around.is_sum)


def _inside(part: Expression | Condition, brackets: bool) -> str:  # noqa: FBT001 - one fact
    return f"({written(part)})" if brackets else written(part)


def _condition(node: Condition) -> str:
    match node:
        case Compare(comparison=comparison, left=left, right=right):
            return f"{written(left)} {comparison} {written(right)}"
        case Not(part=part):
            return f"not {_inside(part, isinstance(part, Joined))}"
        case Joined(word=word, parts=parts):
            return f" {word} ".join(
                _inside(part, isinstance(part, Joined) and (word, part.word) != ("or", "and"))
                for part in parts
            )


def _function(node: Call | Round | Shift | Change | Moving | If) -> str:
    match node:
        case Call(function=function, arguments=arguments):
            return f"{function}({', '.join(map(written, arguments))})"
        case Round(part=part, places=places):
            return f"round({written(part)}, {places})" if places else f"round({written(part)})"
        case Shift(part=part, count=count, unit=unit):
            return f"timeShift({written(part)}, {count} {unit})"
        case Change(part=part, count=count, unit=unit):
            return f"pctChange({written(part)}, {count} {unit})"
        case Moving(part=part, count=count):
            return f"movingAvg({written(part)}, {count})"
        case If(condition=condition, then=then, otherwise=otherwise):
            return f"if({written(condition)}, {written(then)}, {written(otherwise)})"
