"""Exchange rates are dated, above zero, and never told twice."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.sources.reading import context_at

from costper.model.customer import Rate
from costper.model.outcome import Outcome
from costper.sources.rates_file import RateSettings, read


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def reading(root: Path, text: str) -> Outcome[Rate]:
    (root / "r.csv").write_text(text)
    return read(RateSettings(path=("r.csv",)), context_at(root))


@pytest.mark.parametrize(
    "text",
    [
        "valid_from,currency,target,rate\n2026-08-01,EUR,USD,1.0842\n",
        "date,from,to,rate\n2026-08-01,eur,usd,1.0842\n",
        "Month,Base,Rate\n8/1/26,EUR,1.0842\n",
    ],
)
def test_a_rate_is_read_by_any_of_its_names(root: Path, text: str) -> None:
    rate = Rate(valid_from=date(2026, 8, 1), currency="EUR", target="USD", rate=Decimal("1.0842"))
    outcome = reading(root, text)
    assert (outcome.items, outcome.issues) == ((rate,), ())


def test_rows_that_cannot_be_a_rate_are_told(root: Path) -> None:
    rows = (
        "2026-08-01,EUR,USD,0",
        "2026-08-01,EUR,USD,-1",
        "2026-08-01,EUR,USD,",
        "soon,EUR,USD,1",
        "2026-08-01,Token,USD,1",
        "2026-08-01,USD,USD,2",
        "2026-08-01,GBP,USD,1.3",
        "2026-08-01,GBP,USD,1.4",
        "2026-08-01,GBP,USD,1.30",
    )
    outcome = reading(root, "\n".join(("date,currency,target,rate", *rows)) + "\n")
    assert [rate.rate for rate in outcome.items] == [Decimal("1.3")]
    assert sorted(issue.where for issue in outcome.issues) == [
        f"r.csv:{row}" for row in (2, 3, 4, 5, 6, 7, 9)
    ]


def test_a_file_without_rates_gives_none(root: Path) -> None:
    outcome = reading(root, "date,currency\n2026-08-01,EUR\n")
    assert (outcome.items, outcome.failed) == ((), True)


def test_a_rate_may_be_of_a_code_that_only_a_vendor_has(root: Path) -> None:
    outcome = reading(
        root, "day,from,to,rate\n2026-08-01,mc,usd,0.5\n2026-08-01,M-C,USD,1\n2026-08-01,EUR,MC,2\n"
    )
    assert [(rate.currency, rate.target) for rate in outcome.items] == [("MC", "USD")]
    assert [issue.where for issue in outcome.issues] == ["r.csv:3", "r.csv:4"]
