"""Spread charges that last longer than a day over their days, exactly.

Every amount is cut in posting units of 10^-12. A day gets units by the seconds it covers; the
units left over go one each to the days with the largest remainder, the earlier day first; what
is finer than a unit goes to the first day in that same order. Each cost column hands out its
own units. Days add up to the charge, to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence

from costper.model.exact import divided, to_amount, to_units
from costper.model.money import COST_COLUMNS, MONEY_SQL

CALENDAR = "spread_calendar"
"""Offered rows: every `day` that any charge to be spread may touch."""

FIRST_DAY = "CAST(charge_period_start AS DATE)"
LAST_DAY = (
    "CASE WHEN charge_period_end <= charge_period_start THEN CAST(charge_period_start AS DATE) "
    "WHEN charge_period_end = CAST(CAST(charge_period_end AS DATE) AS TIMESTAMP) "
    "THEN CAST(charge_period_end AS DATE) - 1 ELSE CAST(charge_period_end AS DATE) END"
)
ONE_DAY = "charge_period_end <= CAST(CAST(charge_period_start AS DATE) + 1 AS TIMESTAMP)"
"""Conditions and expressions over a charge; a charge that ends before it starts lasts a day."""

ROW = ("delivery_id", "file_no", "row_no")
DAY_SECONDS = 86_400


def spread(charges: str, keep: Sequence[str]) -> str:
    """Give a SELECT of one row for each charge and day: `keep`, `day`, the costs, `charges`.

    `charges` is FROM-able SQL with the columns of the table charges and only charges longer
    than a day. `keep` are columns of it. The row count of a charge is on its first day.
    """
    kept = tuple(dict.fromkeys((*ROW, *keep)))
    units = tuple(f"{cost}_u" for cost in COST_COLUMNS)
    columns = (*kept, "day", "first_day", *COST_COLUMNS, *units)
    parts = divided(
        f"({_days(charges, kept)}) AS covered", columns, units, "seconds", "all_seconds"
    )
    costs = ", ".join(_share(cost) for cost in COST_COLUMNS)
    count = "CAST(CASE WHEN day = first_day THEN 1 ELSE 0 END AS BIGINT) AS charges"
    ranked = _ranked(parts, columns)
    return f"SELECT {', '.join(keep)}, day, {costs}, {count} FROM ({ranked}) AS ranked"


def _days(charges: str, kept: Sequence[str]) -> str:
    """One row for each charge and day it covers, with the seconds on that day and in all."""
    start, end = _second("charge_period_start"), _second("charge_period_end")
    units = ", ".join(f"ABS({to_units(cost)}) AS {cost}_u" for cost in COST_COLUMNS)
    spans = (
        f"SELECT {', '.join((*kept, *COST_COLUMNS))}, {units}, {FIRST_DAY} AS first_day, "
        f"CAST(charge_period_end AS DATE) AS end_day, {start} AS start_second, "
        f"{end} AS end_second FROM {charges}"
    )
    until = f"CASE WHEN day = end_day THEN end_second ELSE {DAY_SECONDS} END"
    since = "CASE WHEN day = first_day THEN start_second ELSE 0 END"
    whole = f"date_diff('day', first_day, end_day) * {DAY_SECONDS} + end_second - start_second"
    columns = ", ".join((*kept, "day", "first_day", *COST_COLUMNS))
    units = ", ".join(f"{cost}_u" for cost in COST_COLUMNS)
    covered = (
        f"SELECT {columns}, {units}, {until} - {since} AS seconds, {whole} AS all_seconds "
        f"FROM ({spans}) AS spans JOIN {CALENDAR} AS calendar "
        "ON calendar.day >= spans.first_day AND calendar.day <= spans.end_day"
    )
    return f"SELECT * FROM ({covered}) AS days WHERE seconds > 0"


def _second(instant: str) -> str:
    return f"(hour({instant}) * 3600 + minute({instant}) * 60 + second({instant}))"


def _ranked(parts: str, columns: Sequence[str]) -> str:
    """Put the days of each charge in hand-out order, one order for each cost column."""
    charge = ", ".join(ROW)
    ranks = ", ".join(
        f"{cost}_u_q, row_number() OVER (PARTITION BY {charge} ORDER BY {cost}_u_r DESC, day) "
        f"AS {cost}_n, SUM({cost}_u_q) OVER (PARTITION BY {charge}) AS {cost}_given"
        for cost in COST_COLUMNS
    )
    return f"SELECT {', '.join(columns)}, {ranks} FROM ({parts}) AS parts"


def _share(cost: str) -> str:
    more = f"CASE WHEN {cost}_n <= {cost}_u - {cost}_given THEN 1 ELSE 0 END"
    whole = to_amount(f"({cost}_u_q + {more})")
    rest = f"CASE WHEN {cost}_n = 1 THEN {cost} - {to_amount(to_units(cost))} ELSE 0 END"
    signed = f"CASE WHEN {cost} < 0 THEN -{whole} ELSE {whole} END"
    return f"CAST({signed} + {rest} AS {MONEY_SQL}) AS {cost}"
