"""Features that call models: what each costs, what drives it, and what was unusual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from costper.web import called
from costper.web.called import asking, narrowed, narrowing
from costper.web.called_figures import by_day, spikes
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days, whole_months
from costper.web.told import NO_ROW, Row, Told, amount, text

ROWS = "100"


def asks(seen: Seen) -> Asks:
    """Ask what features cost, and what is known of what drives it."""
    which = narrowed(seen.url)
    return {
        "features": asking("features", **which, limit=ROWS, **called.paging(seen.url)),
        "versions": asking("prompt-versions", **which),
        "daily": asking("daily", **which),
        **({} if asked_days(seen.url) else {"active": asking("active", **narrowing(seen.url))}),
        "cohorts": asking("cohorts", **which),
        "cache": asking("cache", **which),
        "retries": asking("retries", **which),
        "outcomes": asking("outcomes", **which),
        "segments": asking("segments", **which),
        "modes": asking("modes", **which),
    }


def then(seen: Seen, told: Answers) -> Asks:
    """Ask what was unusual, up to now, and what happened in these days."""
    days = called.days_of(told["features"])
    which = narrowing(seen.url)
    return {
        "spikes": asking("spikes", **which, **called.up_to_now(seen, told["features"])),
        "active": asking("active", **which, **whole_months(days)),
        "per_day": asking("active", **which, **days, grain="day"),
        "annotations": Ask(path="/api/v1/annotations", params=days),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw the cost by day, and put input, output and cached tokens beside each feature."""
    features, versions = told["features"], told["versions"].rows
    shares = called.cached(versions)
    return {
        "rows": [_row(it, shares) for it in features.rows],
        "drawn": by_day(seen, told, "feature"),
        "finding": next(iter(called.dearer(versions)), NO_ROW),
        "active": _latest(told["active"]),
        "per_daily_user": _per_daily_user(told["per_day"]),
        "filters": called.filters(seen.url),
        "elsewhere": called.other_days(seen.url, features),
        "proof": called.proof(features, **narrowing(seen.url)),
        "spikes": spikes(told.get("spikes")),
        "outcomes": _outcomes(told["outcomes"].rows),
    }


def _row(row: Row, shares: Mapping[str, str]) -> Row:
    return {
        **row,
        "input_each": _told(called.each(row, "input_tokens")),
        "output_each": _told(called.each(row, "output_tokens")),
        "cached_percent": shares.get(text(row, "feature")),
    }


def _told(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _latest(active: Told) -> Row:
    """Give the last month whose active users are known."""
    known = [it for it in active.rows if amount(it, "cost_per_active_user") is not None]
    return known[-1] if known else NO_ROW


def _per_daily_user(per_day: Told) -> str | None:
    """Give the mean cost of a user who is active on a day."""
    known = [it for it in per_day.rows if amount(it, "cost_per_active_user") is not None]
    users = sum((amount(it, "active_users") or Decimal(0) for it in known), Decimal(0))
    cost = sum((amount(it, "cost") or Decimal(0) for it in known), Decimal(0))
    return f"{cost / users:f}" if users else None


def _outcomes(rows: Sequence[Row]) -> list[Row]:
    """Leave out calls that say no outcome: what those cost is paid by the others."""
    return [it for it in rows if text(it, "outcome") != called.NOBODY]


LLM_ENDPOINTS = Page(
    name="llm-endpoints",
    path="/llm/endpoints",
    title="LLM endpoints",
    template="llm_endpoints.html",
    asks=asks,
    show=show,
    then=then,
    needs=("features",),
    section="llm-endpoints",
    csv="features",
    once=called.SEND,
)
