"""Allocation runs as the control store remembers them: written once, never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa

from costper.model.allocation import Run
from costper.store.audit import log
from costper.store.control import Control
from costper.store.schema import audit, rule_versions, runs

Json = Mapping[str, object]
APPLIED = "allocation applied"
SUBJECT = "run "


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run about to be made; `definition` is what it was made by, as plain JSON values."""

    month: date
    fingerprint: str
    rules: tuple[tuple[str, str], ...]
    deliveries: tuple[int, ...]
    definition: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a run ended: when it was kept and by whom, or why it was not; "" where not known."""

    at: str = ""
    actor: str = ""
    reason: str = ""


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


def settle_run(
    control: Control, run_id: int, *, legs: int, now: datetime, actor: str = "cli"
) -> None:
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
        subject, detail = f"{SUBJECT}{run_id}", {"month": month, "legs": legs}
        log(connection, APPLIED, subject, now=now, detail=detail, actor=actor)


def fail_run(control: Control, run_id: int, *, reason: str) -> None:
    """Mark a run whose sums did not agree: its legs were not kept, and people must know."""
    _end(control, run_id, status="failed", reason=reason)


def give_up_run(control: Control, run_id: int) -> None:
    """Mark a run that never reached the books."""
    _end(control, run_id, status="abandoned", reason="it ended before its legs were kept")


def _end(control: Control, run_id: int, *, status: str, reason: str) -> None:
    mine = (runs.c.run_id == run_id) & (runs.c.status == "pending")
    with control.begin() as connection:
        query = sa.select(runs.c.detail).where(mine)
        detail = cast("dict[str, Any] | None", connection.execute(query).scalar())
        values = {"status": status, "detail": {**(detail or {}), "reason": reason}}
        connection.execute(runs.update().where(mine).values(**values))


def current_runs(control: Control) -> dict[date, Run]:
    """Give the current run of each month."""
    return {run.month: run for run in listed_runs(control, ("current",))}


def listed_runs(
    control: Control, statuses: Sequence[str] = ("current", "superseded")
) -> tuple[Run, ...]:
    """Give the runs with one of some statuses, oldest first."""
    query = sa.select(runs).where(runs.c.status.in_(statuses)).order_by(runs.c.run_id)
    with control.read() as connection:
        return tuple(_run(row) for row in connection.execute(query).mappings())


def run_ends(control: Control) -> dict[int, End]:
    """Give how each run ended that did."""
    applied = sa.select(audit.c.subject, audit.c.at, audit.c.actor).where(audit.c.action == APPLIED)
    lost = sa.select(runs.c.run_id, runs.c.detail).where(runs.c.status.in_(("failed", "abandoned")))
    with control.read() as connection:
        found = {
            int(row.subject.removeprefix(SUBJECT)): End(at=row.at, actor=row.actor)
            for row in connection.execute(applied)
        }
        for row in connection.execute(lost):
            found[row.run_id] = End(reason=str(row.detail.get("reason", "")))
    return found


def definition_of(control: Control, run_id: int) -> Mapping[str, Any]:
    """Give what a run was made by, as it was written."""
    with control.read() as connection:
        query = sa.select(runs.c.detail).where(runs.c.run_id == run_id)
        detail = cast("dict[str, Any]", connection.execute(query).scalar_one())
    found: Mapping[str, Any] = detail["definition"]
    return found


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
