"""The price list of the genai-prices package, as a catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.metadata import version

from genai_prices import types as genai
from genai_prices.data import providers as bundled_providers

from costper.model.call import Tier
from costper.rating.catalogue import (
    Catalogue,
    ListedModel,
    ListedPrice,
    ListedProvider,
    Sheet,
    Steps,
)
from costper.rating.match import Clause
from costper.rating.rates import ALL_DAY, HALF_HOURS, for_one

PACKAGE = "genai-prices"

KIND_OF: Mapping[str, str] = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "audio_input",
    "output_audio_mtok": "audio_output",
    "cache_audio_read_mtok": "audio_cache_read",
    "input_image_mtok": "image_input",
    "output_image_mtok": "image_output",
    "web_searches_kcount": "web_search",
    "requests_kcount": "request",
}
"""The list's word for a price → the kind it is the price of."""

BESIDE = frozenset(("storage_searches_kcount", "cache_image_read_mtok", "input_video_mtok"))
"""Prices of what calls do not count apart, beside a price of all that they do."""

HIDING: Mapping[str, str] = {
    "output_video_mtok": "output",
    "output_citation_mtok": "output",
}
"""A price of what calls do not tell apart from another kind: that kind then has no price."""

DRAWS = re.compile(r"image|nano-banana")
"""Models that draw: their output may cost twelve times what the list says of their text."""

TIER_OF: Mapping[tuple[str, str], Tier] = {
    ("processing", "batch"): "batch",
    ("service_tier", "flex"): "flex",
    ("service_tier", "priority"): "priority",
    ("service_tier", "fast"): "fast",
    ("speed", "fast"): "fast",
}
FREE = ":free"
FREE_KINDS: tuple[str, ...] = ("input", "output", "cache_read")


@cache
def bundled() -> Catalogue:
    """Give the list that is installed with costper."""
    return listed(bundled_providers, f"{PACKAGE} {version(PACKAGE)}")


def listed(providers: Iterable[genai.Provider], source: str) -> Catalogue:
    """Turn a list in the form of genai-prices into a catalogue; `source` names it."""
    made = {one.id: _provider(one) for one in providers}
    digest = sha256(repr(sorted(made.items())).encode()).hexdigest()[:8]
    return Catalogue(version=f"{source} {digest}", source=source, providers=made)


def _provider(one: genai.Provider) -> ListedProvider:
    return ListedProvider(
        id=one.id,
        models=tuple(_model(model) for model in one.models),
        fallbacks=tuple(one.fallback_model_providers or ()),
    )


def _model(model: genai.ModelInfo) -> ListedModel:
    prices = (*_standard(model), *_variants(model))
    return ListedModel(id=model.id, match=_clause(model.match), prices=prices)


def _standard(model: genai.ModelInfo) -> Iterator[ListedPrice]:
    if isinstance(model.prices, genai.ModelPrice):
        yield _price(model, model.prices, "standard", None)
        return
    began: date | None = None
    for one in model.prices:
        price = _price(model, one.prices, "standard", one.constraint)
        # The list is in the order of time: hours named after a dated price begin with it.
        began = price.since or began
        yield replace(price, since=began)


def _variants(model: genai.ModelInfo) -> Iterator[ListedPrice]:
    """Give the prices of other tiers; what depends on anything but the tier is left out."""
    for variant in model.price_variants or ():
        said = list(variant.when.items())
        tier = TIER_OF.get(said[0])
        if tier is not None and len(said) == 1:
            yield _price(model, variant.prices, tier, variant.constraint)


def _price(
    model: genai.ModelInfo,
    prices: genai.ModelPrice,
    tier: Tier,
    when: genai.StartDateConstraint | genai.TimeOfDateConstraint | None,
) -> ListedPrice:
    said: dict[str, Decimal | genai.TieredPrices] = {
        name: price for name, price in prices.__dict__.items() if price is not None
    }
    sheet: dict[str, Steps] = {
        KIND_OF[name]: _steps(KIND_OF[name], price)
        for name, price in said.items()
        if name in KIND_OF
    }
    draws = "image_output" in sheet or DRAWS.search(model.id) is not None
    if not said and model.id.endswith(FREE):
        sheet = {kind: ((-1, Decimal(0)),) for kind in FREE_KINDS}
    return ListedPrice(
        sheet=_without_hidden(sheet, said, draws=draws),
        tier=tier,
        since=_since(when),
        hours=_hours(when),
        uncounted=tuple(name for name in said if name not in {*KIND_OF, *BESIDE, *HIDING}),
    )


def _without_hidden(sheet: Sheet, said: Iterable[str], *, draws: bool) -> Sheet:
    """Leave out what may be of another kind: of output that nobody divides it is not known.

    A model that draws has a price for text where it is said what was drawn, and for reasoning.
    """
    hidden = {HIDING[name] for name in said if name in HIDING}
    shown = {kind: steps for kind, steps in sheet.items() if kind not in hidden}
    if not draws or "output" not in shown:
        return shown
    text = shown.pop("output")
    return {"reasoning": text, **shown, "output_beside_image": text}


def _steps(kind: str, price: Decimal | genai.TieredPrices) -> Steps:
    if isinstance(price, Decimal):
        return ((-1, for_one(kind, price)),)
    above = ((tier.start, for_one(kind, tier.price)) for tier in price.tiers)
    return ((-1, for_one(kind, price.base)), *above)


def _since(when: object) -> date | None:
    return when.start_date if isinstance(when, genai.StartDateConstraint) else None


def _hours(when: object) -> int:
    """Give the half hours a price is for, which may pass midnight."""
    if not isinstance(when, genai.TimeOfDateConstraint):
        return ALL_DAY
    first, end = _half_hours(when.start_time), _half_hours(when.end_time)
    length = (end - first) % HALF_HOURS
    return sum(1 << (first + number) % HALF_HOURS for number in range(length))


def _half_hours(at: time) -> int:
    ahead = at.utcoffset()
    minutes = at.hour * 60 + at.minute - (int(ahead.total_seconds()) // 60 if ahead else 0)
    return minutes // 30 % HALF_HOURS


def _clause(match: genai.MatchLogic) -> Clause:
    """Give a condition on names; texts in small letters, but for a regular expression."""
    if isinstance(match, genai.ClauseOr):
        return ("or", tuple(_clause(clause) for clause in match.or_))
    if isinstance(match, genai.ClauseAnd):
        return ("and", tuple(_clause(clause) for clause in match.and_))
    ((word, text),) = vars(match).items()
    return (word, text if word == "regex" else text.lower())
