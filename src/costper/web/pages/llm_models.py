"""Models: what each costs, its price in force, what caches save, and what providers billed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from costper.web import called
from costper.web.called import asking, narrowed, narrowing
from costper.web.called_figures import by_day
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days
from costper.web.table import marked
from costper.web.told import NO_ROW, Row, amount, text

ROWS = "100"
PRICES = ("input_per_mtok", "output_per_mtok")


def asks(seen: Seen) -> Asks:
    """Ask what models cost, by day, and what was billed for them."""
    which = narrowed(seen.url)
    return {
        "models": asking("models", **which, limit=ROWS, **called.paging(seen.url)),
        "daily": asking("daily", **which, of="model"),
        "cache": asking("cache", **which),
        "reconcile": asking("reconcile", **asked_days(seen.url), limit=ROWS),
        "unpriced": asking("unpriced", limit=ROWS),
    }


def then(_seen: Seen, told: Answers) -> Asks:
    """Ask for the prices in force on the last of these days, and what happened in them."""
    models = told["models"]
    days = called.days_of(models)
    return {
        "annotations": Ask(path="/api/v1/annotations", params=days),
        **called.prices_of(models),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Put the price and the cached share of each model beside its cost."""
    models, billed = told["models"], told["reconcile"]
    return {
        "rows": [{**it, "price": price, "cached": cached} for it, price, cached in _beside(told)],
        "drawn": by_day(seen, told, "model"),
        "billed": billed.rows if billed.ok else (),
        "invoiced": billed.ok and text(billed.total, "state") != "no_invoice",
        "over": _over(billed.total) if billed.ok else None,
        "filters": called.filters(seen.url),
        "elsewhere": called.other_days(seen.url, models),
        "proof": called.proof(models, **narrowing(seen.url)),
    }


def _over(total: Row) -> str | None:
    """Give how far the bill is above the estimate of the same calls, in percent of the estimate.

    >>> _over({"estimate": "31.00", "billed": "46.50"}), _over({"estimate": "0", "billed": "1"})
    ('50.0', None)
    """
    estimate, billed = amount(total, "estimate"), amount(total, "billed")
    return f"{(billed / estimate - 1) * 100:.1f}" if billed is not None and estimate else None


def _beside(told: Answers) -> Iterator[tuple[Row, Row, Row]]:
    """Give each model with its price and what caches did for it."""
    cache = told["cache"]
    cached = {text(it, "model"): it for it in cache.rows} if cache.ok else {}
    for it in told["models"].rows:
        price = called.price_named(told, text(it, "model"), text(it, "provider"))
        yield it, price, cached.get(text(it, "model"), NO_ROW)


def table(_seen: Seen, told: Answers) -> Sequence[Row]:
    """Give the models with their prices and caches, and what providers billed."""
    models = (
        {
            **it,
            **{name: price.get(name) for name in PRICES},
            "cache_hit_percent": cached.get("cache_hit_percent"),
            "cache_saved": cached.get("saved"),
        }
        for it, price, cached in _beside(told)
    )
    billed = told["reconcile"]
    return (
        *marked("models", models, told["models"].currency),
        *marked("billed", billed.rows if billed.ok else (), billed.currency),
    )


LLM_MODELS = Page(
    name="llm-models",
    path="/llm/models",
    title="LLM models",
    template="llm_models.html",
    asks=asks,
    show=show,
    then=then,
    needs=("models",),
    section="llm-models",
    csv="models",
    once=called.SEND,
    table=table,
)
