"""Killed at any step of an allocation, the books hold the old run or the whole new one."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.pipeline.shop import OVERHEAD, SHARED, Shop, shop

from costper.store.runs import current_runs, listed_runs

MARTS = ("legs", "moves", "pools", "customer_daily", "dimension_daily", "dimension_map", "landed")
NEW = ("kept", "settled")


def state(books: Shop) -> dict[str, list[dict[str, Any]]]:
    return {name: books.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in MARTS}


@pytest.mark.parametrize("step", ["announced", "written", "kept", "settled"])
def test_killed_at_any_step_the_run_is_old_or_wholly_new(tmp_path: Path, step: str) -> None:
    with shop(tmp_path, SHARED) as books:
        books.fill()
        books.apply()
        old = state(books)
    command = [sys.executable, "-m", "tests.pipeline.killed", str(tmp_path), step]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    with shop(tmp_path, SHARED, OVERHEAD) as books:
        assert (state(books) == old) == (step not in NEW)
        (run,) = current_runs(books.books.control).values()
        assert books.rows("SELECT DISTINCT run_id FROM legs") == [{"run_id": run.run_id}]
        assert run.legs == len(books.rows("SELECT * FROM legs"))
        assert listed_runs(books.books.control, ("pending", "failed")) == ()
        (again,) = books.apply()
        assert again.state == ("unchanged" if step in NEW else "changed")
        assert sum(books.by_customer().values()) == sum(
            row["effective_cost"] for row in books.rows("SELECT effective_cost FROM charge_daily")
        )
