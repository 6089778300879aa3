"""Real calls beside test and demo ones, environment by environment."""

from __future__ import annotations

from dataclasses import replace

from costper.economics.calls import NO_COST, added, share
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.chosen import ALL, Chosen, told_as
from costper.pipeline.llm.parts import dearest
from costper.pipeline.llm.read import HOURLY, Calls, by_columns, read_by
from costper.pipeline.llm.told import COST_NOTE, Said, days_of, told, usage_cells

NOTES = (
    "everything is counted here: elsewhere only real calls of production are, unless asked for",
    COST_NOTE,
)


def modes(frame: Frame, chosen: Chosen) -> Answer:
    """Give the calls of every data mode and environment, whatever else is chosen."""
    calls = Calls(frame, replace(chosen, environment=ALL, data_mode=ALL), frame.period)
    found = read_by(calls, HOURLY, by_columns("data_mode", "environment"))
    total = added(found.values())
    return told(
        calls,
        {"noun": "data mode"},
        tuple(
            {
                "data_mode": told_as(key[0]),
                "environment": told_as(key[1]),
                **usage_cells(found[key]),
                "share_percent": share(found[key].cost, total.cost, NO_COST),
            }
            for key in dearest(found)
        ),
        usage_cells(total),
        days_of(calls),
        Said(notes=NOTES),
    )
