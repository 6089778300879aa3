"""What each feature, tenant, model, team or customer costs in calls, dearest first."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import accumulate

from costper.economics.calls import NO_COST, Used, added, share
from costper.economics.verdict import percent
from costper.errors import UnknownNameError
from costper.model.answer import Answer, Cell, Row
from costper.model.money import EXACT
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.before import TREND_NOTE, Compared, compared, trend_cells
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.parts import dearest
from costper.pipeline.llm.read import HOURLY, Calls, Key, both_periods
from costper.pipeline.llm.spread import CONCENTRATION_NOTE, spread_cells
from costper.pipeline.llm.told import (
    COST_NOTE,
    PER_CALL_NOTE,
    SHARE_NOTE,
    TOKENS_NOTE,
    Said,
    days_of,
    told,
    usage_cells,
)

NOUNS: Mapping[str, tuple[str, ...]] = {
    "feature": ("feature",),
    "tenant": ("tenant", "customer"),
    "customer": ("customer",),
    "team": ("team",),
    "model": ("model", "provider"),
    "provider": ("provider",),
    "tier": ("tier",),
    "environment": ("environment",),
}
"""What calls are ranked by, each with the columns that make it one."""

NOTES = (COST_NOTE, PER_CALL_NOTE, TOKENS_NOTE, SHARE_NOTE, TREND_NOTE, CONCENTRATION_NOTE)


def ranked(frame: Frame, chosen: Chosen, noun: str) -> Answer:
    """Rank what calls name by what they cost.

    Raises:
        UnknownNameError: calls are not ranked by that.
    """
    if noun not in NOUNS:
        raise UnknownNameError("noun", noun, NOUNS)
    calls = Calls(frame, chosen, frame.period)
    columns, days = NOUNS[noun], days_of(calls)
    now, before = both_periods(frame, chosen, HOURLY, columns)
    how = compared(frame, chosen)
    total = added(now.values())
    rows = _rows(columns, now, before, total, how)
    members = {repr(key): used.cost for key, used in now.items() if key[0]}
    return told(
        calls,
        {"noun": noun},
        rows,
        {
            **usage_cells(total),
            **trend_cells(total, added(before.values()), how),
            **spread_cells(members),
        },
        days,
        Said(notes=NOTES, issues=how.issues),
    )


def _rows(
    columns: tuple[str, ...],
    now: Mapping[Key, Used],
    before: Mapping[Key, Used],
    total: Used,
    how: Compared,
) -> tuple[Row, ...]:
    keys = dearest(now)
    sums = accumulate((now[key].cost for key in keys), EXACT.add)
    return tuple(
        {
            "rank": rank,
            **{name: told_as(word) for name, word in zip(columns, key, strict=True)},
            **usage_cells(now[key]),
            "share_percent": share(now[key].cost, total.cost, NO_COST),
            "cumulative_percent": _upto(Fraction(upto), total),
            **trend_cells(now[key], before.get(key, Used()), how),
        }
        for rank, (key, upto) in enumerate(zip(keys, sums, strict=True), 1)
    )


def _upto(carried: Fraction, total: Used) -> Cell:
    return percent(carried / Fraction(total.cost)) if total.cost else NO_COST
