"""Write some months of some metrics into their mart, with what is known of them, all at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from costper.model.dimension import UNTAGGED
from costper.model.money import QUANTITY_SQL
from costper.model.names import quoted
from costper.store.engine import Ask, Engine, Parameter, Write

FRESH = "metric_fresh"
"""Scratch: metric, fingerprint, said, restated and whole, for every metric that changed.

No fingerprint: the metric is gone. `whole` is 1 where none of its rows stay.
"""

WANTED = "metric_wanted"
"""Scratch: metric, month and fingerprint, for every month of a changed metric that has data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Months of a metric, `first_month` to `last_month`, to be replaced by what was measured.

    Their measurements are those of the days `first_day` to `last_day`, ends included: all rows
    of (`source`, `own`) in between. `said` are the dimensions it is by. `whole` when the mart
    keeps no row of the metric, so that there is none to delete.
    """

    metric: str
    source: str
    own: str
    combine: str
    grain: str
    said: tuple[str, ...]
    first_month: date
    last_month: date
    first_day: date
    last_day: date
    whole: bool


@dataclass(frozen=True, slots=True)
class Stale:
    """A month of a metric that has no measurements any more."""

    metric: str
    month: date


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be replaced, and by which words.

    `names` are all dimensions; `spelled` maps one to a scratch table of the engine (raw, value)
    of the words that are spelled otherwise.
    """

    slices: Sequence[Slice]
    stale: Sequence[Stale]
    names: Sequence[str]
    spelled: Mapping[str, str]


def replace_metrics(
    engine: Engine, marts: Engine, change: Change, checkpoint: Callable[[str], object]
) -> None:
    """Replace months of metrics, and bring the facts of the metrics in FRESH up to date.

    FRESH and WANTED are scratch tables of the marts. All of it becomes visible at once, or
    nothing does. `checkpoint` hears "written" before that.
    """
    params = _params(change.slices, change.stale)
    made = [_written(place, one, change) for place, one in enumerate(change.slices)]
    brought: list[str] = []
    if engine is not marts:
        made = [_brought(engine, marts, one, params, brought) for one in made]
    whole = f"metric IN (SELECT metric FROM {FRESH} WHERE whole = 1)"
    writes = (
        Write(table="metric_daily", where=whole),
        *(
            Write(
                table="metric_daily", where=f"metric = $stale_{place} AND month = $emptied_{place}"
            )
            for place in range(len(change.stale))
        ),
        *made,
        Write(table="metric_months", where=_OTHERWISE, select=_MONTHS),
        Write(table="metric_facts", where=f"metric IN (SELECT metric FROM {FRESH})", select=_FACTS),
    )

    def written(_ask: Ask) -> None:
        checkpoint("written")

    marts.replace(writes, params, written)
    for name in brought:
        marts.offer(name, marts.query(f"SELECT * FROM {name} LIMIT 0"))


_OTHERWISE = (
    f"metric IN (SELECT metric FROM {FRESH} WHERE whole = 1) "
    f"OR (metric IN (SELECT metric FROM {FRESH}) "
    f"AND fingerprint NOT IN (SELECT fingerprint FROM {WANTED}))"
)

_MONTHS = f"""
    SELECT w.metric, w.month, w.fingerprint, MIN(d.day) AS first_day, MAX(d.day) AS last_day,
      COUNT(*) AS days, CAST(SUM(d.crowded) AS BIGINT) AS crowded
    FROM {WANTED} AS w JOIN (
        SELECT metric, month, day, SUM(CASE WHEN rows > 1 THEN 1 ELSE 0 END) AS crowded
        FROM metric_daily WHERE month >= $since GROUP BY metric, month, day
      ) AS d ON d.metric = w.metric AND d.month = w.month
    WHERE w.fingerprint NOT IN (SELECT fingerprint FROM metric_months)
    GROUP BY w.metric, w.month, w.fingerprint"""

_FACTS = f"""
    SELECT f.metric, f.fingerprint, f.said, MIN(m.first_day) AS first_day,
      MAX(m.last_day) AS last_day, CAST(COALESCE(SUM(m.days), 0) AS BIGINT) AS days,
      CAST(COALESCE(SUM(m.crowded), 0) AS BIGINT) AS crowded, f.restated
    FROM {FRESH} AS f LEFT JOIN metric_months AS m ON m.metric = f.metric
    WHERE f.fingerprint <> '' GROUP BY f.metric, f.fingerprint, f.said, f.restated"""


def _params(slices: Sequence[Slice], stale: Sequence[Stale]) -> dict[str, Parameter]:
    params: dict[str, Parameter] = {
        "since": min((one.first_month for one in slices), default=date.max)
    }
    for place, one in enumerate(slices):
        params |= {
            f"metric_{place}": one.metric,
            f"source_{place}": one.source,
            f"own_{place}": one.own,
            f"first_day_{place}": one.first_day,
            f"last_day_{place}": one.last_day,
            f"first_month_{place}": one.first_month,
            f"last_month_{place}": one.last_month,
        }
    for place, gone in enumerate(stale):
        params |= {f"stale_{place}": gone.metric, f"emptied_{place}": gone.month}
    return params


def _written(place: int, one: Slice, change: Change) -> Write:
    mine = (
        f"metric = $metric_{place} "
        f"AND month >= $first_month_{place} AND month <= $last_month_{place}"
    )
    select = _rows(place, one, change)
    return Write(table="metric_daily", where="" if one.whole else mine, select=select)


def _rows(place: int, one: Slice, change: Change) -> str:
    """Select the rows of the mart: put together by the words the metric says, and no others."""
    value = {"max": "MAX(value)", "min": "MIN(value)"}.get(one.combine, "SUM(value)")
    by = ", ".join(("day", *(quoted(name) for name in one.said)))
    grouped = (
        f"SELECT {by}, CAST({value} AS {QUANTITY_SQL}) AS value, CAST(COUNT(*) AS BIGINT) AS rows "
        f"FROM ({_measured(place, one, change.spelled)}) AS worded GROUP BY {by}"
    )
    dims = "".join(f", {_word(name, one.said)} AS {quoted(f'dim_{name}')}" for name in change.names)
    return (
        f"SELECT CAST(date_trunc('month', day) AS DATE) AS month, day, $source_{place} AS source, "
        f"$metric_{place} AS metric{dims}, value, rows FROM ({grouped}) AS put ORDER BY day"
    )


def _measured(place: int, one: Slice, spelled: Mapping[str, str]) -> str:
    """Select day, words and value of what was measured; '' where a word is missing."""
    day = "m.day"
    if one.grain in {"week", "month"}:
        day = f"CAST(date_trunc('{one.grain}', m.day) AS DATE)"
    words, joins = "", ""
    for turn, name in enumerate(one.said):
        word = f"COALESCE(m.{quoted(name)}, '')"
        if name in spelled:
            joins += f" LEFT JOIN {spelled[name]} AS r_{turn} ON r_{turn}.raw = m.{quoted(name)}"
            word = f"COALESCE(r_{turn}.value, {word})"
        words += f", {word} AS {quoted(name)}"
    return (
        f"SELECT {day} AS day{words}, m.value FROM measurements AS m{joins} "
        f"WHERE m.source = $source_{place} AND m.metric = $own_{place} "
        f"AND m.day >= $first_day_{place} AND m.day <= $last_day_{place}"
    )


def _word(name: str, said: Sequence[str]) -> str:
    if name not in said:
        return "''"
    return f"CASE WHEN {quoted(name)} = '' THEN '{UNTAGGED}' ELSE {quoted(name)} END"


def _brought(
    engine: Engine,
    marts: Engine,
    write: Write,
    params: Mapping[str, Parameter],
    brought: list[str],
) -> Write:
    name = f"metric_new_{len(brought)}_{threading.get_ident()}"
    marts.offer(name, engine.query(write.select, params))
    brought.append(name)
    return replace(write, select=f"SELECT * FROM {name} ORDER BY day")
