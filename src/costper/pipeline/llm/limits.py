"""Whom limits on AI cost would have touched, and how much they would have cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from costper.economics.calendar import bucket_of
from costper.economics.calls import share
from costper.economics.limits import NO_CALLS, Limited, round_steps
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Answer, Cell, Measure, Row
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.cut import SCRATCH, SPENT, Of, cut
from costper.pipeline.llm.read import USER_DAILY, Calls, ask
from costper.pipeline.llm.told import Said, days_of, told
from costper.store.call_tables import CALL_MONEY

Grain = Literal["month", "day"]
GRAINS: tuple[Grain, ...] = ("month", "day")
DAYS = 14
MOST_LIMITS = 50
LARGEST = Decimal(10) ** 12


OF: Mapping[str, Of] = {
    "user": Of(("user_id",), "user_kind = 'user'", "user_key"),
    "tenant": Of(("tenant",), "tenant <> ''", "tenant"),
    "customer": Of(("customer",), "customer <> ''", "customer"),
}
MEASURES: dict[str, Measure] = dict.fromkeys(("limit", "cost_above", "cut_cost"), "money")
NOTES = (
    "a limit touches who spent more than it in one {grain}; touched_cost is all they spent then",
    "cost_above is what lies over the limit; cut are the calls from the one that passes it on",
    "cost here is by price, as a limit would have seen it when the call came; unpriced calls are 0",
    "everybody is taken to have called as they did: nobody waits, asks less or pays for more",
)


def limits(
    frame: Frame,
    chosen: Chosen,
    *,
    of: str = "user",
    grain: Grain = "month",
    amounts: Sequence[Decimal] = (),
) -> Answer:
    """Answer what each limit would have touched; round ones are chosen where none is given.

    When nothing is said of the days, a monthly limit is held against the last whole month, a
    daily one against the last 14 days.

    Raises:
        UnknownNameError: nobody is limited by that, or no such grain.
        UserError: a limit is negative, or there are too many.
    """
    if of not in OF:
        raise UnknownNameError("noun", of, OF, where="of")
    if grain not in GRAINS:
        raise UnknownNameError("grain", grain, GRAINS, where="grain")
    _check(amounts)
    calls = Calls(frame, chosen, _period(frame, grain))
    days = days_of(calls)
    _put_aside(calls, of, grain)
    try:
        tried = sorted({*amounts}) or _round_ones(frame)
        rows = tuple(_rows(calls, of, grain, tried))
        total = _total(frame)
    finally:
        frame.books.marts.forget(SPENT, *SCRATCH)
    question: dict[str, Cell] = {"noun": f"limits a {grain}", "of": of}
    notes = tuple(note.format(grain=grain) for note in NOTES)
    said = Said(notes=notes, measures=MEASURES, issues=tuple(_issues(calls, grain)))
    return told(calls, question, rows, total, days, said)


def _check(amounts: Sequence[Decimal]) -> None:
    if len(amounts) > MOST_LIMITS:
        raise UserError(f"more than {MOST_LIMITS} limits", where="limit", hint="ask again for more")
    for amount in amounts:
        if not (amount.is_finite() and 0 <= amount < LARGEST):
            raise UserError(f"{amount} is no limit", where="limit", hint="write 5 or 5.00")


def _period(frame: Frame, grain: Grain) -> Period:
    asked = frame.asked
    if (asked.days, asked.since, asked.until, asked.months) != (None, None, None, None):
        return frame.period
    end = frame.period.end
    if grain == "day":
        return Period(end - timedelta(days=DAYS), end)
    last = end.replace(day=1)
    return Period((last - timedelta(days=1)).replace(day=1), last)


def _put_aside(calls: Calls, of: str, grain: Grain) -> None:
    """Add up what everybody spent in each bucket."""
    bound, who = Bound(), OF[of]
    select = Select(
        columns={
            "who": quoted(who.key),
            "bucket": f"date_trunc('{grain}', day)",
            "calls": "CAST(sum(calls) AS BIGINT)",
            "cost": f"CAST(sum(call_cost) AS {CALL_MONEY})",
        },
        table=USER_DAILY,
        where=(*calls.where(USER_DAILY, bound), who.where),
        group=("who", "bucket"),
    )
    calls.frame.books.marts.keep(SPENT, select.text(), bound.values)


def _round_ones(frame: Frame) -> tuple[Decimal, ...]:
    """Choose round limits from what half of all spend at most, to what nobody reaches."""
    columns = {"low": "quantile_disc(cost, 0.5)", "high": "max(cost)"}
    (row,) = ask(frame, Select(columns=columns, table=SPENT, where=("cost > 0",)), Bound())
    return round_steps(row["low"], row["high"]) if row["high"] else ()


def _total(frame: Frame) -> Row:
    columns = {
        "members": "count(DISTINCT who)",
        "calls": "CAST(coalesce(sum(calls), 0) AS BIGINT)",
        "call_cost": f"CAST(coalesce(sum(cost), 0) AS {CALL_MONEY})",
    }
    (row,) = ask(frame, Select(columns=columns, table=SPENT), Bound())
    return row


def _rows(
    calls: Calls, of: str, grain: Grain, tried: Sequence[Decimal]
) -> Iterator[dict[str, Cell]]:
    if not tried:
        return
    whole = _total(calls.frame)
    kept_off = cut(calls, OF[of], grain, tried)
    for number, found in enumerate(_limited(calls.frame, tried, whole)):
        yield {
            "limit": found.limit,
            "touched": found.touched,
            "touched_percent": found.touched_percent,
            "touched_cost": found.touched_cost,
            "touched_cost_percent": found.touched_cost_percent,
            "cost_above": found.above,
            "above_percent": found.above_percent,
            "cut_calls": kept_off[f"calls_{number}"],
            "cut_calls_percent": share(
                kept_off[f"calls_{number}"], _count(whole["calls"]), NO_CALLS
            ),
            "cut_cost": kept_off[f"cost_{number}"],
            f"touched_{grain}s_count": found.buckets,
        }


def _limited(frame: Frame, tried: Sequence[Decimal], whole: Row) -> Iterator[Limited]:
    bound = Bound()
    columns: dict[str, str] = {}
    for number, limit in enumerate(tried):
        over = f"FILTER (cost > {bound.bind(limit)})"
        columns |= {
            f"touched_{number}": f"count(DISTINCT who) {over}",
            f"buckets_{number}": f"count(*) {over}",
            f"cost_{number}": f"CAST(coalesce(sum(cost) {over}, 0) AS {CALL_MONEY})",
        }
    (row,) = ask(frame, Select(columns=columns, table=SPENT), bound)
    cost = whole["call_cost"]
    for number, limit in enumerate(tried):
        spent, buckets = row[f"cost_{number}"], row[f"buckets_{number}"]
        yield Limited(
            limit=limit,
            members=_count(whole["members"]),
            touched=row[f"touched_{number}"],
            buckets=buckets,
            cost=cost if isinstance(cost, Decimal) else Decimal(0),
            touched_cost=spent,
            above=spent - limit * buckets,
        )


def _count(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


def _issues(calls: Calls, grain: Grain) -> Iterator[Issue]:
    """Say where a limit of a month was held against a part of one."""
    period = calls.period
    ends = (period.start, period.end - timedelta(days=1))
    spans = {bucket_of(day, grain) for day in ends}
    if any(span.start < period.start or span.end > period.end for span in spans):
        yield Issue(
            code="partial_month",
            message="the days asked for hold a part of a month: its limit is reached more seldom",
            severity="warning",
            hint="ask for whole months: --from 2026-10 --to 2026-11",
        )
