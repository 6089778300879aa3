"""How many requests and tokens an hour each user sends: on the mean, and in the busiest hour."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from costper.economics.calls import Used
from costper.economics.trend import ratio
from costper.model.answer import Absent, Answer, Measure, Row
from costper.model.instant import hour_text
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.read import USER_HOURLY
from costper.pipeline.llm.recent import RECENT_NOTE, recent
from costper.pipeline.llm.told import Said, days_of, told
from costper.pipeline.llm.who import Known, names_of

TOP = 100
MEASURES: dict[str, Measure] = {"requests_per_hour": "number", "tokens_per_hour": "number"}
NOTES = (
    "requests_per_hour and tokens_per_hour are means over the hours with calls, UTC hours",
    "busiest_hour has most calls, busiest_tokens_hour most tokens: the first of several",
    "tenant is that of the user's last day with calls; call_cost is the estimate",
    RECENT_NOTE,
)


def rates(frame: Frame, chosen: Chosen, *, top: int = TOP) -> Answer:
    """Rank users by their busiest hour.

    Raises:
        UserError: something is chosen that users' hours are not kept by, such as a feature.
    """
    calls, bound = recent(frame, chosen), Bound()
    hours = Select(
        columns={
            "user_key": "user_key",
            "hour": '"hour"',
            "calls": "CAST(sum(calls) AS BIGINT)",
            "tokens": "CAST(sum(input_tokens) + sum(output_tokens) AS BIGINT)",
            "unpriced": "CAST(coalesce(sum(unpriced_calls), 0) AS BIGINT)",
            "cost": "coalesce(sum(call_cost), 0)",
        },
        table=USER_HOURLY,
        where=calls.where(USER_HOURLY, bound),
        group=("user_key", "hour"),
    ).text()
    sql = (
        f"WITH hours AS MATERIALIZED ({hours}), "
        "top AS (SELECT user_key, count(*) AS hours, CAST(sum(calls) AS BIGINT) AS calls, "
        "CAST(sum(tokens) AS BIGINT) AS tokens, max(calls) AS most_calls, "
        "max(tokens) AS most_tokens, CAST(sum(unpriced) AS BIGINT) AS unpriced, "
        "sum(cost) AS cost FROM hours AS h GROUP BY user_key "
        f"ORDER BY most_calls DESC, calls DESC, user_key LIMIT {bound.bind(top)}), "
        'named AS (SELECT t.user_key, min(h."hour") FILTER (WHERE h.calls = t.most_calls) '
        'AS busiest, min(h."hour") FILTER (WHERE h.tokens = t.most_tokens) AS thirstiest '
        "FROM top AS t JOIN hours AS h ON h.user_key = t.user_key GROUP BY t.user_key) "
        "SELECT t.*, n.busiest, n.thirstiest FROM top AS t JOIN named AS n "
        "ON n.user_key = t.user_key ORDER BY t.most_calls DESC, t.calls DESC, t.user_key"
    )
    rows = frame.books.marts.query(sql, bound.values).to_pylist()
    names = names_of(calls, [row["user_key"] for row in rows])
    days = days_of(calls)
    total: Row = {"calls": days.total.calls, "call_cost": days.total.estimate}
    said = Said(notes=NOTES, measures=MEASURES)
    return told(
        calls,
        {"noun": "rate"},
        tuple(_row(names[row["user_key"]], row) for row in rows),
        total,
        days,
        said,
    )


def _row(who: Known, row: dict[str, Any]) -> Row:
    used = Used(calls=row["calls"], unpriced_calls=row["unpriced"], call_cost=row["cost"])
    return {
        "user": told_as(who.user),
        "kind": who.kind,
        "tenant": told_as(who.tenant),
        "calls": row["calls"],
        "hours_with_calls": row["hours"],
        "requests_per_hour": _mean(row["calls"], row["hours"]),
        "busiest_hour": hour_text(row["busiest"]),
        "busiest_hour_calls": row["most_calls"],
        "tokens_per_hour": _mean(row["tokens"], row["hours"]),
        "busiest_tokens_hour": hour_text(row["thirstiest"]),
        "busiest_tokens_hour_tokens": row["most_tokens"],
        "call_cost": used.estimate,
    }


def _mean(part: int, hours: int) -> Decimal | Absent:
    return ratio(Decimal(part), Decimal(hours), 1)
