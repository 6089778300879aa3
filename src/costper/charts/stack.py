"""Stacks bars: those above zero upwards, those below it downwards."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from costper.charts.scale import drawable
from costper.model.money import EXACT

Edges = list[tuple[Decimal, Decimal] | None]
"""Of each bucket where a bar begins, nearer to zero, and ends; None where there is none."""


def stacked(layers: Sequence[Sequence[Decimal | None]]) -> list[Edges]:
    """Give each layer's edges; the outermost ends of a bucket are the sums of its values.

    >>> one, two = [Decimal(3), None], [Decimal(2), Decimal(-1)]
    >>> [[pair and tuple(map(int, pair)) for pair in edges] for edges in stacked([one, two])]
    [[(0, 3), None], [(3, 5), (0, -1)]]
    """
    count = max((len(layer) for layer in layers), default=0)
    above, below = [Decimal(0)] * count, [Decimal(0)] * count
    with localcontext(EXACT):
        return [_layer(layer, above, below) for layer in layers]


def _layer(values: Sequence[Decimal | None], above: list[Decimal], below: list[Decimal]) -> Edges:
    edges: Edges = []
    for index, value in enumerate(values):
        if value is None or not drawable(value):
            edges.append(None)
            continue
        sums = below if value < 0 else above
        begin = sums[index]
        sums[index] = begin + value
        edges.append((begin, sums[index]))
    return edges
