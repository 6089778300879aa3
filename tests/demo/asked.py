"""The demo company, made once, and how it is asked: through the command line."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from costper.cli.context import Context
from costper.cli.main import main

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OCTOBER = ("--from", "2026-10-01", "--to", "2026-11-01")
Row = Mapping[str, Any]
AI_COST = Decimal("15025.335948975")


def cloud(cost: str) -> Decimal:
    """Take the cost of calls away: what is left came with bills."""
    return Decimal(cost) - AI_COST


@dataclass(frozen=True)
class Company:
    """The folder a demo was made in, and what it printed."""

    folder: Path
    printed: str


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    context = Context(now=NOW, environment={"DEMO_SERVE": "0"}, stdout=out, stderr=err, cwd=folder)
    return main(words, context), out.getvalue(), err.getvalue()


def ask(company: Company, *words: str) -> Any:  # noqa: ANN401 - JSON
    code, out, err = run(company.folder / "demo", *words, *OCTOBER, "--json")
    assert code == 0, err
    return json.loads(out)


def row_of(rows: Sequence[Row], key: str, value: str) -> Row:
    return next(row for row in rows if row[key] == value)
