"""Since when what an answer says of calls is so: calls come in between two syncs."""

from __future__ import annotations

from datetime import UTC, datetime

from costper.model.instant import instant
from costper.pipeline.answer.frame import Standing
from costper.store.engine import Engine

NEWEST = (
    'SELECT MAX("at") AS newest FROM calls WHERE "at" <= $now AND day >= '
    "(SELECT MAX(day) FROM call_hourly WHERE day <= $today)"
)


def as_of(marts: Engine, standing: Standing, now: datetime) -> str:
    """Give when the books last changed, or the newest call they hold where that is later.

    A call from the future, by a clock that is wrong, does not count.
    """
    moment = now.astimezone(UTC).replace(tzinfo=None)
    (row,) = marts.query(NEWEST, {"now": moment, "today": moment.date()}).to_pylist()
    newest = row["newest"]
    if newest is None:
        return standing.as_of
    return max(standing.as_of, instant(newest.replace(tzinfo=UTC).isoformat()))
