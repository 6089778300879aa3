"""Which listed models are of the kind that calls were made with, as far as a list can tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from genai_prices.data import providers as bundled_providers

from costper.rating.catalogue import Catalogue
from costper.rating.rates import KINDS, RateSet

SEPARATE = ("output", "audio_input", "audio_output", "image_output", "request")
"""A price of one of these makes a model another kind: of embeddings, of speech, of searches."""

STANDS_IN: Mapping[str, tuple[str, ...]] = {
    "cache_write_1h": ("cache_write", "input"),
    "cache_write": ("input",),
    "cache_read": ("input",),
    "audio_cache_read": ("audio_input",),
}
"""What cached tokens are counted as by a model that has no price for them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the list's authors say of a model: its window in tokens, whether it is withdrawn."""

    window: int | None = None
    withdrawn: bool = False


@cache
def _known() -> Mapping[tuple[str, str], Known]:
    return {
        (maker.id, model.id): Known(model.context_window, bool(model.deprecated))
        for maker in bundled_providers
        for model in maker.models
    }


def known_of(provider: str, model: str) -> Known:
    """Give what is known of a listed model, by the ids of the list."""
    return _known().get((provider, model), Known())


def listed_names(catalogue: Catalogue, globs: Collection[str]) -> Iterator[tuple[str, str]]:
    """Give the listed models that fit provider/model globs: openai/*, */gemini-2.5-*."""
    for provider in catalogue.providers.values():
        for model in provider.models:
            if any(fnmatchcase(f"{provider.id}/{model.id}", glob) for glob in globs):
                yield provider.id, model.id


def alike(one: RateSet, other: RateSet) -> bool:
    """Say whether two sets of rates are of one kind of model."""
    places = [KINDS.index(kind) for kind in SEPARATE]
    return all((one[place] is None) == (other[place] is None) for place in places)


def counted_for(counts: Sequence[int], rates: RateSet) -> tuple[int, ...]:
    """Count cached tokens as what stands in for them, where the rates know no such kind."""
    found = list(counts)
    for kind, others in STANDS_IN.items():
        place = KINDS.index(kind)
        if rates[place] is not None or not found[place]:
            continue
        for other in others:
            there = KINDS.index(other)
            if rates[there] is not None:
                found[there] += found[place]
                found[place] = 0
                break
    return tuple(found)


def uncached(counts: Sequence[int]) -> tuple[int, ...]:
    """Count every token that was read from a cache as a fresh one."""
    found = list(counts)
    for kind, fresh in (("cache_read", "input"), ("audio_cache_read", "audio_input")):
        found[KINDS.index(fresh)] += found[KINDS.index(kind)]
        found[KINDS.index(kind)] = 0
    return tuple(found)
