"""Which sums of calls can be priced as one: those of one step of context and one half hour."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from costper.rating.catalogue import Catalogue, ListedProvider
from costper.rating.fitness import known_of
from costper.rating.rates import ALL_DAY


@dataclass(frozen=True, slots=True)
class PriceSteps:
    """Where a price or a window ends: above `limits` of context; `hours` where they matter too."""

    limits: tuple[int, ...]
    hours: bool

    def context(self, step: int) -> int:
        """Give a context of a step, the steps being counted from 0.

        >>> PriceSteps((200_000,), hours=False).context(1)
        200001
        """
        return self.limits[step - 1] + 1 if step else 0


def steps_of(catalogue: Catalogue, providers: Collection[str]) -> PriceSteps:
    """Find every step of the prices of some providers, whatever the day, the tier and the model.

    Where the window of one of their models ends is a step as well: longer calls cannot go there.
    """
    known = [one for name in providers if (one := catalogue.providers.get(name))]
    makers: list[ListedProvider] = [
        *known,
        *(
            one
            for maker in known
            for name in maker.fallbacks
            if (one := catalogue.providers.get(name))
        ),
    ]
    prices = [price for maker in makers for model in maker.models for price in model.prices]
    sheets = [*(price.sheet for price in prices), *(one.sheet for one in catalogue.overlays)]
    windows = {known_of(maker.id, model.id).window for maker in makers for model in maker.models}
    limits = {above for sheet in sheets for steps in sheet.values() for above, _ in steps[1:]}
    return PriceSteps(
        limits=tuple(sorted(limits | {window for window in windows if window})),
        hours=any(price.hours != ALL_DAY for price in prices),
    )
