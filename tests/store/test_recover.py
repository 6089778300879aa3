"""After a crash at any step, the books are as before or wholly new, never half."""

import os
import resource
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.store.raw_bills import MAY, NOW, Desk, charge, days

from costper.errors import BooksError
from costper.store.books import open_books
from costper.store.deliveries import current, listed, pending
from costper.store.engine import Write
from costper.store.runs import NewRun, begin_run, listed_runs


def kill_at(folder: Path, step: str) -> None:
    command = [sys.executable, "-m", "tests.store.killed", str(folder), step]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize("step", ["pending", "landed", "settled"])
def test_killed_at_any_step_the_books_are_old_or_wholly_new(tmp_path: Path, step: str) -> None:
    desk = Desk.at(tmp_path)
    desk.land(days(MAY, 3))
    old = desk.state()
    desk.books.close()
    kill_at(tmp_path, step)
    after = Desk.at(tmp_path)
    assert pending(after.books.control) == ()
    (held,) = current(after.books.control)
    assert held.totals["USD"]["billed_cost"] == (3 if step == "pending" else 6)
    assert (after.state() == old) == (step == "pending")
    assert after.all("SELECT SUM(billed_cost), SUM(charges) FROM charge_daily") == [
        (held.totals["USD"]["billed_cost"], 3)
    ]
    after.land(days(MAY, 3, "2"))
    assert after.landings[-1].scopes[0].fate == ("replaced" if step == "pending" else "unchanged")
    after.books.close()


def test_a_first_delivery_that_was_killed_leaves_nothing_but_a_note(tmp_path: Path) -> None:
    kill_at(tmp_path, "pending")
    desk = Desk.at(tmp_path)
    assert desk.state()["charges"] == []
    (failed,) = listed(desk.books.control)
    assert (failed.status, failed.reason) == ("failed", "the sync ended before it landed")
    desk.books.close()


def test_killed_in_the_middle_of_the_writing_the_books_are_old(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path)
    desk.land(days(MAY, 3))
    old = desk.state()
    desk.books.close()
    program = (
        "import sys, os, signal, threading; from pathlib import Path\n"
        "from tests.store.raw_bills import *; from costper.store.engine import Write\n"
        "desk = Desk.at(Path(sys.argv[1]))\n"
        "def die(ask):\n os.kill(os.getpid(), signal.SIGKILL)\n"
        "rows = 'SELECT c.* FROM charges AS c, range(200000)'\n"
        "desk.books.engine.replace([Write(table='charges', select=rows)], check=die)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    after = Desk.at(tmp_path)
    assert after.state() == old
    after.books.close()


def test_a_run_that_never_reached_the_books_is_given_up(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path)
    run = NewRun(month=MAY, fingerprint="f", rules=(), deliveries=(), definition={})
    begin_run(desk.books.control, run, contents={}, now=NOW)
    again = desk.reopened()
    assert [each.status for each in listed_runs(again.books.control, ("abandoned",))] == [
        "abandoned"
    ]
    again.books.close()


def limit_files(megabytes: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (megabytes << 20, hard))


def test_a_full_disk_is_a_clear_error_and_changes_nothing(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path)
    desk.land(days(MAY, 3))
    old = desk.state()
    big = [
        charge(MAY + timedelta(days=day % 3), charge_description=os.urandom(2000).hex())
        for day in range(6000)
    ]
    file = desk.file(big)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit_files(8)
    try:
        with pytest.raises(BooksError, match=r"books\.duckdb.*could not be read or written"):
            desk.land(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert desk.state() == old
    after = desk.reopened()
    assert after.state() == old
    assert [each.status for each in listed(after.books.control)] == ["current", "failed"]
    after.land(file)
    assert after.landings[-1].scopes[0].fate == "replaced"
    after.books.close()


def test_books_of_a_newer_costper_are_left_alone(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path)
    newer = Write(table="schema_version", where="TRUE", select="SELECT 99 AS version")
    desk.books.engine.replace([newer])
    desk.books.close()
    with pytest.raises(BooksError, match="schema 99"):
        open_books(desk.books.settings, now=NOW)
