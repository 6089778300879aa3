"""What is watched: every name's day totals, and which of them are not what was to be expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from costper.economics.currency import converted, plus
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Cell
from costper.model.money import MONEY_SQL
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.costs import ZERO, Amount, decimals
from costper.pipeline.answer.frame import ONE_DAY, Frame, in_days
from costper.pipeline.answer.select import Bound, Select, record_sql
from costper.pipeline.answer.values import MART
from costper.store.feedback import Feedback
from costper.watch.anomaly import Day, Method, Reading, unusual
from costper.watch.drift import drifts
from costper.watch.incident import Sighting
from costper.watch.limits import BEFORE, MEMORY, MINIMUM, WEEK

USUAL_SCOPES = ("service", "team", "customer")
UNWATCHED = ("environment",)
"""An environment is the sum of what is watched already; it is watched when asked for by name."""

STEP = WEEK + BEFORE
"""A drift is not told where a day of as many before it was: they must have been judged too."""

LEAD = STEP
"""Days judged before the period: an incident must be seen to begin, and none lasts longer."""

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What to watch, all that can be where no `scopes` are named, and how."""

    scopes: tuple[str, ...] = ()
    minimum: Decimal = MINIMUM
    method: Method = "mean"
    feedback: tuple[Feedback, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """The days that can be judged or learnt from: `covered` have charges, `shaky` may change.

    Single days are judged from MEMORY on, drifts a STEP later.
    """

    days: tuple[date, ...]
    covered: frozenset[date]
    shaky: frozenset[date]

    @property
    def judged(self) -> tuple[date, ...]:
        """The days that could be judged, in order."""
        later = self.days[MEMORY:]
        return tuple(day for day in later if day in self.covered and day not in self.shaky)


def watchable(frame: Frame) -> tuple[str, ...]:
    """Name what is watched unless told otherwise: the usual, and what the settings declare."""
    names = [name for name in frame.books.settings.dimension_names if name not in UNWATCHED]
    usual = [name for name in USUAL_SCOPES if name in names]
    return (*usual, *(name for name in names if name not in usual))


def watched_scopes(frame: Frame, scopes: Sequence[str]) -> tuple[str, ...]:
    """Give the scopes asked for, else all that are watched.

    Raises:
        UnknownNameError: one of them is no dimension.
    """
    known = frame.books.settings.dimension_names
    for scope in scopes:
        if scope not in known:
            raise UnknownNameError("scope", scope, known, where="scope")
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
    if history.days:
        for scope in watched_scopes(frame, watch.scopes):
            excused = _excused(scope, watch.feedback, history)
            for name, totals in _totals(frame, scope, history, watch.minimum):
                line = _line(totals, history)
                for one in _readings(line, watch, excused.get(name, frozenset())):
                    day, total = history.days[one.position], totals.get(one.position, ZERO)
                    if day not in history.shaky and isinstance(total, Decimal):
                        yield Sighting(scope=scope, name=name, day=day, cost=total, reading=one)


def _readings(line: Sequence[Day], watch: Watch, excused: frozenset[int]) -> list[Reading]:
    days = unusual(line, MEMORY, minimum=watch.minimum, method=watch.method, excused=excused)
    told = [one.position for one in days]
    slow = drifts(line, MEMORY + STEP, minimum=watch.minimum, told=told, excused=excused)
    return [*days, *slow]


def _excused(
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


def mart_of(scope: str) -> tuple[str, str]:
    """Name the mart a scope's totals are read from, and its column."""
    return ("customer_daily", "customer") if scope == "customer" else (MART, f"dim_{scope}")


Totals = dict[int, Amount]


def _totals(
    frame: Frame, scope: str, history: History, minimum: Decimal
) -> Iterator[tuple[str, Totals]]:
    """Give each name's totals by the position of their day, in the home currency."""
    table, column = mart_of(scope)
    span = Period(history.days[0], history.days[-1] + ONE_DAY)
    bound = Bound()
    record = record_sql(frame.books.settings, bound)
    varied = _varied(frame, span, table, column, minimum, bound)
    first = bound.bind(span.start)
    select = Select(
        columns={
            "name": quoted(column),
            "at": f"date_diff('day', {first}, day)",
            "currency": "currency",
            "cost": f"sum({record})",
        },
        table=table,
        where=(*in_days(span, bound), varied),
        group=("name", "at", "currency"),
        order=("name",),
    )
    rows = frame.books.marts.query(select.text(), bound.values)
    columns: list[list[Any]] = [
        rows.column(name).to_pylist() for name in ("name", "at", "currency")
    ]
    home, rates, days = frame.rates.home, frame.rates, history.days
    name, totals = "", Totals()
    for one, at, currency, cost in zip(*columns, decimals(rows, "cost"), strict=True):
        if one != name:
            if totals:
                yield name, totals
            name, totals = one, {}
        amount = cost if currency == home else converted(cost, currency, days[int(at)], rates)
        totals[at] = plus(totals[at], amount) if at in totals else amount
    if totals:
        yield name, totals


def _varied(
    frame: Frame, span: Period, table: str, column: str, minimum: Decimal, bound: Bound
) -> str:
    """Leave out, in the engine, what never moved by `minimum` and so cannot be unusual.

    Days without a row count as zero. Other currencies are kept: only their rates say how far.
    """
    record = record_sql(frame.books.settings, bound)
    totals = Select(
        columns={"name": quoted(column), "day": "day", "cost": f"sum({record})"},
        table=table,
        where=(*in_days(span, bound), f"currency = {bound.bind(frame.rates.home)}"),
        group=("name", "day"),
    ).text()
    moved = "greatest(max(cost), 0) - least(min(cost), 0)"
    least = f"CAST({bound.bind(minimum)} AS {MONEY_SQL})"
    grouped = " ".join(("SELECT name FROM", f"({totals})", "GROUP BY name HAVING", moved))
    return (
        f"{quoted(column)} IN ({grouped} >= {least}) OR currency <> {bound.bind(frame.rates.home)}"
    )


def _line(totals: Totals, history: History) -> list[Day]:
    """Line up the totals; what a rate is missing for counts as a day without data."""
    line: list[Day] = []
    for at, day in enumerate(history.days):
        amount = totals.get(at)
        if amount is None:
            line.append(ZERO if day in history.covered else None)
        else:
            line.append(None if isinstance(amount, Absent) else to_the_cent(amount))
    return line


def to_the_cent(amount: Decimal) -> Decimal:
    """Judge to the cent: scores need no more, and short numbers are quick."""
    return amount.quantize(CENT, ROUND_HALF_UP)
