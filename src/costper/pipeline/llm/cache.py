"""How much of the input is read from caches, and what that saved against the price without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache as remembered

from costper.economics.calls import NO_CALLS, Amount, Used, added, share
from costper.economics.currency import plus
from costper.economics.trend import percent_of
from costper.model.answer import Absent, Answer, Cell
from costper.model.call import Line
from costper.model.money import EXACT
from costper.pipeline.answer.frame import Frame
from costper.pipeline.calls.price_book import catalogue_of
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.parts import dearest
from costper.pipeline.llm.read import HOURLY, Calls, Key, by_columns, read_by
from costper.pipeline.llm.told import COST_NOTE, Said, days_of, told, usage_cells
from costper.rating.price import price
from costper.rating.prices import rates_of
from costper.rating.rates import Rates
from costper.store.books import Books

NO_PRICE = Absent("unpriced")
NOTES = (
    "cache_hit_percent is the share of input tokens read from a cache",
    "cached_calls_percent is the share of calls that read any",
    "saved is the input at the day's price without any cache, minus the same input as it was",
    "reads cost less and writes may cost more than fresh input, so saved can be negative",
    "prices are today's catalogue's for that day, short context; without one saved is null",
    COST_NOTE,
)
KEYS = ("model", "provider", "tier", "day")
Priced = Mapping[Key, Amount]


def cache(books: Books, frame: Frame, chosen: Chosen) -> Answer:
    """Give for each model what its caches served and saved."""
    calls = Calls(frame, chosen, frame.period)
    found = read_by(calls, HOURLY, by_columns(*KEYS))
    catalogue = catalogue_of(books)

    @remembered
    def rates(provider: str, model: str, tier: str, day: date) -> Rates | None:
        return rates_of(catalogue, provider, model, tier, day)

    sums: dict[Key, Used] = {}
    saved: dict[Key, Amount] = {}
    for (model, provider, tier, day), used in found.items():
        key = (model, provider)
        sums[key] = sums.get(key, Used()) + used
        if used.cache_read_tokens or used.cache_write_tokens:
            known = saving(used, rates(provider, model, tier, day))
            saved[key] = plus(saved.get(key, Decimal(0)), known)
    total = added(sums.values())
    known_savings = [one for one in saved.values() if isinstance(one, Decimal)]
    whole = EXACT.add(sum_of(known_savings), Decimal(0))
    return told(
        calls,
        {"noun": "cache"},
        tuple(
            {
                "model": told_as(key[0]),
                "provider": told_as(key[1]),
                **_cells(sums[key], saved.get(key, Decimal(0))),
            }
            for key in dearest(sums)
        ),
        {
            **_cells(total, whole),
            "models_without_saving": len(saved) - len(known_savings),
        },
        days_of(calls),
        Said(notes=NOTES),
    )


def saving(used: Used, rates: Rates | None) -> Amount:
    """Give what caches saved of some input, by its rates without a long context.

    Tokens read from a cache and written to one are priced as fresh input instead.
    """
    cached = Line(
        input_tokens=used.input_tokens,
        cache_read_tokens=used.cache_read_tokens,
        cache_write_tokens=used.cache_write_tokens,
        cache_write_1h_tokens=used.cache_write_1h_tokens,
        context_tokens=0,
    )
    fresh = replace(cached, cache_read_tokens=0, cache_write_tokens=0, cache_write_1h_tokens=0)
    without, as_it_was = price(fresh, rates), price(cached, rates)
    if without is None or as_it_was is None:
        return NO_PRICE
    return EXACT.subtract(without, as_it_was)


def sum_of(amounts: list[Decimal]) -> Decimal:
    """Add amounts up, exactly."""
    total = Decimal(0)
    for one in amounts:
        total = EXACT.add(total, one)
    return total


def _cells(used: Used, saved: Amount) -> dict[str, Cell]:
    return {
        "cache_hit_percent": used.cache_hit_percent,
        "cached_calls_percent": share(used.cached_calls, used.calls, NO_CALLS),
        "cache_read_tokens": used.cache_read_tokens,
        "cache_write_tokens": used.cache_write_tokens,
        "saved": saved,
        "saved_percent": _part(saved, used.cost),
        **usage_cells(used),
    }


def _part(saved: Amount, cost: Decimal) -> Amount:
    """Give the saving in percent of what would have been paid without it."""
    if isinstance(saved, Absent):
        return saved
    whole = EXACT.add(cost, saved)
    return percent_of(saved, whole) if whole else Absent("no_cost")
