"""Reads and writes price lists as bytes: costper's own form, and the JSON of genai-prices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from genai_prices import types as genai

from costper.model.call import TIERS, Tier
from costper.rating.catalogue import (
    Catalogue,
    ListedModel,
    ListedPrice,
    ListedProvider,
    Sheet,
)
from costper.rating.listed import listed
from costper.rating.match import CLAUSES, Clause
from costper.rating.rates import KINDS

FORM = "costper prices 1"
Json = Mapping[str, Any]


def written(catalogue: Catalogue) -> bytes:
    """Write a list; own prices over it are not part of it."""
    told = {
        "form": FORM,
        "version": catalogue.version,
        "source": catalogue.source,
        "providers": [_provider(one) for one in catalogue.providers.values()],
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def read_list(body: bytes, name: str) -> Catalogue:
    """Read a list in either form; `name` is what it is called where it does not say itself.

    Raises ValueError, which says what is wrong, for anything else.
    """
    try:
        told: Any = json.loads(body, parse_float=Decimal)
        if isinstance(told, list):
            return listed([_genai_provider(one) for one in cast(list[Json], told)], name)
        if not isinstance(told, dict) or cast(Json, told).get("form") != FORM:
            raise ValueError("neither a list of genai-prices nor one of costper")
        return _read_own(cast(Json, told))
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError(f"not a whole price list: {error!r}") from error


def _provider(one: ListedProvider) -> Json:
    return {
        "id": one.id,
        "fallbacks": one.fallbacks,
        "models": [
            {"id": model.id, "match": model.match, "prices": [_price(it) for it in model.prices]}
            for model in one.models
        ],
    }


def _price(price: ListedPrice) -> Json:
    sheet = {
        kind: [[above, f"{rate:f}"] for above, rate in steps] for kind, steps in price.sheet.items()
    }
    return {
        "tier": price.tier,
        "since": price.since and price.since.isoformat(),
        "until": price.until and price.until.isoformat(),
        "hours": price.hours,
        "uncounted": price.uncounted,
        "usd": sheet,
    }


def _read_own(told: Json) -> Catalogue:
    made = [
        ListedProvider(
            id=one["id"],
            fallbacks=tuple(one["fallbacks"]),
            models=tuple(_read_model(model) for model in one["models"]),
        )
        for one in told["providers"]
    ]
    return Catalogue(
        version=str(told["version"]),
        source=str(told["source"]),
        providers={one.id: one for one in made},
    )


def _read_model(told: Json) -> ListedModel:
    prices = tuple(_read_price(price) for price in told["prices"])
    if not any(price.tier == "standard" for price in prices):
        raise ValueError(f"{told['id']} has no standard price")
    return ListedModel(id=told["id"], match=_read_clause(told["match"]), prices=prices)


def _read_price(told: Json) -> ListedPrice:
    return ListedPrice(
        sheet=_read_sheet(told["usd"]),
        tier=_read_tier(told["tier"]),
        since=_day(told["since"]),
        until=_day(told["until"]),
        hours=int(told["hours"]),
        uncounted=tuple(told["uncounted"]),
    )


def _read_sheet(told: Json) -> Sheet:
    unknown = told.keys() - set(KINDS)
    if unknown:
        raise ValueError(f"unknown kinds of price: {', '.join(sorted(unknown))}")
    return {
        kind: tuple((int(above), Decimal(rate)) for above, rate in steps)
        for kind, steps in told.items()
    }


def _read_tier(told: str) -> Tier:
    if told not in TIERS:
        raise ValueError(f"unknown tier {told!r}")
    return told


def _read_clause(told: Sequence[Any]) -> Clause:
    word, inner = told
    if isinstance(inner, str):
        return (word if word in CLAUSES else str(CLAUSES[word]), inner)
    return (str(word), tuple(_read_clause(clause) for clause in inner))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _genai_provider(told: Json) -> genai.Provider:
    return genai.Provider(
        id=told["id"],
        name=told.get("name", told["id"]),
        api_pattern=told.get("api_pattern", ""),
        fallback_model_providers=told.get("fallback_model_providers"),
        models=[_genai_model(model) for model in told["models"]],
    )


def _genai_model(told: Json) -> genai.ModelInfo:
    prices = told["prices"]
    return genai.ModelInfo(
        id=told["id"],
        match=_genai_clause(told["match"]),
        prices=_genai_prices(cast(Json, prices))
        if isinstance(prices, dict)
        else [
            genai.ConditionalPrice(
                constraint=_genai_constraint(one.get("constraint")),
                prices=_genai_prices(one["prices"]),
            )
            for one in prices
        ],
        price_variants=[
            genai.PriceVariant(
                when=one["when"],
                prices=_genai_prices(one["prices"]),
                constraint=_genai_constraint(one.get("constraint")),
            )
            for one in told.get("price_variants") or ()
        ],
    )


def _genai_prices(told: Json) -> genai.ModelPrice:
    return genai.ModelPrice(**{name: _genai_price(price) for name, price in told.items()})


def _genai_price(told: object) -> Decimal | genai.TieredPrices | None:
    if isinstance(told, dict):
        steps = cast(Json, told)
        tiers = [
            genai.Tier(start=int(tier["start"]), price=Decimal(tier["price"]))
            for tier in steps["tiers"]
        ]
        return genai.TieredPrices(base=Decimal(steps["base"]), tiers=tiers)
    return None if told is None else Decimal(cast(str, told))


def _genai_constraint(
    told: Json | None,
) -> genai.StartDateConstraint | genai.TimeOfDateConstraint | None:
    if not told:
        return None
    if "start_date" in told:
        return genai.StartDateConstraint(start_date=date.fromisoformat(told["start_date"]))
    return genai.TimeOfDateConstraint(
        start_time=time.fromisoformat(told["start_time"]),
        end_time=time.fromisoformat(told["end_time"]),
    )


def _genai_clause(told: Json) -> genai.MatchLogic:
    ((word, inner),) = told.items()
    if word == "or":
        return genai.ClauseOr(or_=[_genai_clause(clause) for clause in inner])
    if word == "and":
        return genai.ClauseAnd(and_=[_genai_clause(clause) for clause in inner])
    made: Mapping[str, Any] = {
        "equals": genai.ClauseEquals,
        "starts_with": genai.ClauseStartsWith,
        "ends_with": genai.ClauseEndsWith,
        "contains": genai.ClauseContains,
        "regex": genai.ClauseRegex,
    }
    return cast(genai.MatchLogic, made[word](inner))
