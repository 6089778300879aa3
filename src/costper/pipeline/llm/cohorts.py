"""What AI costs per user of each habit: those who call daily, weekly, or now and then."""

from __future__ import annotations

from decimal import Decimal

from costper.economics.calls import NO_COST, Amount, Used, added, share
from costper.economics.trend import ratio
from costper.model.answer import Absent, Answer, Cell
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.read import USER_DAILY, Calls, sum_sql, used_of
from costper.pipeline.llm.told import COST_NOTE, PER_CALL_NOTE, Said, days_of, told, usage_cells

COHORTS = ("daily", "weekly", "occasional")
DAILY_OF_WEEK = 5
WEEK = 7
NOTES = (
    "daily users called on at least 5 of 7 days of the period, weekly ones on at least 1 of 7",
    "cost_per_user is of the whole period; cost_per_user_day divides by days with calls",
    "people only: programs, anonymous and unknown callers are in no cohort",
    COST_NOTE,
    PER_CALL_NOTE,
)


def cohorts(frame: Frame, chosen: Chosen) -> Answer:
    """Part people by how many days they called on, and give each part's cost per user."""
    calls, bound = Calls(frame, chosen, frame.period), Bound()
    where = (*calls.where(USER_DAILY, bound), "user_kind = 'user'")
    key = {"user_key": "user_key"}
    spent = Select(
        columns={**key, **{name: sum_sql(name) for name in _SUMS}},
        table=USER_DAILY,
        where=where,
        group=tuple(key),
    )
    # Rows of one day may take each other away: such a day is none with calls.
    called = Select(
        columns={**key, "day": "day", "calls": sum_sql("calls")},
        table=USER_DAILY,
        where=where,
        group=("user_key", "day"),
    )
    sums = ", ".join(f"{sum_sql(name)} AS {name}" for name in _SUMS)
    many = bound.bind(frame.period.days)
    cohort = (
        f"CASE WHEN {WEEK} * days >= {DAILY_OF_WEEK} * {many} THEN 'daily' "
        f"WHEN {WEEK} * days >= {many} THEN 'weekly' ELSE 'occasional' END"
    )
    sql = (
        f"SELECT {cohort} AS cohort, count(*) AS users, CAST(sum(days) AS BIGINT) AS user_days, "
        f"{sums} FROM ({spent.text()}) AS s JOIN (SELECT user_key, count(*) AS days "
        f"FROM ({called.text()}) AS d WHERE calls > 0 GROUP BY user_key) AS u USING (user_key) "
        f"GROUP BY cohort"
    )
    rows = frame.books.marts.query(sql, bound.values).to_pylist()
    found = {row["cohort"]: (row["users"], row["user_days"], used_of(row)) for row in rows}
    total = added(used for _, _, used in found.values())
    days = days_of(calls)
    everyone = sum(users for users, _, _ in found.values())
    return told(
        calls,
        {"noun": "cohort"},
        tuple(
            {
                "cohort": name,
                **_cells(*found.get(name, (0, 0, Used()))),
                "users_percent": share(
                    found.get(name, (0, 0, Used()))[0], everyone, Absent("no_users")
                ),
                "share_percent": share(
                    found.get(name, (0, 0, Used()))[2].cost, total.cost, NO_COST
                ),
            }
            for name in COHORTS
        ),
        _cells(everyone, sum(days for _, days, _ in found.values()), total),
        days,
        Said(notes=NOTES),
    )


_SUMS = ("calls", "unpriced_calls", "input_tokens", "output_tokens", "errors", "call_cost", "cost")


def _cells(users: int, user_days: int, used: Used) -> dict[str, Cell]:
    return {
        "users_count": users,
        "user_days": user_days,
        "cost_per_user": _over(used.cost_of_record, users),
        "cost_per_user_day": _over(used.cost_of_record, user_days),
        **usage_cells(used),
    }


def _over(cost: Amount, many: int) -> Amount:
    return ratio(cost, Decimal(many))
