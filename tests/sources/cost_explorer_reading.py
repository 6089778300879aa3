"""Read Cost Explorer in a test: the real client against the double, rows as landing has them."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import strategies as st
from tests.sources.cost_explorer_double import CostExplorerDouble
from tests.sources.cost_explorer_rules import Line

from costper.model.charge import CHARGE_COLUMNS
from costper.model.delivery import RawBill
from costper.model.money import total
from costper.model.outcome import Issue, Outcome
from costper.model.period import Period
from costper.sources.aws_cost_explorer import SOURCE
from costper.sources.aws_cost_explorer.settings import CostExplorerSettings
from costper.sources.base import ReadContext

PAYER = "111111111111"
BILLED, EFFECTIVE = "UnblendedCost", "NetAmortizedCost"
Row = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """What a sync read: its charges, its issues, its snapshots, and what it showed."""

    rows: list[Row]
    issues: tuple[Issue, ...]
    bills: tuple[RawBill, ...]
    shown: list[str]

    def issue(self, code: str) -> Issue | None:
        return next((issue for issue in self.issues if issue.code == code), None)


@contextmanager
def aws_environment(workdir: str, *, signed: bool) -> Generator[None]:
    """Keep boto3 away from this machine's own configuration."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
            if not signed:
                patch.delenv(name)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            patch.delenv(name, raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, f"{workdir}/nowhere")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


def sync(
    double: CostExplorerDouble,
    window: Period | None = None,
    *,
    signed: bool = True,
    **settings: object,
) -> Read:
    """Read through the real client and project the rows as landing would."""
    settings = {"account": PAYER, "endpoint_url": double.url, "requests_max": 2000, **settings}
    shown: list[str] = []
    with TemporaryDirectory() as workdir, aws_environment(workdir, signed=signed):
        context = ReadContext(
            source="bill",
            where="costper.yaml:7",
            root=Path(workdir),
            workdir=Path(workdir),
            now=datetime(2026, 11, 20, 9, tzinfo=UTC),
            currency="USD",
            window=window,
            progress=shown.append,
        )
        outcome: Outcome[RawBill] = SOURCE.read(
            CostExplorerSettings.model_validate(settings), context
        )
        rows = [row for bill in outcome.items for row in charges(bill)]
    return Read(rows, outcome.issues, outcome.items, shown)


def charges(bill: RawBill) -> list[Row]:
    """Project a bill's rows onto the canonical columns, in DuckDB."""
    kinds = {column.name: column.sql_type for column in CHARGE_COLUMNS}
    columns = ", ".join(
        f'CAST({expression} AS {kinds[name]}) AS "{name}"'
        for name, expression in bill.projection.items()
    )
    paths = [str(part.path) for part in bill.parts]
    found = duckdb.read_parquet(paths).project(columns).to_arrow_table()
    rows: list[Row] = found.to_pylist()
    return [row | {"tags": json.loads(row["tags"] or "{}")} for row in rows]


def totals(rows: Sequence[Row], *keys: str) -> dict[Any, tuple[Decimal, Decimal]]:
    """Add rows up by some keys; `tag:KEY` is the value of a tag, '' without it."""
    held: dict[Any, list[Row]] = {}
    for row in rows:
        held.setdefault(tuple(cell(row, key) for key in keys), []).append(row)
    return {
        key: (
            total([row["billed_cost"] for row in many]),
            total([row["effective_cost"] for row in many]),
        )
        for key, many in held.items()
    }


def cell(row: Row, key: str) -> str:
    if key.startswith("tag:"):
        return str(row["tags"].get(key.removeprefix("tag:"), ""))
    return str(row["charge_period_start"].date() if key == "day" else row[key] or "")


def ledger_totals(lines: Sequence[Line], *groups: tuple[str, str]) -> dict[Any, Any]:
    """Add the ledger's own lines up, by day first if asked for."""
    held: dict[Any, list[Line]] = {}
    for line in lines:
        key = tuple(
            str(line.day) if kind == "day" else line.value(kind, name) for kind, name in groups
        )
        held.setdefault(key, []).append(line)
    return {
        key: (
            total([line.amount(BILLED) for line in many]),
            total([line.amount(EFFECTIVE) for line in many]),
        )
        for key, many in held.items()
    }


days = st.dates(date(2026, 10, 1), date(2026, 11, 19))
amounts = st.decimals(-1000, 1000, places=14, allow_nan=False)
lines_ = st.builds(
    Line,
    day=st.sampled_from([date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 3)]) | days,
    account=st.sampled_from([PAYER, "222222222222", "333333333333"]),
    service=st.sampled_from(["Amazon S3", "AWS Lambda", "Tax", "Amazon RDS"]),
    record_type=st.sampled_from(["Usage", "Tax", "Credit", "Refund", "SavingsPlanNegation"]),
    tags=st.dictionaries(
        st.sampled_from(["team", "customer", "environment"]),
        st.sampled_from(["a", "b", "a$b", "ümlaut", " '; DROP"]),
    ).map(lambda found: tuple(sorted(found.items()))),
    category=st.sampled_from(["", "gold", "silver"]),
    unblended=amounts,
    amortized=amounts,
)
ledgers = st.lists(lines_, max_size=25)
tag_choices = st.lists(
    st.sampled_from(["team", "customer", "environment", "never"]), unique=True, max_size=3
).map(tuple)


def paid(requests: int) -> Issue:
    words = f"{requests} request{'s' * (requests != 1)}, ${requests * Decimal('0.01')}"
    return Issue("requests_paid", f"Cost Explorer answered {words}", "bill", "info")


def company() -> list[Line]:
    """Two accounts, tagged usage, and what a bill holds beside usage."""
    usage = [
        Line(
            day=day,
            account=account,
            service=service,
            tags=(("customer", customer), ("team", team)),
            unblended=Decimal("1.23456789012345") * n,
            amortized=Decimal("1.1") * n,
        )
        for day in (date(2026, 10, 2), date(2026, 11, 3))
        for account, team in ((PAYER, "core"), ("222222222222", "search"))
        for n, service in enumerate(("Amazon S3", "Amazon RDS"), start=1)
        for customer in ("acme", "globex", "initech")
    ]
    rest = [
        Line(day=date(2026, 10, 1), service="Tax", record_type="Tax", unblended=Decimal(19)),
        Line(day=date(2026, 10, 1), record_type="Credit", unblended=Decimal(-7)),
        Line(day=date(2026, 10, 1), record_type="Refund", unblended=Decimal(-3)),
        Line(day=date(2026, 10, 1), record_type="RIFee", unblended=Decimal(50)),
        Line(day=date(2026, 10, 9), record_type="Hocus", unblended=Decimal(1)),
    ]
    return [*usage, *rest]
