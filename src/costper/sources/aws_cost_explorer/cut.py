"""How a bill is cut into cells so that each cent lies in exactly one of them.

Cost Explorer groups by two keys at most, and two different groupings are two pictures of the
same money: adding them counts it twice. So every axis beyond the two grouped ones is fixed by a
filter, one question per value. Narrow axes are fixed first and the two widest are grouped last,
which needs the fewest questions. What a question's parts lack of the whole they divide is a
piece of its own, so all pieces always add up to the control total.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from costper.sources.aws_cost_explorer.answer import (
    Amounts,
    Answer,
    Cell,
    by_day,
    one_currency,
)
from costper.sources.aws_cost_explorer.axis import Axis, Fixed

GROUPS_MAX = 2
ROUNDING = Decimal("1e-9")
"""What one cell may be off by because Cost Explorer itself rounds what it sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question over the whole window: cut by up to two axes, the fixed ones filtered."""

    axes: tuple[Axis, ...] = ()
    fixed: Fixed = field(default_factory=dict[Axis, str])
    granularity: Literal["DAILY", "MONTHLY"] = "DAILY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A part of the bill that is still to be cut by its `free` axes, narrowest first.

    `totals` is what the question that found it said it costs each day.
    """

    fixed: Fixed
    free: tuple[Axis, ...]
    totals: Mapping[date, Amounts]

    @property
    def questions(self) -> int:
        """How many more requests it takes at least."""
        return 1 if len(self.free) <= GROUPS_MAX else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One cell of the finished bill: its day, the values of its axes, what it costs.

    `cut` is empty, or names the cut whose parts did not add up to the whole: then the piece is
    what they lacked, and axes below that cut are unknown.
    """

    day: date
    values: Fixed
    amounts: Amounts
    estimated: bool
    cut: str = ""
    rounding: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A whole bill in pieces. `control` is the ungrouped total of each day it adds up to."""

    pieces: tuple[Piece, ...]
    control: Mapping[date, Amounts]
    currency: str
    names: Mapping[str, str]
    unseen: tuple[Axis, ...] = ()


Ask = Callable[[Query], Answer]
Afford = Callable[[int], object]
"""Told how many more requests are needed at least; raises when that is too many."""


def cut_bill(ask: Ask, axes: Sequence[Axis], afford: Afford) -> Bill:
    """Cut the bill by all axes.

    Tags and cost categories without any value are `unseen`.
    """
    pairs = [tuple(axes[at : at + GROUPS_MAX]) for at in range(0, len(axes), GROUPS_MAX)]
    afford(1 + len(pairs))
    control = ask(Query())
    surveys = [ask(Query(axes=pair, granularity="MONTHLY")) for pair in pairs]
    values = {
        axis: values_of(survey, at)
        for pair, survey in zip(pairs, surveys, strict=True)
        for at, axis in enumerate(pair)
    }
    root = root_of(control, values)
    pieces = list(pieces_of(ask, root, afford)) if all(values.values()) else []
    pieces += last_remainder(control, pieces)
    return Bill(
        pieces=tuple(with_estimates(pieces, control)),
        control=control.by_day(),
        currency=one_currency((control, *surveys)),
        names={key: name for survey in surveys for key, name in (survey.names or {}).items()},
        unseen=tuple(a for a in axes if a.kind != "DIMENSION" and values[a] == {""}),
    )


def values_of(answer: Answer, at: int) -> set[str]:
    """Give the distinct values of the axis at this position of the question."""
    return {cell.values[at] for cell in answer.cells}


def root_of(control: Answer, values: Mapping[Axis, set[str]]) -> Node:
    """Give the whole bill as one node; an axis of one value is fixed without a question.

    One axis stays free in any case: an ungrouped answer has a cell for days without any cost.
    """
    narrow_first = sorted(values, key=lambda axis: len(values[axis]))
    fixed = [axis for axis in narrow_first[:-1] if len(values[axis]) == 1]
    return Node(
        fixed={axis: next(iter(values[axis])) for axis in fixed},
        free=tuple(axis for axis in narrow_first if axis not in fixed),
        totals=control.by_day(),
    )


def pieces_of(ask: Ask, root: Node, afford: Afford) -> Sequence[Piece]:
    """Cut level by level: each level's size is known, and paid for, before it is asked."""
    pieces: list[Piece] = []
    level = [root]
    while level:
        afford(sum(node.questions for node in level))
        below: list[Node] = []
        for node in level:
            leaf = len(node.free) <= GROUPS_MAX
            axes = node.free[:GROUPS_MAX]
            answer = ask(Query(axes=axes, fixed=node.fixed))
            pieces += remainder(node, answer)
            if leaf:
                pieces += (piece_of(node, axes, cell) for cell in answer.cells)
            else:
                below += children(node, axes, answer)
        level = below
    return pieces


def piece_of(node: Node, axes: tuple[Axis, ...], cell: Cell) -> Piece:
    """Give a cell of a last cut as a finished piece."""
    values = {**node.fixed, **dict(zip(axes, cell.values, strict=True))}
    return Piece(day=cell.day, values=values, amounts=cell.amounts, estimated=cell.estimated)


def children(node: Node, axes: tuple[Axis, ...], answer: Answer) -> list[Node]:
    """Divide a node by the axes worth fixing, each part with its daily totals."""
    fixing = axes_to_fix(node, axes, answer)
    at = [axes.index(axis) for axis in fixing]
    parts: dict[tuple[str, ...], list[Cell]] = {}
    for cell in answer.cells:
        parts.setdefault(tuple(cell.values[i] for i in at), []).append(cell)
    return [
        Node(
            fixed={**node.fixed, **dict(zip(fixing, values, strict=True))},
            free=tuple(axis for axis in node.free if axis not in fixing),
            totals=by_day((cell.day, cell.amounts) for cell in cells),
        )
        for values, cells in sorted(parts.items())
    ]


def axes_to_fix(node: Node, axes: tuple[Axis, ...], answer: Answer) -> tuple[Axis, ...]:
    """Choose what to fix: all that costs no question, else as little as the next cut needs."""
    widths = {axis: len(values_of(answer, at)) for at, axis in enumerate(axes)}
    if len(node.free) > GROUPS_MAX + 1:
        return axes
    single = tuple(axis for axis in axes if widths[axis] <= 1)
    return single or (min(axes, key=lambda axis: widths[axis]),)


def remainder(node: Node, answer: Answer) -> list[Piece]:
    """Give what a cut lacks of the node it divides, where it is more than rounding."""
    name = " x ".join(axis.key for axis in node.free[:GROUPS_MAX])
    cells = Counter(cell.day for cell in answer.cells)
    return [
        Piece(day=day, values=node.fixed, amounts=amounts, estimated=False, cut=name)
        for day, amounts in differences(node.totals, answer.by_day())
        if not is_rounding(amounts, cells[day])
    ]


def last_remainder(control: Answer, pieces: Sequence[Piece]) -> list[Piece]:
    """Give what all pieces together lack of the control total, to the last digit."""
    found = by_day((piece.day, piece.amounts) for piece in pieces)
    cells = Counter(piece.day for piece in pieces)
    return [
        Piece(
            day=day,
            values={},
            amounts=amounts,
            estimated=False,
            cut="control total",
            rounding=is_rounding(amounts, cells[day]),
        )
        for day, amounts in differences(control.by_day(), found)
    ]


def is_rounding(amounts: Amounts, cells: int) -> bool:
    """Say whether the sum of that many cells may be off by as much through rounding alone."""
    return amounts.within(ROUNDING * (cells + 1))


def differences(
    whole: Mapping[date, Amounts], parts: Mapping[date, Amounts]
) -> list[tuple[date, Amounts]]:
    """Give the days on which the parts are not the whole, with what they lack."""
    lacking = {
        day: whole.get(day, Amounts()).less(parts.get(day, Amounts()))
        for day in sorted({*whole, *parts})
    }
    return [(day, amounts) for day, amounts in lacking.items() if amounts != Amounts()]


def with_estimates(pieces: Sequence[Piece], control: Answer) -> Iterator[Piece]:
    """Mark the pieces of days the control total calls estimated, remainders included."""
    open_days = {cell.day for cell in control.cells if cell.estimated}
    for piece in pieces:
        yield replace(piece, estimated=True) if piece.day in open_days else piece
