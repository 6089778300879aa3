"""The shape of a price catalogue: providers, their models, the prices of each by tier and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from costper.model.call import Tier
from costper.rating.match import Clause
from costper.rating.rates import ALL_DAY

Steps = tuple[tuple[int, Decimal], ...]
"""(above how many tokens of context, the rate for one), ascending; the first is above -1."""

Sheet = Mapping[str, Steps]
"""Rates by kind; a kind that is not there has no price here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPrice:
    """Prices of a model at a tier, from a day on, in some hours of the day.

    It holds from `since` until the day before `until`. The last that holds counts for the standard
    tier, and the first of several for another tier, which names only what differs from the
    standard one. `uncounted` are kinds it is priced by that calls do not count (hours of audio,
    pages).
    """

    sheet: Sheet
    tier: Tier = "standard"
    since: date | None = None
    until: date | None = None
    hours: int = ALL_DAY
    uncounted: tuple[str, ...] = ()

    def holds(self, day: date) -> bool:
        """Say whether it is in force on a day."""
        begun = self.since is None or self.since <= day
        return begun and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """A model as a list knows it: its id, the names it goes by, its prices."""

    id: str
    match: Clause
    prices: tuple[ListedPrice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProvider:
    """A provider's models; `fallbacks` are providers whose models it serves at their prices."""

    id: str
    models: tuple[ListedModel, ...]
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """An own price, or a share of what the price is without it.

    `models` are globs, of the name said or the listed id. It holds from `first` to `last`, both
    included, at `tier` (None: at the standard one for a `sheet`, at all for a `share`).
    `shares` say what other tiers cost as a share of this sheet. `where` is file:line. With
    `instead_of` it only holds where these kinds have these rates by the prices before (None: no
    rate): a correction ends by itself once the list is right.
    """

    provider: str
    models: tuple[str, ...]
    where: str
    tier: Tier | None = None
    first: date | None = None
    last: date | None = None
    sheet: Sheet = field(default_factory=dict[str, Steps])
    share: Decimal | None = None
    shares: Mapping[Tier, Decimal] = field(default_factory=dict[Tier, Decimal])
    instead_of: Mapping[str, Decimal | None] = field(default_factory=dict[str, Decimal | None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Every price that is known; `version` names the list and the overlays over it."""

    version: str
    source: str
    providers: Mapping[str, ListedProvider]
    overlays: tuple[Overlay, ...] = ()
