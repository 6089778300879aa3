"""What sums of calls cost at the rates of one model or another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from costper.economics.call_savings import Span, counted_otherwise, summed
from costper.model.money import EXACT
from costper.pipeline.llm.savings.observed import Group
from costper.pipeline.llm.savings.route import Target
from costper.rating.catalogue import Catalogue
from costper.rating.fitness import counted_for, uncached
from costper.rating.price import price_of_parts
from costper.rating.prices import canonical, listing_of, rates_of
from costper.rating.rates import KINDS, TOKEN_KINDS, Rates, RateSet
from costper.rating.sql_price import RateKey

STANDARD = "standard"
BY_TOKEN = len(TOKEN_KINDS)


@dataclass(frozen=True, slots=True)
class Prices:
    """Rates of a catalogue, each looked up once."""

    catalogue: Catalogue
    _known: dict[RateKey, Rates | None] = field(default_factory=dict[RateKey, Rates | None])

    def at(self, key: RateKey) -> Rates | None:
        """Give the rates of a (provider, model, tier, day), None where nobody has a price."""
        if key not in self._known:
            self._known[key] = rates_of(self.catalogue, *key)
        return self._known[key]

    def set_of(self, group: Group, target: Target, tier: str) -> RateSet | None:
        """Give the rates of a model for one group's day, context and hour."""
        rates = self.at((target.provider, target.model, tier, group.day))
        return None if rates is None else rates.at(group.context, group.half_hour)

    def same(self, one: Target, other: Target) -> bool:
        """Say whether two names are of one model."""
        return self.listed(one) == self.listed(other)

    def listed(self, target: Target) -> Target:
        """Give a model by the ids of the list; as it is where the list does not know it."""
        maker = canonical(target.provider)
        found = listing_of(self.catalogue, maker, target.model)
        return Target(found[0].id, found[1].id) if found else Target(maker, target.model.lower())


def now_of(prices: Prices, group: Group) -> Decimal | None:
    """Give what a group cost by the catalogue; None where part of it has no price."""
    rates = prices.set_of(group, Target(group.provider, group.model), group.tier)
    return None if rates is None else price_of_parts(group.parts, rates)


def priced_groups(
    prices: Prices, groups: Iterable[Group]
) -> tuple[list[tuple[Group, Decimal]], int]:
    """Give the groups that have a price, with it, and how many calls have none."""
    known: list[tuple[Group, Decimal]] = []
    lost = 0
    for group in groups:
        cost = now_of(prices, group)
        if cost is None:
            lost += group.calls
        else:
            known.append((group, cost))
    return known, lost


def now_total(groups: Iterable[tuple[Group, Decimal]]) -> Decimal:
    """Add up what groups cost."""
    whole = Decimal(0)
    for _, cost in groups:
        whole = EXACT.add(whole, cost)
    return whole


def tier_at(prices: Prices, group: Group, target: Target) -> str:
    """Give the tier a model would serve a group at: the same, else the standard one."""
    same = prices.set_of(group, target, group.tier)
    return STANDARD if same is None else group.tier


def elsewhere(
    prices: Prices, groups: Sequence[Group], target: Target, percent: Decimal, *, warm: bool
) -> Span | None:
    """Give what groups would have cost with another model; None where it has no price for them.

    `percent` is how much its tokens may differ. Where it is not `warm`, the highest counts every
    cached token as a fresh one.
    """
    parts: list[Span] = []
    for group in groups:
        rates = prices.set_of(group, target, tier_at(prices, group, target))
        if rates is None:
            return None
        found = _span(counted_for(group.parts, rates), rates, percent)
        cold = found if warm else _span(counted_for(uncached(group.parts), rates), rates, percent)
        if found is None or cold is None:
            return None
        parts.append(Span(min(found.low, cold.low), found.likely, max(found.high, cold.high)))
    return summed(parts)


def _span(counts: Sequence[int], rates: RateSet, percent: Decimal) -> Span | None:
    by_token = price_of_parts((*counts[:BY_TOKEN], *(0 for _ in KINDS[BY_TOKEN:])), rates)
    others = price_of_parts((*(0 for _ in TOKEN_KINDS), *counts[BY_TOKEN:]), rates)
    if by_token is None or others is None:
        return None
    return counted_otherwise(by_token, others, percent)
