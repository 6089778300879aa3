"""One model in depth: its price, its days, what it is used for, and what was billed for it."""

from __future__ import annotations

from collections.abc import Mapping

from costper.web import called
from costper.web.called import asking, narrowed, narrowing
from costper.web.called_figures import by_day
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days
from costper.web.told import NO_ROW, text
from costper.web.url import segment

NOUN = "model"


def asks(seen: Seen) -> Asks:
    """Ask what the model costs, by day and feature, and what caches do for it."""
    name, which = seen.path["name"], narrowed(seen.url, but=NOUN)
    return {
        "model": asking(f"models/{segment(name)}", **which),
        "daily": asking("daily", **which, model=name, of="feature"),
        "models": asking("models", **asked_days(seen.url), limit="100"),
        "cache": asking("cache", **which, model=name),
        "reconcile": asking("reconcile", **asked_days(seen.url), limit="100"),
    }


def then(seen: Seen, told: Answers) -> Asks:
    """Ask for its price in force on the last of these days, and what happened in them."""
    models = [it for it in told["models"].rows if text(it, NOUN) == seen.path["name"]]
    days = called.days_of(told["model"])
    return {
        "annotations": Ask(path="/api/v1/annotations", params=days),
        **called.prices_of(told["models"], models),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw the days, and find its price and its bill."""
    answer, name = told["model"], seen.path["name"]
    own = (it for it in told["reconcile"].rows if text(it, NOUN) == name)
    return {
        "row": answer.first,
        "drawn": by_day(seen, told, "feature", model=name),
        "price": called.price_named(told, name),
        "cache": told["cache"].first if told["cache"].ok else NO_ROW,
        "billed": next(own, NO_ROW) if told["reconcile"].ok else NO_ROW,
        "filters": called.filters(seen.url, but=NOUN),
        "proof": called.proof(answer, model=name, **narrowing(seen.url, but=NOUN)),
    }


LLM_MODEL = Page(
    name="llm-model",
    path="/llm/models/{name}",
    title="LLM model",
    template="llm_model.html",
    asks=asks,
    show=show,
    then=then,
    needs=("model",),
    section="llm-models",
    csv="daily",
)
