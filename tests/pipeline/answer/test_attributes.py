"""Cost by what customers were on each day: their plan and status, every row once."""

from datetime import date
from decimal import Decimal

import pytest
from tests.ledger import Ledger, added

from costper.errors import UserError
from costper.pipeline.answer.cost import CostQuestion, Grain, cost
from costper.pipeline.answer.trend import trend

START = date(2026, 9, 1)
END = date(2026, 10, 1)
HALF = date(2026, 9, 11)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.every_day(START, 30, "10", customer="acme", service="db", team="data")
    ledger.every_day(START, 30, "3", customer="beta", team="web")
    ledger.every_day(START, 30, "2", customer="ghost")
    ledger.every_day(START, 30, "1", customer="(unallocated)", reason="no_rule")
    ledger.payer("acme", "5", plan="free", until=HALF)
    ledger.payer("acme", "50", plan="pro", since=HALF)
    return ledger.payer("beta", "7", status="churned")


def asked(ledger: Ledger, *by: str, where: str = "") -> dict[tuple[object, ...], object]:
    answer = cost(ledger.frame(since=START, until=END), CostQuestion(by=by, where=where))
    whole = cost(ledger.frame(since=START, until=END), CostQuestion(where=where))
    assert added(answer.rows) == answer.total["cost"] == whole.total["cost"]
    return {tuple(row[key] for key in by): row["cost"] for row in answer.rows}


def test_cost_is_of_the_plan_of_the_day(filled: Ledger) -> None:
    assert asked(filled, "plan") == {
        ("free",): 100,
        ("pro",): 200,
        ("(no plan)",): 90,
        ("(no record)",): 60,
        ("(no customer)",): 30,
    }


def test_so_it_is_by_status_and_beside_other_keys(filled: Ledger) -> None:
    assert asked(filled, "status") == {
        ("active",): 300,
        ("churned",): 90,
        ("(no record)",): 60,
        ("(no customer)",): 30,
    }
    found = asked(filled, "plan", "team", "status")
    assert found["pro", "data", "active"] == 200
    assert asked(filled, "plan", where="service = db")["pro",] == 200
    assert asked(filled, "customer", "plan")["acme", "free"] == 100


def test_a_condition_may_be_of_the_plan_and_status_of_the_day(filled: Ledger) -> None:
    frame = filled.frame(since=START, until=END)

    def of(where: str) -> object:
        return cost(frame, CostQuestion(where=where)).total["cost"]

    assert [of("plan = pro"), of("plan = free"), of("plan in (pro, free)")] == [200, 100, 300]
    assert of("plan = pro and service = db") == 200
    assert of("plan = pro or team = web") == 290
    assert of("status = churned") == 90
    assert of("plan != pro") == 280
    assert [of("plan is present"), of("plan is absent")] == [300, 180]
    assert asked(filled, "customer", where="plan = pro") == {("acme",): 200}
    assert asked(filled, "plan", where="status = active") == {("free",): 100, ("pro",): 200}


def test_coverage_under_a_condition_of_a_plan_is_of_what_it_selects(filled: Ledger) -> None:
    frame = filled.frame(since=START, until=END)
    assert cost(frame, CostQuestion(where="plan = pro")).coverage == 1
    rest = cost(frame, CostQuestion(where="plan = '(no customer)'".replace("'", '"')))
    assert rest.coverage == 0
    assert rest.unallocated == {"no_rule": Decimal(30)}


def test_a_plan_nobody_ever_had_is_told(filled: Ledger) -> None:
    answer = cost(filled.frame(since=START, until=END), CostQuestion(where="plan = prro"))
    (issue,) = [one for one in answer.issues if one.code == "unknown_value"]
    assert issue.message == "no customer in the books has the plan 'prro'"
    assert "pro" in issue.hint


def test_a_trend_by_plan_adds_up_day_by_day(filled: Ledger) -> None:
    frame = filled.frame(since=START, until=END)
    found = trend(frame, "plan")
    assert added(found.rows) == found.total["cost"] == Decimal(480)
    free = {row["day"]: row["cost"] for row in found.rows if row["plan"] == "free"}
    assert (free[START], free[HALF]) == (10, 0)
    assert {row["plan"] for row in found.rows} == {
        "free",
        "pro",
        "(no plan)",
        "(no record)",
        "(no customer)",
    }
    assert added(trend(frame, "status").rows) == Decimal(480)


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_grains_add_up(filled: Ledger, grain: Grain) -> None:
    frame = filled.frame(since=START, until=END)
    answer = cost(frame, CostQuestion(by=("plan",), grain=grain))
    assert added(answer.rows) == answer.total["cost"] == Decimal(480)


def test_where_nobody_has_a_record_there_is_no_such_key(ledger: Ledger) -> None:
    ledger.every_day(START, 30, "10")
    for by in ("plan", "status"):
        with pytest.raises(UserError, match=by):
            cost(ledger.frame(since=START, until=END), CostQuestion(by=(by,)))
