"""Allocates one month on the engine, in scratch tables that nobody else sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from costper.allocation import sql_legs, sql_split, sql_stage
from costper.allocation.conservation import (
    BY_DAY,
    charges_of,
    told,
    unequal_days,
    unequal_moves,
    unequal_pools,
)
from costper.allocation.definition import Definition
from costper.allocation.drivers import DRIVERS
from costper.allocation.drivers.by_quantity import shapes
from costper.allocation.match import NO_RULE
from costper.allocation.scope import NOBODY, Scope, dim
from costper.allocation.sql_stage import Numbered
from costper.errors import BooksError, ConservationError
from costper.model.period import Period
from costper.pipeline.measured import (
    ACTIVE,
    DAYS,
    METRICS,
    Daily,
    Measurements,
    Metric,
    by_day,
    hand_over_active,
    hand_over_metrics,
    read_measurements,
)
from costper.pipeline.words import (
    CHARGE_DAILY,
    Columns,
    Reader,
    handed_over,
    read_base,
    read_legs,
    text_schema,
)
from costper.store.engine import Engine, Parameter

WORDS = "alloc_words"
BASE = "alloc_base"
RULES = "alloc_rules"
TARGETS = "alloc_targets"
FINAL = "alloc_final"
ELSEWHERE = "alloc_elsewhere"
OF_STAGE = ("raw", "left", "pools", "weights", "names", "parts", "moves", "legs", "words")
SHOWN = 3
COARSE = sql_split.COARSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of a divided month: its number, and the scratch tables it left."""

    stage: int
    pools: str = ""
    parts: str = ""
    moves: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """A month as it would be allocated: SQL over scratch tables of this session.

    `legs` selects every amount where it came to rest, in the inner shape of
    costper.allocation.sql_stage. `params` are the parameters all this SQL needs.
    """

    month: Period
    legs: str
    stages: tuple[Stage, ...]
    daily: Daily
    params: dict[str, Parameter]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Month:
    """What the steps of one month share."""

    engine: Engine
    definition: Definition
    measured: Measurements
    params: dict[str, Parameter]
    sort: bool
    usages: dict[Metric, str] = field(default_factory=dict[Metric, str])


def divide(
    engine: Engine,
    definition: Definition,
    reader: Reader,
    month: Period,
    customers: str,
    *,
    sort: bool = False,
) -> Divided:
    """Allocate a month's charges; ConservationError when a digit is lost on the way.

    `definition` is prepared, `reader` made from it, `customers` FROM-able with the mart's columns.
    `sort` gives legs by customer, as they are kept; sums of them need no order.
    """
    params: dict[str, Parameter] = {
        "start": month.start,
        "end": month.end,
        "month": month.start,
        **definition.record.parameters,
    }
    reader.read(engine, WORDS, params)
    engine.keep(BASE, sql_stage.base(CHARGE_DAILY, WORDS, reader.used, definition.names), params)
    measured = read_measurements(engine, definition, params)
    _hand_over(engine, definition)
    if _asks_for_customers(definition):
        hand_over_active(engine, customers, month)
    work = _Month(engine=engine, definition=definition, measured=measured, params=params, sort=sort)
    legs, stages = _chained(work)
    daily = by_day(measured, work.usages, definition.metrics)
    params |= daily.params
    divided = Divided(month=month, legs=legs, stages=stages, daily=daily, params=params)
    _conserved(engine, divided)
    return divided


def scratch(definition: Definition) -> tuple[str, ...]:
    """Name every scratch table that dividing months may leave, so that they can be dropped."""
    stages = definition.stages
    weights = [f"alloc_weights_{stage}_{attempt}" for stage in stages for attempt in (1, 2)]
    return (
        *(WORDS, BASE, RULES, TARGETS, FINAL, ELSEWHERE, ACTIVE, METRICS, DAYS),
        *(f"alloc_{kind}_{stage}" for kind in OF_STAGE for stage in stages),
        *weights,
        *(f"{name}_state" for name in weights),
        *(f"alloc_spelling_{place}" for place in range(len(definition.dimensions))),
        *(f"alloc_{kind}_{n}" for kind in ("cost", "usage") for n in range(len(definition.rules))),
    )


def _asks_for_customers(definition: Definition) -> bool:
    used = {name for rule in definition.rules for name in (rule.driver, rule.fallback)}
    return not used.isdisjoint({"even", "by_seats"})


def _chained(work: _Month) -> tuple[str, tuple[Stage, ...]]:
    """Go through the stages; each starts from what the one before produced."""
    definition = work.definition
    names = definition.names
    legs, offset = "", 0
    stages: list[Stage] = []
    for number in definition.stages:
        rules = definition.of_stage(number)
        if number == 1:
            input_ = sql_stage.first_input(BASE, names, rules)
        else:
            kept = f"alloc_legs_{stages[-1].stage}"
            work.engine.keep(kept, legs, work.params)
            mapping = f"alloc_words_{number}"
            used = read_legs(work.engine, f"SELECT * FROM {kept}", mapping, rules, names)
            input_ = sql_stage.later_input(kept, mapping, used, names, rules)
        stage, legs, many = _staged(work, number, input_, offset)
        stages.append(stage)
        offset += many
    return legs, tuple(stages)


def _staged(work: _Month, number: int, input_: str, offset: int) -> tuple[Stage, str, int]:
    """Divide what one stage takes; gives the stage, its legs as SQL, and how many pools."""
    names, engine = work.definition.names, work.engine
    raw = f"alloc_raw_{number}"
    engine.keep(raw, sql_stage.pools(input_, names), {**work.params, "offset": offset})
    resting = sql_stage.resting(input_, names)
    many = int(_one(engine, f"SELECT COUNT(*) AS many FROM {raw}")["many"])
    if not many:
        return Stage(stage=number), resting, 0
    pools, parts = _divided_pools(work, number, raw, input_)
    moves = ""
    if number > 1:
        moves = f"alloc_moves_{number}"
        engine.keep(moves, sql_stage.moving(input_, names), work.params)
    carried = sql_legs.carried(parts, pools, names, work.definition.of_stage(number), number)
    stage = Stage(stage=number, pools=pools, parts=parts, moves=moves)
    return stage, f"{resting} UNION ALL {carried}", many


def _divided_pools(work: _Month, number: int, raw: str, input_: str) -> tuple[str, str]:
    """Weigh and split the pools of a stage; gives the pools and the parts, FROM-able."""
    engine, names = work.engine, work.definition.names
    first = _weighed(work, number, raw, input_, 1)
    second = ""
    if _failed_with_fallback(work, raw, f"{first}_state"):
        left = f"alloc_left_{number}"
        engine.keep(
            left,
            f"SELECT p.* FROM {raw} AS p JOIN {first}_state AS s ON s.pool_no = p.pool_no "
            f"JOIN {RULES} AS r ON r.rule = p.rule "
            "WHERE s.reason <> '' AND r.fallback <> 'unallocated'",
        )
        second = _weighed(work, number, left, input_, 2)
    pools = f"alloc_pools_{number}"
    states = [f"{name}_state" if name else "" for name in (first, second)]
    engine.keep(pools, sql_split.decided(raw, states[0], states[1], RULES, names))
    weights = first
    if second:
        weights = f"alloc_weights_{number}"
        engine.keep(weights, _chosen(first, second, pools))
    same = sql_split.sameness(_surveyed(engine, pools))
    target_names = f"alloc_names_{number}"
    engine.keep(target_names, sql_split.targets(weights))
    parts = f"alloc_parts_{number}"
    select = sql_split.parts(weights, target_names, pools, work.definition.record, same)
    engine.keep(parts, sql_split.by_target(select) if work.sort else select, work.params)
    return pools, sql_split.expanded(parts, target_names, same)


def _chosen(first: str, second: str, pools: str) -> str:
    columns = "w.pool_no, w.target, w.weight"
    return " UNION ALL ".join(
        f"SELECT {columns} FROM {weights} AS w "
        f"JOIN {pools} AS p ON p.pool_no = w.pool_no AND p.attempt = {attempt}"
        for attempt, weights in enumerate((first, second), start=1)
    )


def _failed_with_fallback(work: _Month, raw: str, state: str) -> bool:
    if all(rule.fallback == "unallocated" for rule in work.definition.rules):
        return False
    found = _one(
        work.engine,
        f"SELECT COUNT(*) AS many FROM {raw} AS p JOIN {state} AS s ON s.pool_no = p.pool_no "
        f"JOIN {RULES} AS r ON r.rule = p.rule "
        "WHERE s.reason <> '' AND r.fallback <> 'unallocated'",
    )
    return bool(found["many"])


def _weighed(work: _Month, number: int, pools: str, input_: str, attempt: int) -> str:
    """Put aside the weights of pools by each rule's driver (1) or fallback (2), and their state."""
    engine = work.engine
    found = engine.query(f"SELECT DISTINCT rule FROM {pools} ORDER BY rule").to_pylist()
    numbers: list[int] = [row["rule"] for row in found]
    selects: list[str] = []
    for rule_no in numbers:
        rule = work.definition.rules[rule_no]
        driver = DRIVERS[rule.driver if attempt == 1 else rule.fallback]
        scope = _scope(work, (rule_no, rule), driver.name, pools, input_)
        selects.append(driver.sql(scope, rule))
    weights = f"alloc_weights_{number}_{attempt}"
    engine.keep(weights, " UNION ALL ".join(selects), work.params)
    missing = "missing" if attempt == 1 else "fallback_missing"
    state = f"{weights}_state"
    engine.keep(state, sql_split.state(pools, weights, RULES, missing))
    if (_one(engine, f"SELECT MAX(total) AS largest FROM {state}")["largest"] or 0) >= COARSE:
        engine.keep(state, sql_split.state(pools, weights, RULES, missing, coarse=True))
    return weights


def _scope(work: _Month, numbered: Numbered, driver: str, pools: str, input_: str) -> Scope:
    """Say what a driver's SQL reads for one rule."""
    number, rule = numbered
    names, record = work.definition.names, work.definition.record
    scope = Scope(
        number=number,
        pools=f"(SELECT * FROM {pools} WHERE rule = {number})",
        direct=f"({sql_stage.direct(input_, names, record)})",
        active=ACTIVE,
        targets=TARGETS,
    )
    if driver == "by_cost" and rule.base:
        mapping = f"alloc_cost_{number}"
        used = read_base(work.engine, input_, mapping, rule.base, names)
        direct = sql_stage.direct(input_, names, record, mapping, used)
        return replace(scope, direct=f"({direct})")
    if driver == "by_quantity":
        metric = work.definition.measured(rule.quantity)
        known = work.measured.said.get(metric, ())
        lacking = _lacking(work.engine, scope.pools, names) if rule.on is None else ()
        return replace(
            scope,
            measured=work.measured.of_metric(metric, _usage(work, number, metric)),
            told_by=known,
            shapes=tuple(shapes(rule, known, lacking)),
        )
    return scope


def _usage(work: _Month, number: int, metric: Metric) -> str:
    """Put the usage of a metric aside, once for all rules that weigh by it."""
    if metric not in work.usages:
        name = f"alloc_usage_{number}"
        source, own = metric
        select = work.measured.usage(metric, "source", "own")
        work.engine.keep(name, select, {**work.params, "source": source, "own": own})
        work.usages[metric] = name
    return work.usages[metric]


def _lacking(engine: Engine, pools: str, names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Give each set of dimensions that some pools have no value for."""
    flags = ", ".join(
        f"CASE WHEN {dim(name)} IN ({NOBODY}) THEN 1 ELSE 0 END AS lacks_{place}"
        for place, name in enumerate(names)
    )
    found = engine.query(f"SELECT DISTINCT {flags} FROM {pools} AS p").to_pylist()
    return tuple(
        tuple(name for place, name in enumerate(names) if row[f"lacks_{place}"]) for row in found
    )


def _surveyed(engine: Engine, pools: str) -> dict[str, Any]:
    found = _one(engine, sql_split.survey(pools))
    if sql_split.too_large(found):
        raise BooksError(
            "an amount and its weights are too large to divide exactly",
            where="allocation",
            hint="measure the quantity in a larger unit, such as gigabytes for bytes; an invoice "
            "is divided by its calls up to 3 billion a day",
        )
    return found


def _conserved(engine: Engine, divided: Divided) -> None:
    """Check that nothing was lost or made: by pool, by move, and by day, currency and source."""
    checks: list[tuple[str, Sequence[str]]] = []
    for stage in divided.stages:
        if stage.pools:
            checks.append((unequal_pools(stage.parts, stage.pools), ("pool_no",)))
        if stage.moves:
            checks.append((unequal_moves(f"SELECT * FROM {stage.moves}", stage.pools), BY_DAY))
    checks.append((unequal_days(charges_of(CHARGE_DAILY), divided.legs), BY_DAY))
    for sql, by in checks:
        found = engine.query(sql, divided.params)
        if found.num_rows:
            lines = [told(row, by) for row in found.slice(0, SHOWN).to_pylist()]
            raise ConservationError(
                f"{found.num_rows} sums do not agree: {' | '.join(lines)}",
                where=f"allocation of {divided.month.start:%Y-%m}",
                hint="nothing was kept; this is a fault in costper, please report it",
            )


def _hand_over(engine: Engine, definition: Definition) -> None:
    """Put aside the rules, their targets and the metrics."""
    numbers = [NO_RULE, *range(len(definition.rules))]
    texts: dict[str, Callable[[int], str]] = {
        "name": lambda n: definition.rules[n].name,
        "driver": lambda n: definition.rules[n].driver,
        "fallback": lambda n: definition.rules[n].fallback,
        "missing": lambda n: DRIVERS[definition.rules[n].driver].missing,
        "fallback_missing": lambda n: _missing(definition.rules[n].fallback),
    }
    columns: Columns = {
        name: [text(n) if n != NO_RULE else "" for n in numbers] for name, text in texts.items()
    }
    handed_over(
        engine, RULES, {**columns, "rule": list(numbers)}, text_schema(columns, rule=pa.int32())
    )
    targets = [
        (number, target, int(target in rule.targets), rule.shares.get(target))
        for number, rule in enumerate(definition.rules)
        for target in dict.fromkeys((*rule.targets, *rule.shares))
    ]
    kinds = text_schema(
        ("target",), rule=pa.int32(), listed=pa.int32(), share=pa.decimal128(38, 12)
    )
    rows: Columns = {
        "target": [target for _, target, _, _ in targets],
        "rule": [number for number, _, _, _ in targets],
        "listed": [listed for _, _, listed, _ in targets],
        "share": [share for _, _, _, share in targets],
    }
    handed_over(engine, TARGETS, rows, kinds)
    hand_over_metrics(engine, definition.metrics)


def _missing(fallback: str) -> str:
    return "" if fallback == "unallocated" else DRIVERS[fallback].missing


def _one(engine: Engine, sql: str) -> dict[str, Any]:
    row: dict[str, Any] = engine.query(sql).to_pylist()[0]
    return row
