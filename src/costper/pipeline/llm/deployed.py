"""When each prompt version was first called, of all the calls the books hold."""

from __future__ import annotations

from datetime import date

from costper.model.period import Period
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.before import first_day
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.read import HOURLY, Calls, ask, by_columns

Pair = tuple[str, str]
"""Feature and prompt version."""


def deployed(frame: Frame, chosen: Chosen) -> dict[Pair, date]:
    """Give the day of each version's first call up to the end of the days asked for."""
    first = first_day(frame)
    if first is None or first >= frame.period.end:
        return {}
    bound = Bound()
    names = ("feature", "prompt_version")
    select = Select(
        columns={**by_columns(*names), "first": "min(day)"},
        table=HOURLY,
        where=Calls(frame, chosen, Period(first, frame.period.end)).where(HOURLY, bound),
        group=names,
    )
    rows = ask(frame, select, bound)
    return {(row["feature"], row["prompt_version"]): row["first"] for row in rows}
