"""The mart of metrics holds what was measured, in the words of charges, and only that."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.pipeline.measured_world import CONFIG, MONTHLY, USERS, Measured, measured

from costper.store.books import SCHEMA_VERSION
from costper.store.duckdb import DuckEngine
from costper.store.engine import Write
from costper.store.metric_mart import metric_facts_of

FIRST, SECOND, FOURTH = (date(2026, 11, day) for day in (1, 2, 4))
EVERY = ("daily_active_users", "high", "low", "monthly_active_users")


def of(company: Measured, metric: str, *columns: str) -> list[tuple[object, ...]]:
    rows = company.rows(f"SELECT * FROM metric_daily WHERE metric = '{metric}' ORDER BY ALL")
    return [tuple(row[column] for column in columns) for row in rows]


def sums(company: Measured, table: str) -> Mapping[str, Decimal]:
    found = company.rows(f"SELECT metric, SUM(value) AS value FROM {table} GROUP BY metric")
    return {row["metric"]: row["value"] for row in found}


def test_words_are_those_of_charges_and_not_said_is_not_untagged(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        assert company.sync().metrics.metrics == EVERY
        found = of(
            company, "daily_active_users", "day", "dim_plan", "dim_region", "dim_team", "value"
        )
        assert found == [
            (FIRST, "free", "eu", "", 10),
            (FIRST, "team", "eu", "", 7),
            (SECOND, "free", "eu", "", 0),
            (FOURTH, "(untagged)", "us", "", 7),
        ]
        facts = metric_facts_of(company.books.marts)
        dau = facts["daily_active_users"]
        assert (dau.said, dau.days, dau.crowded) == (("plan", "region"), 3, 1)
        assert (dau.first_day, dau.last_day) == (FIRST, FOURTH)
        assert facts["high"].said == ()


def test_values_of_one_day_are_put_together_by_the_aggregation(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.sync()
        assert of(company, "high", "day", "value", "rows") == [(FIRST, 9, 2), (SECOND, 4, 1)]
        assert of(company, "low", "day", "value", "rows") == [(FIRST, 1, 2), (SECOND, 4, 1)]


def test_a_metric_of_months_stands_at_the_first_of_its_month(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.sync()
        assert of(company, "monthly_active_users", "day", "dim_plan", "value") == [
            (date(2026, 9, 1), "free", 100),
            (date(2026, 10, 1), "free", 120),
            (date(2026, 10, 1), "team", 20),
        ]


def test_the_same_sync_again_writes_nothing(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.sync()
        before = company.rows()
        assert company.sync().metrics.metrics == ()
        company.apply()
        assert company.refresh() == ()
        assert company.rows() == before


def test_only_what_changed_is_written_anew(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.sync()
        company.write("monthly", [*MONTHLY, "2026-11-19,130,free"])
        assert company.sync().metrics.metrics == ("monthly_active_users",)
    with measured(tmp_path, CONFIG.replace("source: peaks, kind: peak}", "source: peaks}")) as same:
        same.apply()
        assert of(same, "high", "day", "value") == [(FIRST, 14), (SECOND, 4)]
        assert same.refresh() == ()


def test_other_words_reach_the_metrics_without_a_sync(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.sync()
    with measured(tmp_path, CONFIG.replace("{Pro: Team}", "{free: Gratis}")) as company:
        company.apply()
        plans = {row["dim_plan"] for row in company.rows()}
        assert plans == {"gratis", "team", "pro", "(untagged)", ""}


def test_a_metric_that_is_no_longer_declared_goes(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.sync()
    fewer = "\n".join(line for line in CONFIG.splitlines() if not line.startswith("  low: "))
    with measured(tmp_path, fewer.replace(", low: lo", "")) as company:
        company.apply()
        assert {row["metric"] for row in company.rows()} == set(EVERY) - {"low"}
        assert set(metric_facts_of(company.books.marts)) == set(EVERY) - {"low"}


def test_a_changed_past_value_is_counted_as_a_restatement(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.sync()
        company.write("users", ["2026-11-01,11,free,eu", *USERS[1:]])
        company.sync()
        assert metric_facts_of(company.books.marts)["daily_active_users"].restated == 1
        assert sums(company, "metric_daily")["daily_active_users"] == 25


@pytest.mark.parametrize("step", ["read", "written", "kept"])
def test_killed_at_any_step_every_metric_is_old_or_every_one_new(tmp_path: Path, step: str) -> None:
    with measured(tmp_path) as company:
        company.sync()
        old = company.rows()
    other = CONFIG.replace("{Pro: Team}", "{}").replace(
        "source: peaks, kind: peak}", "source: peaks}"
    )
    (tmp_path / "costper.yaml").write_text(other)
    command = [sys.executable, "-m", "tests.pipeline.killed_metrics", str(tmp_path), step]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    with measured(tmp_path, other) as company:
        left = company.rows()
        written = company.refresh()
        assert bool(written) == (step != "kept")
        assert left == (company.rows() if step == "kept" else old)
        assert company.rows() != old


def test_books_of_the_version_before_are_filled_by_the_next_sync(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.sync()
        whole = company.rows()
    engine = DuckEngine(tmp_path / ".costper" / "books.duckdb")
    for table in ("metric_daily", "metric_facts"):
        engine.replace([Write(table=table, where="TRUE")])
    engine.offer("first", pa.table({"version": pa.array([1], pa.int64())}))
    engine.replace([Write(table="schema_version", where="TRUE", select="SELECT * FROM first")])
    engine.close()
    with measured(tmp_path) as company:
        assert company.rows("SELECT * FROM schema_version") == [{"version": SCHEMA_VERSION}]
        assert company.rows() == []
        report = company.sync()
        assert all(series.unchanged for one in report.sources for series in one.series)
        assert company.rows() == whole


lines = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.decimals(-(10**12), 10**12, places=6).map("{:f}".format),
        st.sampled_from(["free", " Free", "PRO", "team", "", "ﬁne"]),
        st.sampled_from(["eu", "EU", ""]),
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=10)
@given(lines)
def test_no_value_is_lost_or_counted_twice(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, str, str, str]]
) -> None:
    with measured(tmp_path_factory.mktemp("law")) as company:
        written = [
            f"2026-11-{day:02},{value},{plan},{region}" for day, value, plan, region in drawn
        ]
        company.write("users", written)
        company.sync()
        total = sum((Decimal(value) for _, value, _, _ in drawn), Decimal(0))
        assert sums(company, "metric_daily")["daily_active_users"] == total
        rows = company.rows("SELECT * FROM metric_daily WHERE metric = 'daily_active_users'")
        assert sum(row["rows"] for row in rows) == len(drawn)
        keys = {(row["day"], row["dim_plan"], row["dim_region"]) for row in rows}
        assert len(keys) == len(rows)
        assert all(plan == plan.strip().casefold() for _, plan, _ in keys)
