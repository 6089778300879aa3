"""Which users cost most in calls, and how few of them cost how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate

from costper.economics.calls import NO_COST, Used, share
from costper.economics.concentration import Concentration, concentration_at, ranks_needed
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Answer, Cell, Row
from costper.model.call import USER_KINDS
from costper.model.money import EXACT
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.read import USER_DAILY, Calls, ask, sum_sql, used_of
from costper.pipeline.llm.spread import CONCENTRATION_NOTE, concentration_cells
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
from costper.pipeline.llm.who import Known, names_of

USER = "user"
TOP = 100
MOST = 10_000
SCRATCH = "llm_users"
SHOWN = (
    "calls",
    "errors",
    "unpriced_calls",
    "input_tokens",
    "output_tokens",
    "call_cost",
    "cost",
)
"""What is added up of every user: each sum takes as long again as finding the users."""

NOTES = (
    "a user is a keyed hash of the id the application sent; raw ids are never kept",
    COST_NOTE,
    PER_CALL_NOTE,
    TOKENS_NOTE,
    "share_percent and cumulative_percent are of the cost of all users of the kind asked for",
    "tenant and customer are those of the user's last day with calls; of several, the dearest",
    CONCENTRATION_NOTE + "; over the users of the kind asked for",
    "others are in apart, whose share_percent is of the cost of all calls asked for",
)


def users(frame: Frame, chosen: Chosen, *, kind: str = USER, top: int = TOP) -> Answer:
    """Rank the `top` users of a kind by cost, ties by id; the total is of all of that kind.

    Raises:
        UnknownNameError: no such kind of user.
        UserError: `top` is not from 1 to 10,000.
    """
    if kind not in USER_KINDS:
        raise UnknownNameError("kind of user", kind, USER_KINDS, where="kind")
    if not 1 <= top <= MOST:
        raise UserError(f"top must be 1 to {MOST}, not {top}", where="top")
    calls = Calls(frame, chosen, frame.period)
    days = days_of(calls, ENVELOPE)
    _put_aside(calls, kind)
    try:
        many, total = _total(frame)
        found = _dearest(calls, top)
        spread = _spread(frame)
    finally:
        frame.books.marts.forget(SCRATCH)
    return told(
        calls,
        {"noun": "user", "kind": kind},
        _rows(found, total),
        {
            **usage_cells(total),
            "users_count": many,
            **concentration_cells(spread),
            "apart": tuple(_apart(days, kind)),
        },
        days,
        Said(notes=NOTES),
    )


def _put_aside(calls: Calls, kind: str) -> None:
    """Add up each user once; ranks, total and concentration are then read from the sums."""
    bound = Bound()
    select = Select(
        columns={"user_key": "user_key", **{name: sum_sql(name) for name in SHOWN}},
        table=USER_DAILY,
        where=(
            *calls.where(USER_DAILY, bound),
            f"user_kind = {bound.bind(kind)}",
        ),
        group=("user_key",),
    )
    calls.frame.books.marts.keep(SCRATCH, select.text(), bound.values)


def _total(frame: Frame) -> tuple[int, Used]:
    select = Select(
        columns={"users": "count(*)", **{name: sum_sql(name) for name in SHOWN}}, table=SCRATCH
    )
    (row,) = ask(frame, select, Bound())
    return row["users"], used_of(row)


def _dearest(calls: Calls, top: int) -> list[tuple[Known, Used]]:
    """Give the dearest users by name; whoever ties with the last of them is read as well."""
    bound = Bound()
    sql = (
        f"SELECT * FROM {SCRATCH} WHERE cost >= coalesce((SELECT cost FROM {SCRATCH} "
        f"ORDER BY cost DESC LIMIT 1 OFFSET {bound.bind(top - 1)}), "
        f"(SELECT min(cost) FROM {SCRATCH})) ORDER BY cost DESC"
    )
    rows = calls.frame.books.marts.query(sql, bound.values).to_pylist()
    sums = {row["user_key"]: used_of(row) for row in rows}
    names = names_of(calls, [*sums])
    found = [(names[key], used) for key, used in sums.items()]
    return sorted(found, key=lambda one: (-one[1].cost, one[0].user))[:top]


def _spread(frame: Frame) -> Concentration:
    """Measure the concentration from sums up to some ranks, without reading every user."""
    marts = frame.books.marts
    counted = marts.query(f"SELECT count(*) AS many FROM {SCRATCH} WHERE cost >= 0").to_pylist()
    many: int = counted[0]["many"]
    bound = Bound()
    ranks = ", ".join(bound.bind(rank) for rank in ranks_needed(many)) or "0"
    sql = (
        "SELECT sum(rank * cost) AS weighed, "
        f"list({{'rank': rank, 'upto': upto}}) FILTER (WHERE rank IN ({ranks})) AS known "
        "FROM (SELECT cost, row_number() OVER dearest AS rank, sum(cost) OVER dearest AS upto "
        f"FROM {SCRATCH} WHERE cost >= 0 WINDOW dearest AS "
        "(ORDER BY cost DESC, user_key ROWS UNBOUNDED PRECEDING)) AS r"
    )
    (row,) = marts.query(sql, bound.values).to_pylist()
    upto: Mapping[int, Decimal] = {one["rank"]: one["upto"] for one in row["known"] or ()}
    return concentration_at(many, upto, row["weighed"] or Decimal(0))


def _rows(found: Sequence[tuple[Known, Used]], total: Used) -> tuple[Row, ...]:
    sums = accumulate((used.cost for _, used in found), EXACT.add)
    return tuple(
        {
            "rank": rank,
            "user": told_as(known.user),
            "tenant": told_as(known.tenant),
            "customer": told_as(known.customer),
            **usage_cells(used),
            "share_percent": share(used.cost, total.cost, NO_COST),
            "cumulative_percent": share(upto, total.cost, NO_COST),
        }
        for rank, ((known, used), upto) in enumerate(zip(found, sums, strict=True), 1)
    )


def _apart(days: Days, kind: str) -> Iterator[dict[str, Cell]]:
    """Tell the calls of other kinds of users: what nobody is known for, and programs."""
    whole = days.total.cost
    for other in USER_KINDS:
        used = days.by_kind.get(other)
        if other == kind or used is None:
            continue
        yield {
            "kind": other,
            "calls": used.calls,
            "cost": used.cost_of_record,
            "share_percent": share(used.cost, whole, NO_COST),
            "unpriced_calls": used.unpriced_calls,
        }
