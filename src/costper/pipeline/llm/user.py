"""One user's page: what their calls cost, of what, when, and how close to a burst."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from costper.economics.calls import Used, added
from costper.economics.trend import ratio
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Cell, Measure, Row
from costper.model.instant import hour_text
from costper.model.money import EXACT
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.before import TREND_NOTE, compared, trend_cells
from costper.pipeline.llm.chosen import COLUMNS, Chosen, told_as
from costper.pipeline.llm.elsewhere import Held, elsewhere, held, on_other_days
from costper.pipeline.llm.parts import daily_rows, grouped, part_rows
from costper.pipeline.llm.read import (
    USER_DAILY,
    USER_HOURLY,
    Calls,
    Key,
    ask,
    read_few,
    sums_sql,
    used_of,
)
from costper.pipeline.llm.told import (
    COST_NOTE,
    ENVELOPE,
    PER_CALL_NOTE,
    TOKENS_NOTE,
    Days,
    Said,
    days_of,
    told,
    usage_cells,
)

KEYS = ("user_kind", "day", "feature", "model", "tenant", "customer")
KIND, DAY, FEATURE, MODEL, TENANT, CUSTOMER = range(len(KEYS))
BUSIEST_NOTE = (
    "busiest_hour has most calls, busiest_tokens_hour most tokens, UTC hours; requests_per_hour is "
    "calls ÷ hours with calls, tokens likewise"
)
RATED = ("calls", "input_tokens", "output_tokens")
"""What is told of hours."""

MEASURES: Mapping[str, Measure] = {"requests_per_hour": "number", "tokens_per_hour": "number"}


def user(frame: Frame, chosen: Chosen, name: str) -> Answer:
    """Answer one row about a user, by the id the books keep.

    Raises:
        UnknownNameError: no call of these days is of that user.
    """
    calls = Calls(frame, chosen, frame.period)
    found = _read(Calls(frame, chosen, frame.span), name)
    start = frame.period.start
    now = {key: used for key, used in found.items() if key[DAY] >= start}
    if not now:
        raise uncalled_user(calls, name)
    total = added(now.values())
    before = added(used for key, used in found.items() if key[DAY] < start)
    days = _days(now, frame.period)
    how = compared(frame, chosen)
    row: Row = {
        "user": name,
        "kind": _words(now, KIND),
        "tenant": _words(now, TENANT),
        "customer": _words(now, CUSTOMER),
        **usage_cells(total),
        **trend_cells(total, before, how),
        "active_days": days.many,
        "retry_percent": total.retry_percent,
        "cache_hit_percent": total.cache_hit_percent,
        "latency_mean_ms": total.latency_mean_ms,
        **_hours(calls, name),
        "features": tuple(part_rows("feature", grouped(now, lambda key: (key[FEATURE],)))),
        "models": tuple(part_rows("model", grouped(now, lambda key: (key[MODEL],)))),
        "daily": tuple(daily_rows(days.by_day, frame.period)),
    }
    notes = (COST_NOTE, PER_CALL_NOTE, TOKENS_NOTE, TREND_NOTE, BUSIEST_NOTE)
    question = {"noun": "llm user", "user": name}
    said = Said(notes=notes, measures=MEASURES, issues=how.issues)
    return told(calls, question, (row,), usage_cells(total), days, said)


def is_known(frame: Frame, chosen: Chosen, name: str) -> bool:
    """Say whether any call, of whatever day, is of that user."""
    return _held(Calls(frame, chosen, frame.period), name) is not None


def _held(calls: Calls, name: str) -> Held | None:
    bound = Bound()
    return held(calls, USER_DAILY, of_user(name, bound), bound)


def uncalled_user(calls: Calls, name: str) -> UnknownNameError:
    """Say why no call of these days is of a user."""
    found = _held(calls, name)
    if found is not None:
        return on_other_days("user", name, found)
    some = days_of(calls, ENVELOPE).total.calls
    hint = "`costper user` lists the dearest of these days" if some else elsewhere(calls)
    return UnknownNameError("user", name, (), hint=hint)


def of_user(name: str, bound: Bound) -> tuple[str, str]:
    """Write which rows are of a user: the key finds them, the id makes sure of them."""
    said = bound.bind(name)
    return f"user_key = hash({said})", f"user_id = {said}"


def _read(calls: Calls, name: str) -> dict[Key, Used]:
    bound = Bound()
    where = of_user(name, bound)
    return read_few(calls, USER_DAILY, KEYS, where, bound)


def _days(found: Mapping[Key, Used], period: Period) -> Days:
    by_day = grouped(found, lambda key: (key[DAY],))
    by_kind = grouped(found, lambda key: (key[KIND],))
    nobody = Used().cost
    for key, used in found.items():
        nobody = nobody if key[CUSTOMER] else EXACT.add(nobody, used.cost)
    return Days(
        by_day={_day(key[0]): used for key, used in by_day.items()},
        by_kind={str(key[0]): used for key, used in by_kind.items()},
        nobody=nobody,
        period=period,
    )


def _day(cell: object) -> date:
    if not isinstance(cell, date):
        raise TypeError(cell)
    return cell


def _words(found: Mapping[Key, Used], place: int) -> str:
    """Give the words calls name, dearest first."""
    by = grouped(found, lambda key: (key[place],))
    return ", ".join(told_as(key[0]) for key in sorted(by, key=lambda one: (-by[one].cost, one)))


def _hours(calls: Calls, name: str) -> dict[str, Cell]:
    """Tell the user's busiest hour, and the mean of the hours with calls."""
    bound = Bound()
    said = calls.chosen.words().items()
    narrow = {column: word for column, word in said if column in COLUMNS[USER_HOURLY]}
    calls = replace(calls, chosen=Chosen(**narrow))
    select = Select(
        columns={"hour": quoted("hour"), **sums_sql(USER_HOURLY, RATED)},
        table=USER_HOURLY,
        where=(
            *calls.where(USER_HOURLY, bound),
            *of_user(name, bound),
        ),
        group=("hour",),
    )
    hours = [(row["hour"], used_of(row)) for row in ask(calls.frame, select, bound)]
    total = added(used for _, used in hours)
    hour, busiest = _busiest(hours, lambda used: used.calls)
    tokens_hour, thirstiest = _busiest(hours, lambda used: used.tokens)
    return {
        "hours_with_calls": len(hours),
        "requests_per_hour": _mean(total.calls, len(hours)),
        "busiest_hour": hour,
        "busiest_hour_calls": busiest.calls,
        "tokens_per_hour": _mean(total.tokens, len(hours)),
        "busiest_tokens_hour": tokens_hour,
        "busiest_tokens_hour_tokens": thirstiest.tokens,
    }


def _busiest(
    hours: Sequence[tuple[datetime, Used]], much: Callable[[Used], int]
) -> tuple[str, Used]:
    """Find the hour with most of something, the first one of several."""
    if not hours:
        return "", Used()
    hour, used = min(hours, key=lambda one: (-much(one[1]), one[0]))
    return hour_text(hour), used


def _mean(part: int, hours: int) -> Decimal | Absent:
    return ratio(Decimal(part), Decimal(hours), 2) if hours else Absent("no_calls")
