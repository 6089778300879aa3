from datetime import date
from decimal import Decimal

import pytest
from tests.ledger import Ledger, added, amount, inner

from costper.errors import UnknownNameError
from costper.model.answer import Absent
from costper.pipeline.answer.customer import customer
from costper.pipeline.answer.trend import trend
from costper.pipeline.answer.value import value
from costper.pipeline.answer.values import values

START = date(2026, 9, 1)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.every_day(START, 60, "10", service="db", team="data")
    ledger.every_day(START, 60, "3", service="api", customer="beta", team="web")
    ledger.every_day(START, 30, "1", service="db", team="(untagged)", environment="staging")
    ledger.leg(date(2026, 10, 4), "50", service="db", customer="beta", team="data")
    ledger.payer("acme", "3000").payer("beta", "1000")
    return ledger.requests(date(2026, 10, 4), 365, service="db")


def test_values_are_ranked_with_untagged_among_them_and_add_up(filled: Ledger) -> None:
    answer = values(filled.frame(since=START, until=date(2026, 10, 1)), "team")
    assert [row["team"] for row in answer.rows] == ["data", "web", "(untagged)"]
    assert added(answer.rows) == answer.total["cost"] == 420
    shares = [row["share_percent"] for row in answer.rows]
    assert shares == [Decimal("71.4"), Decimal("21.4"), Decimal("7.1")]


def test_the_average_is_of_day_totals_not_of_rows(filled: Ledger) -> None:
    filled.leg(START, "0.5", service="db", team="data").leg(START, "0.5", service="db", team="data")
    answer = values(filled.frame(since=START, until=date(2026, 10, 1)), "service")
    assert answer.rows[0]["daily_average"] == Decimal("11.033333333333")
    assert answer.total["daily_average"] == Decimal("14.033333333333")


def test_a_service_in_depth(filled: Ledger) -> None:
    answer = value(filled.frame(since=date(2026, 10, 1), until=date(2026, 10, 31)), "service", "db")
    (row,) = answer.rows
    assert [row["cost"], row["previous_cost"]] == [Decimal(350), Decimal(330)]
    assert row["trend_percent"] == Decimal("6.1")
    assert row["customers_served"] == 2
    assert row["cost_per_customer"] == 175
    assert row["cost_per_request"] == Decimal("0.958904109589")
    assert row["drivers"] == (
        {
            "customer": "beta",
            "change": Decimal(50),
            "cost": Decimal(50),
            "previous_cost": Decimal(0),
            "trend_percent": Absent("new"),
        },
        {
            "customer": "acme",
            "change": Decimal(-30),
            "cost": Decimal(300),
            "previous_cost": Decimal(330),
            "trend_percent": Decimal("-9.1"),
        },
    )


@pytest.mark.parametrize("noun", ["team", "service", "environment"])
def test_in_depth_agrees_with_the_list(filled: Ledger, noun: str) -> None:
    frame = filled.frame(since=START, until=date(2026, 10, 1))
    for listed in values(frame, noun).rows:
        (row,) = value(frame, noun, str(listed[noun])).rows
        for column in ("cost", "billed_cost", "previous_cost", "trend_percent", "daily_average"):
            assert row[column] == listed[column]
        for parts in ("services", "daily"):
            assert added(inner(row, parts)) == row["cost"]


def test_what_is_not_measured_by_team_says_so(filled: Ledger) -> None:
    row = values(filled.frame(), "team").rows[0]
    assert row["cost_per_request"] == Absent("not_measured")


def test_of_days_without_any_cost_nobody_knows_the_cost_of_a_request(ledger: Ledger) -> None:
    ledger.every_day(START, 30, "3", service="db")
    ledger.requests(date(2026, 10, 5), 10, service="db")
    frame = ledger.frame(since=date(2026, 10, 1), until=date(2026, 10, 31))
    (row,) = values(frame, "service").rows
    assert [row[name] for name in ("cost", "cost_per_request")] == [Absent("no_data")] * 2


def test_an_unknown_value_or_dimension_is_refused_with_the_nearest_name(filled: Ledger) -> None:
    frame = filled.frame()
    with pytest.raises(UnknownNameError, match="did you mean 'data'"):
        value(frame, "team", "date")
    with pytest.raises(UnknownNameError, match="did you mean 'team'"):
        values(frame, "teem")


def test_a_trend_by_team_adds_up_to_the_trend(filled: Ledger) -> None:
    frame = filled.frame(since=START, until=date(2026, 10, 31))
    whole = {row["day"]: row["cost"] for row in trend(frame).rows}
    parts: dict[object, Decimal] = {}
    for row in trend(frame, "team").rows:
        parts[row["day"]] = parts.get(row["day"], Decimal(0)) + amount(row, "cost")
    assert parts == whole
    assert len(trend(frame, "customer").rows) == 2 * 60
    with pytest.raises(UnknownNameError):
        trend(frame, "teem")


def test_a_team_that_stops_costs_zero_while_others_go_on(filled: Ledger) -> None:
    frame = filled.frame(since=date(2026, 10, 1), until=date(2026, 10, 31))
    gone = [row for row in trend(frame, "team").rows if row["team"] == "(untagged)"]
    assert gone == []
    frame = filled.frame(since=date(2026, 9, 30), until=date(2026, 10, 2))
    costs = [row["cost"] for row in trend(frame, "team").rows if row["team"] == "(untagged)"]
    assert costs == [Decimal(1), Decimal(0)]


def test_names_are_understood_as_the_books_write_them(filled: Ledger) -> None:
    frame = filled.frame()
    assert value(frame, "environment", "Prod").rows[0]["environment"] == "production"
    assert value(frame, "team", " DATA").rows[0]["team"] == "data"
    assert customer(frame, "ACME").rows[0]["customer"] == "acme"
