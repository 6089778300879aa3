"""Which days, of which services, teams or customers, are not what the days before promise?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.money import MONEY_SQL
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.costs import Amount, daily_in
from costper.pipeline.answer.frame import ONE_DAY, Frame, in_days
from costper.pipeline.answer.select import Bound, Select, record_sql
from costper.pipeline.answer.values import MART
from costper.watch.anomaly import MINIMUM, Day, Reading, unusual

HISTORY = timedelta(days=70)
"""Days before the period that say what is normal: 35 residuals of four weeks each."""

SCOPES = {"service": "team", "team": "service", "customer": "service"}
"""What is watched, and what each names as its contributors."""

CONTRIBUTORS = 3
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Found:
    scope: str
    name: str
    day: date
    cost: Amount
    reading: Reading


def anomalies(
    frame: Frame, scopes: Sequence[str] = tuple(SCOPES), minimum: Decimal = MINIMUM
) -> Answer:
    """List the unusual settled days of the period, worst deviation first, echoes last.

    An echo is a day of a customer or team whose top contributor is a service with an anomaly of
    its own that day, in the same direction: the culprit comes before it.

    Days whose charges are still estimated are never judged. `minimum` is the least deviation
    in the home currency that is worth a line.
    """
    history = _history(frame)
    found = [one for scope in scopes for one in _of_scope(frame, scope, history, minimum)]
    found.sort(key=lambda one: (one.day, -abs(one.reading.deviation), one.scope, one.name))
    found.sort(key=lambda one: -abs(one.reading.deviation))
    told = [_row(frame, one, history) for one in found]
    culprits = {_sign(one.day, one.name, one.reading.deviation) for one in found if _serves(one)}
    told.sort(key=lambda row: _is_echo(row, culprits))
    rows = tuple(told)
    counted = {level: _count(found, level) for level in ("critical", "warning")}
    question: dict[str, Cell] = {"noun": "anomalies", "scopes": tuple(scopes), "minimum": minimum}
    return frame.answer(question, rows, {"anomalies": len(rows), **counted})


Sign = tuple[date, str, bool]


def _serves(one: _Found) -> bool:
    return one.scope == "service"


def _sign(day: date, service: str, deviation: Decimal) -> Sign:
    return day, service, deviation > 0


def _is_echo(row: Row, culprits: Collection[Sign]) -> bool:
    """Say whether a service, listed itself, explains a line of a customer or team."""
    parts = cast("Sequence[Row]", row["contributors"])
    if row["scope"] == "service" or not parts:
        return False
    moved, day = parts[0]["deviation"], row["day"]
    return (
        isinstance(moved, Decimal)
        and isinstance(day, date)
        and _sign(day, str(parts[0]["service"]), moved) in culprits
    )


def _count(found: Sequence[_Found], severity: str) -> int:
    return sum(one.reading.severity == severity for one in found)


@dataclass(frozen=True, slots=True)
class _History:
    """The days that can be judged or learnt from: `covered` have charges, `shaky` may change."""

    days: tuple[date, ...]
    first: int
    covered: frozenset[date]
    shaky: frozenset[date]


def _history(frame: Frame) -> _History:
    end = frame.period.end
    if frame.settled_through is not None:
        end = min(end, frame.settled_through + ONE_DAY)
    start = frame.period.start - HISTORY
    days = tuple(Period(start, max(start, end)).each_day())
    bound = Bound()
    select = Select(
        columns={"day": "day", "estimated": "bool_or(estimated)"},
        table=MART,
        where=in_days(Period(start, max(start, end)), bound),
        group=("day",),
    )
    rows = frame.books.marts.query(select.text(), bound.values).to_pylist()
    return _History(
        days=days,
        first=min(HISTORY.days, len(days)),
        covered=frozenset(row["day"] for row in rows),
        shaky=frozenset(row["day"] for row in rows if row["estimated"]),
    )


def _of_scope(frame: Frame, scope: str, history: _History, minimum: Decimal) -> list[_Found]:
    table, column = _mart(scope)
    if not history.days:
        return []
    span = Period(history.days[0], history.days[-1] + ONE_DAY)
    bound = Bound()
    varied = _varied(frame, span, table, column, minimum, bound)
    daily = daily_in(frame, span, table, (column,), varied, bound)
    return [
        _Found(scope, name, day, days.get(day, Decimal(0)), reading)
        for (name,), days in sorted(daily.items())
        for reading in unusual(_line(days, history), history.first, minimum=minimum)
        if (day := history.days[reading.position]) not in history.shaky
    ]


def _varied(
    frame: Frame, span: Period, table: str, column: str, minimum: Decimal, bound: Bound
) -> tuple[str, ...]:
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
        f"{quoted(column)} IN ({grouped} >= {least}) OR currency <> {bound.bind(frame.rates.home)}",
    )


def _mart(scope: str) -> tuple[str, str]:
    return ("customer_daily", "customer") if scope == "customer" else (MART, f"dim_{scope}")


def _line(days: dict[date, Amount], history: _History) -> list[Day]:
    """Line up the totals; what a rate is missing for counts as a day without data."""
    line: list[Day] = []
    for day in history.days:
        amount = days.get(day, Decimal(0) if day in history.covered else None)
        line.append(None if amount is None or isinstance(amount, Absent) else _short(amount))
    return line


def _short(amount: Decimal) -> Decimal:
    """Judge to the cent: scores need no more, and short numbers are quick."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def _row(frame: Frame, one: _Found, history: _History) -> Row:
    reading = one.reading
    parts = _contributors(frame, one, history)
    return {
        "day": one.day,
        "scope": one.scope,
        "name": one.name,
        "kind": reading.kind,
        "severity": reading.severity,
        "score": Absent(reading.kind) if reading.score is None else _short(reading.score),
        "cost": one.cost,
        "expected": _short(reading.expected),
        "expected_low": _short(reading.low),
        "expected_high": _short(reading.high),
        "deviation": _short(reading.value) - _short(reading.expected),
        "top_contributor": str(parts[0][SCOPES[one.scope]]) if parts else "",
        "contributors": parts,
    }


def _contributors(frame: Frame, one: _Found, history: _History) -> tuple[Row, ...]:
    """Name the parts that differ most from their own average of the four weeks before.

    Days before the books begin are no days without cost: only days with charges are divided by.
    """
    other = SCOPES[one.scope]
    bound = Bound()
    table = "legs" if one.scope == "customer" else MART
    span = Period(one.day - timedelta(days=28), one.day + ONE_DAY)
    where = (f"{quoted(f'dim_{one.scope}')} = {bound.bind(one.name)}",)
    daily = daily_in(frame, span, table, (f"dim_{other}",), where, bound)
    before = sum(span.start <= day < one.day for day in history.covered)
    moved = sorted(
        ((_moved(days, one.day, before), key) for key, days in daily.items()),
        key=lambda item: (-abs(item[0]), item[1]),
    )
    return tuple(
        {other: key[0], "deviation": deviation}
        for deviation, key in moved[:CONTRIBUTORS]
        if deviation
    )


def _moved(days: dict[date, Amount], day: date, covered: int) -> Decimal:
    """Say how far a part is from its average; a day without a rate has no say in it."""
    before = [cost for at, cost in days.items() if at != day]
    known = [_short(cost) for cost in before if isinstance(cost, Decimal)]
    usual = sum(known, Decimal(0)) / max(1, covered - (len(before) - len(known)))
    here = days.get(day, Decimal(0))
    return _short((here if isinstance(here, Decimal) else Decimal(0)) - usual)
