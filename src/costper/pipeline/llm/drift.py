"""When the price of a call stepped to another level, by feature, and what moved with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from costper.economics.calls import Used, added
from costper.economics.levels import Change, change
from costper.economics.trend import percent_change
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Measure, Row
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.deployed import Pair, deployed
from costper.pipeline.llm.read import HOURLY, Calls, by_columns, read_by
from costper.pipeline.llm.told import Said, days_of, told
from costper.watch.step import LEAST_DAYS, step

OF = ("feature", "model", "tenant", "customer", "team", "provider")
CHANCE = Decimal("0.01")
"""How likely any step at all may be told where there is none, over everything looked at."""

LEAST_CHANGE = Decimal(5)
LEAST_CALLS = 5
"""Calls a day needs for its mean to count."""

SIX_PLACES = Decimal("0.000001")
NEAR = timedelta(days=1)
MEASURES: Mapping[str, Measure] = {"error_percent_before": "percent", "p_value": "number"}
NOTES = (
    "a step is a day from which the daily cost per call keeps another level",
    "costs are by price (call_cost): an invoice that came for some days alone is no step",
    f"steps pass a rank test at 1 % over all that is looked at and are {LEAST_CHANGE} % or more",
    f"{LEAST_DAYS} days are needed, days with fewer than {LEAST_CALLS} priced calls left out",
    "cost_change compares sums, usual_change the median days: one dear day moves only the first",
    "days that follow each other are allowed for; as many days before are looked at too",
    "cost_change = tokens_change and price_change, multiplied: longer calls, or dearer tokens",
    "a deploy's own day is the step's where it parts the days nearly as well",
    "new_versions first called within a day of the step: what was deployed, not a proof",
)


@dataclass(frozen=True, slots=True)
class Level:
    """Days in a row that cost alike by price, their median, and how sure the step into them is."""

    start: date
    used: Used
    usual: Decimal
    p_value: float


def drift(frame: Frame, chosen: Chosen, *, of: str = "feature") -> Answer:
    """Find the steps of the daily cost per call, newest first.

    Raises:
        UnknownNameError: calls are not told apart by that.
    """
    if of not in OF:
        raise UnknownNameError("noun", of, OF, where="of")
    calls = Calls(frame, chosen, frame.period)
    span = Calls(frame, chosen, frame.span)
    series = _series(span, of)
    seen = _first_calls(frame, chosen)
    rows = [
        row
        for name, days in series.items()
        for row in _steps(of, name, days, len(series), seen)
        if frame.period.holds(_day(row))
    ]
    rows.sort(key=lambda row: (-_day(row).toordinal(), str(row[of])))
    total = {f"{of}s_looked_at": len(series), "steps": len(rows)}
    question = {"noun": "drift", "of": of}
    return told(
        calls, question, tuple(rows), total, days_of(calls), Said(notes=NOTES, measures=MEASURES)
    )


def _day(row: Row) -> date:
    day = row["day"]
    if not isinstance(day, date):
        raise TypeError(day)
    return day


def _series(calls: Calls, of: str) -> dict[str, dict[date, Used]]:
    """Give the days of each name, by price, that are enough of them to say anything."""
    found: dict[str, dict[date, Used]] = {}
    for (name, day), used in read_by(calls, HOURLY, by_columns(of, "day")).items():
        if used.priced_calls >= LEAST_CALLS:
            found.setdefault(name, {})[day] = used.by_price
    return {
        name: dict(sorted(days.items())) for name, days in found.items() if len(days) >= LEAST_DAYS
    }


def _first_calls(frame: Frame, chosen: Chosen) -> dict[date, list[Pair]]:
    """Name the versions by the day of their first call; those of the very first day are not new."""
    found = deployed(frame, chosen)
    by_day: dict[date, list[Pair]] = {}
    for pair, day in sorted(found.items()):
        if day > min(found.values()):
            by_day.setdefault(day, []).append(pair)
    return by_day


def levels(
    days: Mapping[date, Used], looked_at: int, deploys: Collection[date] = ()
) -> list[Level]:
    """Cut a series at its steps, the likeliest first, until none is left that is likely."""
    order = [*days]
    known = {place for place, day in enumerate(order) if day in deploys}
    cuts = [(0, 1.0), *_cuts([days[day] for day in order], looked_at, known)]
    ends = [*(cut for cut, _ in cuts[1:]), len(order)]
    return [
        _level([days[day] for day in order[start:end]], order[start], chance)
        for (start, chance), end in zip(cuts, ends, strict=True)
    ]


def _level(days: Sequence[Used], start: date, chance: float) -> Level:
    return Level(start, added(days), median(_costs(days)), chance)


def _costs(days: Sequence[Used]) -> list[Decimal]:
    return [cost for one in days if isinstance(cost := one.cost_per_call, Decimal)]


def _cuts(
    days: Sequence[Used], looked_at: int, known: Collection[int], base: int = 0
) -> list[tuple[int, float]]:
    found = step(_costs(days), {place - base for place in known})
    if found is None or found.p_value * looked_at > CHANCE:
        return []
    at = found.position
    return [
        *_cuts(days[:at], looked_at, known, base),
        (base + at, found.p_value * looked_at),
        *_cuts(days[at:], looked_at, known, base + at),
    ]


def _steps(
    of: str,
    name: str,
    days: Mapping[date, Used],
    looked_at: int,
    seen: Mapping[date, Sequence[Pair]],
) -> Iterator[Row]:
    deploys = {day for day in seen if any(_of_day(of, name, day, seen))}
    found = levels(days, looked_at, deploys)
    for before, after in pairwise(found):
        moved = change(before.used, after.used)
        if isinstance(moved.cost, Absent) or abs(moved.cost) < LEAST_CHANGE:
            continue
        yield {
            "day": after.start,
            of: told_as(name),
            **_change_cells(before.used, after.used, moved),
            "usual_change_percent": percent_change(after.usual, before.usual),
            "p_value": Decimal(repr(after.p_value)).quantize(SIX_PLACES),
            "what": _what(moved),
            "new_versions": tuple(_near(of, name, after.start, seen)),
        }


def _change_cells(before: Used, after: Used, moved: Change) -> Row:
    return {
        "call_cost_per_call_before": before.cost_per_call,
        "call_cost_per_call": after.cost_per_call,
        "cost_change_percent": moved.cost,
        "tokens_change_percent": moved.tokens,
        "price_change_percent": moved.price,
        "calls": after.calls,
        "error_percent_before": before.error_percent,
        "error_percent": after.error_percent,
    }


def _what(moved: Change) -> str:
    """Say which of tokens and price moved the cost more."""
    if not isinstance(moved.tokens, Decimal) or not isinstance(moved.price, Decimal):
        return ""
    more = "more tokens a call" if moved.tokens > 0 else "fewer tokens a call"
    dearer = "dearer tokens" if moved.price > 0 else "cheaper tokens"
    return more if abs(moved.tokens) >= abs(moved.price) else dearer


def _near(of: str, name: str, day: date, seen: Mapping[date, Sequence[Pair]]) -> Iterator[str]:
    """Name the versions that came with a step; of a feature only its own."""
    for near in (day - NEAR, day, day + NEAR):
        yield from _of_day(of, name, near, seen)


def _of_day(of: str, name: str, day: date, seen: Mapping[date, Sequence[Pair]]) -> Iterator[str]:
    for feature, version in seen.get(day, ()):
        if of != "feature" or feature == name:
            yield version if of == "feature" else f"{feature} {version}"
