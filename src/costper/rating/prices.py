"""Finds the rates of a model at a tier on a day: the list's, with own prices over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from difflib import get_close_matches
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import cast

from costper.model.call import Tier
from costper.model.money import EXACT
from costper.rating.catalogue import (
    Catalogue,
    ListedModel,
    ListedPrice,
    ListedProvider,
    Overlay,
    Sheet,
)
from costper.rating.listed import bundled
from costper.rating.match import matches, spellings
from costper.rating.rates import (
    ALL_DAY,
    MOST_BANDS,
    TOKEN_KINDS,
    UNIT_PLACES,
    Band,
    Rates,
    rate_set,
)

__all__ = ("Catalogue", "bundled", "canonical", "rates_of", "suggestions", "with_overlays")

ALIASES: Mapping[str, str] = {
    "amazon": "aws",
    "amazon-bedrock": "aws",
    "aws.bedrock": "aws",
    "bedrock": "aws",
    "bedrock-converse": "aws",
    "az.ai.inference": "azure",
    "az.ai.openai": "azure",
    "azure-ai": "azure",
    "azure-openai": "azure",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "cohere-chat": "cohere",
    "fireworks-ai": "fireworks",
    "gcp.gemini": "google",
    "gcp.gen-ai": "google",
    "gcp.vertex-ai": "google",
    "gemini": "google",
    "google-ai-studio": "google",
    "google-genai": "google",
    "google-vertex": "google",
    "vertex": "google",
    "vertex-ai": "google",
    "vertexai": "google",
    "mistral-ai": "mistral",
    "mistralai": "mistral",
    "moonshot": "moonshotai",
    "ollama-chat": "ollama",
    "openai-chat": "openai",
    "text-completion-openai": "openai",
    "together-ai": "together",
    "voyage": "voyageai",
    "xai": "x-ai",
}
"""Other words for a provider, with dashes for what some write with _ or a space."""

CACHES = frozenset(("cache_read", "cache_write", "cache_write_1h", "audio_cache_read"))
FRESH = tuple(kind for kind in TOKEN_KINDS if kind not in CACHES)
HALF = Decimal("0.5")

SHARES: Mapping[tuple[str, Tier], tuple[Decimal, Sequence[str]]] = {
    ("anthropic", "batch"): (HALF, TOKEN_KINDS),
    ("openai", "batch"): (HALF, FRESH),
    ("azure", "batch"): (HALF, FRESH),
    ("google", "batch"): (HALF, FRESH),
    ("mistral", "batch"): (HALF, FRESH),
    ("groq", "batch"): (HALF, TOKEN_KINDS),
    ("aws", "batch"): (HALF, FRESH),
    ("openai", "flex"): (HALF, TOKEN_KINDS),
    ("google", "flex"): (HALF, FRESH),
    ("groq", "flex"): (Decimal(1), TOKEN_KINDS),
}
"""What vendors say of a tier as a whole, where the list has no price for it.

Caches keep their price in a batch but with those who say otherwise. A tier that is neither listed
nor here has no price.
"""

NEAREST = 3


@dataclass(frozen=True, slots=True)
class _Found:
    """Rates on the way: the sheet of the base, those of hours, and where they come from."""

    sheet: Sheet
    hours: tuple[tuple[int, Sheet], ...]
    sources: tuple[str, ...]
    since: date | None


def canonical(provider: str) -> str:
    """Give the catalogue's word for a provider; an unknown one in small letters.

    >>> canonical("Vertex_AI"), canonical("aws_bedrock"), canonical("acme")
    ('google', 'aws', 'acme')
    """
    said = provider.strip().lower()
    dashed = said.replace("_", "-").replace(" ", "-")
    for word in (dashed, dashed.replace("-", ".", 1)):
        if word in ALIASES:
            return ALIASES[word]
    return dashed if dashed in ALIASES.values() else said


def with_overlays(catalogue: Catalogue, overlays: Sequence[Overlay]) -> Catalogue:
    """Lay own prices over a catalogue, each over those before; its version says so."""
    if not overlays:
        return catalogue
    every = (*catalogue.overlays, *overlays)
    digest = sha256(repr([replace(one, where="") for one in every]).encode()).hexdigest()[:8]
    return replace(
        catalogue, version=f"{catalogue.version.split(' + ')[0]} + {digest}", overlays=every
    )


def rates_of(catalogue: Catalogue, provider: str, model: str, tier: str, day: date) -> Rates | None:
    """Give the rates in force on a day, None where nobody has a price.

    `tier` is a word of TIERS; another one has no price. Takes about a millisecond: resolve each
    (provider, model, tier, day) once.
    """
    maker = canonical(provider)
    listing = listing_of(catalogue, maker, model)
    found = _listed_rates(catalogue.source, listing, cast(Tier, tier), day)
    names = {*spellings(model, maker), *([listing[1].id.lower()] if listing else [])}
    for overlay in catalogue.overlays:
        if _holds(overlay, maker, names, day):
            found = _laid_over(found, overlay, cast(Tier, tier))
    return None if found is None else _rates(found)


def listing_of(
    catalogue: Catalogue, provider: str, model: str
) -> tuple[ListedProvider, ListedModel] | None:
    """Find a model on the list: of its provider, else of one whose models the provider serves."""
    own = catalogue.providers.get(provider)
    if own is None:
        return None
    served = (catalogue.providers.get(name) for name in own.fallbacks)
    for name in spellings(model, provider):
        for maker in (own, *(one for one in served if one)):
            for listed in maker.models:
                if matches(listed.match, name):
                    return maker, listed
    return None


def suggestions(catalogue: Catalogue, provider: str, model: str) -> tuple[str, ...]:
    """Name listed models that may be meant, as provider/model, the likeliest first.

    The same model of another provider comes before a model with a like name.
    """
    maker = canonical(provider)
    names = spellings(model, maker)
    elsewhere = (
        f"{one.id}/{listed.id}"
        for one in _most_known(catalogue)
        for listed in one.models
        if listed.id.lower() in names
    )
    own = catalogue.providers.get(maker)
    ids = {listed.id.lower(): f"{maker}/{listed.id}" for listed in (own.models if own else ())}
    near = (ids[name] for said in names for name in get_close_matches(said, ids, n=NEAREST))
    return tuple(dict.fromkeys((*elsewhere, *near)))[:NEAREST]


def _most_known(catalogue: Catalogue) -> list[ListedProvider]:
    """Order providers: those who make models first, then those who only serve them."""
    makers = ("openai", "anthropic", "google", "mistral", "deepseek", "x-ai", "cohere")
    first = [catalogue.providers[name] for name in makers if name in catalogue.providers]
    return [*first, *(one for one in catalogue.providers.values() if one not in first)]


def _listed_rates(
    source: str, listing: tuple[ListedProvider, ListedModel] | None, tier: Tier, day: date
) -> _Found | None:
    if listing is None:
        return None
    maker, model = listing
    standard = [price for price in model.prices if price.tier == "standard"]
    base = _base_on(standard, day)
    if base.uncounted or not base.sheet:
        return None
    named = f"{source}: {maker.id}/{model.id}" + (f" since {base.since}" if base.since else "")
    timed = tuple(
        (price.hours, price.sheet)
        for price in standard
        if price.hours != ALL_DAY and price.holds(day)
    )
    if tier == "standard":
        return _Found(base.sheet, timed, (named,), base.since)
    told = _tier_sheet(model, base, tier, day)
    if told is not None:
        # What a tier does not name costs what it costs at the standard one.
        kept = {kind: steps for kind, steps in told.items() if kind in base.sheet}
        return _Found({**base.sheet, **kept}, (), (f"{named}, {tier}",), base.since)
    return _by_share(_Found(base.sheet, timed, (named,), base.since), maker.id, tier)


def _base_on(standard: Sequence[ListedPrice], day: date) -> ListedPrice:
    """Give the price that holds all day: the last that has begun, the first where none has."""
    dated = [price for price in standard if price.hours == ALL_DAY]
    begun = [price for price in dated if price.holds(day)]
    return begun[-1] if begun else dated[0]


def _tier_sheet(model: ListedModel, base: ListedPrice, tier: Tier, day: date) -> Sheet | None:
    """Give what a tier costs otherwise than the standard one; None where the list is silent.

    The list dates a tier by when it was written down. Before that day its price holds as well, as
    long as the standard price is the one it had then.
    """
    told = [price for price in model.prices if price.tier == tier]
    begun = [price for price in told if price.holds(day)]
    later = [price.since for price in told if price.since is not None and day < price.since]
    if not begun and later:
        first = min(later)
        standard = [price for price in model.prices if price.tier == "standard"]
        if _base_on(standard, first).sheet == base.sheet:
            begun = [price for price in told if price.since == first]
    sheet: dict[str, tuple[tuple[int, Decimal], ...]] = {}
    for price in begun:
        for kind, steps in price.sheet.items():
            sheet.setdefault(kind, steps)
    return sheet or None


def _by_share(found: _Found, provider: str, tier: Tier) -> _Found | None:
    rule = SHARES.get((provider, tier))
    if rule is None:
        return None
    share, kinds = rule
    word = f"{tier} at {share.normalize(EXACT) * 100:f} %"
    return _shared(found, share, kinds, word)


def _shared(found: _Found, share: Decimal, kinds: Sequence[str], word: str) -> _Found:
    return _Found(
        _times(found.sheet, share, kinds),
        tuple((hours, _times(sheet, share, kinds)) for hours, sheet in found.hours),
        (*found.sources, word),
        found.since,
    )


def _times(sheet: Sheet, share: Decimal, kinds: Sequence[str]) -> Sheet:
    return {
        kind: tuple((above, _rounded(rate, share)) for above, rate in steps)
        if kind in kinds
        else steps
        for kind, steps in sheet.items()
    }


def _rounded(rate: Decimal, share: Decimal) -> Decimal:
    product = EXACT.multiply(rate, share)
    return product.quantize(Decimal(1).scaleb(-UNIT_PLACES), ROUND_HALF_EVEN, EXACT)


def _holds(overlay: Overlay, provider: str, names: set[str], day: date) -> bool:
    return (
        overlay.provider == provider
        and (overlay.first is None or overlay.first <= day)
        and (overlay.last is None or day <= overlay.last)
        and any(fnmatchcase(name, glob.lower()) for glob in overlay.models for name in names)
    )


def _laid_over(found: _Found | None, overlay: Overlay, tier: Tier) -> _Found | None:
    """Lay one own price over what was found before."""
    before = found or _Found({}, (), (), None)
    if any(_rate(before.sheet, kind) != rate for kind, rate in overlay.instead_of.items()):
        return found
    if overlay.share is not None:
        if found is None or overlay.tier not in {None, tier}:
            return found
        return _shared(found, overlay.share, tuple(found.sheet), overlay.where)
    if tier == (overlay.tier or "standard"):
        hours = tuple((some, {**sheet, **overlay.sheet}) for some, sheet in before.hours)
        sources = (*before.sources, overlay.where)
        return _Found({**before.sheet, **overlay.sheet}, hours, sources, overlay.first)
    if overlay.tier is None and tier in overlay.shares:
        own = _Found(overlay.sheet, (), (overlay.where,), overlay.first)
        return _shared(own, overlay.shares[tier], tuple(overlay.sheet), tier)
    return found


def _rate(sheet: Sheet, kind: str) -> Decimal | None:
    return sheet[kind][0][1] if kind in sheet else None


def _rates(found: _Found) -> Rates | None:
    bands = tuple(_bands(found))
    if not found.sheet or len(bands) > MOST_BANDS:
        return None
    base = rate_set({kind: steps[0][1] for kind, steps in found.sheet.items()})
    return Rates(base=base, bands=bands, sources=found.sources, since=found.since)


def _bands(found: _Found) -> Iterator[Band]:
    """Give the rates of hours, then those of long contexts; the last that holds is used."""
    by_rates: dict[tuple[tuple[str, Decimal], ...], int] = {}
    for hours, sheet in found.hours:
        if sheet == found.sheet:
            continue  # an own price of all hours
        alike = tuple(sorted((kind, steps[0][1]) for kind, steps in sheet.items()))
        by_rates[alike] = by_rates.get(alike, 0) | hours
    for alike, hours in by_rates.items():
        yield Band(rates=rate_set(dict(alike)), hours=hours)
    limits = {above for steps in found.sheet.values() for above, _ in steps[1:]}
    for limit in sorted(limits):
        at = {
            kind: [rate for above, rate in steps if above <= limit][-1]
            for kind, steps in found.sheet.items()
        }
        yield Band(rates=rate_set(at), above=limit)
