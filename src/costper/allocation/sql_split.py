"""SQL that divides pools by weights, in exact agreement with the definition in split.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from costper.allocation.scope import WEIGHT
from costper.allocation.sql_stage import COSTS, Record, joined, keys
from costper.model.exact import SMALL, WIDE, Size, divided, to_amount, to_units
from costper.model.money import COST_COLUMNS, MONEY_SQL

WHOLE = "DECIMAL(38,0)"
MILLION = 1_000_000
COARSE = 1_000_000_000_000
_SHORT = "CAST({weight} AS DECIMAL(18,6))"
_FLOOR = f"FLOOR({_SHORT})"
_FRACTION = f"CAST({_SHORT} - CAST({_FLOOR} AS DECIMAL(12,0)) AS DECIMAL(7,6))"
FINE_UNITS = (
    f"CAST(CAST({_FLOOR} AS BIGINT) * {MILLION} + CAST({_FRACTION} * {MILLION} AS BIGINT) "
    "AS DECIMAL(18,0))"
)
"""Millionths of a weight below 10^12, in steps small enough for 64 bits: 20 times faster."""

UNITS = (
    f"CASE WHEN {{total}} < {COARSE} THEN CAST({{weight}} * {MILLION} AS {WHOLE}) "
    f"ELSE CAST(FLOOR({{weight}}) AS {WHOLE}) END"
)
SHORT_WEIGHT = "DECIMAL(18,6)"
SMALL_AMOUNT = 10**18
NEAR_AMOUNT = 10**15
LIMIT = 10**37


@dataclass(frozen=True, slots=True)
class Sameness:
    """What may be left out because it is alike in every pool of a stage.

    `like` maps each cost column to the one it equals everywhere ('' when it is zero everywhere);
    `finer` are the columns with digits beyond the posting unit somewhere. `size` is how large
    the numbers are; unless it is WIDE, every pool's weights count in millionths.
    """

    like: Mapping[str, str]
    finer: tuple[str, ...] = ()
    size: Size = WIDE

    @property
    def divided(self) -> tuple[str, ...]:
        """The columns that have to be divided."""
        return tuple(name for name in COST_COLUMNS if self.like[name] == name)


def state(pools: str, weights: str, rules: str, missing: str, *, coarse: bool = False) -> str:
    """Select for each pool how its weights add up, and the reason if they divide nothing.

    `rules` is a relation whose column `missing` has the driver's own reason. `coarse` must be
    set where a pool's weights may total COARSE or more; it costs.
    """
    floors = "SUM(FLOOR(weight))" if coarse else "0"
    found = (
        "SELECT pool_no, COUNT(*) AS many, MIN(weight) AS least, SUM(weight) AS total, "
        f"{floors} AS coarse, SUM(CASE WHEN weight > 0 THEN 1 ELSE 0 END) AS targets "
        f"FROM {weights} GROUP BY pool_no"
    )
    return (
        "SELECT p.pool_no, CAST(COALESCE(w.targets, 0) AS BIGINT) AS targets, "
        f"CAST(COALESCE(w.total, 0) AS {WEIGHT}) AS total, "
        f"CAST(CASE WHEN w.total < {COARSE} THEN w.total * {MILLION} ELSE w.coarse END "
        f"AS {WHOLE}) AS whole, "
        f"CASE WHEN w.many IS NULL THEN r.{missing} WHEN w.least < 0 THEN 'negative_weights' "
        "WHEN w.total = 0 THEN 'zero_weights' ELSE '' END AS reason "
        f"FROM {pools} AS p JOIN {rules} AS r ON r.rule = p.rule "
        f"LEFT JOIN ({found}) AS w ON w.pool_no = p.pool_no"
    )


def decided(pools: str, first: str, second: str, rules: str, dims: Sequence[str]) -> str:
    """Select each pool with the attempt that divides it (0: none), its units and what is finer.

    `first` and `second` are states of the rule's driver and of its fallback ('' when no rule
    has one). Where both fail, the reason is the first one's.
    """
    units = joined(f"{to_units(f'p.{name}')} AS {name}_u" for name in COST_COLUMNS)
    done = "CASE WHEN a.reason = '' THEN 1 ELSE 0 END"
    other, join = "0", ""
    if second:
        done = "CASE WHEN a.reason = '' THEN 1 WHEN b.reason = '' THEN 2 ELSE 0 END"
        other = f"CASE WHEN {done} = 2 THEN b.{{0}} ELSE a.{{0}} END"
        join = f"LEFT JOIN {second} AS b ON b.pool_no = p.pool_no "

    def of(column: str) -> str:
        return other.format(column) if second else f"a.{column}"

    inner = (
        f"SELECT p.pool_no, {joined(keys(dims, 'p.'))}, p.rule, "
        f"{joined(f'p.{name}' for name in COST_COLUMNS)}, {units}, {done} AS attempt, "
        f"CASE WHEN {done} = 0 THEN a.reason ELSE '' END AS reason, "
        f"CASE WHEN {done} = 2 THEN r.fallback ELSE r.driver END AS method, "
        f"{of('targets')} AS targets, {of('total')} AS total, {of('whole')} AS whole "
        f"FROM {pools} AS p JOIN {rules} AS r ON r.rule = p.rule "
        f"JOIN {first} AS a ON a.pool_no = p.pool_no {join}"
    )
    signed = joined(
        f"CASE WHEN {name}_u < 0 THEN -1 ELSE 1 END AS {name}_s, ABS({name}_u) AS {name}_c, "
        f"CAST({name} - {to_amount(f'{name}_u')} AS {MONEY_SQL}) AS {name}_f"
        for name in COST_COLUMNS
    )
    return (
        f"SELECT pool_no, {joined(keys(dims))}, rule, attempt, reason, method, targets, total, "
        f"whole, {COSTS}, {signed} FROM ({inner}) AS d"
    )


def survey(decided_pools: str) -> str:
    """Select in one row what the pools of a stage have in common, and how large they are."""
    pairs = joined(
        f"SUM(CASE WHEN {one} <> {other} THEN 1 ELSE 0 END) AS {one}__{other}"
        for place, one in enumerate(COST_COLUMNS)
        for other in COST_COLUMNS[place + 1 :]
    )
    zero = joined(f"SUM(CASE WHEN {n} <> 0 THEN 1 ELSE 0 END) AS {n}__any" for n in COST_COLUMNS)
    finer = joined(
        f"SUM(CASE WHEN {n}_f <> 0 THEN 1 ELSE 0 END) AS {n}__finer" for n in COST_COLUMNS
    )
    largest = joined(f"MAX(CAST({n}_c AS DOUBLE)) AS {n}__largest" for n in COST_COLUMNS)
    weights = "MAX(CAST(whole AS DOUBLE)) AS whole, MAX(CAST(total AS DOUBLE)) AS total"
    return f"SELECT {pairs}, {zero}, {finer}, {largest}, {weights} FROM {decided_pools}"


def sameness(found: Mapping[str, float]) -> Sameness:
    """Read the row of `survey`."""
    like: dict[str, str] = {}
    for place, name in enumerate(COST_COLUMNS):
        twin = next((one for one in COST_COLUMNS[:place] if not found[f"{one}__{name}"]), name)
        like[name] = like[twin] if twin != name else (name if found[f"{name}__any"] else "")
    finer = tuple(name for name in COST_COLUMNS if found[f"{name}__finer"])
    return Sameness(like, finer, _size(found))


def too_large(found: Mapping[str, float]) -> bool:
    """Say whether the numbers in the row of `survey` are beyond exact arithmetic."""
    return _largest(found) * (found["whole"] or 1) >= LIMIT


def _size(found: Mapping[str, float]) -> Size:
    largest = _largest(found)
    if largest >= SMALL_AMOUNT or (found["total"] or 0) >= COARSE:
        return WIDE
    return replace(SMALL, near=largest < NEAR_AMOUNT)


def _largest(found: Mapping[str, float]) -> float:
    return max(found[f"{name}__largest"] or 0 for name in COST_COLUMNS)


def targets(weights: str) -> str:
    """Number the targets of weights in their own order, from 1; 0 stands for nobody."""
    return (
        "SELECT CAST(0 AS INTEGER) AS target_no, '' AS target UNION ALL "
        "SELECT CAST(ROW_NUMBER() OVER (ORDER BY target) AS INTEGER) AS target_no, target "
        f"FROM (SELECT DISTINCT target FROM {weights}) AS t"
    )


def parts(weights: str, names: str, pools: str, record: Record, same: Sameness) -> str:
    """Select what each target gets: pool_no, target_no, weight and the columns `same` tells apart.

    `weights` holds pool_no, target, weight; `names` the rows of `targets`; `pools` those of
    `decided`. A pool nobody can divide is one part with target_no 0 and no weight. Targets are
    numbers, and a column without digits finer than a unit is kept in units, see `expanded`: so
    rows are a quarter as wide, and sorting them twice as fast.
    """
    columns = same.divided or (record.default,)
    keep = ("pool_no", *(("source",) if record.exceptions else ()), "target_no", "weight")
    rows = _divided((weights, names, pools), columns, keep, same.size)
    placed = _placed(rows, columns, record, same)
    amounts = "".join(f", {_amount(name, same)} AS {name}" for name in same.divided)
    whole = "".join(f", {_whole(name, same)} AS {name}" for name in same.divided)
    return (
        f"SELECT q.pool_no, q.target_no, q.weight{amounts} FROM ({placed}) AS q "
        f"JOIN {pools} AS p ON p.pool_no = q.pool_no UNION ALL "
        "SELECT CAST(p.pool_no AS INTEGER) AS pool_no, CAST(0 AS INTEGER) AS target_no, "
        f"CAST(NULL AS {_weighing(same)}) AS weight{whole} FROM {pools} AS p WHERE p.reason <> ''"
    )


def by_target(parts: str) -> str:
    """Sort parts by target and pool, as legs are read: by customer and day."""
    return f"SELECT * FROM ({parts}) AS x ORDER BY target_no, pool_no"


def expanded(kept: str, names: str, same: Sameness) -> str:
    """Give kept parts as FROM-able rows of pool_no, target, weight and the four costs."""
    costs = joined(f"{_expanded(name, same)} AS {name}" for name in COST_COLUMNS)
    return (
        "(SELECT CAST(k.pool_no AS BIGINT) AS pool_no, t.target, "
        f"CAST(k.weight AS {WEIGHT}) AS weight, {costs} FROM {kept} AS k "
        f"JOIN {names} AS t ON t.target_no = k.target_no)"
    )


def _expanded(name: str, same: Sameness) -> str:
    twin = same.like[name]
    if not twin:
        return f"CAST(0 AS {MONEY_SQL})"
    return f"k.{twin}" if twin in same.finer else to_amount(f"k.{twin}")


def _weighing(same: Sameness) -> str:
    return WEIGHT if same.size is WIDE else SHORT_WEIGHT


def _divided(
    tables: tuple[str, str, str], columns: Sequence[str], keep: Sequence[str], size: Size
) -> str:
    weights, names, pools = tables
    units = (UNITS if size is WIDE else FINE_UNITS).format(total="p.total", weight="w.weight")
    weight = f"CAST(w.weight AS {WEIGHT if size is WIDE else SHORT_WEIGHT}) AS weight"
    places = {
        "pool_no": "CAST(w.pool_no AS INTEGER) AS pool_no",
        "source": "p.source",
        "target_no": "t.target_no",
        "weight": weight,
    }
    kept = joined(places.get(name, f"w.{name}") for name in keep)
    amounts = joined(f"CAST(p.{name}_c AS {size.whole}) AS {name}" for name in columns)
    rows = (
        f"(SELECT {kept}, {units} AS w_units, CAST(p.whole AS {size.weighing}) AS w_whole, "
        f"{amounts} FROM {weights} AS w JOIN {pools} AS p ON p.pool_no = w.pool_no "
        f"JOIN {names} AS t ON t.target = w.target AND t.target_no > 0 "
        "WHERE p.reason = '' AND w.weight > 0) AS all_units"
    )
    if size is WIDE:
        rows = f"(SELECT * FROM {rows} WHERE w_units > 0) AS units"
    return divided(rows, keep, columns, "w_units", "w_whole", size)


def _placed(rows: str, columns: Sequence[str], record: Record, same: Sameness) -> str:
    """Put the targets of each pool in hand-out order, the one of the cost of record."""
    default, other = (
        f"{same.like[name]}_r" if same.like[name] else "0"
        for name in (record.default, record.other)
    )
    remainder = record.pick("source", default, other)
    given = joined(
        f"{name}_q, SUM({name}_q) OVER (PARTITION BY pool_no) AS {name}_g" for name in columns
    )
    return (
        f"SELECT pool_no, target_no, weight, {given}, ROW_NUMBER() OVER "
        f"(PARTITION BY pool_no ORDER BY {remainder} DESC, target_no) AS place FROM ({rows}) AS d"
    )


def _amount(name: str, same: Sameness) -> str:
    """Write a part's amount: in units, or as money where the column has finer digits."""
    units = (
        f"p.{name}_s * (q.{name}_q + CASE WHEN q.place <= p.{name}_c - q.{name}_g "
        "THEN 1 ELSE 0 END)"
    )
    if name not in same.finer:
        return f"CAST({units} AS {same.size.result})"
    finer = f"CASE WHEN q.place = 1 THEN p.{name}_f ELSE CAST(0 AS {MONEY_SQL}) END"
    return f"CAST({to_amount(units)} + {finer} AS {MONEY_SQL})"


def _whole(name: str, same: Sameness) -> str:
    """Write a whole pool's amount in the same way."""
    if name in same.finer:
        return f"p.{name}"
    return f"CAST(p.{name}_s * p.{name}_c AS {same.size.result})"
