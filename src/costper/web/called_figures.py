"""Draws what calls cost by day: whose or what they are of above, the cost of one call below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from markupsafe import Markup

from costper.charts.data import Chart, Event, Pane, Series
from costper.charts.unit import Unit
from costper.web import figures
from costper.web.called import happened, narrowing
from costper.web.page import Answers, Seen
from costper.web.told import Row, Told, amount, day, rows, text
from costper.web.url import Url

LARGEST = 5
"""Dear hours shown: narrowed to few calls, nearly every busy hour is one."""


def by_day(seen: Seen, told: Answers, of: str, **about: str) -> Markup | None:
    """Draw the answer named `daily`, with what happened marked; None where there is nothing.

    Marks are made of the answers named `versions`, `prices`, `spikes` and `annotations`, where
    the page asks for them; `about` is what its path says the calls are of.
    """
    daily = told.get("daily")
    if daily is None or not daily.ok or not daily.rows:
        return None
    days = figures.days_of(daily.rows)
    parts = figures.groups(daily.rows, days, of)
    each = figures.line(
        "per-call", "Cost per call", per_call(daily.rows, days), "accent", ends=True
    )
    chart = Chart(
        id="cost",
        title="Cost by day, and cost per call",
        description=f"What each {of.replace('_', ' ')} costs by day above, the mean call below",
        buckets=days,
        panes=(
            Pane(series=parts, unit=figures.money(daily.currency), height=200),
            Pane(series=(each,), unit=Unit("rate", daily.currency), height=100),
        ),
        events=tuple(_events(told, days, {**narrowing(seen.url), **about})),
        estimated=figures.estimated_days(days, text(daily.body, "settled_through"), daily.rows),
        width=seen.width,
    )
    return figures.keyed(chart, seen.url)


def plain(seen: Seen, told: Told, name: str) -> Markup | None:
    """Draw the cost of each day of what one row is about."""
    daily = rows(told.first, "daily")
    days = figures.days_of(daily)
    if not days:
        return None
    values = figures.column(daily, days, "cost")
    cost = Series(key="cost", name="Cost", values=values, tone="1", mark="bars")
    chart = Chart(
        id="cost",
        title="Cost by day",
        description=f"What {name} costs each day",
        buckets=days,
        panes=(Pane(series=(cost,), unit=figures.money(told.currency), height=200),),
        estimated=figures.estimated_days(days, text(told.body, "settled_through")),
        width=seen.width,
    )
    return figures.picture(chart)


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


def _events(told: Answers, days: Sequence[date], which: Mapping[str, str]) -> Iterator[Event]:
    for name, answer in told.items():
        if not answer.ok:
            continue
        if name == "versions":
            yield from deploys(answer.rows, days)
        elif name.startswith("price"):
            yield from _price_changes(answer.rows, days)
        elif name == "spikes":
            yield from _spikes(answer, days)
        elif name == "annotations":
            yield from figures.marked(happened(answer, which), days)


def deploys(versions: Iterable[Row], days: Sequence[date]) -> Iterator[Event]:
    """Give the first days of prompt versions as events."""
    for row in versions:
        first = day(row, "first_day")
        if first is not None and first in days and first != days[0]:
            feature = Url("/llm/prompt-versions").having(feature=text(row, "feature"))
            name = text(row, "prompt_version")
            yield Event(bucket=days.index(first), name=name, kind="deploy", href=str(feature))


def _price_changes(prices: Iterable[Row], days: Sequence[date]) -> Iterator[Event]:
    for row in prices:
        since = day(row, "since")
        if since is not None and since in days and since != days[0]:
            name = f"price of {text(row, 'model')}"
            yield Event(bucket=days.index(since), name=name, kind="price")


def _spikes(told: Told, days: Sequence[date]) -> Iterator[Event]:
    for row in spikes(told):
        first = day(row, "start")
        if first is not None and first in days:
            yield Event(bucket=days.index(first), name="spike", kind="spike", href="#spikes")


def spikes(told: Told | None) -> tuple[Row, ...]:
    """Give the dearest few of the dear hours, the newest first, each with the days it lies in."""
    found = () if told is None or not told.ok else told.rows[:LARGEST]
    return tuple(
        {**row, "days": _around(row)}
        for row in sorted(found, key=lambda row: text(row, "start"), reverse=True)
    )


def _around(row: Row) -> Url:
    first = day(row, "start")
    if first is None:
        return Url("")
    hours = int(amount(row, "hours") or 1)
    last = datetime.fromisoformat(text(row, "start")) + timedelta(hours=hours - 1)
    until = last.date() + timedelta(days=1)
    return Url("").having(from_=first.isoformat(), to=until.isoformat())
