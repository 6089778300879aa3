"""The last days up to today, for questions that cannot wait until a day is settled."""

from __future__ import annotations

from datetime import timedelta

from costper.model.period import Period
from costper.pipeline.answer.frame import ONE_DAY, Frame
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.read import Calls

DAYS = 7
RECENT_NOTE = "without --from and --days: the last 7 days up to now, settled or not"


def recent(frame: Frame, chosen: Chosen) -> Calls:
    """Give the calls of the days asked for, else of the last seven and today among them."""
    asked = frame.asked
    if any(one is not None for one in (asked.days, asked.since, asked.until, asked.months)):
        return Calls(frame, chosen, frame.period)
    end = frame.now.date() + ONE_DAY
    return Calls(frame, chosen, Period(end - timedelta(days=DAYS), end))
