"""What each part of a line costs by itself: counts times rates that add up to its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from costper.model.money import EXACT
from costper.rating.rates import KINDS, PER, RateSet, published

SHORT = {10**6: "1M", 1000: "1k"}
TIMES = " \N{MULTIPLICATION SIGN} "


@dataclass(frozen=True, slots=True)
class Term:
    """So many of a kind, at the rate for one, in USD."""

    kind: str
    count: int
    rate: Decimal

    @property
    def cost(self) -> Decimal:
        """Give what they cost, exactly."""
        return EXACT.multiply(Decimal(self.count), self.rate)

    def text(self) -> str:
        """Write it as vendors print prices.

        >>> Term("cache_read", 1200, Decimal("0.00000025")).text().split(TIMES)
        ['1,200 cache read', '0.25/1M']
        """
        price = f"{published(self.kind, self.rate):f}/{SHORT[PER[self.kind]]}"
        return f"{self.count:,} {self.kind.replace('_', ' ')}{TIMES}{price}"


def terms(counts: Sequence[int], rates: RateSet) -> tuple[Term, ...]:
    """Give the parts that count something; they add up to price_of_parts() where that has a price.

    >>> [term.cost for term in terms((3,) + (0,) * 13, (Decimal("0.1"),) * 14)]
    [Decimal('0.3')]
    """
    return tuple(
        Term(kind, count, rate)
        for kind, count, rate in zip(KINDS, counts, rates, strict=True)
        if count and rate is not None
    )
