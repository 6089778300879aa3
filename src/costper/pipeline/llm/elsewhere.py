"""Says where the books do hold calls, when they hold none of the days asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from costper.errors import UnknownNameError, suggestion
from costper.model.period import FIRST_DAY, LAST_DAY, Period
from costper.model.plural import plural
from costper.pipeline.answer.frame import LONGEST_DAYS, ONE_DAY
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import ALL, Chosen
from costper.pipeline.llm.read import HOURLY, Calls, ask, by_columns, read_by

EVER = Period(FIRST_DAY, LAST_DAY)
EMPTY = "the books hold no calls of any day: `costper events send FILE` tells them some"


@dataclass(frozen=True, slots=True)
class Held:
    """Calls that are there, from the first day to the last."""

    calls: int
    first: date
    last: date

    def text(self) -> str:
        """Say how many there are, of which days, and how to ask for them.

        >>> Held(2, date(2026, 11, 21), date(2026, 11, 21)).text()
        '2 calls on 2026-11-21: --from 2026-11-21 --to 2026-11-22'
        """
        days = f"on {self.first}"
        if self.last > self.first:
            days = f"from {self.first} to {self.last}"
        end = self.last + ONE_DAY
        start = max(self.first, end - timedelta(days=LONGEST_DAYS))
        return f"{plural(self.calls, 'call')} {days}: --from {start} --to {end}"


def held(
    calls: Calls, table: str = HOURLY, where: Sequence[str] = (), bound: Bound | None = None
) -> Held | None:
    """Find the calls chosen, of whatever days; `where` says more of a roll-up's rows."""
    bound = bound or Bound()
    select = Select(
        columns={
            "calls": "CAST(coalesce(sum(calls), 0) AS BIGINT)",
            "first": "min(day)",
            "last": "max(day)",
        },
        table=table,
        where=(*replace(calls, period=EVER).where(table, bound), "calls > 0", *where),
    )
    (row,) = ask(calls.frame, select, bound)
    return Held(row["calls"], row["first"], row["last"]) if row["calls"] else None


def elsewhere(calls: Calls) -> str:
    """Say which days hold calls: those chosen, else those of any environment and data mode."""
    own = held(calls)
    if own is not None:
        return own.text()
    other = held(replace(calls, chosen=replace(calls.chosen, environment=ALL, data_mode=ALL)))
    if other is not None:
        return f"{other.text()} --environment all --data-mode all"
    every = held(replace(calls, chosen=Chosen(environment=ALL, data_mode=ALL)))
    return EMPTY if every is None else "no day has such calls"


def uncalled(calls: Calls, noun: str, name: str) -> UnknownNameError:
    """Say why no call names a value: there are some on other days, or they name others."""
    own = replace(calls, chosen=replace(calls.chosen, **{noun: name}))
    found = held(own)
    if found is not None:
        return on_other_days(noun, name, found)
    known = _named(calls, noun) or _named(replace(calls, period=EVER), noun)
    hint = suggestion(name, known) if known else elsewhere(calls)
    return UnknownNameError(noun, name, known, hint=hint)


def on_other_days(noun: str, name: str, found: Held) -> UnknownNameError:
    """Say that a value has no calls of the days asked for, but others."""
    message = f"no calls of {noun} {name!r} in these days"
    return UnknownNameError(noun, name, (), message=message, hint=found.text())


def _named(calls: Calls, noun: str) -> list[str]:
    return [key[0] for key in read_by(calls, HOURLY, by_columns(noun), names=("calls",)) if key[0]]
