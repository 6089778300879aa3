"""Seeded chance and exact division, so that a made-up world adds up to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Literal

Shape = Literal["flat", "busy", "office"]
SATURDAY = 5
SHAPES: dict[Shape, tuple[int, int, int]] = {
    "flat": (1000, 1000, 0),
    "busy": (1000, 600, 60),
    "office": (1000, 140, 90),
}
"""Weight of a weekday, weight of a weekend day, and the noise on both in thousandths."""


class Chance:
    """A stream of numbers that depends on the seed and its own name only.

    Every part of the company draws from its own stream, so adding a part moves no other.
    Only `Random.random` is used: it is the one method Python promises to keep as it is.
    """

    def __init__(self, seed: int, name: str) -> None:
        self._random = Random(f"{seed}:{name}")

    def below(self, limit: int) -> int:
        """Draw 0 ≤ n < limit."""
        return int(self._random.random() * limit)

    def between(self, low: int, high: int) -> int:
        """Draw low ≤ n ≤ high."""
        return low + self.below(high - low + 1)

    def pick(self, words: Sequence[str]) -> str:
        """Draw one of the words."""
        return words[self.below(len(words))]

    def noisy(self, weight: int, thousandths: int) -> int:
        """Move a weight up or down by at most so many thousandths."""
        return weight * (1000 + self.between(-thousandths, thousandths)) // 1000

    def day_weight(self, shape: Shape, day: date) -> int:
        """Say how much of a month's cost falls on a day, relative to other days."""
        weekday, weekend, noise = SHAPES[shape]
        return self.noisy(weekend if day.weekday() >= SATURDAY else weekday, noise)


def divide(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide whole units by weight; what is left goes to the largest remainders, first ones first.

    >>> divide(10, [1, 1, 1])
    [4, 3, 3]
    >>> divide(-10, [1, 1, 1])
    [-4, -3, -3]
    """
    size, whole, sign = abs(amount), sum(weights), -1 if amount < 0 else 1
    parts = [size * weight // whole for weight in weights]
    rest = [size * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-rest[index], index))
    for index in order[: size - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


def units(amount: Decimal, places: int) -> int:
    """Count an amount in whole units of 10^-places; finer than that is a fault of the plan."""
    scaled = amount.scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is finer than {places} places")
    return int(scaled)


def split(amount: Decimal, weights: Sequence[int], places: int = 10) -> list[Decimal]:
    """Divide money by weight into amounts of so many places that add up exactly.

    >>> split(Decimal(1), [1, 2], 2)
    [Decimal('0.33'), Decimal('0.67')]
    """
    return [Decimal(part).scaleb(-places) for part in divide(units(amount, places), weights)]
