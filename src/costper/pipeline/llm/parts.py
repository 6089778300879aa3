"""The parts of one thing's calls: by feature, by model, by day, as rows inside its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from costper.economics.calls import NO_COST, Used, added, share
from costper.model.answer import Row
from costper.model.period import Period
from costper.pipeline.answer.frame import NO_DATA
from costper.pipeline.llm.chosen import told_as
from costper.pipeline.llm.read import Key
from costper.pipeline.llm.told import usage_cells

SHOWN = 20
"""Parts that are listed; the rest is summed up in one row."""

REST = "(rest)"


def grouped(found: Mapping[Key, Used], of: Callable[[Key], Key]) -> dict[Key, Used]:
    """Add sums up by a coarser key."""
    coarse: dict[Key, list[Used]] = {}
    for key, used in found.items():
        coarse.setdefault(of(key), []).append(used)
    return {key: added(some) for key, some in coarse.items()}


def dearest(found: Mapping[Key, Used]) -> list[Key]:
    """Order keys by cost, then by calls (what nobody priced has no cost), then by name."""
    return sorted(found, key=lambda key: (-found[key].cost, -found[key].calls, key))


def part_rows(noun: str, found: Mapping[Key, Used]) -> Iterator[Row]:
    """Write parts, dearest first, by the first word of their keys."""
    whole = sum((used.cost for used in found.values()), Used().cost)
    keys = dearest(found)
    shown = [(told_as(key[0]), found[key]) for key in keys[:SHOWN]]
    if len(keys) > SHOWN:
        shown.append((REST, added(found[key] for key in keys[SHOWN:])))
    for name, used in shown:
        yield {
            noun: name,
            **usage_cells(used),
            "share_percent": share(used.cost, whole, NO_COST),
        }


def daily_rows(by_day: Mapping[date, Used], period: Period) -> Iterator[Row]:
    """Write the cost of each day; a day without calls is null."""
    for day in period.each_day():
        used = by_day.get(day)
        yield {"day": day, "cost": NO_DATA if used is None else used.cost_of_record}
