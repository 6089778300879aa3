"""The vendors' bills read the same, to the last digit, on Spark Connect as on DuckDB."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from tests.engines.sail import sail
from tests.sources.cur_report import (
    AMORTISED,
    PLAN,
    RESERVATION,
    TOTAL,
    UNUSED_FEE,
    UNUSED_UPFRONT,
    USED,
    line,
    report,
)
from tests.sources.projected import Row, charges, context, read
from tests.sources.test_azure_cost import export
from tests.sources.test_azure_cost import line as azure_line
from tests.sources.test_gcp_billing import CREDIT, USAGE, lines

from costper.model.charge import CHARGE_COLUMNS
from costper.model.delivery import RawBill
from costper.model.names import quoted
from costper.sources import aws_cur, azure_cost, gcp_billing
from costper.sources.base import Source
from costper.store.transpile import to_spark

Bill = Callable[[Path], tuple[Source, dict[str, object]]]
pytestmark = pytest.mark.sail


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    with sail() as session:
        yield session


def on_spark(spark: SparkSession, bill: RawBill) -> list[Row]:
    """Evaluate a bill's projection as the other engine does."""
    table: Any = None
    for number, part in enumerate(bill.parts):
        one = spark.read.parquet(part.path).selectExpr("*", f"{number} AS _file")
        table = one if table is None else table.unionByName(one, allowMissingColumns=True)
    table.createOrReplaceTempView("raw_rows")
    columns = ", ".join(
        f"CAST({bill.projection[c.name]} AS {c.sql_type}) AS {quoted(c.name)}"
        for c in CHARGE_COLUMNS
        if c.name in bill.projection
    )
    sql = f"SELECT _file, _row, {columns} FROM raw_rows WHERE {bill.keep} ORDER BY _file, _row"
    return [row.asDict() for row in spark.sql(to_spark(sql)).collect()]


def cur(folder: Path) -> tuple[Source, dict[str, object]]:
    tags = {"resourceTags/user:a": 'x"\\\n', "costCategory/b c": "d"}
    spans = {"lineItem/UsageEndDate": "2026-08-31T23:59:59Z"}
    rows = [
        line("Usage", "2.358159922322508e-06", **tags),
        line("SavingsPlanRecurringFee", 10, **PLAN | {TOTAL: 10, USED: "7.000000000000000000001"}),
        line("RIFee", 20, **RESERVATION | {UNUSED_UPFRONT: 1, UNUSED_FEE: "2e-9"}),
        line("Tax", 3, **spans),
        line("Usage", 3, **{"lineItem/Operation": "EKSPod-EC2"}),
    ]
    report(folder / "cur.csv", rows, *AMORTISED)
    return aws_cur.SOURCE, {"path": "cur.csv"}


def azure(folder: Path) -> tuple[Source, dict[str, object]]:
    export(folder / "actual.csv", [azure_line("1E-7"), azure_line(2, date="2026-08-03")])
    export(folder / "amortized.csv", [azure_line(3, chargeType="UnusedReservation")])
    return azure_cost.SOURCE, {"actual": "actual.csv", "amortized": "amortized.csv"}


def google(folder: Path) -> tuple[Source, dict[str, object]]:
    lines(folder / "gcp.jsonl", [USAGE | {"cost": 5e-06, "credits": [CREDIT]}])
    return gcp_billing.SOURCE, {"path": "gcp.jsonl"}


@pytest.mark.parametrize(
    "bill_of", [cur, azure, google], ids=["aws_cur", "azure_cost", "gcp_billing"]
)
def test_a_bill_reads_the_same_on_both_engines(
    spark: SparkSession, tmp_path: Path, bill_of: Bill
) -> None:
    source, said = bill_of(tmp_path)
    [bill] = read(source, said, context(tmp_path, tmp_path)).items
    here, there = charges(bill, tmp_path), on_spark(spark, bill)
    assert len(here) == len(there) > 0
    for ours, theirs in zip(here, there, strict=True):
        assert ours == theirs
    assert all(isinstance(row["billed_cost"], Decimal) for row in there)
    assert all(json.loads(row["extras"]) for row in there)
