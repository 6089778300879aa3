"""Facts of metrics: the same from what is kept of each as from all its rows."""

from dataclasses import asdict
from pathlib import Path

from tests.pipeline.measured_world import Measured, measured

from costper.pipeline.query.facts import Held, facts_of
from costper.store.engine import Write

DAILY = ["2026-11-01,1,free,eu", "2026-11-02,2,free,eu", "2026-11-03,3,pro,us"]


def from_rows(company: Measured) -> dict[str, Held]:
    """Read the facts of books that keep nothing of their metrics but the rows."""
    kept = company.rows("SELECT * FROM metric_facts")
    assert kept
    empty = "SELECT * FROM metric_facts WHERE metric = ''"
    company.books.marts.replace([Write(table="metric_facts", where="TRUE", select=empty)])
    return dict(facts_of(company.books).metrics)


def test_days_and_words_are_those_of_the_rows(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.write("users", DAILY)  # every day once; peaks crowd, months have gaps
        company.sync()
        found = dict(facts_of(company.books).metrics)

        assert found["daily_active_users"].said == ("plan", "region")
        assert len(found["daily_active_users"].days) == 3
        assert {name: asdict(one) for name, one in from_rows(company).items()} == {
            name: asdict(one) for name, one in found.items()
        }
