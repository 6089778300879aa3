"""Measurements are read with their day, number and dimensions; bad ones change nothing."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from tests.sources.reading import context_at

from costper.model.outcome import Outcome
from costper.sources.base import RawMeasurements
from costper.sources.measurements_file import MeasurementSettings, read
from costper.sources.probe import ask

SAID = {
    "path": "*.csv",
    "date": "day",
    "value": "requests",
    "dimensions": {"customer": "customer_id", "service": "service"},
}
USAGE = "day,customer_id,service,requests\n2026-08-01,acme,cdn,10\n2026-08-01, beta ,cdn,2.5\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def reading(root: Path, said: dict[str, Any]) -> Outcome[RawMeasurements]:
    return read(MeasurementSettings.model_validate(said), context_at(root))


def rows(found: RawMeasurements) -> list[tuple[Any, ...]]:
    columns = ", ".join(found.projection.values())
    return ask(found.parts, f"SELECT {columns} FROM raw ORDER BY _file, _row")


def test_a_file_gives_one_metric_named_after_its_source(root: Path) -> None:
    (root / "usage.csv").write_text(USAGE)
    outcome = reading(root, SAID)
    [found] = outcome.items
    assert (found.metric, list(found.projection)) == (
        "bill",
        ["day", "value", "customer", "service"],
    )
    assert rows(found) == [
        (date(2026, 8, 1), Decimal(10), "acme", "cdn"),
        (date(2026, 8, 1), Decimal("2.5"), "beta", "cdn"),
    ]
    assert reading(root, SAID | {"metric": "hits"}).items[0].metric == "hits"


def test_several_numbers_a_row_are_several_metrics(root: Path) -> None:
    (root / "u.csv").write_text("date,a,b\n2026-08-01,1,2\n")
    found = reading(root, {"path": "u.csv", "values": {"hits": "a", "bytes": "b"}}).items
    assert [(one.metric, rows(one)[0][1]) for one in found] == [("hits", 1), ("bytes", 2)]


def test_files_add_up_and_the_same_bytes_count_once(root: Path) -> None:
    (root / "1.csv").write_text(USAGE)
    (root / "2.csv").write_text(USAGE)
    (root / "3.csv").write_text(USAGE.replace("10", "11"))
    outcome = reading(root, SAID)
    assert [issue.code for issue in outcome.issues] == ["same_bytes"]
    assert [part.origin for part in outcome.items[0].parts] == ["1.csv", "3.csv"]


def test_days_are_those_of_the_zone(root: Path) -> None:
    (root / "u.csv").write_text("date,value\n2026-08-01T22:30:00Z,1\n2026-08-01T22:30:00,1\n")
    said = {"path": "u.csv", "timezone": "Europe/Berlin"}
    assert [row[0].day for row in rows(reading(root, said).items[0])] == [2, 1]


def test_parquet_is_read_with_its_types(root: Path) -> None:
    table = pa.table({"day": [date(2026, 8, 1)], "requests": [7], "customer_id": ["a"]})
    pq.write_table(table, root / "u.parquet")
    said = SAID | {"path": "u.parquet", "dimensions": {"customer": "customer_id"}}
    assert rows(reading(root, said).items[0]) == [(date(2026, 8, 1), 7, "a")]


def test_what_cannot_be_read_is_missing_not_zero(root: Path) -> None:
    (root / "u.csv").write_text("date,value\n2026-08-01,\n2026-08-01,0\nnever,1\n2026-08-01,x\n")
    assert rows(reading(root, {"path": "u.csv"}).items[0]) == [
        (date(2026, 8, 1), None),
        (date(2026, 8, 1), Decimal(0)),
        (None, Decimal(1)),
        (date(2026, 8, 1), None),
    ]


def test_a_column_that_is_not_there_lands_nothing_and_suggests_one(root: Path) -> None:
    (root / "usage.csv").write_text(USAGE)
    outcome = reading(root, SAID | {"value": "request"})
    assert outcome.items == ()
    [issue] = outcome.issues
    assert (issue.code, issue.where) == ("missing_column", "usage.csv:1")
    assert issue.hint == "did you mean 'requests'?"


def test_a_cut_file_lands_nothing(root: Path) -> None:
    (root / "1.csv").write_text(USAGE)
    (root / "2.csv").write_text(USAGE[:-8])
    outcome = reading(root, SAID)
    assert (outcome.items, outcome.failed) == ((), True)


@pytest.mark.parametrize(
    "said",
    [
        {"timezone": "Mars/Base"},
        {"values": {"a": "b"}, "value": "c"},
        {"values": {"a": "b"}, "metric": "c"},
        {"dimensions": {"day": "x"}},
        {"colour": "red"},
    ],
)
def test_settings_that_contradict_themselves_are_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MeasurementSettings.model_validate({"path": "x.csv"} | said)
