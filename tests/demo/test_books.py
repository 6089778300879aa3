"""The demo's findings, asked of its books through the command line, never of the generator."""

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.demo.asked import Company, Row, ask, cloud, row_of, run

from costper.cli.figures import MINUS

OCTOBER_END = "2026-10-31"
WEEKLY = "weekly_active_users"


@pytest.fixture(scope="module")
def customers(company: Company) -> Mapping[str, Any]:
    found: Mapping[str, Any] = ask(company, "customer")
    return found


@pytest.fixture(scope="module")
def bill_rows(company: Company) -> Sequence[Row]:
    """Everything the worst customer's cost is made of, row by row."""
    found: Sequence[Row] = ask(company, "explain", "customer", "cobalt-freight", "--rows", "all")[
        "rows"
    ]
    return found


def test_october_costs_a_round_sum(customers: Mapping[str, Any]) -> None:
    assert cloud(customers["total"]["effective_cost"]) == 120_000
    assert cloud(customers["total"]["billed_cost"]) == 120_000
    assert customers["estimated"] is False
    assert [one["code"] for one in customers["issues"]] == ["unpriced_calls"]


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


def test_savings_are_what_the_bill_says_and_no_more(company: Company) -> None:
    found = ask(company, "savings")
    saved: dict[str, Decimal] = {}
    for row in found["rows"]:
        saved[row["rule"]] = saved.get(row["rule"], Decimal(0)) + Decimal(row["monthly_saving"])
    nights = saved.pop("nights_and_weekends")
    assert {rule: round(amount, 2) for rule, amount in saved.items()} == {
        "unused_commitment": 320,
        "idle_load_balancer": 220,
        "idle_nat_gateway": 230,
        "old_snapshot": 108,
    }
    assert cloud(found["total"]["monthly_cost"]) == 120_000
    assert Decimal(found["total"]["monthly_saving"]) == nights + sum(saved.values())
    wasted = Decimal(ask(company, "waste")["total"]["monthly_saving"])
    assert wasted - 60 < nights < wasted  # a commitment nobody used is in development


def test_the_retrying_function_is_found_as_critical(company: Company) -> None:
    worst = ask(company, "anomalies", "--scope", "service")["rows"][0]
    assert worst["day"] == "2026-10-14"
    assert worst["name"] == "image-resizer"
    assert worst["severity"] == "critical"
    assert abs(Decimal(worst["deviation"]) - 4000) < 5
    assert worst["contributors"][0]["team"] == "growth"


def test_nothing_else_about_services_is_unusual_but_that_ai_grows(company: Company) -> None:
    rows = ask(company, "anomalies", "--scope", "service")["rows"]
    assert {(row["name"], row["kind"]) for row in rows} == {
        ("image-resizer", "spike"),
        ("anthropic", "drift"),
        ("openai", "drift"),
    }


def test_what_stays_unallocated_says_why(customers: Mapping[str, Any]) -> None:
    assert set(customers["unallocated"]) == {"no_rule", "no_usage", "no_targets"}
    assert Decimal(customers["unallocated"]["no_targets"]) < 1  # the digest's own part of use
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
        "$135025.335948975 charged",
        "Summariser costs more than search with 25 times fewer calls",
        "5 % of the users make 40.0 % of the cost of AI",
        "August: 500 users at $1.60",
        "October: 5,000 users at $3.00",
        "Since 20 October a call of summariser costs 22.0 % more: prompt summary-v8",
        "600 calls have no price",
        "4,696 bill rows in 5,096 parts add up to $8000.00",
    ):
        assert said in company.printed, said
    assert f"--config {Path('demo/costper.yaml')} customer" in company.printed


def test_the_network_goes_to_services_first_and_then_to_customers(
    bill_rows: Sequence[Row],
) -> None:
    chained = [row for row in bill_rows if "network to customers" in row["how"]]
    assert chained
    assert all("network by what it carries" in row["how"] for row in chained)


def test_every_command_it_prints_can_be_run(company: Company) -> None:
    lines = [line.strip() for line in company.printed.splitlines()]
    commands = {line for line in lines if line.startswith("$ ")}
    assert len(commands) >= 7
    for command in sorted(commands):
        words = shlex.split(command)[2:]
        code, out, err = run(company.folder, *words)
        assert (code, bool(out)) == (0, True), f"{command}\n{out}{err}"


def test_the_worst_customers_cost_is_bill_rows_to_the_last_digit(
    bill_rows: Sequence[Row],
) -> None:
    assert sum(Decimal(row["cost"]) for row in bill_rows) == 8000
    assert all(row["bill_row"].startswith("bills/") for row in bill_rows)


def test_a_row_of_the_bill_is_found_in_the_file_it_is_said_to_be_in(
    company: Company, bill_rows: Sequence[Row]
) -> None:
    row = next(one for one in bill_rows if one["service"] == "tenant-api")
    name, _, number = row["bill_row"].rpartition(":")
    line = (company.folder / "demo" / name).read_text().splitlines()[int(number) - 1]
    assert row["cost"] in line
    assert "i-7cobalt-polling" in line


def test_a_plan_of_the_same_rules_moves_nothing(company: Company) -> None:
    code, out, err = run(company.folder / "demo", "allocate", "plan", "--json")
    assert code == 0, err
    (plan,) = json.loads(out)["rows"]
    assert {month["state"] for month in plan["months"]} == {"unchanged"}
    assert plan["by_customer"] == []


def test_a_second_time_changes_nothing(company: Company) -> None:
    files = sorted((company.folder / "demo").rglob("*.csv*"))
    before = [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in files]
    code, out, err = run(company.folder, "demo")
    assert code == 0
    assert "landed" not in out
    assert out.count("unchanged") == 20
    assert "allocation: nothing changed" in out
    assert findings(out) == findings(company.printed)
    assert "all files are there already" in err
    assert [(path, path.stat().st_mtime_ns, path.read_bytes()) for path in files] == before


def findings(printed: str) -> str:
    """Cut what the sync said: it differs when there is nothing to do."""
    return printed.partition("\n\n")[2]


HOLD = """
import sys, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_demo_that_is_served_already_is_said_so(company: Company) -> None:
    books = company.folder / "demo" / ".costper" / "books.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(books)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "held\n"
        code, _, err = run(company.folder, "demo")
        server.communicate("")
    assert code == 2
    assert "served from demo/ already" in err


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.md").write_text("ten years")
    code, _, err = run(tmp_path, "demo", "--dir", "thesis")
    assert code == 2
    assert "chapter.md" in err


def test_what_the_product_counts_can_be_divided_by(company: Company) -> None:
    code, out, err = run(company.folder / "demo", "metrics", "--json")
    assert code == 0, err
    rows = {row["metric"]: row for row in json.loads(out)["rows"]}
    assert {row["settled_through"] for name, row in rows.items() if name != WEEKLY} == {OCTOBER_END}
    assert rows[WEEKLY]["settled_through"] == "2026-10-25"
    assert rows["storage_gb"]["first_holes"] == ["2026-10-22"]
    assert sum(row["missing_days"] for row in rows.values()) == 1
    assert rows["seats"]["dimensions"] == [
        {"dimension": "customer", "values": 47},
        {"dimension": "plan", "values": 4},
    ]


def test_customers_and_plans_are_called_the_same_by_usage_and_by_cost(company: Company) -> None:
    code, out, err = run(company.folder / "demo", "metrics", "seats", "--json")
    assert code == 0, err
    matched = [
        (one["dimension"], one["metric_only_count"])
        for one in json.loads(out)["rows"][0]["dimensions"]
    ]
    assert matched == [("customer", 0), ("plan", 0)]


def test_active_users_of_a_day_a_week_and_a_month_fit_each_other(company: Company) -> None:
    found: dict[str, list[Decimal]] = {}
    for name in ("daily_active_users", WEEKLY, "monthly_active_users", "seats"):
        row = ask(company, "metrics", name)["rows"][0]
        found[name] = [
            Decimal(one["quantity"]) for one in row["recent"] if isinstance(one["quantity"], str)
        ]
    assert max(found["daily_active_users"]) < min(found[WEEKLY])
    assert max(found[WEEKLY]) < found["monthly_active_users"][0] < min(found["seats"])


@pytest.mark.parametrize(
    "words",
    [
        ("forecast", "--by", "plan"),
        ("concentration", "--of", "plan"),
        ("explain", "plan", "enterprise"),
        ("anomalies", "--scope", "plan"),
        ("margin", "--cost", "plan = enterprise"),
    ],
)
def test_charges_do_not_say_the_plan_so_who_asks_them_is_shown_where_it_is(
    company: Company, words: Sequence[str]
) -> None:
    code, out, err = run(company.folder / "demo", *words)
    assert (code, out) == (2, "")
    assert "no charge says a plan" in err
    assert "costper ask --by plan --b cost" in err


def test_a_dimension_no_charge_says_is_neither_watched_nor_missed(company: Company) -> None:
    code, out, err = run(company.folder / "demo", "anomalies", "--days", "90", "--json")
    assert code == 0, err
    assert json.loads(out)["question"]["scopes"] == ["service", "team", "customer"]
    code, out, _ = run(company.folder / "demo", "check")
    assert "no charge says plan: it is known of customers and metrics only" in out
    assert "has a value for plan" not in out
