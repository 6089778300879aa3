"""What the pages about LLM calls share: which calls and days they are of, and where more is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from costper.web.page import Answers, Ask, Seen
from costper.web.period import asked_days, last_day
from costper.web.told import NO_ROW, Row, Told, amount, rows, text
from costper.web.url import Url

CALLS = "/api/v1/llm"
NARROW = (
    "customer",
    "tenant",
    "team",
    "feature",
    "prompt_version",
    "model",
    "provider",
    "environment",
    "data_mode",
)
NOBODY = "(none)"
"""The word for calls that do not say it."""

PRICED = 20
"""Models whose price is looked up; those beyond cost next to nothing."""

SEND = (
    "Send calls with the SDK, from LiteLLM or OpenTelemetry, or load them from files: then what "
    "they cost is told here."
)
"""What a page about calls says until there are any."""

OTHER_DAYS = re.compile(r"--from (\d{4}-\d\d-\d\d) --to (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the calls on a page are narrowed to, and the page without that."""

    name: str
    value: str
    href: str


def narrowing(url: Url, *, but: str = "") -> dict[str, str]:
    """Give the parameters that say which calls; `but` is said by the page's own path."""
    return {name: url.get(name) for name in NARROW if name != but and url.get(name)}


def narrowed(url: Url, *, but: str = "") -> dict[str, str]:
    """Give the parameters that say which calls of which days."""
    return {**asked_days(url), **narrowing(url, but=but)}


def filters(url: Url, *, but: str = "") -> tuple[Filter, ...]:
    """Give what the page is narrowed to."""
    return tuple(
        Filter(name.replace("_", " "), value, str(url.having(**{name: None}, cursor=None)))
        for name, value in narrowing(url, but=but).items()
    )


def asking(what: str, **params: str) -> Ask:
    """Ask one question about calls."""
    return Ask(path=f"{CALLS}/{what}", params=params)


def days_of(told: Told) -> dict[str, str]:
    """Give the parameters of the very days an answer is about."""
    return {name: text(told.question, name) for name in ("from", "to")}


def up_to_now(seen: Seen, told: Told) -> dict[str, str]:
    """Give the days of an answer and all days since: what is unusual is not left to settle first.

    Where the reader has chosen the days by name, it is these alone.
    """
    days = days_of(told)
    if seen.url.get("from") or seen.url.get("to"):
        return days
    return {**days, "to": (seen.now.date() + timedelta(days=1)).isoformat()}


def other_days(url: Url, told: Told) -> Url | None:
    """Give this page with days that hold calls, where those asked for hold none."""
    none = (it for it in rows(told.body, "issues") if text(it, "code") == "no_calls")
    return next((hinted(url, it) for it in none), None)


def hinted(url: Url, row: Row) -> Url | None:
    """Give this page with the days that the hint of an issue or a problem names."""
    found = OTHER_DAYS.search(text(row, "hint"))
    return found and url.having(from_=found[1], to=found[2], days=None, cursor=None)


def paging(url: Url) -> dict[str, str]:
    """Give the parameters that say which of many rows."""
    return {name: url.get(name) for name in ("cursor",) if url.get(name)}


def proof(told: Told, **what: str) -> Url:
    """Give the page that walks from a number back to its calls."""
    return Url("/llm/explain").having(**what, from_=days_of(told)["from"], to=days_of(told)["to"])


def happened(annotations: Told, which: Mapping[str, str]) -> tuple[Row, ...]:
    """Give the events of a page about calls: those of no scope, and those of a word of calls.

    `which` is what the page is narrowed to; an event of another feature or customer is not of it.
    """
    return tuple(it for it in annotations.rows if _concerns(it, which)) if annotations.ok else ()


def _concerns(event: Row, which: Mapping[str, str]) -> bool:
    scope = {text(it, "dimension"): text(it, "value") for it in rows(event, "scope")}
    said = {name: value for name, value in scope.items() if name in NARROW}
    apart = any(which.get(name, value) != value for name, value in said.items())
    return not scope or (bool(said) and not apart)


def each(row: Row, name: str) -> Decimal | None:
    """Give how many of something a call has on average."""
    whole, calls = amount(row, name), amount(row, "calls")
    return whole / calls if whole is not None and calls else None


def cached(versions: Iterable[Row]) -> dict[str, str]:
    """Give the share of each feature's input that came from a cache, of its prompt versions'."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in versions:
        share, size = amount(row, "cache_hit_percent"), amount(row, "input_tokens")
        if share is not None and size is not None:
            hit, all_of = sums.get(text(row, "feature"), (Decimal(0), Decimal(0)))
            sums[text(row, "feature")] = (hit + share * size, all_of + size)
    return {name: f"{hit / size:.1f}" for name, (hit, size) in sums.items() if size}


def dearer(versions: Iterable[Row]) -> tuple[Row, ...]:
    """Give the prompt versions that made their feature dearer, the steepest first."""
    found = [row for row in versions if text(row, "verdict") == "dearer"]
    return tuple(
        sorted(
            found, key=lambda row: amount(row, "cost_change_percent") or Decimal(0), reverse=True
        )
    )


def prices_of(models: Told, of: Sequence[Row] | None = None) -> dict[str, Ask]:
    """Ask for the price of each model, the dearest first, on the last day of an answer."""
    shown = (models.rows if models.ok else ()) if of is None else of
    last = last_day(days_of(models)["to"])
    return {
        f"price {text(row, 'provider')}/{text(row, 'model')}": asking(
            "prices",
            provider=text(row, "provider"),
            like=text(row, "model"),
            day=last,
            limit="10",
        )
        for row in shown[:PRICED]
        if text(row, "model") != NOBODY
    }


def price_named(told: Answers, model: str, provider: str = "") -> Row:
    """Give the price of a model among the answers; an empty row where nobody has one."""
    found = (
        {**row, "currency": answer.currency}
        for name, answer in told.items()
        if name.startswith("price ") and answer.ok
        for row in answer.rows
        if text(row, "model") == model and text(row, "provider").startswith(provider)
    )
    return next(found, NO_ROW)
