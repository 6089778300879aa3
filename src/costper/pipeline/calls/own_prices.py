"""Turns own prices, as a file says them, into what the catalogue lays over the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from costper.config.prices import GpuHours, OwnPrice, Rated, ToldPrice
from costper.model.money import EXACT
from costper.model.outcome import Issue
from costper.rating.catalogue import Catalogue, Overlay, Sheet, Steps
from costper.rating.prices import canonical, listing_of, suggestions
from costper.rating.rates import TOKEN_KINDS, UNIT_PLACES, for_one

SUFFIXES = ("_per_mtok", "_per_1000")
HUNDRED = Decimal(100)
WILD = frozenset("*?[")


def overlay_of(told: ToldPrice) -> Overlay:
    """Turn one own price into an overlay."""
    price = told.price
    note = f"{told.where}: {price.note}" if price.note else told.where
    share = None
    if price.discount_percent is not None:
        share = EXACT.divide(HUNDRED - price.discount_percent, HUNDRED)
    return Overlay(
        provider=canonical(price.provider),
        models=price.models,
        where=note,
        tier=price.tier,
        first=price.valid_from,
        last=price.valid_to,
        sheet=_sheet(price),
        share=share,
        shares={
            tier: EXACT.divide(percent, HUNDRED) for tier, percent in price.tier_percent.items()
        },
    )


def own_price_issues(catalogue: Catalogue, told: ToldPrice) -> Iterator[Issue]:
    """Doubt a discount on a model that the list does not know."""
    price = told.price
    if price.discount_percent is None:
        return
    provider = canonical(price.provider)
    for model in price.models:
        if WILD & set(model) or listing_of(catalogue, provider, model):
            continue
        near = suggestions(catalogue, provider, model)
        hint = f"did you mean {near[0]}?" if near else "costper prices list --provider " + provider
        message = f"a discount on {provider}/{model}, which has no price on the list"
        yield Issue("unknown_model", message, told.where, severity="warning", hint=hint)


def _sheet(price: OwnPrice) -> Sheet:
    if price.gpu_hours is not None:
        return _by_gpu(price.gpu_hours)
    if price.free:
        return {kind: ((-1, Decimal(0)),) for kind in (*TOKEN_KINDS, "web_search")}
    base = _rates(price)
    if "output" in base:  # whoever says what text costs says it of text beside images too
        base = {**base, "output_beside_image": base["output"]}
    return {kind: _steps(kind, rate, price) for kind, rate in base.items()}


def _steps(kind: str, rate: Decimal, price: OwnPrice) -> Steps:
    """Give the rate and those of long contexts; a step that does not name it keeps the last."""
    steps = [(-1, rate)]
    for long in price.long_context:
        rate = _rates(long).get("output" if kind == "output_beside_image" else kind, rate)
        steps.append((long.above, rate))
    return tuple(steps) if any(step[1] != steps[0][1] for step in steps) else ((-1, steps[0][1]),)


def _rates(price: Rated) -> Mapping[str, Decimal]:
    return {
        kind: for_one(kind, said)
        for name, said in price.told().items()
        for kind in (name.removesuffix(SUFFIXES[0]).removesuffix(SUFFIXES[1]),)
    }


def _by_gpu(gpu: GpuHours) -> Sheet:
    """Give a token its share of the hour; what is read from a cache is free there."""
    hour = EXACT.multiply(gpu.usd_per_hour, Decimal(gpu.gpus))
    one = Decimal(1).scaleb(-UNIT_PLACES)
    rates = {
        "input": EXACT.divide(hour, Decimal(gpu.input_tokens_per_hour)),
        "output": EXACT.divide(hour, Decimal(gpu.output_tokens_per_hour)),
        "cache_read": Decimal(0),
    }
    return {
        kind: ((-1, rate.quantize(one, ROUND_HALF_EVEN, EXACT)),) for kind, rate in rates.items()
    }
