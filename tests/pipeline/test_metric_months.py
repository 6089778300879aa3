"""A metric's months are written when what they are made from changes, and only then."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.pipeline.measured_world import CONFIG, NOW, Measured, measured

from costper.pipeline import metric_months
from costper.store.engine import Write

MARTS = ("metric_daily", "metric_facts", "metric_months")
MARKED = "metric || ' ' || CAST(month AS VARCHAR)"
OLD = ["2026-09-01,1,free,eu", "2026-10-31,2,free,eu"]
NEW = ["2026-11-01,3,free,eu", "2026-11-02,4,pro,us"]


def mark(company: Measured) -> None:
    """Make every row of the mart one that no refresh would write."""
    select = "SELECT * REPLACE (CAST(-7 AS DECIMAL(38,6)) AS value) FROM metric_daily"
    company.books.marts.keep("marked", select)
    company.books.marts.replace(
        [Write(table="metric_daily", where="TRUE", select="SELECT * FROM marked")]
    )


def written(company: Measured) -> set[str]:
    """Name the months of metrics written since they were marked."""
    rows = company.rows(f"SELECT DISTINCT {MARKED} AS month FROM metric_daily WHERE value <> -7")
    return {row["month"].removeprefix("daily_active_users ") for row in rows}


def state(company: Measured) -> dict[str, object]:
    return {name: company.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in MARTS}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Measured]:
    with measured(tmp_path) as opened:
        opened.write("users", [*OLD, *NEW])
        opened.sync()
        mark(opened)
        yield opened


def test_days_pulled_again_rewrite_their_months_only(company: Measured) -> None:
    company.write("users", ["2026-11-02,5,pro,us"])
    assert company.sync().metrics.metrics == ("daily_active_users",)
    assert written(company) == {"2026-11-01"}


def test_a_word_of_one_dimension_rewrites_what_is_by_that_dimension(
    tmp_path: Path, company: Measured
) -> None:
    company.books.close()
    with measured(
        tmp_path, CONFIG.replace("tags.region}", "tags.region, aliases: {eu: EMEA}}")
    ) as new:
        assert len(new.refresh()) == len(new.books.settings.metrics)
        assert written(new) == {"2026-09-01", "2026-10-01", "2026-11-01"}
        assert new.refresh() == ()


def test_a_month_that_lost_its_measurements_goes(company: Measured) -> None:
    mine = "metric = 'users' AND day < DATE '2026-10-01'"
    company.books.engine.replace([Write(table="measurements", where=mine)])
    company.write("users", ["2026-11-02,5,pro,us"])
    company.sync()
    months = "SELECT DISTINCT month FROM {} WHERE metric = 'daily_active_users' ORDER BY month"
    for table in ("metric_daily", "metric_months"):
        assert [row["month"] for row in company.rows(months.format(table))] == [
            date(2026, 10, 1),
            date(2026, 11, 1),
        ]
    facts = company.rows("SELECT * FROM metric_facts WHERE metric = 'daily_active_users'")
    assert (facts[0]["first_day"], facts[0]["days"]) == (date(2026, 10, 31), 3)


def test_a_week_is_written_with_the_month_of_its_monday(tmp_path: Path) -> None:
    weekly = CONFIG.replace("unit: user, kind: active_users}", "kind: active_users, grain: week}")
    with measured(tmp_path, weekly) as company:
        company.write("users", ["2026-09-30,1,free,eu", "2026-11-02,3,free,eu"])
        company.sync()
        mark(company)
        company.write("users", ["2026-11-01,2,free,eu"])  # a Sunday: its Monday is in October
        company.sync()
        assert written(company) == {"2026-10-01"}


pulls = st.lists(
    st.lists(
        st.tuples(
            st.integers(0, 100),
            st.integers(-(10**6), 10**6),
            st.sampled_from(["free", " PRO", "", " ", "(untagged)"]),
            st.sampled_from(["eu", ""]),
        ),
        min_size=1,
        max_size=6,
    ),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=6, phases=[Phase.generate])
@given(pulls, st.sampled_from(["day", "week", "month"]), st.sampled_from(["sum", "max", "min"]))
def test_month_by_month_gives_what_all_at_once_gives(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[list[tuple[int, int, str, str]]],
    grain: str,
    aggregation: str,
) -> None:
    said = f"kind: count, grain: {grain}, aggregation: {aggregation}}}"
    config = CONFIG.replace("unit: user, kind: active_users}", said)
    with measured(tmp_path_factory.mktemp("law"), config) as company:
        for pull in drawn:
            company.write("users", [f"{_day(day)},{value},{a},{b}" for day, value, a, b in pull])
            assert not company.sync().failed
        bit_by_bit = state(company)
        company.books.marts.replace([Write(table=name, where="TRUE") for name in MARTS])
        assert company.refresh()
        assert state(company) == bit_by_bit


def _day(place: int) -> date:
    return NOW.date() - timedelta(days=place)


def test_many_rows_are_put_together_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with measured(tmp_path) as company:
        company.write("users", [*OLD, *NEW])
        company.sync()
        at_once = state(company)
        company.books.marts.replace([Write(table=name, where="TRUE") for name in MARTS])
        monkeypatch.setattr(metric_months, "MANY", 2)
        company.refresh()
        assert state(company) == at_once
