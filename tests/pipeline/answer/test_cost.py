from datetime import date
from decimal import Decimal

import pytest
from tests.ledger import Ledger, added

from costper.errors import UnknownNameError, UserError
from costper.model.answer import Absent
from costper.pipeline.answer.cost import CostQuestion, Grain, cost

START = date(2026, 9, 1)
END = date(2026, 10, 1)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.every_day(START, 30, "10", service="db", team="data")
    ledger.every_day(START, 30, "3", customer="beta", team="web", environment="staging")
    ledger.every_day(START, 30, "1", customer="(unallocated)", team="(untagged)", reason="no_rule")
    return ledger.leg(START, "-5", category="Credit", source="other", team="data")


def asked(ledger: Ledger, where: str = "", by: tuple[str, ...] = ()) -> Decimal:
    answer = cost(ledger.frame(since=START, until=END), CostQuestion(by=by, where=where))
    found = answer.total["cost"]
    assert isinstance(found, Decimal)
    if by:
        assert added(answer.rows) == found
    return found


@pytest.mark.parametrize("by", [("team",), ("customer",), ("customer", "service"), ("source",)])
def test_every_drill_down_adds_up_to_its_parent(filled: Ledger, by: tuple[str, ...]) -> None:
    assert asked(filled, by=by) == asked(filled) == 415


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("environment = production", 325),
        ("environment = prod", 325),
        ("environment = PRODUCTION and service != db", 25),
        ("customer = acme", 295),
        ("customer in (acme, beta) and team != web", 295),
        ("team is absent", 30),
        ("team is present", 385),
        ("charge_category = credit", -5),
        ("source = other or team = web", 85),
        ("not (team = data)", 120),
        ("customer = (unallocated)", 30),
        ('service = "\'; DROP TABLE legs; --"', 0),
    ],
)
def test_conditions_select(filled: Ledger, where: str, expected: int) -> None:
    assert asked(filled, where, ("team",)) == expected
    assert asked(filled, where, ("customer", "team")) == expected


def test_complements_add_up_to_all(filled: Ledger) -> None:
    for where in ("team = data", "customer is present", "environment in (staging)"):
        assert asked(filled, where) + asked(filled, f"not ({where})") == asked(filled)


@pytest.mark.parametrize("key", ["customer", "team", "service", "environment"])
def test_what_is_present_and_what_is_absent_add_up_to_all(filled: Ledger, key: str) -> None:
    absent = asked(filled, f"{key} is absent")
    assert asked(filled, f"{key} is present") + absent == asked(filled)
    assert absent == asked(filled, f"{key} in ((untagged), (unallocated), (shared))")
    assert absent == asked(filled, f"{key} is not present")


def test_cost_of_nobody_is_absent_as_rules_have_it(filled: Ledger) -> None:
    assert asked(filled, "customer is absent") == 30
    assert asked(filled, "customer is present") == 385


@pytest.mark.parametrize(("grain", "rows"), [("day", 30), ("week", 5), ("month", 1)])
def test_grains_add_up_and_weeks_start_on_monday(filled: Ledger, grain: Grain, rows: int) -> None:
    frame = filled.frame(since=START, until=END)
    answer = cost(frame, CostQuestion(by=("team",), grain=grain))
    assert len(answer.rows) == 3 * rows
    assert added(answer.rows) == 415
    if grain == "week":
        assert answer.rows[0]["week"] == date(2026, 8, 31)


def test_a_bucket_without_data_is_null(filled: Ledger) -> None:
    frame = filled.frame(since=START, until=date(2026, 11, 1))
    answer = cost(frame, CostQuestion(grain="month"))
    assert [row["cost"] for row in answer.rows] == [Decimal(415), Absent("no_data")]


def test_nothing_found_is_no_row_and_a_total_of_zero(filled: Ledger) -> None:
    frame = filled.frame(since=START, until=END)
    answer = cost(frame, CostQuestion(by=("team",), where="team = nobody"))
    assert answer.rows == ()
    assert answer.total["cost"] == 0


def test_names_are_checked_and_the_nearest_told(filled: Ledger) -> None:
    frame = filled.frame()
    with pytest.raises(UnknownNameError, match="did you mean 'team'"):
        cost(frame, CostQuestion(by=("teem",)))
    with pytest.raises(UnknownNameError, match="did you mean 'environment'"):
        cost(frame, CostQuestion(where="enviroment = a"))
    with pytest.raises(UserError, match="different dimensions"):
        cost(frame, CostQuestion(by=("team", "team")))


def test_an_undeclared_dimension_is_told_with_the_line_that_declares_it(filled: Ledger) -> None:
    with pytest.raises(UnknownNameError) as caught:
        cost(filled.frame(), CostQuestion(by=("region",)))
    assert "region: {from: tags.region}" in caught.value.hint
    with pytest.raises(UnknownNameError) as caught:
        cost(filled.frame(), CostQuestion(by=("a b: {",)))
    assert "declare it" not in caught.value.hint


def test_coverage_under_a_condition_is_of_the_rows_asked_for(filled: Ledger) -> None:
    frame = filled.frame(since=START, until=END)
    told = {
        where: cost(frame, CostQuestion(where=where))
        for where in ("", "team = data", "team is absent", "customer = (unallocated)")
    }
    assert str(told[""].coverage) == "0.929"
    assert (str(told["team = data"].coverage), told["team = data"].unallocated) == ("1.000", {})
    for where in ("team is absent", "customer = (unallocated)"):
        assert str(told[where].coverage) == "0.000"
        assert told[where].unallocated == {"no_rule": Decimal(30)}


def test_a_value_nobody_has_is_told_with_the_nearest(filled: Ledger) -> None:
    frame = filled.frame(since=START, until=END)
    answer = cost(frame, CostQuestion(where="team = dta or environment in (prod, nosuch)"))
    told = [(one.code, one.severity, one.message, one.hint) for one in answer.issues]
    assert told == [
        (
            "unknown_value",
            "warning",
            "no charge in the books has the team 'dta'",
            "did you mean 'data'?",
        ),
        (
            "unknown_value",
            "warning",
            "no charge in the books has the environment 'nosuch'",
            "known: production, staging",
        ),
    ]
    for where in ("team = (untagged)", "source != other", "charge_category = credit"):
        assert cost(frame, CostQuestion(where=where)).issues == ()


def test_buckets_the_period_cuts_are_marked(filled: Ledger) -> None:
    frame = filled.frame(since=START, until=END)
    weeks = cost(frame, CostQuestion(grain="week")).rows
    assert [row["partial"] for row in weeks] == [True, False, False, False, True]
    assert [row["partial"] for row in cost(frame, CostQuestion(grain="month")).rows] == [False]
    assert "partial" not in cost(frame, CostQuestion(grain="day")).rows[0]
