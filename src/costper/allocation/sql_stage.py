"""SQL of one stage of one month: what comes in, what is taken into pools, what rests.

Inside a run a leg is told by its key (day, currency, source, charge_category, dim_*) and holds
stage, rule (a number, -1 for none), method, reason, pool_no, weight, weight_total and the costs.
What comes into a stage has one column more: `takes`, the number of the rule that takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from costper.allocation.match import NO_RULE
from costper.allocation.scope import NOBODY, WEIGHT, dim
from costper.model.allocation import Rule
from costper.model.category import kept_category_sql
from costper.model.dimension import UNALLOCATED
from costper.model.money import COST_COLUMNS, MONEY_SQL
from costper.model.names import quoted

Numbered = tuple[int, Rule]
KEY = ("day", "currency", "source", "charge_category")
COSTS = ", ".join(COST_COLUMNS)
LEG = ("stage", "rule", "method", "reason", "pool_no", "weight", "weight_total", *COST_COLUMNS)
IN_MONTH = "day >= $start AND day < $end"


@dataclass(frozen=True, slots=True)
class Record:
    """Which cost column counts: `default`, but the other one for the `exceptions` (sources)."""

    default: str = "effective_cost"
    exceptions: tuple[str, ...] = ()

    @property
    def other(self) -> str:
        """The column the exceptions use."""
        return "billed_cost" if self.default == "effective_cost" else "effective_cost"

    @property
    def parameters(self) -> dict[str, str]:
        """The names of the excepted sources, as query parameters."""
        return {f"record_{place}": name for place, name in enumerate(self.exceptions)}

    def column(self, source: str) -> str:
        """Name the column that counts for a source."""
        return self.other if source in self.exceptions else self.default

    def sql(self, prefix: str = "") -> str:
        """Write the cost that counts, of a relation that has `source` and the cost columns."""
        return self.pick(f"{prefix}source", f"{prefix}{self.default}", f"{prefix}{self.other}")

    def pick(self, source: str, default: str, other: str) -> str:
        """Write a choice between two expressions by source."""
        if not self.exceptions:
            return default
        names = ", ".join(f"${name}" for name in self.parameters)
        return f"CASE WHEN {source} IN ({names}) THEN {other} ELSE {default} END"


def keys(dims: Sequence[str], prefix: str = "") -> list[str]:
    """Name the key columns, dimensions last, quoted."""
    return [f"{prefix}{name}" for name in (*KEY, *(dim(name) for name in dims))]


def joined(columns: Iterable[str]) -> str:
    """Write columns as a list."""
    return ", ".join(columns)


def sums(prefix: str = "", columns: Iterable[str] = COST_COLUMNS) -> str:
    """Write the sum of each cost column under its own name."""
    return joined(f"CAST(SUM({prefix}{name}) AS {MONEY_SQL}) AS {name}" for name in columns)


def words(table: str, used: Sequence[str]) -> str:
    """Select the distinct words of a month that dimensions and rules look at."""
    columns = joined(("source", *(quoted(name) for name in used if name != "source")))
    return f"SELECT DISTINCT {columns} FROM {table} WHERE {IN_MONTH}"


def base(table: str, mapping: str, used: Sequence[str], dims: Sequence[str]) -> str:
    """Select a month's charges by key and first-stage rule; `mapping` says what words mean."""
    rest = [*(f"m.{dim(name)}" for name in dims), "m.rule"]
    key = {name: f"d.{name}" for name in KEY} | {"charge_category": kept_category_sql("d.")}
    columns = [*(f"{sql} AS {name}" for name, sql in key.items()), *rest]
    same = ["d.source = m.source", *(f"d.{quoted(c)} = m.{quoted(c)}" for c in used)]
    return (
        f"SELECT {joined(columns)}, {sums('d.')} FROM {table} AS d "
        f"JOIN {mapping} AS m ON {' AND '.join(same)} "
        f"WHERE d.day >= $start AND d.day < $end GROUP BY {joined((*key.values(), *rest))} "
        f"ORDER BY m.{dim('customer')}, d.day"
    )


def first_input(base_table: str, dims: Sequence[str], rules: Sequence[Numbered]) -> str:
    """Select the charges of stage 1 as legs at rest, and which rule takes them from there.

    A charge no rule takes rests with the customer it names, or stays unallocated: no_rule.
    """
    nobody = f"rule = {NO_RULE} AND {dim('customer')} IN ({NOBODY})"
    named = [
        f"CASE WHEN {nobody} THEN '{UNALLOCATED}' ELSE {dim(name)} END AS {dim(name)}"
        if name == "customer"
        else dim(name)
        for name in dims
    ]
    return (
        f"SELECT {joined((*KEY, *named))}, 1 AS stage, rule, "
        f"CASE WHEN {nobody} THEN '' ELSE 'direct' END AS method, "
        f"CASE WHEN {nobody} THEN 'no_rule' ELSE '' END AS reason, "
        f"CAST(0 AS BIGINT) AS pool_no, CAST(NULL AS {WEIGHT}) AS weight, "
        f"CAST(NULL AS {WEIGHT}) AS weight_total, {COSTS}, "
        f"CASE WHEN {taken('rule', rules)} THEN rule ELSE {NO_RULE} END AS takes FROM {base_table}"
    )


def later_input(
    legs: str, mapping: str, used: Sequence[str], dims: Sequence[str], rules: Sequence[Numbered]
) -> str:
    """Select the former stage's legs, and which rule of this stage takes them."""
    same = [f"l.{quoted(column)} = m.{quoted(column)}" for column in used] or ["TRUE"]
    columns = joined((*keys(dims, "l."), *(f"l.{name}" for name in LEG)))
    return (
        f"SELECT {columns}, CASE WHEN {taken('m.takes', rules, 'l.')} THEN m.takes "
        f"ELSE {NO_RULE} END AS takes FROM {legs} AS l JOIN {mapping} AS m ON {' AND '.join(same)}"
    )


def taken(column: str, rules: Sequence[Numbered], prefix: str = "") -> str:
    """Say when the rule in `column` divides the row; a direct one only if it names nobody."""
    shared = [number for number, rule in rules if rule.driver != "direct"]
    cases = [f"{column} IN ({joined(map(str, shared))})"] if shared else []
    cases += [
        f"({column} = {number} AND {prefix}{dim(rule.to)} IN ({NOBODY}))"
        for number, rule in rules
        if rule.driver == "direct"
    ]
    return " OR ".join(cases) or "FALSE"


def resting(input_: str, dims: Sequence[str]) -> str:
    """Select what no rule of the stage takes, as legs."""
    return f"SELECT {joined((*keys(dims), *LEG))} FROM ({input_}) AS i WHERE takes = {NO_RULE}"


def moving(input_: str, dims: Sequence[str]) -> str:
    """Select what rules of a later stage take, as the legs they were, and the rule that takes."""
    columns = joined((*keys(dims), *LEG, "takes"))
    return f"SELECT {columns} FROM ({input_}) AS i WHERE takes <> {NO_RULE}"


def pools(input_: str, dims: Sequence[str]) -> str:
    """Select what is divided in this stage: numbered from $offset + 1, in order of the key."""
    key = joined(keys(dims))
    return (
        f"SELECT CAST(ROW_NUMBER() OVER (ORDER BY {key}, takes) + $offset AS BIGINT) AS pool_no, "
        f"{key}, takes AS rule, {COSTS} FROM ("
        f"SELECT {key}, takes, {sums()} FROM ({input_}) AS i "
        f"WHERE takes <> {NO_RULE} GROUP BY {key}, takes) AS p"
    )


def direct(
    input_: str, dims: Sequence[str], record: Record, mapping: str = "", used: Sequence[str] = ()
) -> str:
    """Select cost of record that rests where a charge put it; `mapping` limits it to a base."""
    columns = joined((*keys(dims, "i."), f"{record.sql('i.')} AS cost"))
    same = [f"i.{quoted(column)} = m.{quoted(column)}" for column in used] or ["TRUE"]
    join = f" JOIN {mapping} AS m ON {' AND '.join(same)}" if mapping else ""
    return (
        f"SELECT {columns} FROM ({input_}) AS i{join} WHERE i.takes = {NO_RULE} AND i.pool_no = 0"
    )
