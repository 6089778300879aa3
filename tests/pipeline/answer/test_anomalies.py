from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from tests.ledger import Ledger

from costper.model.answer import Row
from costper.pipeline.answer.anomalies import anomalies
from costper.pipeline.answer.watched import Watch

START = date(2026, 8, 1)
SPIKE = date(2026, 11, 10)


def filled(ledger: Ledger) -> Ledger:
    ledger.every_day(START, 111, "100", service="db", team="data")
    return ledger.every_day(START, 111, "40", service="api", team="web", customer="beta")


def test_four_thousand_in_a_day_is_critical_and_names_its_contributors(ledger: Ledger) -> None:
    filled(ledger).leg(SPIKE, "4000", service="db", team="data", customer="beta")
    answer = anomalies(ledger.frame())
    assert [(row["scope"], row["name"], row["day"]) for row in answer.rows] == [
        ("service", "db", SPIKE),
        ("customer", "beta", SPIKE),
        ("team", "data", SPIKE),
    ]
    assert [row["top_contributor"] for row in answer.rows] == ["data", "db", "db"]
    row = next(row for row in answer.rows if row["scope"] == "team")
    assert [row["severity"], row["kind"]] == ["critical", "spike"]
    assert [row["cost"], row["expected"], row["deviation"]] == [4100, 100, 4000]
    assert row["contributors"] == ({"service": "db", "deviation": Decimal(4000)},)
    assert answer.total == {
        "anomalies": 3,
        "critical": 3,
        "warning": 0,
        "days_known": 30,
        "days_needed": 30,
        "judged_names": 4,
        "not_judged_yet": 0,
    }


def test_many_rows_a_day_are_one_total_and_no_alarm(ledger: Ledger) -> None:
    for offset in range(111):
        for part in range(5):
            ledger.leg(START + timedelta(days=offset), Decimal(10 + part), service="db")
    assert anomalies(ledger.frame()).rows == ()


def test_estimated_days_never_fire(ledger: Ledger) -> None:
    filled(ledger).leg(SPIKE, "4000", service="db", estimated=True)
    assert anomalies(ledger.frame()).rows == ()


def test_unsettled_days_never_fire(ledger: Ledger) -> None:
    filled(ledger).leg(date(2026, 11, 19), "4000", service="db")
    frame = ledger.frame(since=date(2026, 10, 20), until=date(2026, 11, 20))
    assert anomalies(frame).rows == ()


def test_a_fall_is_as_unusual_as_a_rise(ledger: Ledger) -> None:
    filled(ledger).leg(SPIKE, "-90", service="db", team="data")
    rows = anomalies(ledger.frame(), Watch(scopes=("service",))).rows
    assert [(row["name"], row["kind"]) for row in rows] == [("db", "drop")]


def test_small_money_is_no_line(ledger: Ledger) -> None:
    filled(ledger).leg(SPIKE, "49", service="db", team="data")
    assert anomalies(ledger.frame()).rows == ()
    assert len(anomalies(ledger.frame(), Watch(minimum=Decimal(40))).rows) == 3


def test_the_culprit_comes_before_its_echoes_and_all_that_is_no_echo(ledger: Ledger) -> None:
    filled(ledger).every_day(START, 111, "10", service="cdn", team="edge", customer="gamma")
    ledger.leg(SPIKE, "4000", service="db", team="data", customer="beta")
    ledger.leg(SPIKE, "300", service="cdn", team="edge", customer="gamma")
    names = [row["name"] for row in anomalies(ledger.frame()).rows]
    assert names == ["db", "cdn", "beta", "data", "gamma", "edge"]


def moved(ledger: Ledger) -> list[tuple[object, object]]:
    (row,) = anomalies(ledger.frame(), Watch(scopes=("team",))).rows
    parts = cast("Sequence[Row]", row["contributors"])
    return [(part["service"], part["deviation"]) for part in parts]


def test_contributors_are_measured_against_the_days_the_books_hold(ledger: Ledger) -> None:
    """Fourteen of the twenty-eight days before are not in the books: they cost nobody nothing."""
    ledger.every_day(START, 80, "100", service="db", team="data")
    ledger.every_day(SPIKE - timedelta(days=7), 7, "100", service="db", team="data")
    ledger.leg(SPIKE, "4100", service="db", team="data")
    assert moved(ledger) == [("db", Decimal(4000))]


def test_a_contributor_that_cost_nothing_on_a_day_of_the_books_had_a_day_of_zero(
    ledger: Ledger,
) -> None:
    ledger.every_day(START, 111, "100", service="db", team="data")
    ledger.every_day(SPIKE - timedelta(days=7), 7, "8", service="cache", team="data")
    ledger.leg(SPIKE, "900", service="cache", team="data")
    assert moved(ledger) == [("cache", Decimal(898))]


def test_a_day_whose_rate_is_missing_is_no_day_of_zero_for_a_contributor(ledger: Ledger) -> None:
    ledger.every_day(START, 111, "100", service="db", team="data")
    ledger.leg(SPIKE - timedelta(days=1), "7", service="db", team="data", currency="CHF")
    ledger.leg(SPIKE, "4000", service="db", team="data")
    assert moved(ledger) == [("db", Decimal(4000))]
