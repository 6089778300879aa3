"""Days said by words, such as "last 3 months": what a saved question asks anew each time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from costper.errors import UserError

SpanUnit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[SpanUnit, ...] = ("day", "week", "month", "quarter", "year")
MOST_DAYS = 3660
DAYS_AT_LEAST = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
LAST = re.compile(r"last(?: (?P<count>[0-9]{1,4}))?(?: whole| settled)? (?P<unit>[a-z]+?)s?")
TO_DATE = re.compile(r"(?P<unit>[a-z]+) to date")
SPAN_HINT = "such as: last 30 days, last 3 months, last quarter, month to date"


@dataclass(frozen=True, slots=True)
class Span:
    """Days counted from the last settled one; nothing is resolved before it is asked.

    `count` are the last so many settled days, or whole settled weeks (ISO), months, quarters or
    years; 0 is the one that goes on now, up to the last settled day.
    """

    unit: SpanUnit
    count: int = 0

    def text(self) -> str:
        """Say it as people do.

        >>> Span("month", 3).text(), Span("quarter").text(), Span("week", 1).text()
        ('last 3 months', 'quarter to date', 'last week')
        """
        if not self.count:
            return f"{self.unit} to date"
        return f"last {self.unit}" if self.count == 1 else f"last {self.count} {self.unit}s"


def read_span(text: str, *, where: str = "range") -> Span:
    """Read days said by words; "last 30 settled days" is the same as "last 30 days".

    >>> read_span("Last 3 months"), read_span("month to date")
    (Span(unit='month', count=3), Span(unit='month', count=0))

    Raises:
        UserError: it says no days, or more than ten years.
    """
    said = " ".join(text.lower().split())
    going, last = TO_DATE.fullmatch(said), LAST.fullmatch(said)
    match = going or last
    named: dict[str, SpanUnit] = {one: one for one in UNITS}
    unit = None if match is None else named.get(match["unit"])
    if match is None or unit is None or (going is not None and unit == "day"):
        raise UserError(f"{text[:60]!r} says no days", where=where, hint=SPAN_HINT)
    count = 0 if last is None else int(last["count"] or 1)
    if last is not None and not 0 < count <= MOST_DAYS // DAYS_AT_LEAST[unit]:
        most = MOST_DAYS // DAYS_AT_LEAST[unit]
        raise UserError(f"from 1 to {most} {unit}s", where=where, hint=SPAN_HINT)
    return Span(unit, count)
