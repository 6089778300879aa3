"""Killed at any moment under load, no acknowledged call is lost and none is counted twice."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.pipeline.calls.fold_world import road

FAR = 10_000_000
"""More calls than one process makes before it is killed."""


def acknowledged(folder: Path, first: int, most: int) -> set[int]:
    """Let a process take calls until it acknowledged so many, then kill it; give those."""
    command = [sys.executable, "-m", "tests.pipeline.calls.killed_intake", str(folder), str(first)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        numbers = {int(process.stdout.readline()) for _ in range(most)}
        process.kill()
        rest, _ = process.communicate()
    whole, _, _ = rest.rpartition(b"\n")  # the last number may be cut
    return numbers | {int(line) for line in whole.splitlines()}


def check(folder: Path, kills: int, most: int) -> None:
    """Kill so many processes, at moments that differ, and look at the books at the end."""
    known: set[int] = set()
    for kill in range(kills):
        known |= acknowledged(folder, kill * FAR, most * (kill % 7 + 1) + 911 * kill)
    with road(folder) as made:
        made.intake.fold_now()
        told = made.rows("SELECT call_id, COUNT(*) AS rows FROM calls GROUP BY call_id")
        assert {row["rows"] for row in told} == {1}
        there = {int(row["call_id"].removeprefix("call-")) for row in told}
        assert known - there == set()
        assert made.one("SELECT SUM(calls) FROM call_hourly") == len(there)
        assert made.one("SELECT SUM(calls) FROM user_daily") == len(there)
        sums = made.sums()
        assert made.rebuilt() == sums
        assert made.rows("SELECT * FROM call_conflicts") == []


def test_killed_under_load_nothing_is_lost_or_counted_twice(tmp_path: Path) -> None:
    check(tmp_path, kills=3, most=2_000)


@pytest.mark.soak
def test_killed_twenty_times_under_load_nothing_is_lost_or_counted_twice(tmp_path: Path) -> None:
    check(tmp_path, kills=20, most=20_000)
