"""What an outcome costs: the calls that reached it, and all that were made to reach it."""

from __future__ import annotations

from decimal import Decimal

from costper.economics.calls import Amount, Used, added
from costper.economics.trend import ratio
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.parts import grouped
from costper.pipeline.llm.read import HOURLY, Calls, by_columns, read_by
from costper.pipeline.llm.told import COST_NOTE, Said, days_of, told, usage_cells

NOTES = (
    "an outcome is counted with the call that carries it",
    "cost_per_outcome is the cost of the whole feature ÷ how often the outcome came: what it takes",
    "cost_per_own_call is the cost of the calls that carry it alone, ÷ their number",
    COST_NOTE,
)


def outcomes(frame: Frame, chosen: Chosen) -> Answer:
    """Give the cost per outcome of every feature; calls without one are a line of their own."""
    calls = Calls(frame, chosen, frame.period)
    found = read_by(calls, HOURLY, by_columns("feature", "outcome"))
    whole = grouped(found, lambda key: (key[0],))
    order = sorted(found, key=lambda key: (-whole[key[:1]].cost, key[0], -found[key].calls, key))
    return told(
        calls,
        {"noun": "outcome"},
        tuple(
            {
                "feature": told_as(key[0]),
                "outcome": told_as(key[1]),
                "outcomes": found[key].calls,
                "cost_per_outcome": _per(whole[key[:1]], found[key]),
                "cost_per_own_call": found[key].cost_per_call,
                "feature_cost": whole[key[:1]].cost_of_record,
                **usage_cells(found[key]),
            }
            for key in order
        ),
        usage_cells(added(found.values())),
        days_of(calls),
        Said(notes=NOTES),
    )


def _per(whole: Used, own: Used) -> Amount:
    return ratio(whole.cost_of_record, Decimal(own.calls))
