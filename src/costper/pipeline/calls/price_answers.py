"""Answers about prices: which models have one, what one costs on a day, what a new list changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase

from costper.errors import UserError, suggestion
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.call import TIERS
from costper.pipeline.calls.price_book import Renewal
from costper.rating.catalogue import Catalogue
from costper.rating.prices import canonical, rates_of, suggestions
from costper.rating.rates import ALL_DAY, HALF_HOURS, KINDS, PER, Band, Rates, RateSet, published

LISTED = ("input", "output", "cache_read", "cache_write")
UNPRICED = Absent("unpriced")
NO_PRICE = Absent("no_price")


def listed_prices(catalogue: Catalogue, day: date, *, provider: str = "", like: str = "") -> Answer:
    """List models and what they cost on a day at the standard tier, for a million tokens.

    `like` is a glob, or part of a name. Models of own prices only are listed by their globs.

    Raises:
        UserError: the list knows no such provider.
    """
    maker = canonical(provider) if provider else ""
    known = {*catalogue.providers, *(one.provider for one in catalogue.overlays)}
    if maker and maker not in known:
        raise UserError(f"no prices of {provider!r}", hint=suggestion(maker, known))
    rows = [
        _listed(catalogue, name, model, day)
        for name, model in _models(catalogue)
        if maker in {"", name} and _like(model, like)
    ]
    return _answer(
        {"noun": "prices", "day": day, "provider": maker, "like": like},
        catalogue,
        rows,
        {"models": len(rows)},
    )


def shown_price(catalogue: Catalogue, provider: str, model: str, day: date, tier: str) -> Answer:
    """Give every rate of a model on a day: by tier, kind, context and hours, with its source.

    `tier` "" is all tiers that have a price.

    Raises:
        UserError: nobody has a price for it on that day.
    """
    if tier and tier not in TIERS:
        raise UserError(f"unknown tier {tier!r}", hint=suggestion(tier, TIERS))
    rows: list[Row] = []
    for one in (tier,) if tier else TIERS:
        rates = rates_of(catalogue, provider, model, one, day)
        if rates is not None:
            rows += _rates(one, rates)
    if not rows:
        near = suggestions(catalogue, provider, model)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        hint = f"{meant}`costper prices list --provider {canonical(provider)}` lists what has one"
        raise UserError(f"{provider}/{model} has no price on {day}", hint=hint)
    question: Row = {
        "noun": "price",
        "provider": canonical(provider),
        "model": model,
        "day": day,
        "tier": tier,
    }
    return _answer(question, catalogue, rows, {"rates": len(rows)})


def renewal_answer(planned: Renewal, *, accepted: bool) -> Answer:
    """Put what a new list changes in the envelope, by provider and model."""
    rows: list[Row] = [
        {
            "provider": one.provider,
            "model": one.model,
            "change": one.change,
            "tier": one.tier,
            "since": one.since,
            "kind": one.kind,
            "before": one.before or NO_PRICE,
            "after": ("kept" if one.change == "gone" else one.after) or NO_PRICE,
        }
        for one in planned.changes
    ]
    question: Row = {
        "noun": "price_update",
        "since": planned.day,
        "backdated": planned.backdated,
        "accepted": accepted,
        "before": planned.held.version,
        "after": planned.joined.version,
    }
    total: Row = {
        change: len({(it.provider, it.model) for it in planned.changes if it.change == change})
        for change in ("added", "changed", "gone")
    }
    return _answer(question, planned.joined, rows, total)


def _models(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    listed = {(one.id, model.id) for one in catalogue.providers.values() for model in one.models}
    own = {
        (one.provider, model)
        for one in catalogue.overlays
        for model in one.models
        if one.share is None
        and not any(of == one.provider and fnmatchcase(name, model) for of, name in listed)
    }
    yield from sorted(listed | own)


def _like(model: str, like: str) -> bool:
    said = like.lower()
    return said in model.lower() or fnmatchcase(model.lower(), said)


def _listed(catalogue: Catalogue, provider: str, model: str, day: date) -> Row:
    rates = rates_of(catalogue, provider, model, "standard", day)
    costs: dict[str, Cell] = {
        f"{kind}_per_mtok": UNPRICED if rates is None else _price(kind, rates.base)
        for kind in LISTED
    }
    return {
        "provider": provider,
        "model": model,
        **costs,
        "long_context": rates is not None and any(band.above >= 0 for band in rates.bands),
        "since": rates.since if rates else None,
        "source": "; ".join(rates.sources) if rates else "",
    }


def _price(kind: str, rates: RateSet) -> Cell:
    rate = rates[KINDS.index(kind)]
    return NO_PRICE if rate is None else published(kind, rate)


def _rates(tier: str, rates: Rates) -> Iterator[Row]:
    sets = (Band(rates=rates.base), *rates.bands)
    for band in sets:
        for kind, rate in zip(KINDS, band.rates, strict=True):
            if rate is not None:
                yield {
                    "tier": tier,
                    "kind": kind,
                    "usd": published(kind, rate),
                    "per": PER[kind],
                    "context_above": band.above if band.above >= 0 else None,
                    "hours": _hours(band.hours),
                    "since": rates.since,
                    "source": "; ".join(rates.sources),
                }


def _hours(hours: int) -> str:
    """Write the hours (UTC) a rate is for; '' for all day.

    >>> _hours(0b1111)
    '00:00-02:00'
    """
    if hours == ALL_DAY:
        return ""
    begins = [
        n for n in range(HALF_HOURS) if hours >> n & 1 and not hours >> (n - 1) % HALF_HOURS & 1
    ]
    spans: list[str] = []
    for first in begins:
        length = next(
            n for n in range(1, HALF_HOURS + 1) if not hours >> (first + n) % HALF_HOURS & 1
        )
        spans.append(f"{_clock(first)}-{_clock((first + length) % HALF_HOURS)}")
    return ", ".join(spans)


def _clock(half_hour: int) -> str:
    return f"{half_hour // 2:02}:{half_hour % 2 * 30:02}"


def _answer(question: Row, catalogue: Catalogue, rows: list[Row], total: Row) -> Answer:
    return Answer(
        question={**question, "price_version": catalogue.version},
        rows=tuple(rows),
        total=total,
        currency="USD",
        as_of="",
        settled_through=None,
        estimated=False,
        coverage=None,
        measures={**{f"{kind}_per_mtok": "price" for kind in LISTED}, "usd": "price"},
    )
