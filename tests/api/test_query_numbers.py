"""The published numbers of unit economics that a question in letters reproduces, over HTTP."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.pipeline.query.world import DAU, Lettered, lettered

from costper.api.app import application

OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)
LATER = datetime(2026, 12, 10, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Lettered]:
    made = lettered(tmp_path)
    yield made
    made.close()


def query(ledger: Lettered, **question: object) -> dict[str, Any]:
    ledger.keep()
    app = application(ledger.books(), clock=lambda: LATER, local=True)
    client = TestClient(app, base_url="http://127.0.0.1:8321")
    reply = client.post("/api/v1/query", json=question)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def total(ledger: Lettered, **question: object) -> Decimal:
    return Decimal(query(ledger, **question)["total"]["result"])


def spent(ledger: Lettered, cost: str, days: int = 1, start: date = NOVEMBER) -> Lettered:
    ledger.leg(start, cost).every_day(start, days, "0")
    return ledger


MONTH = {"grain": "month", "from": "2026-11", "to": "2026-12"}
PER_MAU = {"letters": {"c": "cost", "m": "metric mau"}, "formula": "c / m", **MONTH}


def rows(found: dict[str, Any], name: str) -> list[object]:
    return [row[name] for row in found["rows"]]


def test_b_over_a_thousand_of_a_is_250(ledger: Lettered) -> None:
    spent(ledger, "13000").metric(DAU, NOVEMBER, 52_000)
    letters = {"a": f"metric {DAU}", "b": "cost"}
    days = {"from": "2026-11-01", "to": "2026-11-02"}
    assert total(ledger, letters=letters, formula="b / (a / 1000)", **days) == 250


@pytest.mark.parametrize(
    ("cost", "users", "per_user"),
    [("8000", 5000, "1.60"), ("800", 500, "1.60"), ("15000", 5000, "3.00")],
)
def test_a_bill_over_monthly_users(ledger: Lettered, cost: str, users: int, per_user: str) -> None:
    spent(ledger, cost, 30).metric("mau", NOVEMBER, users)
    assert rows(query(ledger, **PER_MAU), "result") == [per_user]


def test_fourteen_thousand_over_5500_users_is_two_dollars_fifty_five_not_two_ten(
    ledger: Lettered,
) -> None:
    spent(ledger, "14000", 30).metric("mau", NOVEMBER, 5500)
    spent(ledger, "8000", 31, OCTOBER).metric("mau", OCTOBER, 5000)
    question = {**PER_MAU, "formula": "round(c / m, 2)", "compare": "previous"}
    (row,) = query(ledger, **question)["rows"]
    assert (row["result"], row["result_previous"]) == ("2.55", "1.60")
    plain = query(ledger, **{**PER_MAU, "compare": "previous"})["rows"][0]
    assert plain["result_change_percent"] == "59.1"


def test_a_users_cost_as_a_share_of_what_it_pays(ledger: Lettered) -> None:
    """$1.60 of a $30 ARPU is 5.3 %; $15 of a $49 seat is 30.6 %, and a margin of 69.4 %."""
    ledger.leg(NOVEMBER, "1.60", customer="a").leg(NOVEMBER, "15", customer="b")
    ledger.every_day(NOVEMBER, 30, "0", customer="a")
    ledger.payer("a", "30").payer("b", "49")
    found = query(
        ledger,
        letters={"c": "cost", "r": "revenue"},
        formulas={"part": "round(c / r * 100, 1)", "margin": "round((r - c) / r * 100, 1)"},
        by=["customer"],
        **{"from": "2026-11", "to": "2026-12"},
    )
    by_customer = {row["customer"]: (row["part"], row["margin"]) for row in found["rows"]}
    assert by_customer == {"a": ("5.3", "94.7"), "b": ("30.6", "69.4")}


def test_eight_thousand_on_two_thousand_is_minus_300_percent(ledger: Lettered) -> None:
    spent(ledger, "8000", 30).payer("acme", "2000")
    letters = {"c": "cost", "r": "revenue"}
    question = {"letters": letters, "from": "2026-11", "to": "2026-12"}
    assert total(ledger, formula="(r - c) / r * 100", **question) == -300


def test_fifty_thousand_tokens_a_day_against_two_thousand_is_25_times(ledger: Lettered) -> None:
    ledger.metric("orders", NOVEMBER, 50_000, team="a").metric("orders", NOVEMBER, 2_000, team="b")
    letters = {"a": "metric orders where team = a", "b": "metric orders where team = b"}
    days = {"from": "2026-11-01", "to": "2026-11-02"}
    assert total(ledger, letters=letters, formula="a / b", **days) == 25


def test_a_ten_thousandth_of_a_dollar_for_ten_million_queries_is_a_thousand(
    ledger: Lettered,
) -> None:
    spent(ledger, "1000").metric("orders", NOVEMBER, 10_000_000)
    letters = {"q": "metric orders", "c": "cost"}
    days = {"from": "2026-11-01", "to": "2026-11-02"}
    found = query(ledger, letters=letters, formula="c / q", **days)
    assert found["total"]["result"] == "0.0001"
    assert total(ledger, letters=letters, formula="c / q", scale=1000, **days) == Decimal("0.1")


def test_sixty_people_for_120000_are_two_thousand_each(ledger: Lettered) -> None:
    spent(ledger, "120000", 30).metric_days("seats", NOVEMBER, 30, 60)
    question = {"letters": {"c": "cost", "s": "metric seats"}, **MONTH}
    assert rows(query(ledger, formula="c / s", **question), "result") == ["2000.00"]


def test_thirty_dollars_by_day_are_nine_hundred_by_month(ledger: Lettered) -> None:
    ledger.every_day(NOVEMBER, 30, "300")
    ledger.metric_days(DAU, NOVEMBER, 30, 10_000)
    question = {
        "letters": {"a": f"metric {DAU}", "b": "cost"},
        "formula": "b / (a / 1000)",
        "from": "2026-11",
        "to": "2026-12",
    }
    by_day = query(ledger, grain="day", **question)
    assert set(map(str, rows(by_day, "result"))) == {"30.00"}
    by_month = query(ledger, grain="month", **question)
    assert rows(by_month, "result") == ["900.00"]
    assert by_month["question"]["results"][-1]["label"] == f"$ per 1k average {DAU} per month"


def test_the_three_users_of_one_bill(ledger: Lettered) -> None:
    spent(ledger, "8000", 30).metric("mau", NOVEMBER, 5000)
    ledger.metric_days(DAU, NOVEMBER, 30, 1000)
    (row,) = query(
        ledger,
        letters={"m": "metric mau", "d": f"metric {DAU}", "s": f"metric {DAU} as sum", "c": "cost"},
        formulas={"per_mau": "c / m", "per_dau": "c / d", "per_user_day": "round(c / s, 3)"},
        **MONTH,
    )["rows"]
    assert [row[name] for name in ("per_mau", "per_dau", "per_user_day")] == [
        "1.60",
        "8.00",
        "0.267",
    ]


def test_eu_us_untagged_and_apac(ledger: Lettered) -> None:
    for team, cost in (("eu", "60"), ("us", "30"), ("(untagged)", "10")):
        ledger.leg(NOVEMBER, cost, team=team)
    for team, users in (("eu", 100), ("us", 50), ("apac", 50)):
        ledger.metric(DAU, NOVEMBER, users, team=team)
    found = query(
        ledger,
        letters={"a": f"metric {DAU}", "b": "cost"},
        formula="b / a",
        by=["team"],
        **{"from": "2026-11-01", "to": "2026-11-02"},
    )
    assert {row["team"]: (row["status"], row["result"]) for row in found["rows"]} == {
        "eu": ("matched", "0.60"),
        "us": ("matched", "0.60"),
        "(untagged)": ("cost_only", {"value": None, "reason": "no_units"}),
        "apac": ("units_only", {"value": None, "reason": "no_cost"}),
    }
    assert found["total"]["result"] == "0.50"
    assert found["total"]["b_matched_percent"] == "90.0"
    assert found["total"]["a_matched_percent"] == "75.0"
    assert [one["code"] for one in found["issues"]] == ["unmatched_groups"]
