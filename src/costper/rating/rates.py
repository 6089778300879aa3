"""Rates of one model at one tier on one day: what each counted kind costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from costper.model.money import EXACT

UNIT_PLACES = 18
"""Decimal places of a rate for one token, search or request: 12 of a price per million tokens."""

KINDS: tuple[str, ...] = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "reasoning",
    "audio_input",
    "audio_output",
    "audio_cache_read",
    "image_input",
    "image_output",
    "output_beside_image",
    "web_search",
    "request",
)
"""What a line divides into, each part with a rate of its own; no token is in two of them.

`output_beside_image` is the text of a line that drew something: a model that draws has a price for
text only where it is known what was drawn.
"""

TOKEN_KINDS: tuple[str, ...] = KINDS[:12]
LIKE: Mapping[str, str] = {
    "reasoning": "output",
    "image_input": "input",
    "output_beside_image": "output",
}
"""Kinds that cost what another costs where no price names them: vendors say so themselves.

Audio, drawn images, cache reads, cache writes and searches have no such kind: counted without a
rate, they leave the line unpriced.
"""

PER: Mapping[str, int] = dict.fromkeys(TOKEN_KINDS, 10**6) | {"web_search": 1000, "request": 1000}
"""How many of a kind its published price is for."""

HALF_HOURS = 48
ALL_DAY = (1 << HALF_HOURS) - 1
MOST_BANDS = 2
"""Sets of rates a key may have beside its base: as many long-context steps are published."""

LARGEST_RATE = Decimal(10) ** 6
"""A rate of a million USD for one token or search is a mistake, not a price."""

RateSet = tuple[Decimal | None, ...]
"""The rate of each of KINDS in their order, in USD for one; None where it has no price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Rates that hold for a part of the calls instead of the base.

    They hold where the context is above `above` tokens, in the half hours (UTC) whose bit is set
    in `hours`. The whole call is at these rates, not only what is above.
    """

    rates: RateSet
    above: int = -1
    hours: int = ALL_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What one model costs at one tier on one day.

    The last of `bands` that holds is used, `base` where none does. `sources` names where the
    prices come from, `since` is the first day the list price holds, None for always.
    """

    base: RateSet
    bands: tuple[Band, ...] = ()
    sources: tuple[str, ...] = ()
    since: date | None = None

    def at(self, context_tokens: int, half_hour: int) -> RateSet:
        """Choose the rates for a context, in a half hour of the day counted from 0."""
        for band in reversed(self.bands):
            if context_tokens > band.above and band.hours >> half_hour & 1:
                return band.rates
        return self.base


def half_hour_of(at: datetime) -> int:
    """Count the half hours of the day before a time in UTC.

    >>> half_hour_of(datetime(2026, 11, 21, 16, 30))
    33
    """
    return at.hour * 2 + at.minute // 30


def for_one(kind: str, published: Decimal) -> Decimal:
    """Give the rate for one, of a price for a million or thousand; rounded at 18 places.

    >>> for_one("input", Decimal("0.15")), for_one("web_search", Decimal(10))
    (Decimal('1.50000000000E-7'), Decimal('0.010000000000000000'))
    """
    exact = EXACT.divide(published, Decimal(PER[kind]))
    return exact.quantize(Decimal(1).scaleb(-UNIT_PLACES), ROUND_HALF_EVEN, EXACT)


def published(kind: str, rate: Decimal) -> Decimal:
    """Give the price for a million or thousand again, as vendors print it."""
    return EXACT.multiply(rate, Decimal(PER[kind])).normalize(EXACT)


def rate_set(rates: Mapping[str, Decimal]) -> RateSet:
    """Put rates by kind in order; reasoning and images cost what text does where not named."""
    return tuple(rates.get(kind, rates.get(LIKE.get(kind, kind))) for kind in KINDS)
