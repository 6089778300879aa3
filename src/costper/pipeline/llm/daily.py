"""What calls cost day by day, each day parted by feature, model, prompt version or another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from costper.economics.calls import Used, added
from costper.errors import UnknownNameError
from costper.model.answer import Answer, Row
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.awaited import awaited, days_of_awaited
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.parts import REST, dearest, grouped
from costper.pipeline.llm.read import HOURLY, Calls, Key, by_columns, read_by
from costper.pipeline.llm.told import (
    COST_NOTE,
    PER_CALL_NOTE,
    TOKENS_NOTE,
    Said,
    days_of,
    told,
    usage_cells,
)

OF = ("feature", "prompt_version", "model", "provider", "tenant", "customer", "team")
SHOWN = 12
NOTES = (
    f"the {SHOWN} dearest of the whole period have rows of their own, all others are (rest)",
    "a day without calls has no row",
    "estimated: an invoice is awaited for the day, or usage was not read to its end",
    COST_NOTE,
    PER_CALL_NOTE,
    TOKENS_NOTE,
)


def daily(frame: Frame, chosen: Chosen, *, of: str = OF[0]) -> Answer:
    """Give a row for each day and part of it that had calls.

    Raises:
        UnknownNameError: calls are not parted by that.
    """
    if of not in OF:
        raise UnknownNameError("part", of, OF)
    calls = Calls(frame, chosen, frame.period)
    found = read_by(calls, HOURLY, by_columns(of, "day"))
    days = days_of(calls)
    rows = tuple(_rows(of, found, days_of_awaited(awaited(calls))))
    total = usage_cells(days.total)
    return told(calls, {"noun": "day", "of": of}, rows, total, days, Said(notes=NOTES))


def _rows(of: str, found: Mapping[Key, Used], shaky: Collection[date]) -> Iterator[Row]:
    places = _places(found)
    parts: dict[Key, list[Used]] = {}
    for (name, day), used in found.items():
        parts.setdefault((day, places.get(name, SHOWN)), []).append(used)
    names = {place: told_as(name) for name, place in places.items()}
    for day, place in sorted(parts):
        used = added(parts[day, place])
        yield {
            "day": day,
            of: names.get(place, REST),
            **usage_cells(used),
            "call_cost_per_call": used.by_price.cost_per_call,
            "estimated": day in shaky or used.estimated_calls > 0,
            "input_tokens_per_call": used.input_per_call,
            "output_tokens_per_call": used.output_per_call,
        }


def _places(found: Mapping[Key, Used]) -> dict[str, int]:
    """Rank what has rows of its own by the cost of the whole period."""
    whole = dearest(grouped(found, lambda key: key[:1]))
    return {name: place for place, (name,) in enumerate(whole[:SHOWN])}
