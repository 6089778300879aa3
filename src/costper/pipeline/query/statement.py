"""The one statement a question becomes: its letters side by side, rolled up by the engine.

Every letter gives rows of the same columns: `letter` its number, `slot` the piece of time (or the
day, for letters that come back by day), `k0`… its keys (all NULL in the row of the total), and
its value in the column its kind has. The text is portable; see costper.store.transpile.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from costper.config.settings import Settings
from costper.economics.calendar import ONE_DAY
from costper.economics.where import Condition, Either, keys_of
from costper.model.dimension import UNTAGGED
from costper.model.money import MONEY_SQL, QUANTITY_SQL
from costper.model.names import literal, quoted
from costper.model.period import Period
from costper.pipeline.answer.frame import in_days
from costper.pipeline.answer.select import Bound, condition_sql, mart_key, record_sql
from costper.pipeline.query.facts import PLAN, Facts
from costper.pipeline.query.resolve import Resolved
from costper.pipeline.query.revenue import REVENUE_FROM, Slot, revenue_rows
from costper.pipeline.query.windows import Windows, joined

MOST_LINES = 500_000
"""How many rows a statement may give: no answer should take a server's memory."""

COVERAGE = -1
"""The number of the rows that say how much of the cost is allocated; `k0` is the reason."""

MOST_STRETCHES = 8
MEASURES: Mapping[str, str] = {
    "money": MONEY_SQL,
    "gross": MONEY_SQL,
    "number": QUANTITY_SQL,
    "parts": "DECIMAL(38,18)",
    "days": "BIGINT",
    "flag": "BIGINT",
}
"""Columns of values and their types; a letter leaves those it does not have NULL."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its parameters. `slots` says what each slot of revenue is; `parts` are united.

    `mark` names what the letters read, whatever else the statement asks.
    """

    sql: str
    params: Bound
    width: int
    slots: tuple[Slot, ...] = ()
    parts: tuple[str, ...] = ()
    mark: Hashable = ()


@dataclass(slots=True)
class Writer:
    """Writes the letters of one question."""

    settings: Settings
    facts: Facts
    windows: Windows
    until: date
    """The first day no letter can know of: the day after today."""
    width: int = 1
    bound: Bound = field(default_factory=Bound)

    def statement(self, letters: Sequence[Resolved], *, covered: bool = True) -> Statement:
        """Write them all as one statement; `covered` adds how much of the cost is allocated."""
        self.width = max(1, *(len(self.keys(one)) for one in letters))
        revenue = [one for one in letters if one.kind == "revenue"]
        slots = tuple(revenue_rows(self.windows, self.facts, self.until)) if revenue else ()
        parts: list[str] = []
        for number, one in enumerate(letters):
            if one.kind == "revenue":
                parts += [self.revenue(number, one, slots)] if slots else []
            else:
                parts.append(
                    self.cost(number, one) if one.kind == "cost" else self.metric(number, one)
                )
        mark = (*parts, repr(self.bound.values))
        costs = [one for one in letters if one.kind == "cost"]
        if costs and covered:
            parts.append(self.coverage(costs))
        if not parts:
            parts = [self.outer(0, (), {}, "(SELECT 0 AS slot) AS nothing WHERE slot = 1")]
        sql = f"{' UNION ALL '.join(parts)} LIMIT {MOST_LINES + 1}"
        return Statement(sql, self.bound, self.width, slots, tuple(parts), mark)

    @staticmethod
    def keys(one: Resolved) -> tuple[str, ...]:
        """Name the keys its rows come back by: all a metric says where its days are filled."""
        return one.held.said if one.fills else one.keys

    def cost(self, number: int, one: Resolved) -> str:
        """Sum a cost column; currencies that are not at home come back by day."""
        column = quoted(one.column) if one.column else record_sql(self.settings, self.bound)
        keys, foreign = self.keys(one), self._foreign()
        columns = {"slot": self.slot(by_day=one.by_day), **self._named(one, keys), **foreign}
        inner = self._inner(one, {**columns, "amount": column})
        values = {name: name for name in foreign} | {"money": "SUM(amount)"}
        by = ("slot", *foreign)
        return self.outer(number, keys, values, _once(inner, keys, {"amount": "SUM"}, by), by)

    def metric(self, number: int, one: Resolved) -> str:
        """Roll a metric up: over the groups of a day first, then over days."""
        keys = self.keys(one)
        named = self._named(one, keys)
        if one.by_day:
            inner = self._inner(one, {"slot": self.slot(by_day=True), **named, "value": "value"})
            return self._select(number, keys, {"number": "value"}, f"({inner}) AS x")
        where = self._metric_where(one)
        space = {"max": "MAX", "min": "MIN"}.get(one.space, "SUM")
        time = {"max": "MAX", "min": "MIN", "sum": "SUM", "average": "SUM"}.get(one.how)
        if space == time and one.how != "average":
            columns = {"slot": self.slot(), **named, "value": "value"}
            inner = self._from("metric_daily", columns, where)
            rows = _once(inner, keys, {"value": space})
            return self.outer(number, keys, {"number": f"{space}(value)"}, rows)
        if one.how == "average" and frozenset(keys) >= frozenset(one.held.said):
            return self._averages(number, one, where)
        rows = self._daily(named, space, where)
        by = ("slot", *named)
        if time is None:
            latest = f"MAX(day) OVER (PARTITION BY {', '.join(by)}) AS latest"
            rows = f"(SELECT {', '.join(by)}, day, value, {latest} FROM {rows}) AS w"
            values = {"number": "SUM(CASE WHEN day = latest THEN value END)", "days": "COUNT(*)"}
        else:
            values = {"number": f"{time}(value)", "days": "COUNT(*)"}
        return self._select(number, keys, values, rows, group=by)

    def _averages(self, number: int, one: Resolved, where: Sequence[str]) -> str:
        """Roll up a metric asked by all it says: a group's row of a day is its day already."""
        keys = self.keys(one)
        values = {"number": "SUM(value)", "days": "COUNT(*)"}
        total = self._select(number, (), values, self._daily({}, "SUM", where), group=("slot",))
        if not keys:
            return total
        named = self._named(one, keys)
        rows = self._from("metric_daily", {"slot": self.slot(), **named, "value": "value"}, where)
        groups = self._select(number, keys, values, f"({rows}) AS x", group=("slot", *named))
        return f"{groups} UNION ALL {total}"

    def _daily(self, named: Mapping[str, str], space: str, where: Sequence[str]) -> str:
        """Give the values of each day, by group and in all, with the piece the day is in."""
        columns = {"month": "month", "day": "day", **named, "value": "value"}
        flat = self._from("metric_daily", columns, where)
        kept = ", ".join(("month", "day", *named))
        sets = _sets(("month", "day"), named)
        daily = f"SELECT {kept}, {space}(value) AS value FROM ({flat}) AS x {sets}"
        sloted = ", ".join((f"{self.slot()} AS slot", "day", *named, "value"))
        return f"(SELECT {sloted} FROM ({daily}) AS y) AS z"

    def revenue(self, number: int, one: Resolved, slots: Sequence[Slot]) -> str:
        """Weigh every customer's MRR by its days, in parts of a month."""
        rows = ", ".join(slot.sql() for slot in slots)
        words = {"customer": "c.customer", PLAN: self._plan("c.plan", "c.customer")}
        home = self.bound.bind(self.settings.currency)
        listed = REVENUE_FROM.format(plan=words[PLAN], home=home, slots=rows)
        tests = () if one.condition is None else (self._condition(one.condition, "customer_daily"),)
        keys = self.keys(one)
        named = {f"k{place}": quoted(key) for place, key in enumerate(keys)}
        columns = {"slot": "slot", **named, "parts": "parts", "lost": "lost"}
        inner = self._from(listed, columns, tests)
        values = {"parts": "SUM(parts)", "flag": "SUM(lost)"}
        return self.outer(number, keys, values, _once(inner, keys, {"parts": "SUM", "lost": "SUM"}))

    def coverage(self, costs: Sequence[Resolved]) -> str:
        """Sum what the cost letters look at by reason, with its gross amount."""
        condition = either(costs)
        asked = keys_of(condition)
        by_plan = self.facts.has_plans and PLAN in asked
        table = "legs" if "customer" in asked else "dimension_daily"
        record = record_sql(self.settings, self.bound)
        tests = list(in_days(self.windows.period, self.bound))
        if condition is not None and not by_plan:
            tests.append(self._condition(condition, table))
        table = "dimension_daily" if by_plan else table
        told = table == "dimension_daily"
        foreign = self._foreign()
        columns = {
            "slot": "0",
            "k0": "reason",
            **foreign,
            "amount": record,
            "gross": "gross_cost" if told else f"ABS({record})",
            "doubtful": "CASE WHEN estimated THEN 1 ELSE 0 END" if told else "0",
        }
        inner = self._from(quoted(table), columns, tests)
        values = {name: name for name in foreign}
        values |= {"money": "SUM(amount)", "gross": "SUM(gross)", "flag": "MAX(doubtful)"}
        by = ("slot", "k0", *foreign)
        return self._select(COVERAGE, ("reason",), values, f"({inner}) AS x", group=by)

    def slot(self, *, by_day: bool = False) -> str:
        """Say which piece of time a day is in.

        The number of the day, or of its month's first day, where that tells the pieces apart;
        else a search tree of CASEs.
        """
        pieces = self.windows.pieces
        if by_day or self.windows.by_day:
            return f"date_diff('day', {_day(date(1, 1, 1))}, day)"
        if self.windows.by_month:
            return f"date_diff('day', {_day(date(1, 1, 1))}, month)"
        tree = list[tuple[date, str]]()
        for place, piece in enumerate(pieces):
            if tree and pieces[place - 1].end < piece.start:
                tree.append((pieces[place - 1].end, "NULL"))
            tree.append((piece.start, str(place)))
        return _tree(tree)

    @property
    def foreign(self) -> bool:
        """Say whether the books have cost in another currency."""
        return not self.facts.currencies <= {self.settings.currency}

    def _foreign(self) -> dict[str, str]:
        """Keep other currencies apart, by day, where the books have any."""
        if not self.foreign:
            return {}
        home = self.bound.bind(self.settings.currency)
        return {
            "currency": f"CASE WHEN currency = {home} THEN '' ELSE currency END",
            "dated": f"CASE WHEN currency = {home} THEN NULL ELSE day END",
        }

    def _named(self, one: Resolved, keys: Sequence[str]) -> dict[str, str]:
        return {f"k{place}": quoted(mart_key(one.table, key)) for place, key in enumerate(keys)}

    def _inner(self, one: Resolved, columns: Mapping[str, str]) -> str:
        if one.kind == "metric":
            return self._from("metric_daily", columns, self._metric_where(one))
        tests = [self.days()]
        if one.condition is not None:
            tests.append(self._condition(one.condition, one.table))
        table = quoted(one.table)
        if self.facts.has_plans and PLAN in {*one.keys, *keys_of(one.condition)}:
            table = self._with_plans(one)
        return self._from(table, columns, tests)

    def _with_plans(self, one: Resolved) -> str:
        """Give the mart with the plan each customer had that day."""
        customer = quoted(mart_key(one.table, "customer"))
        asked = {*one.keys, *keys_of(one.condition), "source"} - {PLAN}
        named = {mart_key(one.table, key) for key in asked}
        kept = sorted({"month", "day", "currency", *named, *self._costs(one)})
        columns = ", ".join(f"t.{quoted(name)}" for name in kept)
        plan = self._plan("c.plan", f"t.{customer}")
        word = quoted(mart_key(one.table, PLAN))
        return (
            f"(SELECT {columns}, {plan} AS {word} FROM {quoted(one.table)} AS t "
            f"LEFT JOIN customers AS c ON c.customer = t.{customer} AND c.valid_from <= t.day "
            f"AND (c.valid_to IS NULL OR t.day < c.valid_to) WHERE {self.days('t.')}) AS planned"
        )

    @staticmethod
    def _costs(one: Resolved) -> tuple[str, ...]:
        return (one.column,) if one.column else ("effective_cost", "billed_cost")

    def _plan(self, plan: str, customer: str) -> str:
        """Write a plan's word; who has none is untagged, and who is no customer stays that."""
        spelled = {raw: word for raw, word in self.facts.plans.items() if raw and raw != word}
        words = plan
        if spelled:
            cases = (
                f"WHEN {self.bound.bind(raw)} THEN {self.bound.bind(word)}"
                for raw, word in spelled.items()
            )
            words = f"CASE {plan} {' '.join(cases)} ELSE {plan} END"
        nobody = f"CASE WHEN {customer} LIKE '(%' THEN {customer} ELSE {literal(UNTAGGED)} END"
        return f"CASE WHEN COALESCE({plan}, '') = '' THEN {nobody} ELSE {words} END"

    def _metric_where(self, one: Resolved) -> list[str]:
        name = one.metric.name if one.metric else ""
        tests = [f"metric = {self.bound.bind(name)}", self.days()]
        if one.condition is not None:
            tests.append(self._condition(one.condition, "metric_daily"))
        return tests

    def _condition(self, condition: Condition, table: str) -> str:
        return condition_sql(condition, self.settings.dimensions, table, self.bound)

    def days(self, prefix: str = "") -> str:
        """Write the condition that a day is in any of the pieces."""
        found = joined(self.windows.pieces)
        if len(found) > MOST_STRETCHES:
            found = (Period(found[0].start, found[-1].end),)
        return " OR ".join(
            f"({prefix}month >= {_day(one.start.replace(day=1))} "
            f"AND {prefix}month <= {_day((one.end - ONE_DAY).replace(day=1))} "
            f"AND {prefix}day >= {_day(one.start)} AND {prefix}day < {_day(one.end)})"
            for one in found
        )

    @staticmethod
    def _from(table: str, columns: Mapping[str, str], where: Sequence[str]) -> str:
        said = ", ".join(f"{expr} AS {quoted(name)}" for name, expr in columns.items())
        tests = f" WHERE {' AND '.join(f'({test})' for test in where)}" if where else ""
        return f"SELECT {said} FROM {table}{tests}"

    def outer(
        self,
        number: int,
        keys: Sequence[str],
        values: Mapping[str, str],
        rows: str,
        by: Sequence[str] = ("slot",),
    ) -> str:
        """Group rows by their keys and, again, without them."""
        named = [f"k{place}" for place in range(len(keys))]
        return f"{self._select(number, keys, values, rows)} {_sets(by, named)}"

    def _select(
        self,
        number: int,
        keys: Sequence[str],
        values: Mapping[str, str],
        rows: str,
        group: Sequence[str] = (),
    ) -> str:
        columns = [f"{number} AS letter", "slot"]
        for place in range(self.width):
            name = f"k{place}"
            columns.append(name if place < len(keys) else f"CAST(NULL AS VARCHAR) AS {name}")
        if self.foreign:
            columns.append(f"{values.get('currency', 'CAST(NULL AS VARCHAR)')} AS currency")
            columns.append(f"{values.get('dated', 'CAST(NULL AS DATE)')} AS dated")
        for name, kind in MEASURES.items():
            columns.append(f"CAST({values.get(name, 'NULL')} AS {kind}) AS {name}")
        by = f" GROUP BY {', '.join(group)}" if group else ""
        return f"SELECT {', '.join(columns)} FROM {rows}{by}"


def _once(
    inner: str, keys: Sequence[str], values: Mapping[str, str], by: Sequence[str] = ("slot",)
) -> str:
    """Group many rows once: the total is then made of the few that are left."""
    if not keys:
        return f"({inner}) AS x"
    group = ", ".join((*by, *(f"k{place}" for place in range(len(keys)))))
    said = ", ".join(f"{function}({name}) AS {name}" for name, function in values.items())
    return f"(SELECT {group}, {said} FROM ({inner}) AS x GROUP BY {group}) AS g"


def _sets(by: Sequence[str], keys: Sequence[str] | Mapping[str, str]) -> str:
    """Group with the keys and without them, in one pass."""
    plain = ", ".join(by)
    if not keys:
        return f"GROUP BY {plain}"
    return f"GROUP BY GROUPING SETS (({', '.join((*by, *keys))}), ({plain}))"


def _tree(branches: Sequence[tuple[date, str]]) -> str:
    if len(branches) == 1:
        return f"CAST({branches[0][1]} AS INTEGER)"
    half = len(branches) // 2
    left, right = _tree(branches[:half]), _tree(branches[half:])
    return f"CASE WHEN day < {_day(branches[half][0])} THEN {left} ELSE {right} END"


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def either(costs: Sequence[Resolved]) -> Condition | None:
    """Give the condition of what any of some letters looks at; None where one has none."""
    conditions = [one.condition for one in costs]
    known = tuple(condition for condition in conditions if condition is not None)
    if len(known) < len(conditions) or not known:
        return None
    return known[0] if len(known) == 1 else Either(known)
