"""Answers about the allocation itself: what a plan would move, and what the books hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from costper.allocation.diff import Key, Movement
from costper.allocation.reasons import hint
from costper.model.answer import Answer, Row
from costper.model.instant import instant
from costper.model.money import total
from costper.pipeline.allocate import Plan
from costper.pipeline.defined import definition_of
from costper.pipeline.months import due_months
from costper.store.books import Books
from costper.store.runs import listed_runs

RUNS_SHOWN = 24


def plan_answer(books: Books, found: Plan) -> Answer:
    """Tell a plan: who pays more or less, by which rules, and what stays unallocated."""
    gains = [moved.change for moved in found.by_customer if moved.change > 0]
    to_do = [due for due in found.months if due.state in {"new", "changed"}]
    row: Row = {
        "runs_needed": len(to_do),
        "customers_moved": len(found.by_customer),
        "months": tuple(
            {"month": f"{due.month:%Y-%m}", "state": due.state} for due in found.months
        ),
        "by_customer": _moved(found.by_customer, ("customer", "currency")),
        **_by_target(found.by_target),
        "by_rule": _moved(found.by_rule, ("rule", "method", "currency")),
        "unallocated": _unallocated(found.unallocated),
    }
    return _answer(books, "allocation plan", row, {"moved": total(gains)})


def show_answer(books: Books) -> Answer:
    """Tell the rules with the cost each one took, what is unallocated and why, and the runs."""
    runs = listed_runs(books.control, ("current",))
    row: Row = {
        "months_allocated": len(runs),
        "legs": sum(run.legs for run in runs),
        "matched_cost_note": "a cost that a chain carries on counts in each of its stages: add up "
        "the rules of one stage, not all of them",
        "rules": _rules(books),
        "unallocated": _unallocated(_kept_unallocated(books)),
        "months": tuple(
            {"month": f"{due.month:%Y-%m}", "state": due.state}
            for due in due_months(books, definition_of(books.settings))
        ),
        "runs": _runs(books),
    }
    return _answer(books, "allocation", row, {})


def _answer(books: Books, noun: str, row: Row, sums: Row) -> Answer:
    runs = listed_runs(books.control, ("current",))
    return Answer(
        question={"noun": noun},
        rows=(row,),
        total=sums,
        currency=books.settings.currency,
        as_of=instant(max((run.created_at for run in runs), default="")),
        settled_through=None,
        estimated=False,
        coverage=None,
    )


def _moved(movements: Sequence[Movement], names: Sequence[str]) -> tuple[Row, ...]:
    return tuple(
        {
            **dict(zip(names, moved.key, strict=True)),
            "old_cost": moved.old,
            "new_cost": moved.new,
            "change": moved.change,
        }
        for moved in movements
    )


def _by_target(movements: Sequence[Movement]) -> Row:
    """Give a table for each dimension that moves: by_team and the like."""
    names = dict.fromkeys(moved.key[0] for moved in movements)
    return {
        f"by_{name}": _moved(
            [replace(moved, key=moved.key[1:]) for moved in movements if moved.key[0] == name],
            (name, "currency"),
        )
        for name in sorted(names)
    }


def _unallocated(sums: Mapping[Key, Decimal]) -> tuple[Row, ...]:
    order = sorted(sums.items(), key=lambda item: (-abs(item[1]), item[0]))
    return tuple(
        {"reason": reason, "rule": rule, "currency": currency, "cost": cost, "hint": hint(reason)}
        for (reason, rule, currency), cost in order
    )


def _kept_unallocated(books: Books) -> dict[Key, Decimal]:
    record = definition_of(books.settings).record
    found = books.marts.query(
        f"SELECT reason, rule, currency, SUM({record.sql()}) AS cost FROM legs "
        "WHERE reason <> '' GROUP BY reason, rule, currency",
        record.parameters,
    )
    return {(row["reason"], row["rule"], row["currency"]): row["cost"] for row in found.to_pylist()}


def _rules(books: Books) -> tuple[Row, ...]:
    definition = definition_of(books.settings)
    record = definition.record.sql()
    taken = " UNION ALL ".join(
        f"SELECT rule, currency, {record} AS cost FROM {table} WHERE {which}"
        for table, which in (
            ("pools", "TRUE"),
            ("legs", "pool_no = 0 AND rule <> ''"),
            ("moves", "pool_no = 0 AND rule <> ''"),
        )
    )
    found = books.marts.query(
        f"SELECT rule, currency, SUM(cost) AS cost FROM ({taken}) AS t GROUP BY rule, currency "
        "ORDER BY rule, currency",
        definition.record.parameters,
    ).to_pylist()
    sums: dict[str, list[tuple[str, Decimal]]] = {}
    for row in found:
        sums.setdefault(row["rule"], []).append((row["currency"], row["cost"]))
    return tuple(
        {
            "rule": rule.name,
            "stage": rule.stage,
            "driver": rule.driver,
            "to": rule.to,
            "currency": currency,
            "matched_cost": cost,
            "version": rule.version,
            "where": rule.where,
        }
        for rule in sorted(definition.rules, key=lambda rule: rule.stage)
        for currency, cost in sums.get(rule.name, [(books.settings.currency, Decimal(0))])
    )


def _runs(books: Books) -> tuple[Row, ...]:
    runs = listed_runs(books.control, ("current", "superseded", "failed"))
    return tuple(
        {
            "run": run.run_id,
            "month": f"{run.month:%Y-%m}",
            "status": run.status,
            "legs": run.legs,
            "rules": len(run.rules),
            "made": run.created_at,
        }
        for run in reversed(runs[-RUNS_SHOWN:])
    )
