"""The runs of the allocation, the newest first: what each was made of, and what replaced it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from costper.model.allocation import Run
from costper.model.answer import Answer, Row
from costper.model.instant import instant
from costper.model.money import EXACT
from costper.pipeline.answer.frame import Standing
from costper.pipeline.answer.select import Bound, record_sql
from costper.store.books import Books
from costper.store.runs import End, listed_runs, run_ends

ALL = ("current", "superseded", "failed", "abandoned", "pending")
KEPT = frozenset(("current", "superseded"))
ZERO = Decimal(0)
Sums = Mapping[str, tuple[Decimal, Decimal]]
"""By currency: what has an owner, and what has none."""


def runs_answer(books: Books, standing: Standing) -> Answer:
    """List every run: its month, status, rules, inputs and sums of record by currency."""
    runs, ends = listed_runs(books.control, ALL), run_ends(books.control)
    now, before = _current(books), _superseded(books)
    rows: list[Row] = []
    kept: dict[object, Run] = {}
    for run in runs:
        sums = now.get(run.month, {}) if run.status == "current" else before.get(run.run_id, {})
        rows.append(_row(run, kept.get(run.month), ends.get(run.run_id, End()), sums, runs))
        if run.status in KEPT:
            kept[run.month] = run
    return Answer(
        question={"noun": "allocation runs"},
        rows=tuple(reversed(rows)),
        total={"runs": len(runs), "current": sum(run.status == "current" for run in runs)},
        currency=books.settings.currency,
        as_of=standing.as_of,
        settled_through=None,
        estimated=False,
        coverage=None,
        issues=standing.issues,
    )


def _row(run: Run, before: Run | None, end: End, sums: Sums, runs: Sequence[Run]) -> Row:
    following = (
        one.run_id
        for one in runs
        if one.month == run.month and one.run_id > run.run_id and one.status in KEPT
    )
    return {
        "run": run.run_id,
        "month": f"{run.month:%Y-%m}",
        "status": run.status,
        "started": instant(run.created_at),
        "finished": instant(end.at) if end.at not in {"", run.created_at} else None,
        "actor": end.actor,
        "reason": end.reason,
        "fingerprint": run.fingerprint,
        "rules": tuple({"rule": name, "version": version} for name, version in run.rules),
        "deliveries": len(run.deliveries),
        "legs": run.legs,
        "changed": _changed(run, before),
        "replaces": before.run_id if before and run.status in KEPT else None,
        "replaced_by": next(following, None) if run.status == "superseded" else None,
        "costs": tuple(
            {
                "currency": currency,
                "cost": EXACT.add(owned, nobodys),
                "allocated_cost": owned,
                "unallocated_cost": nobodys,
            }
            for currency, (owned, nobodys) in sorted(sums.items())
        ),
    }


def _changed(run: Run, before: Run | None) -> tuple[str, ...]:
    """Say what is not as in the run before: rules by their names, and `bills`."""
    if before is None:
        return ()
    old, new = dict(before.rules), dict(run.rules)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if not names and list(before.rules) != list(run.rules):
        names = ["order"]
    bills = ["bills"] if before.deliveries != run.deliveries else []
    return (*(f"rule {name}" if name != "order" else "order of rules" for name in names), *bills)


def _current(books: Books) -> dict[Any, dict[str, tuple[Decimal, Decimal]]]:
    return _sums(books, "month", "dimension_daily")


def _superseded(books: Books) -> dict[Any, dict[str, tuple[Decimal, Decimal]]]:
    return _sums(books, "run_id", "run_summary")


def _sums(books: Books, key: str, table: str) -> dict[Any, dict[str, tuple[Decimal, Decimal]]]:
    bound = Bound()
    record = record_sql(books.settings, bound)
    owned = f"SUM(CASE WHEN reason = '' THEN {record} ELSE 0 END)"
    nobodys = f"SUM(CASE WHEN reason = '' THEN 0 ELSE {record} END)"
    rows: list[dict[str, Any]] = books.marts.query(
        f"SELECT {key} AS key, currency, {owned} AS owned, {nobodys} AS nobodys FROM {table} "
        f"GROUP BY {key}, currency",
        bound.values,
    ).to_pylist()
    found: dict[Any, dict[str, tuple[Decimal, Decimal]]] = {}
    for row in rows:
        found.setdefault(row["key"], {})[row["currency"]] = (row["owned"], row["nobodys"])
    return found
