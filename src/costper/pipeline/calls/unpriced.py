"""The queue of calls that nobody has a price for: which, since when, why, and what may be meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from costper.model.answer import Answer, Row
from costper.model.call import COUNTS, Line
from costper.model.outcome import Issue
from costper.model.plural import plural
from costper.pipeline.answer.frame import Standing
from costper.pipeline.calls.fresh import as_of
from costper.rating.catalogue import Catalogue
from costper.rating.price import parts
from costper.rating.prices import canonical, listing_of, rates_of, suggestions
from costper.rating.rates import KINDS, TOKEN_KINDS, Rates
from costper.store.books import Books

MOST = 1_000
"""Rows of the queue, those with the most tokens: whoever prices them is shown the next."""

ALERT_DAYS = 30
"""Calls without a price raise the alarm for so many days."""

MOST_SUGGESTED = 50
"""So many rows are compared with the whole list, which takes milliseconds each."""

EMPTY = f"({' + '.join(COUNTS)}) = 0"
UNTOLD = "no usage told"

QUEUE = (
    f"SELECT provider, model, tier, {EMPTY} AS untold, COUNT(DISTINCT call_key) AS calls, "
    "CAST(SUM(input_tokens + output_tokens) AS BIGINT) AS tokens, "
    "MIN(day) AS first_seen, MAX(day) AS last_seen, "
    + ", ".join(f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in COUNTS)
    + " FROM calls WHERE cost IS NULL AND day IN "
    "(SELECT DISTINCT day FROM call_hourly WHERE unpriced_calls > 0) "
    "GROUP BY provider, model, tier, untold "
    "ORDER BY tokens DESC, calls DESC, provider, model, tier, untold "
    f"LIMIT {MOST + 1}"
)


def unpriced(books: Books, catalogue: Catalogue, standing: Standing, *, now: datetime) -> Answer:
    """List what has no price, the most tokens first, over all days and kinds of calls.

    Rows are {provider, model, tier, calls, tokens, first_seen, last_seen, age_days, why,
    suggested, fix, line}. `suggested` is the listed model that may be meant, '' where none is like
    it; `line` the price to add to a file of llm.prices, CHOOSE where an amount is to stand.
    """
    found = books.marts.query(QUEUE).to_pylist()
    rows = [_row(catalogue, row, now, number) for number, row in enumerate(found[:MOST])]
    issues = standing.issues
    if len(found) > MOST:
        message = f"only the {MOST} with the most tokens are listed"
        issues = (*issues, Issue("cut", message, "unpriced", severity="warning"))
    return Answer(
        question={"noun": "unpriced", "price_version": catalogue.version},
        rows=tuple(rows),
        total={
            "models": len(found),
            "calls": sum(row["calls"] for row in found),
            "tokens": sum(row["tokens"] for row in found),
        },
        currency="USD",
        as_of=as_of(books.marts, standing, now),
        settled_through=None,
        estimated=False,
        coverage=None,
        issues=issues,
        measures={"calls": "number", "tokens": "number"},
    )


def unpriced_lately(books: Books, today: date) -> tuple[int, int]:
    """Count the calls of the last days that nobody has a price for, and their models."""
    (row,) = books.marts.query(
        "SELECT CAST(COALESCE(SUM(unpriced_calls), 0) AS BIGINT) AS calls, "
        "COUNT(DISTINCT provider || '/' || model) AS models FROM call_hourly "
        "WHERE unpriced_calls > 0 AND day > $after",
        {"after": today - timedelta(days=ALERT_DAYS)},
    ).to_pylist()
    return row["calls"], row["models"]


def unpriced_alert(books: Books, today: date) -> tuple[Issue, ...]:
    """Raise the alarm where calls of the last days have no price: they are in no amount."""
    calls, models = unpriced_lately(books, today)
    if not calls:
        return ()
    message = f"{plural(calls, 'call')} of {plural(models, 'model')} without a price, never $0"
    hint = "`costper unpriced` says which, since when, and what they may be"
    return (Issue("unpriced_calls", message, "llm", "warning", hint=hint, count=calls),)


def _row(catalogue: Catalogue, row: Mapping[str, Any], now: datetime, number: int) -> Row:
    provider, model, tier = row["provider"], row["model"], row["tier"]
    first: date = row["first_seen"]
    rates = rates_of(catalogue, provider, model, tier, row["last_seen"])
    why = _why(catalogue, row, rates)
    suggested = ""
    if rates is None and number < MOST_SUGGESTED:
        suggested = next(iter(suggestions(catalogue, provider, model)), "")
    return {
        "provider": provider,
        "model": model,
        "tier": tier,
        "calls": row["calls"],
        "tokens": row["tokens"],
        "first_seen": first,
        "last_seen": row["last_seen"],
        "age_days": max((now.date() - first).days, 0),
        "why": why or "priced meanwhile",
        "suggested": suggested,
        "fix": _fix(why, suggested, first),
        "line": _price_line(row, rates) if why not in {"", UNTOLD} else "",
    }


def _why(catalogue: Catalogue, row: Mapping[str, Any], rates: Rates | None) -> str:
    """Say what is missing; '' where nothing is any more."""
    provider = canonical(row["provider"])
    if rates is None:
        if listing_of(catalogue, provider, row["model"]) is None:
            known = provider in catalogue.providers
            return "unknown model" if known else "unknown provider"
        standard = rates_of(catalogue, provider, row["model"], "standard", row["last_seen"])
        if standard is not None:
            return f"no price at tier {row['tier']}"
        return "listed without a price for what calls count"
    if row["untold"]:
        return UNTOLD
    missing = _missing(row, rates)
    return f"no price for {', '.join(missing)}" if missing else ""


def _missing(row: Mapping[str, Any], rates: Rates | None) -> list[str]:
    """Name what of the calls counts and has no price."""
    base = rates.base if rates is not None else (None,) * len(KINDS)
    return [
        kind
        for kind, count, rate in zip(KINDS, parts(_line(row)), base, strict=True)
        if count and rate is None and kind != "request"
    ]


def _price_line(row: Mapping[str, Any], rates: Rates | None) -> str:
    """Write the entry of a file of prices that gives these calls one."""
    said = {"provider": row["provider"], "models": row["model"]}
    if row["tier"] != "standard":
        said["tier"] = row["tier"]
    words = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in said.items()]
    kinds = _missing(row, rates) or ["input", "output"]
    words += [f"{kind}_per_{'mtok' if kind in TOKEN_KINDS else '1000'}: CHOOSE" for kind in kinds]
    return f"- {{{', '.join(words)}}}"


def _line(row: Mapping[str, Any]) -> Line:
    """Put all tokens of a row into one line: what of it has no price, some call of it had."""
    return replace(Line(context_tokens=0), **{name: row[name] for name in COUNTS})


def _fix(why: str, suggested: str, first: date) -> str:
    if why == UNTOLD:
        return "have the program send what the response says of usage, or providerCost: 0"
    if not why:
        return f"costper reprice --since {first}"
    price = f"add the line to a file of llm.prices, then costper reprice --since {first}"
    return f"{price}; perhaps it is {suggested}" if suggested else price
