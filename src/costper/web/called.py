"""What the pages about LLM calls share: which calls and days they are of, and where more is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from costper.charts.data import Event
from costper.web.page import Ask, Seen
from costper.web.period import asked_days
from costper.web.told import Row, Told, amount, day, rows, text
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
    found = next((OTHER_DAYS.search(text(it, "hint")) for it in none), None)
    if found is None:
        return None
    return url.having(from_=found[1], to=found[2], days=None, cursor=None)


def proof(told: Told, **what: str) -> Url:
    """Give the page that walks from a number back to its calls."""
    return Url("/llm/explain").having(**what, from_=days_of(told)["from"], to=days_of(told)["to"])


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


def deploys(versions: Iterable[Row], days: Sequence[date]) -> Iterator[Event]:
    """Give the first days of prompt versions as events of a chart."""
    for row in versions:
        first = day(row, "first_day")
        if first is not None and first in days and first != days[0]:
            feature = Url("/llm/prompt-versions").having(feature=text(row, "feature"))
            name = text(row, "prompt_version")
            yield Event(bucket=days.index(first), name=name, kind="deploy", href=str(feature))


def price_changes(prices: Iterable[Row], days: Sequence[date]) -> Iterator[Event]:
    """Give the days from which models cost something else."""
    for row in prices:
        since = day(row, "since")
        if since is not None and since in days and since != days[0]:
            yield Event(
                bucket=days.index(since), name=f"price of {text(row, 'model')}", kind="price"
            )


def per_call(daily: Iterable[Row], days: Sequence[date]) -> tuple[Decimal | None, ...]:
    """Give the mean cost of a call of each day, over all its parts; None without priced calls."""
    cost: dict[date, Decimal] = {}
    calls: dict[date, Decimal] = {}
    for row in daily:
        at, spent = day(row, "day"), amount(row, "cost")
        if at is None or spent is None:
            continue
        known = (amount(row, "calls") or Decimal(0)) - (amount(row, "unpriced_calls") or Decimal(0))
        cost[at] = cost.get(at, Decimal(0)) + spent
        calls[at] = calls.get(at, Decimal(0)) + known
    return tuple(cost[it] / calls[it] if calls.get(it) else None for it in days)


def dearer(versions: Iterable[Row]) -> tuple[Row, ...]:
    """Give the prompt versions that made their feature dearer, the steepest first."""
    found = [row for row in versions if text(row, "verdict") == "dearer"]
    return tuple(
        sorted(
            found, key=lambda row: amount(row, "cost_change_percent") or Decimal(0), reverse=True
        )
    )


def spikes(told: Told | None) -> tuple[Row, ...]:
    """Give dear hours, the newest first, each with the days it lies in."""
    found = () if told is None or not told.ok else told.rows
    return tuple(
        {**row, "days": _around(row)}
        for row in sorted(found, key=lambda row: text(row, "start"), reverse=True)
    )


def _around(row: Row) -> Url:
    first = day(row, "start")
    if first is None:
        return Url("")
    hours = int(amount(row, "hours") or 1)
    start = datetime.fromisoformat(text(row, "start"))
    until = (start + timedelta(hours=hours - 1)).date() + timedelta(days=1)
    return Url("").having(from_=first.isoformat(), to=until.isoformat())


def spike_events(told: Told | None, days: Sequence[date]) -> Iterator[Event]:
    """Give the days of dear hours as events of a chart."""
    for row in spikes(told):
        first = day(row, "start")
        if first is not None and first in days:
            yield Event(bucket=days.index(first), name="spike", kind="spike", href="#spikes")
