"""What is watched: every name's day totals, and which of them are not what was to be expected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

import pyarrow as pa

from costper.economics.currency import converted, plus
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Cell
from costper.model.money import MONEY_SQL
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.costs import ZERO, Amount, daily_in, decimals
from costper.pipeline.answer.frame import ONE_DAY, Frame, in_days
from costper.pipeline.answer.select import Bound, Select, record_sql
from costper.pipeline.answer.unsaid import refuse_plan, without_unsaid
from costper.pipeline.answer.values import MART
from costper.store.feedback import Feedback
from costper.watch.anomaly import Day, Method, Reading, calm, enough, unusual, without
from costper.watch.drift import drifts
from costper.watch.incident import Sighting
from costper.watch.limits import BEFORE, LEARNING, MEMORY, MINIMUM, WEEK

USUAL_SCOPES = ("service", "team", "customer")
UNWATCHED = ("environment",)
"""An environment is the sum of what is watched already; it is watched when asked for by name."""

STEP = WEEK + BEFORE
"""A drift is not told where a day of as many before it was: they must have been judged too."""

LEAD = STEP
"""Days judged before the period: an incident must be seen to begin, and none lasts longer."""

DAYS_TO_JUDGE = LEARNING + 1
"""Days with data, the first that can be judged among them."""

CENT = Decimal("0.01")
Place = tuple[int, str, Decimal]
"""The position of a day, a currency, and a cost in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What to watch, all that can be where no `scopes` are named, and how."""

    scopes: tuple[str, ...] = ()
    minimum: Decimal = MINIMUM
    method: Method = "mean"
    feedback: tuple[Feedback, ...] = ()


@dataclass(slots=True)
class Tally:
    """How many names could be judged on the last day, and how many have too few days yet."""

    judged: int = 0
    young: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """The days that can be judged or learnt from: `covered` have charges, `shaky` may change.

    Single days are judged from MEMORY on, drifts a STEP later. `names` are counted as their lines
    are read; those that never moved by what is worth telling are not among them.
    """

    days: tuple[date, ...]
    covered: frozenset[date]
    shaky: frozenset[date]
    names: Tally = field(default_factory=Tally, compare=False)

    @property
    def learnt(self) -> int:
        """How many days with data there are to judge the last one by, itself included."""
        return sum(day in self.covered for day in self.days[-MEMORY - 1 :])

    @property
    def judged(self) -> tuple[date, ...]:
        """The days that could be judged, in order."""
        later = self.days[MEMORY:]
        return tuple(day for day in later if day in self.covered and day not in self.shaky)


def watchable(frame: Frame) -> tuple[str, ...]:
    """Name what is watched unless told otherwise: the usual, and what the settings declare.

    A declared dimension that no charge says is left out.
    """
    names = [name for name in frame.books.settings.dimension_names if name not in UNWATCHED]
    usual = [name for name in USUAL_SCOPES if name in names]
    declared = (name for name in names if name not in usual)
    return (*usual, *without_unsaid(frame, tuple(declared)))


def watched_scopes(frame: Frame, scopes: Sequence[str]) -> tuple[str, ...]:
    """Give the scopes asked for, else all that are watched.

    Raises:
        UnknownNameError: one of them is no dimension. UserError: it is the plan, which only
            customers have.
    """
    known = frame.books.settings.dimension_names
    for scope in scopes:
        if scope not in known:
            raise UnknownNameError("scope", scope, known, where="scope")
    refuse_plan(frame, scopes)
    return tuple(dict.fromkeys(scopes)) or watchable(frame)


def asked(noun: str, frame: Frame, watch: Watch) -> dict[str, Cell]:
    """Say what was watched and how, as the question of an answer."""
    said: dict[str, Cell] = {
        "noun": noun,
        "scopes": watched_scopes(frame, watch.scopes),
        "minimum": watch.minimum,
    }
    return said if watch.method == "mean" else {**said, "method": watch.method}


def history_of(frame: Frame) -> History:
    """Read which days there are to judge and to learn from."""
    end = frame.period.end
    if frame.settled_through is not None:
        end = min(end, frame.settled_through + ONE_DAY)
    start = frame.period.start - timedelta(days=LEAD + STEP + MEMORY)
    span = Period(start, max(start, end))
    days = tuple(span.each_day())
    bound = Bound()
    select = Select(
        columns={"day": "day", "estimated": "bool_or(estimated)"},
        table=MART,
        where=in_days(span, bound),
        group=("day",),
    )
    rows = frame.books.marts.query(select.text(), bound.values).to_pylist()
    return History(
        days=days,
        covered=frozenset(row["day"] for row in rows),
        shaky=frozenset(row["day"] for row in rows if row["estimated"]),
    )


def sightings(frame: Frame, watch: Watch, history: History) -> Iterator[Sighting]:
    """Give every unusual day of every name watched, days before the period included."""
    if not history.days:
        return
    for scope in watched_scopes(frame, watch.scopes):
        excused = excused_days(scope, watch.feedback, history)
        found = [
            (name, one)
            for name, line in _lines(frame, scope, history, watch.minimum)
            for one in _readings(line, watch, excused.get(name, frozenset()), history.names)
            if history.days[one.position] not in history.shaky
        ]
        costs = _costs(frame, scope, history, {name for name, _ in found})
        for name, one in found:
            day = history.days[one.position]
            cost = costs.get((name,), {}).get(day, ZERO)
            if isinstance(cost, Decimal):
                yield Sighting(scope=scope, name=name, day=day, cost=cost, reading=one)


def _readings(
    line: Sequence[Day], watch: Watch, excused: frozenset[int], names: Tally
) -> list[Reading]:
    if enough(without(line, excused), len(line) - 1):
        names.judged += 1
    else:
        names.young += 1
    start = MEMORY + STEP + LEAD
    if calm(line, start, minimum=watch.minimum, method=watch.method, excused=excused):
        return []
    days = unusual(line, MEMORY, minimum=watch.minimum, method=watch.method, excused=excused)
    told = [one.position for one in days]
    slow = drifts(line, MEMORY + STEP, minimum=watch.minimum, told=told, excused=excused)
    return [*days, *slow]


def excused_days(
    scope: str, feedback: Iterable[Feedback], history: History
) -> dict[str, frozenset[int]]:
    """Find the days somebody has spoken of: nothing is learnt from them, either way."""
    found: dict[str, frozenset[int]] = {}
    for one in feedback:
        if one.scope == scope:
            span = Period(one.first_day, one.last_day + ONE_DAY)
            spoken = (at for at, day in enumerate(history.days) if span.holds(day))
            found[one.name] = found.get(one.name, frozenset()).union(spoken)
    return found


def counted(history: History) -> dict[str, Cell]:
    """Say how many names were judged, how many have too few days, and how many days there are."""
    return {
        "judged_names": history.names.judged,
        "not_judged_yet": history.names.young,
        "days_known": min(history.learnt, DAYS_TO_JUDGE),
        "days_needed": DAYS_TO_JUDGE,
    }


def mart_of(scope: str) -> tuple[str, str]:
    """Name the mart a scope's totals are read from, and its column."""
    return ("customer_daily", "customer") if scope == "customer" else (MART, f"dim_{scope}")


def _costs(
    frame: Frame, scope: str, history: History, names: Collection[str]
) -> Mapping[tuple[str, ...], Mapping[date, Amount]]:
    """Read the exact costs of a few names: lines are to the cent."""
    if not names:
        return {}
    table, column = mart_of(scope)
    bound = Bound()
    listed = ", ".join(bound.bind(name) for name in sorted(names))
    span = Period(history.days[MEMORY], history.days[-1] + ONE_DAY)
    where = (f"{quoted(column)} IN ({listed})",)
    return daily_in(frame, span, table, (column,), where, bound)


def _lines(
    frame: Frame, scope: str, history: History, minimum: Decimal
) -> Iterator[tuple[str, list[Day]]]:
    """Give each name's day totals to the cent, in the home currency.

    A day of the books without a row is zero; what a rate is missing for is a day without data.
    """
    rows = _rows(frame, scope, history, minimum)
    empty: list[Day] = [ZERO if day in history.covered else None for day in history.days]
    places: list[Any] = rows.column("at").to_pylist()
    currencies: list[Any] = rows.column("currency").to_pylist()
    names: list[Any] = rows.column("name").to_pylist()
    cents, foreign = decimals(rows, "cents"), decimals(rows, "exact")
    for name, start, end in _runs(names):
        line, here = empty.copy(), slice(start, end)
        if any(one is not None for one in foreign[here]):
            both = zip(foreign[here], cents[here], strict=True)
            amounts = [two if one is None else one for one, two in both]
            parts = zip(places[here], currencies[here], amounts, strict=True)
            _add(line, parts, frame, history)
        else:
            for at, amount in zip(places[here], cents[here], strict=True):
                line[at] = amount
        yield name, line


def _runs(names: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Give where each name's rows begin and end; the rows are in the order of names."""
    at = 0
    for name, rows in groupby(names):
        end = at + sum(1 for _ in rows)
        yield name, at, end
        at = end


def _rows(frame: Frame, scope: str, history: History, minimum: Decimal) -> pa.Table:
    table, column = mart_of(scope)
    span = Period(history.days[0], history.days[-1] + ONE_DAY)
    bound = Bound()
    record = record_sql(frame.books.settings, bound)
    first, home = bound.bind(span.start), bound.bind(frame.rates.home)
    totals = Select(
        columns={
            "name": quoted(column),
            "at": f"date_diff('day', {first}, day)",
            "currency": "currency",
            "cents": f"CAST(sum({record}) AS DECIMAL(38,2))",
            "exact": f"CASE WHEN currency = {home} THEN NULL ELSE sum({record}) END",
        },
        table=table,
        where=in_days(span, bound),
        group=("name", "at", "currency"),
    ).text()
    return frame.books.marts.query(_varied(totals, minimum, bound), bound.values)


def _varied(totals: str, minimum: Decimal, bound: Bound) -> str:
    """Leave out, in the engine, what never moved by `minimum` and so cannot be unusual.

    Days without a row count as zero. Other currencies are kept: only their rates say how far.
    """
    least = f"CAST({bound.bind(minimum)} AS {MONEY_SQL})"
    moved = f"greatest(max(cents), 0) - least(min(cents), 0) >= {least} OR count(exact) > 0"
    return " ".join(
        (
            f"WITH totals AS MATERIALIZED ({totals}),",
            f"moved AS (SELECT name FROM totals GROUP BY name HAVING {moved})",
            "SELECT * FROM totals WHERE name IN (SELECT name FROM moved) ORDER BY name",
        )
    )


def _add(line: list[Day], rows: Iterable[Place], frame: Frame, history: History) -> None:
    """Add rows of several currencies by the rates of their days."""
    totals: dict[int, Amount] = {}
    for at, currency, cost in rows:
        worth = converted(cost, currency, history.days[at], frame.rates)
        totals[at] = plus(totals.get(at, ZERO), worth)
    for at, amount in totals.items():
        line[at] = None if isinstance(amount, Absent) else to_the_cent(amount)


def to_the_cent(amount: Decimal) -> Decimal:
    """Judge to the cent: scores need no more, and short numbers are quick."""
    return amount.quantize(CENT, ROUND_HALF_UP)
