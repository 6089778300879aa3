"""`costper audit` shows who did what, and finds a log that was changed."""

import json
import sqlite3
from pathlib import Path

import pytest
from tests.cli.world import run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    assert run(tmp_path, "init").code == 0
    for number in range(3):
        assert run(tmp_path, "keys", "add", f"key-{number}").code == 0
    return tmp_path


def test_what_was_done_is_listed_newest_first_and_page_by_page(project: Path) -> None:
    rows = json.loads(run(project, "audit", "--rows", "2", "--json").out)["rows"]
    assert [row["action"] for row in rows] == ["key added", "key added"]
    assert rows[0]["seq"] > rows[1]["seq"]
    rest = run(project, "audit", "--before", str(rows[1]["seq"]), "--json")
    assert [row["seq"] for row in json.loads(rest.out)["rows"]] == [rows[1]["seq"] - 1]
    assert "key added" in run(project, "audit").out


def test_a_whole_log_is_said_to_be_whole(project: Path) -> None:
    ran = run(project, "audit", "--verify")
    assert (ran.code, ran.out) == (0, "3 entries, none of them changed\n")


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit SET actor = 'nobody' WHERE seq = 2", "DELETE FROM audit WHERE seq = 2"],
)
def test_an_entry_that_was_changed_or_taken_away_is_found(project: Path, change: str) -> None:
    with sqlite3.connect(project / ".costper" / "control.sqlite") as control:
        control.execute(change)
    control.close()
    ran = run(project, "audit", "--verify")
    assert ran.code == 1
    assert "was changed, or one before it removed" in ran.err
    checked = run(project, "check")
    assert checked.code == 1
    assert "was changed, or one before it removed" in checked.out + checked.err


def test_an_empty_log_says_so(tmp_path: Path) -> None:
    assert run(tmp_path, "init").code == 0
    assert run(tmp_path, "audit").out == "nothing was done yet\n"
    assert run(tmp_path, "audit", "--rows", "0").code == 2
