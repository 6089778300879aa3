"""How far a formula reaches outside its bucket: shifts, windows and running sums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from costper.economics.formula.tree import (
    Call,
    Change,
    Expression,
    Moving,
    Name,
    Node,
    Number,
    Shift,
    SpanUnit,
    parts_of,
)
from costper.errors import FormulaError

LONGEST_CHAIN = 3
"""How many shifts stand inside one another: each doubles what has to be read."""

MOST_READINGS = 500
"""How many different values one cell may be made of."""

Back = tuple[int, SpanUnit]
Move = tuple[int, SpanUnit | Literal["BUCKETS", "START"]]
"""One step away from a bucket.

`(1, "MONTH")`: back by the calendar. `(7, "BUCKETS")`: the 7 buckets that end here.
`(0, "START")`: every bucket from the first of the range up to here.
"""

Moves = tuple[Move, ...]
WINDOWS = ("BUCKETS", "START")


@dataclass(frozen=True, slots=True)
class Reading:
    """A letter is read after `moves`, outermost first; `whole`: without groups."""

    name: str
    moves: Moves = ()
    whole: bool = False


Readings = frozenset[Reading]
LITERAL = frozenset((Reading(""),))
"""What a number reads: nothing, but it can stand under too many windows like a letter."""


def readings(
    expression: Expression,
    formulas: Mapping[str, Expression] | None = None,
    *,
    field: str = "formula",
) -> Readings:
    """Say which letters are read where; `formulas` are read through, and come in their order.

    A FormulaError refuses windows inside windows, long chains of shifts, and too many readings.
    """
    known: dict[str, Readings] = {}
    for name, formula in (formulas or {}).items():
        known[name] = reads(formula, known, field=field)
    return frozenset(reading for reading in reads(expression, known, field=field) if reading.name)


def shifts_of(
    expression: Expression, formulas: Mapping[str, Expression] | None = None
) -> frozenset[tuple[Back, ...]]:
    """Give every chain of calendar shifts something is read through, the empty one included.

    >>> from costper.economics.formula.parse import parse
    >>> sorted(shifts_of(parse("pctChange(a, 1 MONTH)", {"a"})))
    [(), ((1, 'MONTH'),)]
    """
    chains = {_shifts(reading.moves) for reading in readings(expression, formulas)}
    return frozenset(chains | {()})


def windows_of(
    expression: Expression, formulas: Mapping[str, Expression] | None = None
) -> frozenset[int]:
    """Give the lengths of its moving averages, in buckets."""
    return frozenset(
        count
        for reading in readings(expression, formulas)
        for count, unit in reading.moves
        if unit == "BUCKETS"
    )


def reads(node: Node, known: Mapping[str, Readings], *, field: str) -> Readings:
    """Say what a node reads, given what the formulas before it read."""
    match node:
        case Number():
            return LITERAL
        case Name(name=name):
            return known.get(name) or frozenset((Reading(name),))
        case _:
            inner = frozenset[Reading]().union(
                *(reads(part, known, field=field) for part in parts_of(node))
            )
            found = _around(node, inner, field)
            if len(found) > MOST_READINGS:
                message = f"a formula reads at most {MOST_READINGS} different values"
                raise FormulaError(message, node.column, field=field, hint="ask for less at once")
            return found


def _around(node: Node, inner: Readings, field: str) -> Readings:
    match node:
        case Shift():
            return _shifted(node, inner, field)
        case Change():
            return inner | _shifted(node, inner, field)
        case Moving(count=count):
            return _windowed(node, (count, "BUCKETS"), inner, field)
        case Call(function="cumSum"):
            return _windowed(node, (0, "START"), inner, field)
        case Call(function="share"):
            return inner | {replace(reading, whole=True) for reading in inner}
        case _:
            return inner


def _shifted(node: Shift | Change, inner: Readings, field: str) -> Readings:
    if any(len(_shifts(reading.moves)) >= LONGEST_CHAIN for reading in inner):
        message = f"timeShift and pctChange nest at most {LONGEST_CHAIN} deep"
        hint = "add the shifts up into one"
        raise FormulaError(message, node.column, field=field, hint=hint)
    return _moved((node.count, node.unit), inner)


def _windowed(node: Moving | Call, move: Move, inner: Readings, field: str) -> Readings:
    if any(unit in WINDOWS for reading in inner for _, unit in reading.moves):
        message = "movingAvg and cumSum do not stand inside one another"
        raise FormulaError(message, node.column, field=field, hint="use one of them")
    return _moved(move, inner)


def _moved(move: Move, inner: Readings) -> Readings:
    return frozenset(replace(reading, moves=(move, *reading.moves)) for reading in inner)


def _shifts(moves: Moves) -> tuple[Back, ...]:
    return cast("tuple[Back, ...]", tuple(move for move in moves if move[1] not in WINDOWS))
