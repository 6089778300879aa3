"""Checks the books: do they add up, do they agree with the bills, are they fresh and covered?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from costper.allocation.conservation import BY_DAY, told, unequal_days
from costper.allocation.dimension import coverage
from costper.allocation.reasons import hint
from costper.errors import BooksError, ConservationError
from costper.model.call import CALLS
from costper.model.money import COST_COLUMNS, plain
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.pipeline.answer.unsaid import PLAN, unsaid
from costper.pipeline.calls.check_calls import check_calls
from costper.pipeline.defined import definition_of
from costper.pipeline.months import Due, due_months
from costper.store.audit import verify
from costper.store.books import Books
from costper.store.deliveries import current, spoken
from costper.store.measure import measure
from costper.store.metric_mart import metric_facts_of
from costper.store.newest import lost_scopes
from costper.store.runs import current_runs, listed_runs

STALE_DAYS = 3
ENDED_DAYS = 366
"""A bill that ended so long ago has no newer one that a sync would fetch."""

COVERED = Decimal("0.95")
SHOWN = 3
COSTS = ", ".join(COST_COLUMNS)
STALE = {
    "new": "holds charges that were never allocated",
    "changed": "was allocated before its usage or rules changed",
}
BEHIND = "was allocated before its charges changed: legs and charges do not add up"


def check_books(books: Books, now: datetime) -> tuple[Issue, ...]:
    """Give everything that is wrong or doubtful in the books; none means they can be trusted."""
    return (
        *_lost(books),
        *_audited(books),
        *_unreconciled(books),
        *_unbalanced(books),
        *_stale(books),
        *_old(books, now),
        *_undeclared(books),
        *check_calls(books, now),
        *_unallocated(books),
        *_uncovered(books),
    )


def _audited(books: Books) -> Iterator[Issue]:
    """Say when an entry of the audit log was changed, or one before it taken away."""
    try:
        verify(books.control)
    except BooksError as error:
        yield Issue("audit_changed", error.message, "audit log", hint=error.hint)


def _lost(books: Books) -> Iterator[Issue]:
    for one in lost_scopes(books.control):
        yield Issue(
            "delivery_lost",
            "its charges were lost with the books",
            f"{one.source} {one.account} {one.billing_period:%Y-%m}",
            hint=f"run `costper sync {one.source}`; reopen the period first if it is closed",
        )


def _unreconciled(books: Books) -> Iterator[Issue]:
    """Compare each delivery's charges with what was counted when it landed."""
    held = current(books.control)
    try:
        found = measure(books.engine.query, [delivery.delivery_id for delivery in held])
    except ConservationError as error:
        yield Issue("unreconciled", error.message, "charge_daily", hint=error.hint)
        return
    for delivery in held:
        kept = found[delivery.delivery_id]
        if (kept.rows, kept.totals) != (delivery.rows, delivery.totals):
            yield Issue(
                "unreconciled",
                f"delivery {delivery.delivery_id} holds {kept.rows} rows, "
                f"{delivery.rows} were landed, or their totals differ",
                spoken(delivery.scope),
                hint="sync this source again",
            )


def _unbalanced(books: Books) -> Iterator[Issue]:
    """Compare legs with charges in every allocated month, and name runs that were not kept."""
    stale = {due.month for due in _due(books) if _behind(due)}
    for month in sorted(set(current_runs(books.control)) - stale):
        params = {"month": month}
        by_day = f"SELECT day, currency, source, {COSTS} FROM"
        charged = f"{by_day} charge_daily WHERE CAST(date_trunc('month', day) AS DATE) = $month"
        if books.engine is not books.marts:
            books.marts.offer("check_charged", books.engine.query(charged, params))
            charged = f"{by_day} check_charged"
        allocated = f"{by_day} legs WHERE month = $month"
        rows = books.marts.query(unequal_days(charged, allocated), params)
        for row in rows.slice(0, SHOWN).to_pylist():
            yield Issue(
                "conservation",
                told(row, BY_DAY),
                f"allocation of {month:%Y-%m}",
                hint="run `costper allocate apply`; if it stays, please report it",
                count=rows.num_rows,
            )
    kept = current_runs(books.control)
    for run in listed_runs(books.control, ("failed",)):
        if run.month not in kept or kept[run.month].run_id < run.run_id:
            yield Issue(
                "conservation",
                f"run {run.run_id} failed and was not kept",
                f"allocation of {run.month:%Y-%m}",
                hint="the month shows the run before; run `costper allocate apply` again",
            )


def _due(books: Books) -> tuple[Due, ...]:
    return due_months(books, definition_of(books.settings))


def _stale(books: Books) -> Iterator[Issue]:
    for due in _due(books):
        if due.state in STALE:
            behind = _behind(due)
            yield Issue(
                "stale_allocation",
                f"{due.month:%Y-%m} {BEHIND if behind and due.current else STALE[due.state]}",
                "allocation",
                "error" if behind else "warning",
                hint="run `costper allocate apply`",
            )


def _behind(due: Due) -> bool:
    """Say whether a month's legs are not those of the charges it holds."""
    made_of = due.current.deliveries if due.current else ()
    return due.state in STALE and set(due.deliveries) != set(made_of)


def _old(books: Books, now: datetime) -> Iterator[Issue]:
    """Warn of bills whose last day is long ago."""
    last: dict[str, date] = {}
    for delivery in current(books.control):
        if delivery.last_day is not None:
            source = delivery.scope.source
            last[source] = max(last.get(source, delivery.last_day), delivery.last_day)
    for declared in books.settings.sources:
        if declared.kind != "bill":
            continue
        day = last.get(declared.name)
        if day is None:
            yield Issue(
                "never_synced",
                f"{declared.name} has no charges in the books",
                declared.where,
                "warning",
                hint=f"run `costper sync {declared.name}`",
            )
        elif (now.date() - day).days > ENDED_DAYS:
            yield Issue(
                "old_data",
                f"{declared.name} ends on {day}, {(now.date() - day).days} days ago",
                declared.where,
                "info",
                hint="nothing is to be done where no bill will come any more; else see what it "
                "reads from",
            )
        elif (now.date() - day).days > STALE_DAYS + books.settings.settle_days:
            yield Issue(
                "old_data",
                f"{declared.name} ends on {day}, {(now.date() - day).days} days ago",
                declared.where,
                "warning",
                hint=f"run `costper sync {declared.name}`",
            )


def _undeclared(books: Books) -> Iterator[Issue]:
    """Tell of charges of sources that costper.yaml does not name: they still count."""
    declared = {one.name for one in books.settings.declared()} | {CALLS}
    held: dict[str, int] = {}
    for delivery in current(books.control):
        held[delivery.scope.source] = held.get(delivery.scope.source, 0) + delivery.rows
    for source, rows in sorted(held.items()):
        if source not in declared and rows:
            yield Issue(
                "undeclared_source",
                f"{rows:,} charges of {source}, which is not in costper.yaml, count all the same",
                source,
                "warning",
                hint="nothing is to be done where that is history; else costper deliveries "
                f"withdraw --source {source} --reason '...'",
            )


def _unallocated(books: Books) -> Iterator[Issue]:
    """Say how much stays unallocated, and what to do about each reason."""
    record = definition_of(books.settings).record
    paid = {CALLS, *books.settings.llm.calls.invoices.values()}
    called = {f"paid_{place}": source for place, source in enumerate(sorted(paid))}
    found = books.marts.query(
        f"SELECT reason, rule, currency, SUM({record.sql()}) AS cost, COUNT(*) AS many, "
        f"MAX(CASE WHEN source IN ({', '.join(f'${name}' for name in called)}) THEN 1 ELSE 0 END) "
        "AS of_calls FROM legs "
        "WHERE reason <> '' GROUP BY reason, rule, currency ORDER BY reason, rule, currency",
        {**record.parameters, **called},
    )
    for row in found.to_pylist():
        rule = f" by rule {row['rule']!r}" if row["rule"] else ""
        yield Issue(
            f"unallocated_{row['reason']}",
            f"{plain(row['cost'])} {row['currency']} is not carried to anybody{rule}: "
            f"{row['reason']}",
            "allocation",
            "info",
            hint=hint(row["reason"], of_calls=row["of_calls"] == 1),
        )


def _uncovered(books: Books) -> Iterator[Issue]:
    """Warn of dimensions that name too little of the gross cost."""
    elsewhere = _known_elsewhere(books)
    for dimension in books.settings.dimensions:
        if dimension.name == "customer":
            continue
        if dimension.name in elsewhere:
            yield _not_of_charges(dimension.name, elsewhere[dimension.name])
            continue
        column = quoted(f"dim_{dimension.name}")
        found = books.marts.query(
            f"SELECT {column} AS value, SUM(gross_cost) AS gross FROM dimension_daily "
            f"GROUP BY {column}"
        )
        share = coverage([(row["value"], row["gross"]) for row in found.to_pylist()])
        if share is not None and share < COVERED:
            yield Issue(
                "low_coverage",
                f"{plain(share.scaleb(2).quantize(Decimal('0.1')), 1)} % of gross cost has a value "
                f"for {dimension.name}",
                f"dimension {dimension.name}",
                "info",
                hint=f"tag what has none, or add a field to dimensions.{dimension.name}.from",
            )


def _known_elsewhere(books: Books) -> dict[str, str]:
    """Name the dimensions no charge says, with who says them; a metric does, or the customers."""
    names = [dimension.name for dimension in books.settings.dimensions]
    silent = unsaid(books, names)
    if not silent:
        return {}
    said = {
        name
        for facts in metric_facts_of(books.marts).values()
        for name in facts.said
        if name in silent
    }
    found = dict.fromkeys(sorted(said), "metrics")
    if PLAN in silent and _any_plan(books):
        found[PLAN] = "customers and metrics" if PLAN in said else "customers"
    return found


def _any_plan(books: Books) -> bool:
    rows = books.marts.query("SELECT plan FROM customers WHERE COALESCE(plan, '') <> '' LIMIT 1")
    return rows.num_rows > 0


def _not_of_charges(name: str, of: str) -> Issue:
    return Issue(
        "not_of_charges",
        f"no charge says {name}: it is known of {of} only",
        f"dimension {name}",
        "info",
        hint=f"ask by it with `costper ask --by {name}`",
    )
