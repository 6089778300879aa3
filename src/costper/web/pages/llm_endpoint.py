"""One feature in depth: its days with what was deployed, its models, users, outcomes and proof."""

from __future__ import annotations

from collections.abc import Mapping

from costper.web import called
from costper.web.called import asking, narrowed, narrowing
from costper.web.called_figures import by_day, spikes
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.told import NO_ROW, text
from costper.web.url import segment

NOUN = "feature"


def asks(seen: Seen) -> Asks:
    """Ask what the feature costs, by day and prompt version, and what comes of it."""
    name, which = seen.path["name"], narrowed(seen.url, but=NOUN)
    return {
        "feature": asking(f"features/{segment(name)}", **which),
        "daily": asking("daily", **which, feature=name, of="prompt_version"),
        "versions": asking("prompt-versions", **which, feature=name),
        "models": asking("models", **which, feature=name, limit="20"),
        "outcomes": asking("outcomes", **which, feature=name),
        "retries": asking("retries", **which, feature=name),
    }


def then(seen: Seen, told: Answers) -> Asks:
    """Ask what happened in these very days: events, price changes, hours out of the ordinary."""
    answer, which = told["feature"], narrowing(seen.url, but=NOUN)
    spans = called.up_to_now(seen, answer)
    return {
        "annotations": Ask(path="/api/v1/annotations", params=called.days_of(answer)),
        "spikes": asking("spikes", **which, **spans, feature=seen.path["name"]),
        **called.prices_of(told["models"]),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw the days, and lay out what the calls are made of."""
    answer, name = told["feature"], seen.path["name"]
    versions = told["versions"]
    return {
        "row": answer.first,
        "drawn": by_day(seen, told, "prompt_version", feature=name),
        "finding": next(iter(called.dearer(versions.rows)), NO_ROW) if versions.ok else NO_ROW,
        "spikes": spikes(told.get("spikes")),
        "filters": called.filters(seen.url, but=NOUN),
        "proof": called.proof(answer, feature=name, **narrowing(seen.url, but=NOUN)),
        "outcomes": [it for it in told["outcomes"].rows if text(it, "outcome") != called.NOBODY],
    }


LLM_ENDPOINT = Page(
    name="llm-endpoint",
    path="/llm/endpoints/{name}",
    title="LLM endpoint",
    template="llm_endpoint.html",
    asks=asks,
    show=show,
    then=then,
    needs=("feature",),
    section="llm-endpoints",
    csv="daily",
)
