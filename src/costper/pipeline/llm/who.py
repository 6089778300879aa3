"""Finds who the numbers stand for by which roll-ups tell users apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from costper.model.period import Period
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.read import USER_DAILY, Calls, ask, sum_sql

LOOK_BACK = (1, 3, 9, 27)
"""So many days at a time are searched for a user's id, from the last one back."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a user was called on its last day with calls.

    Tenant and customer stood together in calls of that day: of several such pairs, the dearest.
    """

    user: str
    kind: str
    tenant: str
    customer: str


def names_of(calls: Calls, keys: Sequence[int]) -> dict[int, Known]:
    """Find who the keys stand for: most of the dearest have called on the last days."""
    found: dict[int, Known] = {}
    first, end = calls.period.start, calls.period.end
    for days in (*LOOK_BACK, calls.period.days):
        missing = [key for key in keys if key not in found]
        if not missing or end <= first:
            break
        start = max(first, end - timedelta(days=days))
        found |= dict(_named_on(replace(calls, period=Period(start, end)), missing))
        end = start
    return found


def _named_on(calls: Calls, keys: Sequence[int]) -> Iterator[tuple[int, Known]]:
    bound = Bound()
    among = ", ".join(bound.bind(key) for key in keys)
    select = Select(
        columns={
            "user_key": "user_key",
            "day": "day",
            "tenant": "tenant",
            "customer": "customer",
            "user_id": "min(user_id)",
            "kind": "min(user_kind)",
            "spent": sum_sql("cost"),
        },
        table=USER_DAILY,
        where=(*calls.where(USER_DAILY, bound), f"user_key IN ({among})"),
        group=("user_key", "day", "tenant", "customer"),
        order=("day", "spent", "tenant", "customer"),
    )
    newest: dict[int, dict[str, Any]] = {
        row["user_key"]: row for row in ask(calls.frame, select, bound)
    }
    for key, row in newest.items():
        yield key, Known(row["user_id"], row["kind"], row["tenant"], row["customer"])
