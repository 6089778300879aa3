"""Verdicts through the command line, over books filled by hand."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.cli.world import Ran, context
from tests.pipeline.query.world import DAU, METRICS, Lettered, lettered

from costper.cli.main import main
from costper.config.call_metrics import call_metrics
from costper.config.settings import MetricSetting

BEFORE = date(2026, 8, 31)
NOW = date(2026, 10, 1)
OCTOBER = ("--from", "2026-10", "--to", "2026-11")
PER_USER = ("b / (a / 1000)", "--a", f"metric {DAU}", "--b", "cost")
PER_ORDER = ("b / a", "--a", "metric orders", "--b", "cost")


def run(ledger: Lettered, *words: str) -> Ran:
    books = ledger.keep().books()
    world = replace(context(ledger.settings.root), books=books)
    code = main(words, world)
    assert isinstance(world.stdout, io.StringIO)
    assert isinstance(world.stderr, io.StringIO)
    return Ran(code, hyphened(world.stdout.getvalue()), hyphened(world.stderr.getvalue()))


def hyphened(text: str) -> str:
    return text.replace("\N{MINUS SIGN}", "-")


def asked(ledger: Lettered, *words: str) -> dict[str, Any]:
    ran = run(ledger, *words, "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def users(ledger: Lettered, first: date, cost: str, many: str | int, /, **said: str) -> None:
    """Cost on the first of 31 days, and as many users on each of them."""
    ledger.every_day(first, 31, "0")
    ledger.leg(first, cost, **said)
    ledger.metric_days(DAU, first, 31, many)


@pytest.mark.parametrize(
    ("cost", "many", "growth", "verdict", "says"),
    [
        ("130", 150, "-13.33", "scaling_well", "↓ Scaling well -13.33 %"),
        ("130", 130, "0.00", "flat", "→ Flat, no gain, no loss +0.00 %"),
        ("130", 110, "18.18", "drifting", "↑ Drifting, investigate +18.18 % (major)"),
        ("130", 100, "30.00", "drifting", "↑ Drifting, investigate +30.00 % (major)"),
        ("90", 75, "20.00", "drifting", "↑ Drifting, investigate +20.00 % (major, stranded cost)"),
        ("122", 128, "-4.69", "flat", "→ Flat, no gain, no loss -4.69 %"),
        ("122", 135, "-9.63", "scaling_well", "↓ Scaling well -9.63 %"),
        ("100", 50, "100.00", "drifting", "↑ Drifting, investigate +100.00 % (severe)"),
    ],
)
def test_the_table_of_verdicts(
    tmp_path: Path, cost: str, many: int, growth: str, verdict: str, says: str
) -> None:
    ledger = lettered(tmp_path)
    users(ledger, BEFORE, "100", 100)
    users(ledger, NOW, cost, many)
    found = asked(ledger, "verdict", *PER_USER, *OCTOBER)
    (row,) = found["rows"]
    assert (Decimal(row["growth_percent"]), row["verdict"]) == (Decimal(growth), verdict)
    assert row["says"] == says
    assert found["question"]["compared_from"] == "2026-08-31"
    assert says in run(ledger, "verdict", *PER_USER, *OCTOBER).out


def test_thirteen_thousand_on_fifty_two_thousand_users_is_250_per_thousand(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    users(ledger, BEFORE, "10000", 40_000)
    users(ledger, NOW, "13000", 52_000)
    (row,) = asked(ledger, "verdict", *PER_USER, *OCTOBER)["rows"]
    assert (row["cost_per_unit"], row["previous_cost_per_unit"]) == ("250.00", "250.00")


def plans(ledger: Lettered) -> None:
    """Both plans improve, but the dear one grows."""
    for first, cost, many in ((BEFORE, "500", 100), (NOW, "1350", 300)):
        ledger.every_day(first, 31, "0", environment="enterprise")
        ledger.leg(first, "100" if first == BEFORE else "90", environment="self-serve")
        ledger.leg(first, cost, environment="enterprise")
        ledger.metric_days("orders", first, 31, 0, environment="enterprise")
        ledger.metric("orders", first, 100, environment="self-serve")
        ledger.metric("orders", first, many, environment="enterprise")


def test_every_segment_improved_and_the_mix_drove_the_cost_up(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    plans(ledger)
    found = asked(ledger, "verdict", *PER_ORDER, "--by", "environment", *OCTOBER)
    total = found["total"]
    assert (total["says"], total["change_per_unit"]) == (
        "↑ Drifting, investigate +20.00 % (major)",
        "0.60",
    )
    assert (total["rate_per_unit"], total["mix_per_unit"]) == ("-0.40", "1.00")
    assert (total["volume"], total["efficiency"]) == ("600.00", "240.00")
    assert (total["rate"], total["mix"], total["unmatched"], total["rest"]) == (
        "-160.00",
        "400.00",
        "0.00",
        "0.00",
    )
    assert total["sentence"] == (
        "cost per order rose 20 %; every environment improved; the mix moved to enterprise"
    )
    verdicts = {row["environment"]: row["says"] for row in found["rows"]}
    assert verdicts == dict.fromkeys(("self-serve", "enterprise"), "↓ Scaling well -10.00 %")
    out = run(ledger, "verdict", *PER_ORDER, "--by", "environment", *OCTOBER).out
    assert total["sentence"] in out
    assert (
        "cost changed by $840.00: volume $600.00, efficiency $240.00 "
        "(rate -$160.00, mix $400.00)" in out
    )


def test_parts_of_segments_add_up_to_the_whole(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    plans(ledger)
    for first in (BEFORE, NOW):
        ledger.leg(first, "33.333333333333333333331", environment="staging")
        ledger.metric("orders", first, 7 if first == NOW else 13, environment="staging")
        ledger.leg(first, "11.7", environment="(untagged)")
    found = asked(ledger, "verdict", *PER_ORDER, "--by", "environment", *OCTOBER)
    total = found["total"]

    def summed(name: str) -> Decimal:
        return sum((Decimal(row[name]) for row in found["rows"]), Decimal(0))

    for name in ("rate_per_unit", "mix_per_unit", "unmatched_per_unit"):
        assert summed(name) == Decimal(total[name])
    parts = ("rate", "mix", "unmatched", "rest")
    assert sum(Decimal(total[name]) for name in parts) == Decimal(total["efficiency"])
    assert sum(Decimal(total[f"{name}_per_unit"]) for name in parts) == Decimal(
        total["change_per_unit"]
    )
    assert Decimal(total["volume"]) + Decimal(total["efficiency"]) == Decimal(total["change"])
    assert summed("cost") == Decimal(total["cost"])


def hiding(ledger: Lettered) -> None:
    """Everything is fine in all, while one environment costs twice as much for each order."""
    for first, cost, small in ((BEFORE, "1000", "10"), (NOW, "900", "30")):
        ledger.every_day(first, 31, "0")
        for environment in ("production", "eu"):
            ledger.metric_days("orders", first, 31, 0, environment=environment)
        ledger.leg(first, cost, environment="production").leg(first, small, environment="eu")
        ledger.metric("orders", first, 1000, environment="production")
        ledger.metric("orders", first, 100, environment="eu")


def test_a_segment_that_hides_behind_a_healthy_whole_is_called_out(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    hiding(ledger)
    words = ("verdict", *PER_ORDER, "--by", "environment", *OCTOBER)
    found = asked(ledger, *words)
    assert found["total"]["verdict"] == "scaling_well"
    (hidden,) = found["total"]["hidden"]
    assert (hidden["segment"], hidden["growth_percent"], hidden["efficiency"]) == (
        "eu",
        "200.0",
        "20.00",
    )
    assert found["issues"][0]["code"] == "hidden_drift"
    assert found["rows"][0]["environment"] == "eu"
    ran = run(ledger, *words)
    assert "healthy in all, but not of environment eu: ↑ Drifting, investigate" in ran.err
    assert asked(ledger, *words, "--min", "25")["total"]["hidden"] == []


def test_the_overview_judges_the_total_cost_against_every_sensible_metric(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    hiding(ledger)
    ledger.metric("mau", date(2026, 10, 1), 5000).metric("mau", date(2026, 9, 1), 5000)
    ledger.metric_days("seats", BEFORE, 62, 5)
    found = asked(ledger, "verdict", "--by", "environment", *OCTOBER)
    rows = {row["metric"]: row for row in found["rows"] if row["environment"] == "(all)"}
    assert set(rows) == {"orders", "mau"}
    parts = [row["environment"] for row in found["rows"] if row["metric"] == "orders"]
    assert (parts[:2], found["total"]["metrics"]) == (["(all)", "eu"], 2)
    assert rows["orders"]["compared_from"] == "2026-08-31"
    assert rows["mau"]["compared_from"] == "2026-09-01"
    (other,) = [one for one in found["issues"] if one["code"] == "other_days"]
    assert other["message"] == (
        "judged from 2026-10-01 to 2026-11-01 against 2026-09-01 to 2026-10-01"
    )
    assert (rows["orders"]["verdict"], rows["orders"]["hidden"]) == ("scaling_well", "eu")
    assert (rows["mau"]["verdict"], rows["mau"]["why"]) == ("no_baseline", "no_cost")
    out = run(ledger, "verdict", *OCTOBER).out
    assert "compared from" in out
    assert "orders: cost per order fell 7.92 %: cost fell 7.92 %, units did not move" in out


def test_the_overview_judges_users_of_a_month_over_the_last_one_that_ends_in_the_days(
    tmp_path: Path,
) -> None:
    ledger = lettered(tmp_path)
    users(ledger, BEFORE, "100", 100)
    users(ledger, NOW, "130", 100)
    ledger.metric("mau", date(2026, 9, 1), 500).metric("mau", NOW, 500)
    plain = asked(ledger, "verdict")["rows"]
    for days in (("--from", "2026-10-02", "--to", "2026-11-01"), ("--days", "20")):
        for compare in ((), ("--compare", "weekday")):
            found = asked(ledger, "verdict", *days, *compare)
            (row,) = [one for one in found["rows"] if one["metric"] == "mau"]
            assert row in plain
            assert (row["from"], row["to"]) == ("2026-10-01", "2026-11-01")
            assert (row["compared_from"], row["units"]) == ("2026-09-01", "500")


def test_what_is_money_or_ones_own_llm_calls_is_no_unit_of_value(tmp_path: Path) -> None:
    own = MetricSetting(name="refunds", unit="dollars", measured="refunds")
    more = (MetricSetting(name="sold", unit="usd"), own, *call_metrics(()))
    ledger = lettered(tmp_path, metrics=(*METRICS, *more))
    hiding(ledger)
    for metric in more:
        ledger.metric_days(metric.name, BEFORE, 62, 5)
    assert [row["metric"] for row in asked(ledger, "verdict", *OCTOBER)["rows"]] == ["orders"]
    words = ("b / a", "--a", "metric ai_calls", "--b", "cost")
    (row,) = asked(ledger, "verdict", *words, *OCTOBER)["rows"]
    assert row["units"] == "155"


def test_an_incident_and_uneven_weekdays_are_told_beside_a_drift(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    first = date(2026, 7, 1)
    ledger.metric_days(DAU, first, 123, 100)
    ledger.every_day(first, 123, "100", service="api")
    ledger.leg(date(2026, 10, 14), "4000", service="api")
    found = asked(ledger, "verdict", *PER_USER, *OCTOBER)
    assert found["total"]["verdict"] == "drifting"
    told = {one["code"]: one["message"] for one in found["issues"]}
    assert told["weekdays_differ"] == "22 weekdays are compared with 23"
    assert "+4,000.00 USD at api (2026-10-14) lies in the period" in told["incident_inside"]
    overview = asked(ledger, "verdict", *OCTOBER)
    assert {"weekdays_differ", "incident_inside"} <= {it["code"] for it in overview["issues"]}
    evened = asked(ledger, "verdict", *PER_USER, *OCTOBER, "--compare", "weekday")
    assert "weekdays_differ" not in {it["code"] for it in evened["issues"]}


def test_a_month_of_users_is_compared_with_the_month_before(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    ledger.every_day(date(2026, 9, 1), 61, "0")
    ledger.leg(date(2026, 9, 3), "800").leg(NOW, "8000")
    ledger.metric("mau", date(2026, 9, 1), 500).metric("mau", NOW, 5000)
    found = asked(ledger, "verdict", "b / a", "--a", "metric mau", "--b", "cost", *OCTOBER)
    (row,) = found["rows"]
    assert (row["cost_per_unit"], row["previous_cost_per_unit"]) == ("1.60", "1.60")
    assert (row["verdict"], found["question"]["compared_from"]) == ("flat", "2026-09-01")
    unasked = asked(ledger, "verdict", "--a", "metric mau", "--b", "cost")
    assert unasked["question"]["from"] == "2026-10-01"
    assert found["question"]["label"] == "$ per mau per month"


def test_what_is_missing_unsettled_or_half_known_gives_no_verdict(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    users(ledger, BEFORE, "100", 100)
    ledger.every_day(NOW, 49, "10")
    ledger.metric_days(DAU, NOW, 20, 100)
    (row,) = asked(ledger, "verdict", *PER_USER, *OCTOBER)["rows"]
    assert (row["verdict"], row["why"]) == ("insufficient_data", "not_settled")
    ledger.metric_days(DAU, date(2026, 10, 31), 19, 100)
    (row,) = asked(ledger, "verdict", *PER_USER, *OCTOBER)["rows"]
    assert (row["verdict"], row["why"]) == ("insufficient_data", "low_coverage")
    (row,) = asked(ledger, "verdict", *PER_USER, "--from", "2026-11", "--to", "2026-12")["rows"]
    assert (row["verdict"], row["why"]) == ("insufficient_data", "not_settled")
    (row,) = asked(ledger, "verdict", *PER_USER, *OCTOBER, "--compare", "year")["rows"]
    assert row["why"] == "previous_incomplete"
    assert row["growth_percent"] == {"value": None, "reason": "previous_incomplete"}


def test_cost_without_units_and_units_without_a_before_have_words_of_their_own(
    tmp_path: Path,
) -> None:
    ledger = lettered(tmp_path)
    plans(ledger)
    ledger.leg(NOW, "10", environment="(untagged)").leg(BEFORE, "9", environment="(untagged)")
    ledger.leg(NOW, "10", environment="new")
    ledger.metric("orders", NOW, 4, environment="new")
    found = asked(ledger, "verdict", *PER_ORDER, "--by", "environment", *OCTOBER)
    says = {row["environment"]: row["says"] for row in found["rows"]}
    assert says["(untagged)"] == "Spend without units (zero denominator)"
    assert says["new"] == "No baseline (no units)"
    assert Decimal(found["total"]["unmatched_per_unit"]) != 0


def test_days_without_the_divisor_leave_their_cost_out_on_both_sides(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    ledger.every_day(BEFORE, 62, "10")
    ledger.metric_days("orders", BEFORE, 56, 10)
    ledger.metric_days("orders", date(2026, 10, 31), 1, 10)
    (row,) = asked(ledger, "verdict", *PER_ORDER, *OCTOBER)["rows"]
    assert (row["verdict"], row["cost_per_unit"]) == ("flat", "1.00")
    assert (row["cost"], row["units"]) == ("260.00", "260")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("b + a", "--a", "metric orders", "--b", "cost"), "needs a cost ÷ something"),
        (("a / b", "--a", "metric orders", "--b", "cost"), "is of a cost ÷ something measured"),
        (("b / 1000", "--b", "cost"), "is of a cost ÷ something measured"),
        (("b / r", "--b", "cost", "--letter", "r=revenue"), "is of a cost ÷ something measured"),
        (("b / x", "--b", "cost"), "formula, column 5: "),
        (("--b", "cost"), "say what is divided by what"),
        (("b / a", "--a", "metric order", "--b", "cost"), "did you mean 'orders'?"),
    ],
)
def test_what_no_verdict_can_be_of_is_refused(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    ledger = lettered(tmp_path)
    plans(ledger)
    ran = run(ledger, "verdict", *words)
    assert ran.code == 2
    assert told in ran.err


def test_without_any_metric_there_is_nothing_to_judge(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    ledger.leg(NOW, "1")
    ran = run(ledger, "verdict")
    assert (ran.code, "no metric that counts" in ran.err) == (2, True)


def test_a_formula_may_be_built_in_steps_and_scaled(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    plans(ledger)
    letters = ("--a", "metric orders", "--b", "cost")
    words = ("each = b / a", "each * 100", *letters, "--by", "environment", *OCTOBER)
    found = asked(ledger, "verdict", *words)
    assert (found["total"]["cost_per_unit"], found["total"]["mix_per_unit"]) == ("360.00", "100.00")
    scaled = asked(ledger, "verdict", *PER_ORDER, "--by", "environment", *OCTOBER, "--scale", "100")
    assert scaled["total"]["mix_per_unit"] == "100.00"
    assert scaled["total"]["sentence"] == found["total"]["sentence"]
    assert scaled["total"]["units"] == "400"


def test_a_table_as_csv_has_a_row_a_segment(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    plans(ledger)
    ran = run(ledger, "verdict", *PER_ORDER, "--by", "environment", *OCTOBER, "--csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert {row["environment"]: row["growth_percent"] for row in rows} == {
        "self-serve": "-10.0",
        "enterprise": "-10.0",
    }


def test_a_saved_view_is_judged_on_its_own_days_or_others(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    plans(ledger)
    saved = run(ledger, "view", "save", "per_order", *PER_ORDER, "--range", "last 31 days")
    assert saved.code == 0, saved.err
    found = asked(ledger, "verdict", "--view", "per_order", "--by", "environment")
    assert found["total"]["mix_per_unit"] == "1.00"
    later = asked(ledger, "verdict", "--view", "per_order", "--from", "2026-10-02", "--days", "7")
    assert later["question"]["days"] == 7
    ran = run(ledger, "verdict", "--view", "per_order", *PER_ORDER)
    assert (ran.code, "--view says the question already" in ran.err) == (2, True)
    assert "unknown view 'per_oder'" in run(ledger, "verdict", "--view", "per_oder").err


def test_a_range_of_whole_months_is_compared_with_as_many_months(tmp_path: Path) -> None:
    ledger = lettered(tmp_path)
    ledger.every_day(date(2026, 9, 1), 61, "10")
    ledger.metric("mau", date(2026, 9, 1), 500).metric("mau", NOW, 500)
    letters = ("--a", "metric mau", "--b", "cost")
    found = asked(ledger, "verdict", *letters, "--range", "last month")
    assert (found["question"]["from"], found["question"]["compared_from"]) == (
        "2026-10-01",
        "2026-09-01",
    )
    assert found["rows"][0]["growth_percent"] == "3.33"
