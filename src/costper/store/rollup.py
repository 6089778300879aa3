"""The daily roll-up: charges by delivery, day, currency and attributes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from costper.model.allocation import Rule
from costper.model.charge import ATTRIBUTES
from costper.model.dimension import Dimension
from costper.model.money import COST_COLUMNS, MONEY_SQL
from costper.store.spread import FIRST_DAY, ONE_DAY, spread
from costper.store.tables import DAILY_ATTRIBUTES, daily_attribute_columns

MONTH = "CAST(date_trunc('month', billing_period_start) AS DATE)"


def extra_attributes(
    dimensions: Iterable[Dimension], rules: Iterable[Rule], fields: Iterable[str] = ()
) -> tuple[str, ...]:
    """Name the attributes that dimensions or rules read beyond those always rolled up, sorted.

    `fields` are read by something else.
    """
    read = set(fields)
    for dimension in dimensions:
        read.update(dimension.fields)
        read.update(key for line in dimension.rules for key in line.match)
    for rule in rules:
        read.update(match.key for match in (*rule.match, *rule.base))
    return tuple(sorted((read & set(ATTRIBUTES)) - {*DAILY_ATTRIBUTES, "source"}))


def daily(extra: Sequence[str], which: str, *, several_days: bool = True) -> str:
    """Give the SELECT of charge_daily for the charges that `which` selects.

    Pass `several_days` False only when no such charge is longer than a day: the same rows,
    without looking for the others.
    """
    attributes = daily_attribute_columns(extra)
    names = ("source", "delivery_id", "billing_period", "currency", "estimated", *attributes)
    keys = {name: name for name in (*names, "day")} | {
        "billing_period": MONTH,
        "currency": "billing_currency",
        "estimated": "CASE WHEN estimated THEN TRUE ELSE FALSE END",
        "day": FIRST_DAY,
        **{name: f"COALESCE({name}, '')" for name in attributes},
    }
    sums = ", ".join(f"CAST(SUM({cost}) AS {MONEY_SQL}) AS {cost}" for cost in COST_COLUMNS)
    one_day = (
        f"SELECT {', '.join(f'{sql} AS {name}' for name, sql in keys.items())}, {sums}, "
        f"COUNT(*) AS charges FROM charges WHERE {which}"
        f"{f' AND {ONE_DAY}' if several_days else ''} GROUP BY {', '.join(keys.values())}"
    )
    if not several_days:
        return one_day
    longer = (
        f"(SELECT {', '.join(f'{keys[name]} AS {name}' for name in names)}, file_no, row_no, "
        f"charge_period_start, charge_period_end, {', '.join(COST_COLUMNS)} "
        f"FROM charges WHERE {which} AND NOT ({ONE_DAY})) AS longer"
    )
    both = ", ".join((*names, "day", *COST_COLUMNS, "charges"))
    days = spread(longer, names)
    union = f"SELECT {both} FROM ({one_day}) AS a UNION ALL SELECT {both} FROM ({days}) AS b"
    return (
        f"SELECT {', '.join((*names, 'day'))}, {sums}, CAST(SUM(charges) AS BIGINT) AS charges "
        f"FROM ({union}) AS parts GROUP BY {', '.join((*names, 'day'))}"
    )
