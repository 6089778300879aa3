"""Allocation runs as the control store remembers them: written once, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa

from costper.model.allocation import Run
from costper.store.control import Control
from costper.store.engine import Engine
from costper.store.schema import closed_periods, rule_versions, runs

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run about to be made; `definition` is what it was made by, as plain JSON values."""

    month: date
    fingerprint: str
    rules: tuple[tuple[str, str], ...]
    deliveries: tuple[int, ...]
    definition: Json


def begin_run(control: Control, run: NewRun, *, contents: Mapping[str, Json], now: datetime) -> int:
    """Write a pending run, and the content of rules not seen before; gives its number."""
    with control.begin() as connection:
        known = set(connection.execute(sa.select(rule_versions.c.version)).scalars())
        for name, version in dict.fromkeys(run.rules):
            if version not in known:
                known.add(version)
                connection.execute(
                    rule_versions.insert().values(
                        version=version,
                        name=name,
                        content=dict(contents[version]),
                        first_seen=now.isoformat(),
                    )
                )
        made = connection.execute(
            runs.insert().values(
                month=run.month,
                fingerprint=run.fingerprint,
                status="pending",
                rules=[list(rule) for rule in run.rules],
                deliveries=list(run.deliveries),
                legs=0,
                detail={"definition": dict(run.definition)},
                created_at=now.isoformat(),
            )
        )
        return int(cast("tuple[int]", made.inserted_primary_key)[0])


def finish_run(control: Control, run_id: int, *, legs: int) -> None:
    """Make a run whose legs the books hold the current one of its month."""
    with control.begin() as connection:
        month = connection.execute(sa.select(runs.c.month).where(runs.c.run_id == run_id)).scalar()
        connection.execute(
            runs.update()
            .where(runs.c.month == month, runs.c.status == "current")
            .values(status="superseded")
        )
        connection.execute(
            runs.update().where(runs.c.run_id == run_id).values(status="current", legs=legs)
        )


def fail_run(control: Control, run_id: int) -> None:
    """Mark a run whose legs never reached the books."""
    with control.begin() as connection:
        connection.execute(
            runs.update()
            .where(runs.c.run_id == run_id, runs.c.status == "pending")
            .values(status="failed")
        )


def settle_runs(control: Control, marts: Engine) -> None:
    """Decide runs that a crash left pending by what the books hold."""
    with control.begin() as connection:
        query = sa.select(runs.c.run_id).where(runs.c.status == "pending").order_by(runs.c.run_id)
        pending = list(connection.execute(query).scalars())
    for run_id in pending:
        found = marts.query(
            "SELECT COUNT(*) AS many FROM landed WHERE kind = 'run' AND id = $run_id",
            {"run_id": run_id},
        ).to_pylist()[0]["many"]
        if found:
            sql = "SELECT COUNT(*) AS many FROM legs WHERE run_id = $run_id"
            legs = marts.query(sql, {"run_id": run_id}).to_pylist()[0]["many"]
            finish_run(control, run_id, legs=int(legs))
        else:
            fail_run(control, run_id)


def current_runs(control: Control) -> dict[date, Run]:
    """Give the current run of each month."""
    return {run.month: run for run in list_runs(control) if run.status == "current"}


def list_runs(control: Control) -> tuple[Run, ...]:
    """Give every run the books ever held, newest first."""
    query = (
        sa.select(runs)
        .where(runs.c.status.in_(("current", "superseded")))
        .order_by(runs.c.run_id.desc())
    )
    with control.begin() as connection:
        return tuple(_run(row) for row in connection.execute(query).mappings())


def definition_of(control: Control, run_id: int) -> Mapping[str, Any]:
    """Give what a run was made by, as it was written."""
    with control.begin() as connection:
        query = sa.select(runs.c.detail).where(runs.c.run_id == run_id)
        detail = cast("dict[str, Any]", connection.execute(query).scalar_one())
    found: Mapping[str, Any] = detail["definition"]
    return found


def closed_months(control: Control) -> frozenset[tuple[str, date]]:
    """Give the closed billing periods: (source, first day)."""
    with control.begin() as connection:
        rows = connection.execute(
            sa.select(closed_periods.c.source, closed_periods.c.billing_period)
        )
        return frozenset((str(source), cast("date", period)) for source, period in rows)


def _run(row: Mapping[Any, Any]) -> Run:
    rules = cast("Sequence[Sequence[str]]", row["rules"])
    return Run(
        run_id=row["run_id"],
        month=row["month"],
        fingerprint=row["fingerprint"],
        rules=tuple((name, version) for name, version in rules),
        deliveries=tuple(row["deliveries"]),
        created_at=row["created_at"],
        legs=row["legs"],
        status=row["status"],
    )
