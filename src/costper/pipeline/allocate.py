"""Plans an allocation, or makes it: one immutable run for each month that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from costper.allocation import sql_legs
from costper.allocation.conservation import BY_DAY, charges_of, told, unequal_days
from costper.allocation.definition import Definition, written, written_rule
from costper.allocation.diff import Key, Movement, movements
from costper.allocation.stored import read
from costper.errors import BooksError, BusyError, ConservationError, CostperError, SourceError
from costper.model.money import EXACT
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.model.period import month_of
from costper.pipeline.defined import definition_of
from costper.pipeline.divide import ELSEWHERE, FINAL, RULES, WORDS, Divided, divide, scratch
from costper.pipeline.metric_refresh import refresh_metrics
from costper.pipeline.months import CUSTOMER_COLUMNS, Due, due_months
from costper.pipeline.savings.mart import SCRATCH, resource_rows
from costper.pipeline.words import CHARGE_DAILY, Reader
from costper.store import tables
from costper.store.books import Books
from costper.store.engine import Ask, Parameter, Write
from costper.store.publish import publish
from costper.store.runs import (
    NewRun,
    begin_run,
    fail_run,
    give_up_run,
    settle_run,
)
from costper.store.runs import definition_of as kept_definition

Told = Callable[[str], object]
NOT_KEPT = (BooksError, SourceError)
"""What is wrong with one month's charges or sums; the other months go on."""

OF_MONTH = "month = $month"
NEW_LEGS = "SELECT day, currency, source, {costs} FROM legs WHERE month = $month"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDone:
    """What came of one month: `state` as in Due, and its current run.

    A month that could not be allocated is `refused`: `issue` says why, and it keeps its run.
    """

    month: date
    state: str
    run_id: int | None
    legs: int = 0
    issue: Issue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Whose runs they are, and the clock that says when each began and was kept."""

    clock: Callable[[], datetime]
    actor: str = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an apply would do: amounts of record, and nothing written.

    `by_customer` moves have the key (customer, currency), `by_rule` (rule, method, currency),
    `by_target` (dimension, value, currency) for the other dimensions that rules carry cost to.
    `unallocated` maps (reason, rule, currency) to what would stay so.
    """

    months: tuple[Due, ...]
    by_customer: tuple[Movement, ...]
    by_rule: tuple[Movement, ...]
    by_target: tuple[Movement, ...]
    unallocated: Mapping[Key, Decimal]


def apply(
    books: Books,
    *,
    now: datetime,
    months: Iterable[date] | None = None,
    progress: Told = str.strip,
    checkpoint: Told = str.strip,
    hand: Hand | None = None,
) -> tuple[MonthDone, ...]:
    """Allocate every month whose rules or inputs changed; one refused does not stop the others.

    `checkpoint` hears of each step towards a commit: announced, written, kept, settled.
    """
    by = hand or Hand(clock=lambda: now)
    with books.activity.alone(progress):
        refresh_metrics(books, progress=progress)
        return tuple(_every(books, by, months, progress, checkpoint))


def _every(
    books: Books, by: Hand, months: Iterable[date] | None, progress: Told, checkpoint: Told
) -> Iterator[MonthDone]:
    definition = definition_of(books.settings)
    reader = Reader(definition)
    for due in due_months(books, definition, months):
        if due.state in {"unchanged", "closed"}:
            yield _kept(due, due.state)
            continue
        progress(f"allocating {due.month:%Y-%m}")
        try:
            yield _applied(books, reader, due, by, checkpoint)
        except BusyError:
            raise
        except NOT_KEPT as error:
            yield _kept(due, "refused", error)
    books.engine.forget(*scratch(definition), *SCRATCH)


def _kept(due: Due, state: str, error: CostperError | None = None) -> MonthDone:
    """Give a month that keeps the run it has."""
    month = f"allocation of {due.month:%Y-%m}"
    issue = None
    if error is not None:
        issue = Issue(
            code="allocation_not_kept", message=error.message, where=month, hint=error.hint
        )
    run = due.current
    return MonthDone(
        month=due.month,
        state=state,
        run_id=run.run_id if run else None,
        legs=run.legs if run else 0,
        issue=issue,
    )


def plan(
    books: Books,
    *,
    months: Iterable[date] | None = None,
    definition: Definition | None = None,
    progress: Callable[[str], object] = str.strip,
) -> Plan:
    """Say what an apply would move; `definition` is that of the settings unless given."""
    wanted = definition or definition_of(books.settings)
    reader = Reader(wanted)
    due = due_months(books, wanted, months)
    old, new = _Sums(), _Sums()
    for one in due:
        if one.state in {"unchanged", "closed"}:
            continue
        progress(f"planning {one.month:%Y-%m}")
        old.add(_kept_sums(books, wanted, one.month))
        divided = _divided(books, wanted, reader, one.month)
        new.add(_planned_sums(books, wanted, divided))
    books.engine.forget(*scratch(wanted))
    return Plan(
        months=due,
        by_customer=movements(old.customers, new.customers),
        by_rule=movements(old.rules, new.rules),
        by_target=movements(old.targets, new.targets),
        unallocated=new.unallocated,
    )


def recomputed(books: Books, run_id: int, month: date) -> dict[Key, Decimal]:
    """Give (customer, currency) → cost of record by the rules a run was made with, unwritten."""
    definition = read(kept_definition(books.control, run_id))
    divided = _divided(books, definition, Reader(definition), month)
    sums = _Sums()
    sums.add(_planned_sums(books, definition, divided))
    return sums.customers


def _divided(
    books: Books, definition: Definition, reader: Reader, month: date, *, sort: bool = False
) -> Divided:
    """Divide a month; the engine reads customers from the marts, wherever those are."""
    customers = "customers"
    if books.engine is not books.marts:
        customers = "alloc_customers"
        books.engine.offer(
            customers, books.marts.query(f"SELECT {CUSTOMER_COLUMNS} FROM customers")
        )
    return divide(books.engine, definition, reader, month_of(month), customers, sort=sort)


def _applied(
    books: Books,
    reader: Reader,
    due: Due,
    by: Hand,
    checkpoint: Callable[[str], object],
) -> MonthDone:
    """Make one run: announced in control, kept in the books at once, then current in control."""
    definition = reader.definition
    run = NewRun(
        month=due.month,
        fingerprint=due.fingerprint,
        rules=tuple((rule.name, rule.version) for rule in definition.rules),
        deliveries=due.deliveries,
        definition=written(definition),
    )
    contents = {rule.version: written_rule(rule) for rule in definition.rules}
    run_id = begin_run(books.control, run, contents=contents, now=by.clock())
    checkpoint("announced")
    try:
        divided = _divided(books, definition, reader, due.month, sort=True)
        legs = _published(books, reader, divided, run_id, checkpoint)
    except NOT_KEPT as error:
        fail_run(books.control, run_id, reason=error.message)
        raise
    except Exception:
        give_up_run(books.control, run_id)
        raise
    checkpoint("kept")
    settle_run(books.control, run_id, legs=legs, now=by.clock(), actor=by.actor)
    checkpoint("settled")
    return MonthDone(month=due.month, state=due.state, run_id=run_id, legs=legs)


def _published(
    books: Books,
    reader: Reader,
    divided: Divided,
    run_id: int,
    checkpoint: Callable[[str], object],
) -> int:
    """Replace the month's results in one transaction of the marts; gives how many legs."""
    definition = reader.definition
    params: dict[str, Parameter] = {**divided.params, "run_id": run_id}
    legs, source = divided.legs, "legs"
    if books.engine is not books.marts:
        books.engine.keep(FINAL, f"SELECT {sql_legs.MONTH}, l.* FROM ({legs}) AS l", params)
        legs, source = f"SELECT * FROM {FINAL}", FINAL
    words = Write(table="dimension_map", where=OF_MONTH, select=_words(books, reader))
    results = _results(definition, divided, legs, source)
    hourly = _environment_hourly(books, reader, divided)
    results.append(Write(table="environment_hourly", where=OF_MONTH, select=hourly))
    rows = resource_rows(books.engine, WORDS, reader.used, definition.names, params)
    results.append(Write(table="resource_daily", where=OF_MONTH, select=rows))
    if books.engine is books.marts:
        results.append(words)
    else:
        books.engine.replace([words], params)
    first = [
        Write(table="run_summary", select=sql_legs.run_summary("legs")),
        Write(
            table="landed",
            where="kind = 'run' AND id IN (SELECT run_id FROM legs WHERE month = $month)",
        ),
        Write(table="landed", select="SELECT 'run' AS kind, CAST($run_id AS BIGINT) AS id"),
    ]
    conserved = _conserved_legs(books, divided, params)

    def check(ask: Ask) -> None:
        conserved(ask)
        checkpoint("written")

    publish(books.engine, books.marts, results, params, first=first, check=check)
    found = books.marts.query("SELECT COUNT(*) AS many FROM legs WHERE month = $month", params)
    return int(found.column("many")[0].as_py() or 0)


def _results(definition: Definition, divided: Divided, legs: str, source: str) -> list[Write]:
    """Give the writes of a run's legs, moves, pools and roll-ups, which may read those before."""
    rules = tuple(enumerate(definition.rules))
    whole = f"NOT ({sql_legs.shares(rules)})"
    names, record = definition.names, definition.record
    stages = divided.stages
    moves = " UNION ALL ".join(
        sql_legs.table_legs(f"SELECT * FROM {one.moves}", RULES, names)
        for one in stages
        if one.moves
    )
    pools = " UNION ALL ".join(
        sql_legs.table_pools(one.pools, RULES, names, one.stage) for one in stages if one.pools
    )
    daily = sql_legs.dimension_daily(source, CHARGE_DAILY, names, record)
    measured = sql_legs.measurement_daily(divided.daily.single, divided.daily.others)
    selects = {
        "legs_wide": sql_legs.table_legs(legs, RULES, names, whole),
        "legs_shared": sql_legs.table_shares(legs, rules),
        "moves": moves,
        "pools": pools,
        "customer_daily": sql_legs.customer_daily(source),
        "dimension_daily": daily,
        "measurement_daily": measured,
    }
    return [Write(table=name, where=OF_MONTH, select=sql) for name, sql in selects.items()]


def _words(books: Books, reader: Reader) -> str:
    """Select a month's words in the shape of the table `dimension_map`."""
    table = tables.dimension_map(reader.names, books.extra)
    own = {"source", "rule", *reader.used, *(f"dim_{name}" for name in reader.names)}
    columns = [
        f'w."{name}"' if name in own else f"'' AS \"{name}\""
        for name in table.names
        if name != "month"
    ]
    return f"SELECT CAST($month AS DATE) AS month, {', '.join(columns)} FROM {WORDS} AS w"


def _environment_hourly(books: Books, reader: Reader, divided: Divided) -> str:
    """Select the hours of environments that are not production; nothing where there are none."""
    kept = ELSEWHERE
    books.engine.keep(
        kept,
        f"SELECT * FROM {WORDS} WHERE dim_environment NOT IN ('production', '(untagged)')",
        divided.params,
    )
    found: pa.Table = books.engine.query(f"SELECT COUNT(*) AS many FROM {kept}")
    if not found.column("many")[0].as_py():
        return ""
    return sql_legs.environment_hourly("charges", CHARGE_DAILY, kept, reader.used)


def _conserved_legs(
    books: Books, divided: Divided, params: Mapping[str, Parameter]
) -> Callable[[Ask], object]:
    """Give the check that the legs about to be kept add up to the charges, exactly."""
    charged = charges_of(CHARGE_DAILY)
    if books.engine is not books.marts:
        brought = books.engine.query(charged, divided.params)
        books.marts.offer("alloc_charged", brought)
        charged = "SELECT * FROM alloc_charged"
    allocated = NEW_LEGS.format(costs=", ".join(name for name, _ in tables.COSTS))

    def check(ask: Ask) -> None:
        found = ask(unequal_days(charged, allocated), params)
        if found.num_rows:
            lines = " | ".join(told(row, BY_DAY) for row in found.slice(0, 3).to_pylist())
            raise ConservationError(
                f"{found.num_rows} days do not add up: {lines}",
                where=f"allocation of {divided.month.start:%Y-%m}",
                hint="nothing was kept; this is a fault in costper, please report it",
            )

    return check


class _Sums:
    """Adds up amounts of record by customer and by rule."""

    def __init__(self) -> None:
        self.customers: dict[Key, Decimal] = {}
        self.rules: dict[Key, Decimal] = {}
        self.targets: dict[Key, Decimal] = {}
        self.unallocated: dict[Key, Decimal] = {}

    def add(self, rows: pa.Table) -> None:
        """Take rows of customer, rule, method, reason, currency, cost and targets (as dim_…)."""
        for row in rows.to_pylist():
            cost, currency = row["cost"], row["currency"]
            _more(self.customers, (row["customer"], currency), cost)
            _more(self.rules, (row["rule"], row["method"], currency), cost)
            for name in row:
                if name.startswith("dim_"):
                    _more(self.targets, (name.removeprefix("dim_"), row[name], currency), cost)
            if row["reason"]:
                _more(self.unallocated, (row["reason"], row["rule"], currency), cost)


def _more(sums: dict[Key, Decimal], key: Key, amount: Decimal) -> None:
    sums[key] = EXACT.add(sums.get(key, Decimal(0)), amount)


def _kept_sums(books: Books, definition: Definition, month: date) -> pa.Table:
    by = "".join(f", {name}" for name in _targets(definition))
    return books.marts.query(
        f"SELECT dim_customer AS customer, rule, method, reason, currency{by}, "
        f"SUM({definition.record.sql()}) AS cost FROM legs WHERE month = $month "
        f"GROUP BY dim_customer, rule, method, reason, currency{by}",
        {"month": month, **definition.record.parameters},
    )


def _targets(definition: Definition) -> tuple[str, ...]:
    """Name the columns that rules carry cost to, the customer's aside."""
    wanted = sorted({rule.to for rule in definition.rules} - {"customer"})
    return tuple(quoted(f"dim_{name}") for name in wanted)


def _planned_sums(books: Books, definition: Definition, divided: Divided) -> pa.Table:
    targets = "".join(f", l.{name}" for name in _targets(definition))
    by = f"l.dim_customer, r.name, l.method, l.reason, l.currency{targets}"
    return books.engine.query(
        f"SELECT l.dim_customer AS customer, r.name AS rule, l.method, l.reason, l.currency"
        f"{targets}, SUM({definition.record.sql('l.')}) AS cost FROM ({divided.legs}) AS l "
        f"JOIN {RULES} AS r ON r.rule = l.rule GROUP BY {by}",
        divided.params,
    )
