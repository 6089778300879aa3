"""Who counts as a customer of a period: whoever cost or paid in it, nobody who only did before."""

import json
from datetime import date
from pathlib import Path

import pytest
from tests.cli.test_margin import DAY, OCTOBER, asked, ran_in, run, shop
from tests.ledger import Ledger
from tests.pipeline.query.world import lettered


def gone(ledger: Ledger) -> None:
    """Beside the others, one who cost something in September only."""
    shop(ledger)
    ledger.leg(date(2026, 9, 20), "5", customer="left").payer(
        "left", "0", plan="pro", status="churned"
    )


def spelled(ledger: Ledger) -> None:
    """Three customers of one plan, each spelled in its own way, and one nobody knows a plan of."""
    for name, plan in (("a", "Pro"), ("b", "PRO "), ("c", "pro"), ("d", "")):
        ledger.leg(DAY, "10", customer=name).payer(name, "100", plan=plan)


def test_a_plan_is_one_however_it_is_spelled(tmp_path: Path) -> None:
    rows = asked(tmp_path, spelled, "margin", "--by", "plan")["rows"]
    assert {row["plan"]: row["customers"] for row in rows} == {"pro": 3, "(no plan)": 1}
    for verb in ("margin", "customer"):
        rows = asked(tmp_path, spelled, verb)["rows"]
        assert {row["customer"]: row["plan"] for row in rows} == {
            **dict.fromkeys("abc", "pro"),
            "d": "",
        }
    changed = asked(tmp_path, spelled, "margin", "--by", "plan", "--what-if", "plan PRO price 1")
    assert {row["plan"]: row["new_revenue"] != row["revenue"] for row in changed["rows"]} == {
        "pro": True,
        "(no plan)": False,
    }


def trial(ledger: Ledger) -> None:
    """One on trial, one who left on the 20th, one who was never there, and nobody's cost."""
    ledger.leg(DAY, "10", customer="try").payer("try", "0", seats="4", status="trialing")
    left = date(2026, 10, 20)
    ledger.leg(DAY, "10", customer="gone").payer("gone", "80", seats="8", until=left)
    ledger.payer("gone", "0", seats="0", status="churned", since=left)
    ledger.leg(DAY, "10", customer="old").payer("old", "0", seats="5", status="churned")
    ledger.leg(DAY, "3", customer="(unallocated)", reason="no_rule")


def test_seats_are_of_whoever_weighs_by_them(tmp_path: Path) -> None:
    rows = asked(tmp_path, trial, "margin")["rows"]
    assert {row["customer"]: row["seats"] for row in rows} == {
        "try": "4",
        "gone": "4.903226",
        "old": {"value": None, "reason": "no_seats"},
    }


def test_the_table_says_which_cost_a_ratio_of_its_total_is_of(tmp_path: Path) -> None:
    ran = run(tmp_path, trial, "margin", *OCTOBER)
    assert "customers cost $30.00 of $33.00" in ran.out


@pytest.mark.parametrize("verb", [("customer",), ("margin",), ("concentration",)])
def test_who_left_before_these_days_is_told_but_not_counted(
    tmp_path: Path, verb: tuple[str, ...]
) -> None:
    found = asked(tmp_path, gone, *verb)
    counted = found["total"].get("customers", found["total"].get("members"))
    assert counted == 4
    apart = [one["member"] for one in found["total"].get("apart", ())]
    assert "left" in [*apart, *(row["customer"] for row in found["rows"])]


def test_a_plan_counts_only_who_cost_or_paid_in_these_days(tmp_path: Path) -> None:
    rows = asked(tmp_path, gone, "margin", "--by", "plan")["rows"]
    assert {row["plan"]: row["customers"] for row in rows} == {
        "pro": 2,
        "enterprise": 1,
        "free": 1,
    }


def test_the_cost_of_revenue_is_of_the_customers_alone_whatever_is_asked_per_unit(
    tmp_path: Path,
) -> None:
    ledger = lettered(tmp_path)
    ledger.every_day(date(2026, 10, 1), 31, "1")
    ledger.leg(DAY, "59", customer="(unallocated)", reason="no_rule")
    ledger.payer("acme", "60").payer("beta", "30")
    ledger.metric("mau", date(2026, 10, 1), 10)
    for words in ((), ("--per", "mau"), ("--per", "mau", "--arpu", "31")):
        total = json.loads(ran_in(ledger, "margin", *words, *OCTOBER, "--json").out)["total"]
        assert total["cost_of_revenue_percent"] == "34.44", words
    assert (total["compared_cost"], total["cost_per_unit"]) == ("90.00", "9.00")
