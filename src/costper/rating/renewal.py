"""Compares a new price list with the one in force, and joins them without rewriting the past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Literal

from costper.rating.catalogue import Catalogue, ListedModel, ListedPrice, ListedProvider, Steps
from costper.rating.match import matches
from costper.rating.rates import ALL_DAY, published

Change = Literal["added", "changed", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """One price that a new list has otherwise; '' where there is none.

    `before` and `after` are as vendors print them, for a million tokens or a thousand searches:
    `1.25, above 200000: 2.5`. A model that is gone keeps its prices.
    """

    provider: str
    model: str
    change: Change
    tier: str = ""
    since: date | None = None
    kind: str = ""
    before: str = ""
    after: str = ""


def changes(held: Catalogue, new: Catalogue, day: date | None) -> tuple[PriceChange, ...]:
    """Give what a new list says otherwise from a day on, or of all days; by provider and model."""
    return tuple(
        change
        for provider in sorted({*held.providers, *new.providers})
        for change in _of_provider(provider, _models(held, provider), _models(new, provider), day)
    )


def renewed(held: Catalogue, new: Catalogue, day: date, *, backdated: bool = False) -> Catalogue:
    """Join a new list to the one in force: its prices hold from `day` on.

    Days before keep the price they had, and models that the new list dropped keep theirs, so that
    history can be priced again. `backdated` takes what the new list says of the past as well.
    """
    order = [*new.providers, *(name for name in held.providers if name not in new.providers)]
    joined = {
        name: _joined(held.providers.get(name), new.providers.get(name), day, backdated=backdated)
        for name in order
    }
    digest = sha256(repr(sorted(joined.items())).encode()).hexdigest()[:8]
    return Catalogue(version=f"{new.source} {digest}", source=new.source, providers=joined)


def steps_text(kind: str, steps: Steps | None) -> str:
    """Write a price as vendors print it.

    >>> from decimal import Decimal
    >>> steps_text("input", ((-1, Decimal("0.00000125")), (200000, Decimal("0.0000025"))))
    '1.25, above 200000: 2.5'
    """
    return ", ".join(
        f"{'' if above < 0 else f'above {above}: '}{published(kind, rate):f}"
        for above, rate in steps or ()
    )


def _models(catalogue: Catalogue, provider: str) -> Mapping[str, ListedModel]:
    """Give a provider's models by id; an id that stands twice is numbered."""
    listed = catalogue.providers.get(provider)
    found: dict[str, ListedModel] = {}
    for model in listed.models if listed else ():
        again = sum(1 for name in found if name.split(" #")[0] == model.id)
        found[f"{model.id} #{again + 1}" if again else model.id] = model
    return found


def _of_provider(
    provider: str,
    held: Mapping[str, ListedModel],
    new: Mapping[str, ListedModel],
    day: date | None,
) -> Iterator[PriceChange]:
    for name in sorted({*held, *new}):
        if name not in new:
            yield PriceChange(provider=provider, model=name, change="gone")
            continue
        before = _told(_coming(held[name].prices, day)) if name in held else {}
        after = _told(_coming(new[name].prices, day))
        change: Change = "changed" if name in held else "added"
        for tier, since, kind in sorted({*before, *after}, key=str):
            was, is_now = before.get((tier, since, kind), ""), after.get((tier, since, kind), "")
            if was != is_now:
                yield PriceChange(
                    provider=provider,
                    model=name,
                    change=change,
                    tier=tier,
                    since=since,
                    kind=kind,
                    before=was,
                    after=is_now,
                )


def _told(prices: Sequence[ListedPrice]) -> dict[tuple[str, date | None, str], str]:
    """Write every price of a model by tier, first day and kind; those that count where two do."""
    found: dict[tuple[str, date | None, str], str] = {}
    for price in prices:
        tier = price.tier if price.hours == ALL_DAY else f"{price.tier}, hours {price.hours:x}"
        said = {kind: steps_text(kind, steps) for kind, steps in price.sheet.items()}
        said |= dict.fromkeys(price.uncounted, "not counted")
        for kind, text in said.items():
            key = (tier, price.since, kind)
            found[key] = text if price.tier == "standard" else found.get(key, text)
    return found


def _coming(prices: Sequence[ListedPrice], day: date | None) -> tuple[ListedPrice, ...]:
    """Give the prices from a day on, as if they began then."""
    if day is None:
        return tuple(prices)
    return tuple(
        replace(price, since=max(price.since or day, day))
        for price in prices
        if price.until is None or price.until > day
    )


def _joined(
    held: ListedProvider | None, new: ListedProvider | None, day: date, *, backdated: bool
) -> ListedProvider:
    if held is None or new is None:
        found = held or new
        if found is None:
            raise ValueError("a provider of neither list")
        return found
    models = [
        model if backdated else _continued(_before(held, model), model, day) for model in new.models
    ]
    kept = [model for model in held.models if model.id not in {one.id for one in new.models}]
    return replace(new, models=(*models, *kept))


def _before(held: ListedProvider, new: ListedModel) -> ListedModel | None:
    """Find the model a new one continues: of its id, else the one whose names it takes."""
    same = [model for model in held.models if model.id == new.id]
    taken = (model for model in held.models if matches(new.match, model.id.lower()))
    return same[0] if same else next(taken, None)


def _continued(held: ListedModel | None, new: ListedModel, day: date) -> ListedModel:
    """Keep a model's prices until a day, and take the new ones from then on."""
    if held is None:
        return new
    coming = _coming(new.prices, day)
    if _told(coming) == _told(_coming(held.prices, day)):
        return replace(new, prices=held.prices)
    past = (replace(price, until=_earlier(price.until, day)) for price in held.prices)
    return replace(new, prices=(*(one for one in past if _ever(one)), *coming))


def _earlier(until: date | None, day: date) -> date:
    return day if until is None else min(until, day)


def _ever(price: ListedPrice) -> bool:
    return price.since is None or price.until is None or price.since < price.until
