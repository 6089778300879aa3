"""An ARPU is a month's, and a limit of a plan holds for the days on that plan."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.cli.test_margin import BY_REQUESTS, OCTOBER, asked, ran_in
from tests.ledger import Ledger
from tests.pipeline.query.world import DAU, lettered

from costper.economics.changes import Limit
from costper.economics.what_if import Use, limited


def users(folder: Path) -> Ledger:
    """Three months at $10 a day, 31 users each; nothing else."""
    ledger = lettered(folder)
    ledger.every_day(date(2026, 8, 1), 92, "10")
    ledger.metric_days(DAU, date(2026, 8, 1), 92, 31)
    return ledger


def test_three_months_of_cost_are_compared_with_three_months_of_arpu(tmp_path: Path) -> None:
    words = ("margin", "--per", DAU, "--arpu", "100", "--months", "3")
    ledger = users(tmp_path)
    total = json.loads(ran_in(ledger, *words, "--json").out)["total"]
    assert Decimal(total["arpu"]) == 100
    assert Decimal(total["arpu_months"]) == 3
    assert Decimal(total["arpu_of_days"]) == 300
    share = Decimal(total["cost_per_unit"]) / 300 * 100
    assert abs(Decimal(total["cost_of_arpu_percent"]) - share) < Decimal("0.006")
    assert Decimal(total["problem_above_cost"]) == 30
    assert "of ARPU $300.00 ($100.00 a month, 3 months)" in ran_in(ledger, *words).out


def test_a_part_of_a_month_brings_a_part_of_the_arpu(tmp_path: Path) -> None:
    words = ("margin", "--per", DAU, "--arpu", "31", "--from", "2026-10-01", "--to", "2026-10-16")
    total = json.loads(ran_in(users(tmp_path), *words, "--json").out)["total"]
    assert Decimal(total["arpu_of_days"]) == 15


def test_what_a_request_brings_is_brought_once_however_many_months(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    ledger.every_day(date(2026, 8, 1), 92, "1")
    ledger.metric("orders", date(2026, 10, 1), 92)
    words = ("margin", "--per", "orders", "--arpu", "10", "--months", "3", "--json")
    total = json.loads(ran_in(ledger, *words).out)["total"]
    assert total["arpu_months"] == {"value": None, "reason": "per_unit"}
    assert Decimal(total["arpu_of_days"]) == 10


def upgraded(ledger: Ledger) -> None:
    """On free for 20 of October's days with 400 requests, then on pro with 600."""
    first, second = date(2026, 10, 10), date(2026, 10, 25)
    ledger.every_day(date(2026, 10, 1), 31, "0", customer="grown")
    ledger.leg(first, "100", customer="grown", rule="shared db", method="by_quantity")
    ledger.leg(second, "900", customer="grown", rule="shared db", method="by_quantity")
    ledger.requests(first, 400, "grown").requests(second, 600, "grown")
    ledger.payer("grown", "0", plan="free", until=date(2026, 10, 21))
    ledger.payer("grown", "50", plan="pro", since=date(2026, 10, 21))


def test_a_limit_cuts_nothing_of_days_the_rule_fell_back_to_another_driver(tmp_path: Path) -> None:
    def fallen(ledger: Ledger) -> None:
        first, second = date(2026, 10, 5), date(2026, 10, 6)
        ledger.leg(first, "100", customer="free", rule="shared db", method="by_quantity")
        ledger.leg(second, "60", customer="free", rule="shared db", method="even")
        ledger.requests(first, 400, "free").payer("free", "0", plan="free")

    words = ("margin", "--what-if", "limit requests 100 per month")
    rule = replace(BY_REQUESTS, fallback="even")
    (row,) = asked(tmp_path, fallen, *words, allocation=(rule,))["rows"]
    assert (row["cost"], row["new_cost"]) == ("160.00", "85.00")


def test_a_limit_of_a_plan_looks_at_the_days_on_it(tmp_path: Path) -> None:
    words = ("margin", "--what-if", "plan free limit requests 310 per month")
    (row,) = asked(tmp_path, upgraded, *words, allocation=(BY_REQUESTS,))["rows"]
    assert (row["cost"], row["new_cost"]) == ("1000.00", "950.00")


def test_the_plan_at_the_end_no_longer_stands_for_the_month(tmp_path: Path) -> None:
    words = ("margin", "--what-if", "plan pro limit requests 310 per month at 1")
    (row,) = asked(tmp_path, upgraded, *words, allocation=(BY_REQUESTS,))["rows"]
    assert Decimal(row["new_revenue"]) - Decimal(row["revenue"]) == 600 - 110


def test_a_limit_of_everybody_is_of_the_whole_month(tmp_path: Path) -> None:
    words = ("margin", "--what-if", "limit requests 500 per month")
    (row,) = asked(tmp_path, upgraded, *words, allocation=(BY_REQUESTS,))["rows"]
    assert row["new_cost"] == "500.00"


@given(st.integers(1, 30), st.integers(0, 900), st.integers(0, 900))
def test_days_on_a_plan_get_their_share_of_its_limit(days: int, on: int, off: int) -> None:
    part = Fraction(days, 31)
    uses = [
        Use("free", Decimal(on), Decimal(on), part),
        Use("pro", Decimal(off), Decimal(off), 1 - part),
    ]
    saved = limited(Limit(metric="requests", allowed=Decimal(310), plan="free"), uses).saved
    assert isinstance(saved, Decimal)
    assert abs(Fraction(saved) - max(Fraction(0), on - 310 * part)) <= Fraction(1, 10**12)


def test_the_unit_of_the_arpu_is_said(tmp_path: Path) -> None:
    out = ran_in(users(tmp_path), "margin", "--per", DAU, "--arpu", "100", *OCTOBER).out
    assert "(as given, for one month)" in out
