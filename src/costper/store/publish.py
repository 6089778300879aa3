"""Brings the results of heavy work to the marts, in one transaction."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from costper.store.engine import Check, Engine, Parameters, Write


def publish(
    engine: Engine,
    marts: Engine,
    results: Sequence[Write],
    params: Parameters,
    *,
    first: Sequence[Write] = (),
    check: Check | None = None,
) -> None:
    """Make the writes `first`, whose SQL reads marts, then `results`, whose SQL reads the engine.

    All of it becomes visible at once, or nothing; `check` asks the marts before that. Where the
    engine is the marts, results may read what was written before them.
    """
    if engine is marts:
        marts.replace([*first, *results], params, check)
        return
    brought = [_brought(engine, marts, write, params) for write in results]
    marts.replace([*first, *brought], params, check)


def _brought(engine: Engine, marts: Engine, write: Write, params: Parameters) -> Write:
    if not write.select:
        return write
    name = f"brought_{write.table}_{threading.get_ident()}"
    marts.offer(name, engine.query(write.select, params))
    return replace(write, select=f'SELECT * FROM "{name}"')
