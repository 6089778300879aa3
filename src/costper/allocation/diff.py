"""What a change of rules would move: two sets of amounts side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from costper.model.money import EXACT

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """How an amount changes; `key` says whose it is, its last part is the currency."""

    key: Key
    old: Decimal
    new: Decimal

    @property
    def change(self) -> Decimal:
        """How much is added; negative when it is taken away."""
        with localcontext(EXACT):
            return self.new - self.old


def movements(old: Mapping[Key, Decimal], new: Mapping[Key, Decimal]) -> tuple[Movement, ...]:
    """Give what moves, the largest change first; what stays the same is left out.

    >>> [m.change for m in movements({("a", "USD"): Decimal(2)}, {("b", "USD"): Decimal(2)})]
    [Decimal('-2'), Decimal('2')]
    """
    keys = sorted({*old, *new})
    found = [
        Movement(key=key, old=old.get(key, Decimal(0)), new=new.get(key, Decimal(0)))
        for key in keys
    ]
    moved = [movement for movement in found if movement.change]
    return tuple(sorted(moved, key=lambda movement: (-abs(movement.change), movement.key)))


def unchanged(old: Mapping[Key, Decimal], new: Mapping[Key, Decimal]) -> int:
    """Count the keys whose amount stays the same."""
    return sum(1 for key in {*old, *new} if old.get(key) == new.get(key))
