"""Users whose hour was far busier than usual, or over a limit: bursts, and what a script does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from costper.config.llm import BurstSettings
from costper.economics.calls import Used, added
from costper.economics.trend import ratio
from costper.model.answer import Answer, Measure, Row
from costper.model.instant import hour_text
from costper.model.money import total as total_of
from costper.model.period import Period
from costper.model.plural import plural
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.read import USER_HOURLY, Calls
from costper.pipeline.llm.recent import RECENT_NOTE, recent
from costper.pipeline.llm.told import Said, days_of, told
from costper.pipeline.llm.who import Known, names_of

HOUR = timedelta(hours=1)
HISTORY = timedelta(days=21)
OWN_DAYS = 5
"""A user with fewer days with calls is measured by what is usual among all."""

LEAST_REQUESTS = 30
"""Fewer requests in an hour are no burst, however unusual, unless a limit says so."""

SUSTAINED = 6
"""So many such hours in a row are no person's."""

SHOWN = 100
HOURS = ("hour", "calls", "tokens", "unpriced", "cost", "usual")
"""The columns an hour is read from, in its order."""

MEASURES: Mapping[str, Measure] = {"times_usual": "number", "usual_busy_hour": "number"}


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of one user, and the busy hour usual for them."""

    at: datetime
    calls: int
    tokens: int
    unpriced: int
    cost: Decimal
    usual: int

    def why(self, limits: BurstSettings) -> Iterator[str]:
        """Name what the hour is over."""
        requests, tokens = limits.requests_per_hour, limits.tokens_per_hour
        if requests is not None and self.calls > requests:
            yield f"over {plural(requests, 'request')} an hour"
        if tokens is not None and self.tokens > tokens:
            yield f"over {plural(tokens, 'token')} an hour"
        if self.calls >= LEAST_REQUESTS and self.calls > limits.times_usual * self.usual:
            yield f"over {limits.times_usual.normalize():f} times usual"


def bursts(frame: Frame, chosen: Chosen) -> Answer:
    """Find the bursts of users and programs, the dearest first.

    Raises:
        UserError: something is chosen that users' hours are not kept by, such as a feature.
    """
    calls, limits = recent(frame, chosen), frame.books.settings.llm.burst
    found = sorted(
        (
            row
            for who, hours in _by_user(calls, _read(calls, limits))
            for row in _runs(who, hours, limits)
        ),
        key=lambda row: (-_cost(row), str(row["user"]), str(row["start"])),
    )
    people = {row["user"] for row in found}
    total: Row = {
        "bursts": len(found),
        "users_count": len(people),
        "call_cost": total_of([*map(_cost, found)]),
        "sustained": sum(row["kind_of_burst"] == "sustained" for row in found),
    }
    said = Said(notes=tuple(_notes(limits)), measures=MEASURES)
    return told(calls, {"noun": "burst"}, tuple(found[:SHOWN]), total, days_of(calls), said)


def _cost(row: Row) -> Decimal:
    cost = row["call_cost"]
    return cost if isinstance(cost, Decimal) else Decimal(0)


def _read(calls: Calls, limits: BurstSettings) -> list[dict[str, Any]]:
    """Give the hours that are over something, by user and time."""
    wide = replace(calls, period=Period(calls.period.start - HISTORY, calls.period.end))
    bound = Bound()
    hours = Select(
        columns={
            "user_key": "user_key",
            "day": "day",
            "hour": '"hour"',
            "calls": "CAST(sum(calls) AS BIGINT)",
            "tokens": "CAST(sum(input_tokens) + sum(output_tokens) AS BIGINT)",
            "unpriced": "CAST(coalesce(sum(unpriced_calls), 0) AS BIGINT)",
            "cost": "coalesce(sum(call_cost), 0)",
        },
        table=USER_HOURLY,
        where=wide.where(USER_HOURLY, bound),
        group=("user_key", "day", "hour"),
    ).text()
    over = [f"h.calls >= {LEAST_REQUESTS} AND h.calls > {bound.bind(limits.times_usual)} * {USUAL}"]
    if limits.requests_per_hour is not None:
        over.append(f"h.calls > {bound.bind(limits.requests_per_hour)}")
    if limits.tokens_per_hour is not None:
        over.append(f"h.tokens > {bound.bind(limits.tokens_per_hour)}")
    sql = (
        f"WITH hours AS MATERIALIZED ({hours}), "
        "days AS (SELECT user_key, day, max(calls) AS peak FROM hours GROUP BY user_key, day), "
        "own AS (SELECT user_key, count(*) AS days, quantile_disc(peak, 0.5) AS usual FROM days "
        "GROUP BY user_key), "
        "peers AS (SELECT greatest(coalesce(quantile_disc(usual, 0.5), 1), 1) AS usual FROM own) "
        f"SELECT h.*, {USUAL} AS usual FROM hours AS h JOIN own ON own.user_key = h.user_key "
        f"CROSS JOIN peers WHERE h.day >= {bound.bind(calls.period.start)} "
        f"AND ({' OR '.join(f'({one})' for one in over)}) "
        'ORDER BY h.user_key, h."hour"'
    )
    rows: list[dict[str, Any]] = calls.frame.books.marts.query(sql, bound.values).to_pylist()
    return rows


USUAL = f"CASE WHEN own.days >= {OWN_DAYS} THEN greatest(own.usual, 1) ELSE peers.usual END"


def _by_user(calls: Calls, rows: Sequence[dict[str, Any]]) -> Iterator[tuple[Known, list[Hour]]]:
    names = names_of(calls, [*dict.fromkeys(row["user_key"] for row in rows)])
    for key, own in groupby(rows, key=lambda row: row["user_key"]):
        yield (
            names[key],
            [Hour(*(row[name] for name in HOURS)) for row in own],
        )


def _runs(who: Known, hours: list[Hour], limits: BurstSettings) -> Iterator[Row]:
    """Put hours in a row together."""
    run: list[Hour] = []
    for hour in hours:
        if run and hour.at - run[-1].at > HOUR:
            yield _row(who, run, limits)
            run = []
        run.append(hour)
    if run:
        yield _row(who, run, limits)


def _row(who: Known, run: list[Hour], limits: BurstSettings) -> Row:
    busiest, thirstiest = (max(run, key=attrgetter(name)) for name in ("calls", "tokens"))
    used = added(
        Used(calls=hour.calls, unpriced_calls=hour.unpriced, call_cost=hour.cost) for hour in run
    )
    return {
        "start": hour_text(run[0].at),
        "hours": len(run),
        "user": told_as(who.user),
        "kind": who.kind,
        "tenant": told_as(who.tenant),
        "kind_of_burst": "sustained" if len(run) >= SUSTAINED else "burst",
        "calls": used.calls,
        "busiest_hour": hour_text(busiest.at),
        "busiest_hour_calls": busiest.calls,
        "busiest_tokens_hour": hour_text(thirstiest.at),
        "busiest_tokens_hour_tokens": thirstiest.tokens,
        "usual_busy_hour": busiest.usual,
        "times_usual": ratio(Decimal(busiest.calls), Decimal(busiest.usual), 1),
        "call_cost": used.estimate,
        "why": tuple(dict.fromkeys(why for hour in run for why in hour.why(limits))),
    }


def _notes(limits: BurstSettings) -> Iterator[str]:
    times = f"{limits.times_usual.normalize():f}"
    yield f"an hour is told with {LEAST_REQUESTS} requests or more and over {times} times the usual"
    yield "an hour over a limit in llm.burst is told as well, whatever is usual"
    yield f"usual is the median of days' busiest hours, {HISTORY.days} more days looked at"
    yield f"with under {OWN_DAYS} days with calls, usual is the median of all users'"
    yield f"{SUSTAINED} such hours in a row are sustained: a script or a shared login, not a person"
    yield "an hour is a UTC hour; tenant is that of the user's last day; call_cost is the estimate"
    yield RECENT_NOTE
