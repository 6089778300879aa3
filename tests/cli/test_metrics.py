"""`costper metrics` shows what cost can be divided by, on one line each or one in depth."""

import csv
import io
import json
from pathlib import Path

import pytest
from tests.pipeline.measured_world import NOW, measured

from costper.cli.context import Context
from costper.cli.main import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with measured(tmp_path) as company:
        company.sync()
    return tmp_path


def said(folder: Path, *words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    context = Context(now=NOW, environment={}, stdout=out, stderr=err, cwd=folder)
    return main(["metrics", *words], context), out.getvalue(), err.getvalue()


def test_the_list_has_a_line_for_each(folder: Path) -> None:
    code, out, err = said(folder)
    assert (code, err) == (0, "")
    lines = {line.split()[0]: line for line in out.splitlines()[2:]}
    assert "plan (3), region (2)" in lines["daily_active_users"]
    assert "2026-11-03" in lines["daily_active_users"]
    assert "Europe/Berlin  growth  2026-09-01  2026-10-31" in lines["monthly_active_users"]


def test_one_in_depth_tells_what_is_missing(folder: Path) -> None:
    code, out, _ = said(folder, "daily_active_users")
    assert code == 0
    for line in ("2026-11-02         0  final", "2026-11-03         —  missing"):
        assert line in out, out
    assert "settled through 2026-11-04" in out


def test_programs_get_everything(folder: Path) -> None:
    rows = json.loads(said(folder, "--json")[1])["rows"]
    assert rows[0]["dimensions"][0] == {"dimension": "plan", "values": 3}
    table = list(csv.DictReader(io.StringIO(said(folder, "--csv")[1])))
    assert [row["metric"] for row in table] == [row["metric"] for row in rows]
    deep = json.loads(said(folder, "high", "--json")[1])["rows"][0]
    assert [one["quantity"] for one in deep["recent"]] == ["9", "4"]


def test_days_need_a_name_and_a_name_must_be_known(folder: Path) -> None:
    code, _, err = said(folder, "--days", "3")
    assert code == 2
    assert "costper metrics NAME --days 30" in err
    code, _, err = said(folder, "hihg")
    assert code == 2
    assert "did you mean 'high'?" in err
