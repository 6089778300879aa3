"""Applies a backfill in a process of its own, which kills itself inside or after one transaction.

Arguments: the folder, `inside` or `after`, and the number of the transaction from 1.
"""

import os
import signal
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from unittest.mock import patch

from tests.pipeline.calls.people_world import NOW, PEPPER, people_books

from costper.pipeline.calls.backfill import apply_backfill, plan_backfill
from costper.pipeline.calls.people import known_people
from costper.store.duckdb import DuckEngine
from costper.store.engine import Ask, Check, Parameters, Write

LLM = (
    "llm: {tenants: {t1: acme}, aliases: {auth0-1: jane}, "
    "service_accounts: {bot: {customer: bolt, ids: [bot-7]}}}"
)
numbers = count(1)
plain = DuckEngine.replace


def die() -> None:
    """End at once, as a machine does that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def replace(
    engine: DuckEngine,
    writes: Sequence[Write],
    params: Parameters | None = None,
    check: Check | None = None,
    *,
    apart: bool = False,
) -> None:
    """Write, and die at the moment asked for."""
    number = next(numbers)

    def checked(ask: Ask) -> None:
        if check is not None:
            check(ask)
        if number == fatal and moment == "inside":
            die()

    plain(engine, writes, params, checked, apart=apart)
    if number == fatal:
        die()


if __name__ == "__main__":
    folder, moment, fatal = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    books = people_books(folder, LLM)
    known = known_people(books, environment=PEPPER)
    planned = plan_backfill(books, known)
    with patch.object(DuckEngine, "replace", replace):
        apply_backfill(books, planned, known, now=NOW)
