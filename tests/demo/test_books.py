"""The demo's findings, asked of its books through the command line, never of the generator."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from costper.cli.context import Context
from costper.cli.figures import MINUS
from costper.cli.main import main

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OCTOBER = ("--from", "2026-10-01", "--to", "2026-11-01")
Row = Mapping[str, Any]


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


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("company")
    code, out, err = run(folder, "demo")
    assert code == 0, err
    return Company(folder, out)


@pytest.fixture(scope="module")
def customers(company: Company) -> Mapping[str, Any]:
    found: Mapping[str, Any] = ask(company, "customer")
    return found


def row_of(rows: Sequence[Row], key: str, value: str) -> Row:
    return next(row for row in rows if row[key] == value)


def test_october_costs_a_round_sum(customers: Mapping[str, Any]) -> None:
    assert customers["total"]["effective_cost"] == "120000.00"
    assert customers["total"]["billed_cost"] == "120000.00"
    assert customers["estimated"] is False
    assert customers["issues"] == []


def test_one_customer_costs_four_times_what_it_pays_and_comes_first(
    customers: Mapping[str, Any],
) -> None:
    worst = customers["rows"][0]
    assert worst["customer"] == "cobalt-freight"
    assert worst["cost"] == "8000.00"
    assert worst["revenue"] == "2000.00"
    assert Decimal(worst["margin_percent"]) == Decimal("-300.0")


def test_exactly_three_customers_have_a_negative_margin(customers: Mapping[str, Any]) -> None:
    margins = [Decimal(row["margin"]) for row in customers["rows"]]
    assert sum(margin < 0 for margin in margins) == 3
    assert customers["total"]["loss_makers"] == 3
    percents = [row["margin_percent"] for row in customers["rows"]]
    losing = [Decimal(one) for one in percents if isinstance(one, str) and Decimal(one) < 0]
    assert len(losing) == 3
    assert all(one > Decimal(-80) for one in losing[1:])


def test_one_customer_pays_in_euros(customers: Mapping[str, Any]) -> None:
    assert row_of(customers["rows"], "customer", "rheinblick-versand")["revenue"] == "20222.35"


def test_customers_and_the_rest_add_up_to_the_total(customers: Mapping[str, Any]) -> None:
    rest = [Decimal(row["cost"]) for row in customers["total"]["not_customers"]]
    theirs = [Decimal(row["cost"]) for row in customers["rows"]]
    assert sum(theirs) + sum(rest) == Decimal(customers["total"]["cost"])


def test_staging_wastes_its_nights_and_weekends(company: Company) -> None:
    staging = ask(company, "waste")["rows"][0]
    assert staging["environment"] == "staging"
    assert staging["idle_cost"] == "18000.00"
    assert staging["monthly_saving"] == "18000.00"
    assert staging["estimated_cost"] == "0.00"
    assert staging["schedule"] == "Mon-Fri 08-19 UTC"


def test_the_retrying_function_is_found_as_critical(company: Company) -> None:
    worst = ask(company, "anomalies", "--scope", "service")["rows"][0]
    assert worst["day"] == "2026-10-14"
    assert worst["name"] == "image-resizer"
    assert worst["severity"] == "critical"
    assert abs(Decimal(worst["deviation"]) - 4000) < 5
    assert worst["contributors"][0]["team"] == "growth"


def test_nothing_else_about_services_is_unusual(company: Company) -> None:
    assert len(ask(company, "anomalies", "--scope", "service")["rows"]) == 1


def test_what_stays_unallocated_says_why(customers: Mapping[str, Any]) -> None:
    assert set(customers["unallocated"]) == {"no_rule", "no_usage"}
    assert customers["unallocated"]["no_rule"] == "1350.00"
    assert Decimal("0.98") < Decimal(customers["coverage"]) < 1


def test_every_team_is_known(company: Company) -> None:
    teams = {row["team"] for row in ask(company, "team")["rows"]}
    assert {"platform", "product", "growth", "data", "security"} <= teams
    assert not any("_" in team or team != team.strip() for team in teams)


def test_tag_dialects_become_one_word(company: Company) -> None:
    found = {row["environment"] for row in ask(company, "environment")["rows"]}
    assert found == {"production", "staging", "development", "(untagged)"}


def test_the_printed_findings_are_those_of_the_books(company: Company) -> None:
    for said in (
        "$120,000.00",
        "3 customers cost more than they pay",
        f"costs $8,000.00  pays $2,000.00  margin {MINUS}300.0 %",
        "$18,000.00 on nights and weekends",
        "14 October image-resizer",
        "Every cent is accounted for",
        "$120000.00 charged",
    ):
        assert said in company.printed, said
    assert f"--config {Path('demo/costper.yaml')} customer" in company.printed


def test_a_second_time_changes_nothing(company: Company) -> None:
    code, out, err = run(company.folder, "demo")
    assert code == 0
    assert out == company.printed
    assert "all files are there already" in err
    assert "allocating" not in err
