"""SQL that turns divided pools back into legs, and legs into the tables answers read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from costper.allocation.scope import WEIGHT, dim
from costper.allocation.sql_stage import (
    IN_MONTH,
    KEY,
    LEG,
    Numbered,
    Record,
    joined,
    keys,
    sums,
)
from costper.model.dimension import UNALLOCATED
from costper.model.money import COST_COLUMNS, MONEY_SQL, QUANTITY_SQL
from costper.model.names import quoted

MONTH = "CAST($month AS DATE) AS month"


def carried(
    parts: str, pools: str, dims: Sequence[str], rules: Sequence[Numbered], stage: int
) -> str:
    """Select the parts of divided pools as legs.

    Usage that names nobody, and pools nobody could divide, rest as (unallocated).
    """
    target = f"CASE WHEN x.target = '' THEN '{UNALLOCATED}' ELSE x.target END"
    columns = [*(f"p.{name}" for name in KEY), *(_carried(name, target, rules) for name in dims)]
    reason = (
        "CASE WHEN p.reason <> '' THEN p.reason WHEN x.target = '' THEN 'no_targets' ELSE '' END"
    )
    costs = joined(f"x.{name}" for name in COST_COLUMNS)
    return (
        f"SELECT {joined(columns)}, {stage} AS stage, p.rule, p.method, {reason} AS reason, "
        f"x.pool_no, x.weight, "
        f"CASE WHEN x.weight IS NULL THEN NULL ELSE CAST(p.total AS {WEIGHT}) END AS weight_total, "
        f"{costs} FROM {parts} AS x JOIN {pools} AS p ON p.pool_no = x.pool_no"
    )


def _carried(name: str, target: str, rules: Sequence[Numbered]) -> str:
    """Give the target where the rule carries to this dimension, else what the pool had."""
    numbers = [number for number, rule in rules if rule.to == name]
    if not numbers:
        return f"p.{dim(name)}"
    if len(numbers) == len(rules):
        return f"{target} AS {dim(name)}"
    own = f"p.rule IN ({joined(map(str, numbers))})"
    return f"CASE WHEN {own} THEN {target} ELSE p.{dim(name)} END AS {dim(name)}"


def shares(rules: Sequence[Numbered]) -> str:
    """Say which legs are shares: what a pool gives a customer, alike in all but the customer."""
    numbers = [number for number, rule in rules if rule.to == "customer"]
    if not numbers:
        return "FALSE"
    return f"l.pool_no > 0 AND l.reason = '' AND l.rule IN ({joined(map(str, numbers))})"


def table_shares(legs: str, rules: Sequence[Numbered]) -> str:
    """Select the shares among legs in the shape of the table `legs_shared`."""
    costs = joined(f"l.{name}" for name in COST_COLUMNS)
    return (
        f"SELECT {MONTH}, l.day, l.{dim('customer')}, l.pool_no, l.weight, {costs} "
        f"FROM ({legs}) AS l WHERE {shares(rules)}"
    )


def table_legs(legs: str, rules: str, dims: Sequence[str], where: str = "TRUE") -> str:
    """Select legs in the shape of the tables `legs_wide` and `moves`; `rules` names the rules."""
    named = joined((*keys(dims, "l."), "l.stage", "r.name AS rule"))
    rest = joined(f"l.{name}" for name in LEG if name not in {"stage", "rule"})
    return (
        f"SELECT CAST($run_id AS BIGINT) AS run_id, {MONTH}, {named}, {rest} "
        f"FROM ({legs}) AS l JOIN {rules} AS r ON r.rule = l.rule WHERE {where}"
    )


def table_pools(pools: str, rules: str, dims: Sequence[str], stage: int) -> str:
    """Select divided pools in the shape of the table `pools`."""
    columns = joined((*keys(dims, "p."), "r.name AS rule", "p.method", "p.reason"))
    costs = joined(f"p.{name}" for name in COST_COLUMNS)
    return (
        f"SELECT CAST($run_id AS BIGINT) AS run_id, {MONTH}, {stage} AS stage, p.pool_no, "
        f"{columns}, p.total AS weight_total, p.targets, {costs} "
        f"FROM {pools} AS p JOIN {rules} AS r ON r.rule = p.rule"
    )


def customer_daily(legs: str) -> str:
    """Select the mart `customer_daily` from a relation of table legs."""
    by = "day, currency, source, dim_customer"
    return (
        f"SELECT {MONTH}, day, currency, source, dim_customer AS customer, {sums()} "
        f"FROM {legs} AS l WHERE month = $month GROUP BY {by} ORDER BY dim_customer, day"
    )


def dimension_daily(legs: str, charge_daily: str, dims: Sequence[str], record: Record) -> str:
    """Select the mart `dimension_daily`: legs without customers, and whether a day may change."""
    by = joined((*KEY, *(dim(name) for name in dims if name != "customer"), "reason"))
    days = (
        "SELECT day, currency, source, MAX(CASE WHEN estimated THEN 1 ELSE 0 END) AS open "
        f"FROM {charge_daily} WHERE {IN_MONTH} GROUP BY day, currency, source"
    )
    gross = f"CAST(SUM(ABS({record.sql()})) AS {MONEY_SQL}) AS gross_cost"
    rows = f"SELECT {by}, {sums()}, {gross} FROM {legs} AS l WHERE month = $month GROUP BY {by}"
    columns = joined(f"r.{name}" for name in by.split(", "))
    costs = joined(f"r.{name}" for name in (*COST_COLUMNS, "gross_cost"))
    return (
        f"SELECT {MONTH}, {columns}, COALESCE(e.open, 0) = 1 AS estimated, {costs} "
        f"FROM ({rows}) AS r LEFT JOIN ({days}) AS e "
        "ON e.day = r.day AND e.currency = r.currency AND e.source = r.source"
    )


def measurement_daily(single: Iterable[str], others: str) -> str:
    """Select the mart `measurement_daily` from measurements whose words are read.

    Rows of `single` are one for each day, metric, customer and service; `others` are added up.
    By customer first: one customer's requests then lie together, and are read in half the time.
    """
    by = "day, metric, customer, service"
    selects = [
        f"SELECT {MONTH}, {by}, CAST(value AS {QUANTITY_SQL}) AS value FROM {rows} AS m"
        for rows in single
    ]
    if others:
        selects.append(
            f"SELECT {MONTH}, {by}, CAST(SUM(value) AS {QUANTITY_SQL}) AS value "
            f"FROM {others} AS m GROUP BY {by}"
        )
    if not selects:
        return ""
    rows = " UNION ALL ".join(selects)
    return f"SELECT month, {by}, value FROM ({rows}) AS measured ORDER BY customer, day"


def run_summary(legs: str) -> str:
    """Select what is kept of a superseded run: its legs without days and pools."""
    by = "run_id, month, currency, source, rule, method, reason, dim_customer, dim_service"
    return (
        "SELECT run_id, month, currency, source, rule, method, reason, dim_customer AS customer, "
        f"dim_service AS service, {sums()} FROM {legs} AS l WHERE month = $month GROUP BY {by}"
    )


def environment_hourly(charges: str, charge_daily: str, mapping: str, used: Sequence[str]) -> str:
    """Select the mart `environment_hourly`; `mapping` holds words that are not production.

    Charges of an hour or less stand at their hour; all the rest of a day stands at hour 0.
    """
    same = [
        f"COALESCE(c.{quoted(column)}, '') = m.{quoted(column)}" for column in ("source", *used)
    ]
    by = "day, currency, source, environment, service"
    hour = (
        f"SELECT CAST(c.charge_period_start AS DATE) AS day, "
        f"CAST(EXTRACT(HOUR FROM c.charge_period_start) AS INTEGER) AS hour, "
        f"c.billing_currency AS currency, c.source, m.dim_environment AS environment, "
        f"m.dim_service AS service, c.effective_cost, c.billed_cost FROM {charges} AS c "
        f"JOIN {mapping} AS m ON {' AND '.join(same)} "
        "WHERE c.charge_period_start >= $start AND c.charge_period_start < $end "
        "AND c.charge_period_end <= c.charge_period_start + INTERVAL 1 HOUR"
    )
    two = ("effective_cost", "billed_cost")
    minus = joined(f"-{name} AS {name}" for name in two)
    daily = " AND ".join(f"d.{quoted(column)} = m.{quoted(column)}" for column in ("source", *used))
    day = (
        "SELECT d.day, d.currency, d.source, m.dim_environment AS environment, "
        f"m.dim_service AS service, d.effective_cost, d.billed_cost FROM {charge_daily} AS d "
        f"JOIN {mapping} AS m ON {daily} WHERE d.day >= $start AND d.day < $end"
    )
    rest = (
        f"SELECT {by}, {joined(two)} FROM ({day}) AS a "
        f"UNION ALL SELECT {by}, {minus} FROM ({hour}) AS b"
    )
    return (
        f"SELECT {MONTH}, day, hour, TRUE AS hourly, currency, source, environment, service, "
        f"{sums(columns=two)} FROM ({hour}) AS h GROUP BY hour, {by} UNION ALL "
        f"SELECT * FROM (SELECT {MONTH}, day, 0 AS hour, FALSE AS hourly, currency, source, "
        f"environment, service, {sums(columns=two)} FROM ({rest}) AS r GROUP BY {by}) AS s "
        "WHERE effective_cost <> 0 OR billed_cost <> 0"
    )
