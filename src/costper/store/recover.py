"""Settle what a crash left pending: the books themselves say what they hold."""

from __future__ import annotations

from datetime import datetime

from costper.store.control import Control
from costper.store.deliveries import give_up, pending, settle
from costper.store.engine import Engine
from costper.store.measure import as_measured, measure
from costper.store.measurement_deliveries import (
    give_up_measurements,
    pending_measurements,
    settle_measurements,
)
from costper.store.runs import give_up_run, listed_runs, settle_run

NEVER_LANDED = "the sync ended before it landed"


def recover(engine: Engine, marts: Engine, control: Control, *, now: datetime) -> int:
    """Finish or give up what was announced; give how many that were."""
    waiting = pending(control)
    landed = _landed(engine, "delivery")
    done = [each for each in waiting if each.delivery_id in landed]
    found = measure(engine.query, [each.delivery_id for each in done])
    settled = [as_measured(each, found[each.delivery_id]) for each in done]
    settle(control, settled, forced=False, now=now)
    lost = [each.delivery_id for each in waiting if each.delivery_id not in landed]
    give_up(control, lost, status="failed", reason=NEVER_LANDED)
    return len(waiting) + _measurements(engine, control) + _runs(marts, control, now=now)


def _measurements(engine: Engine, control: Control) -> int:
    landed = _landed(engine, "measurements")
    waiting = pending_measurements(control)
    for number in waiting:
        if number in landed:
            settle_measurements(control, number)
        else:
            give_up_measurements(control, number)
    return len(waiting)


def _runs(marts: Engine, control: Control, *, now: datetime) -> int:
    landed = _landed(marts, "run")
    waiting = listed_runs(control, ("pending",))
    for run in waiting:
        if run.run_id in landed:
            sql = "SELECT COUNT(*) AS n FROM legs WHERE run_id = $run"
            legs = marts.query(sql, {"run": run.run_id}).to_pylist()[0]["n"]
            settle_run(control, run.run_id, legs=legs, now=now, actor="recovery")
        else:
            give_up_run(control, run.run_id)
    return len(waiting)


def _landed(engine: Engine, kind: str) -> frozenset[int]:
    rows = engine.query("SELECT id FROM landed WHERE kind = $kind", {"kind": kind})
    return frozenset(row["id"] for row in rows.to_pylist())
