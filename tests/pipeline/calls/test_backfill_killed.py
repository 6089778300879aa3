"""Killed in mid backfill, each month is wholly old or wholly new, and the next one finishes it."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT
from tests.pipeline.calls.killed_backfill import LLM
from tests.pipeline.calls.people_world import people_books, tell
from tests.pipeline.calls.test_backfill import (
    AUGUST,
    OCTOBER,
    SEPTEMBER,
    applied,
    assert_adds_up,
    call,
    planned,
)

from costper.store.books import Books

WHERE = "SELECT call_id, user_id, user_kind, customer, team, cost FROM calls ORDER BY ALL"


def told(folder: Path, llm: str) -> Books:
    """Give books with calls of three months, whose people settings say nothing of yet."""
    books = people_books(folder, "llm: {}")
    events = [
        call(
            at,
            1 + number,
            external_request_id=f"{at}-{number}",
            tenant_id=("t1", "t2")[number % 2],
            user_id=("jane", "auth0-1", "bot-7")[number % 3],
        )
        for at in (AUGUST, SEPTEMBER, OCTOBER)
        for number in range(12)
    ]
    tell(books, events)
    books.close()
    return people_books(folder, llm)


def rows(books: Books) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = books.marts.query(WHERE).to_pylist()
    return found


@pytest.mark.parametrize(("moment", "fatal"), [("after", 1), ("inside", 2), ("after", 3)])
def test_killed_at_any_month_the_next_backfill_ends_where_one_alone_would(
    tmp_path: Path, moment: str, fatal: int
) -> None:
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
    whole = told(tmp_path / "whole", LLM)
    applied(whole)
    told(tmp_path / "killed", "llm: {}").close()
    command = [sys.executable, "-m", "tests.pipeline.calls.killed_backfill"]
    done = subprocess.run(
        [*command, str(tmp_path / "killed"), moment, str(fatal)],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    books = people_books(tmp_path / "killed", LLM)
    assert_adds_up(books)
    left = {one.move.days.start.month for one in planned(books)}
    assert left == {8, 9, 10} - set(range(8, 8 + fatal - (moment == "inside")))
    applied(books)
    assert_adds_up(books)
    assert rows(books) == rows(whole)
    assert planned(books) == ()
    books.close()
    whole.close()
