from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.ledger import NOW
from tests.pipeline.query.world import DAU, FIRST, OCTOBER, Lettered

from costper.economics.compare import change_percent
from costper.errors import UserError
from costper.model.answer import Absent
from costper.pipeline.query import ask as asking
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.facts import facts_of
from costper.pipeline.query.written import question_from_json

MAU = "metric mau"
COST = "cost"
THREE_DAYS = {"from": "2026-10-01", "to": "2026-10-04"}


def codes(asked: Asked) -> list[str]:
    return [issue.code for issue in asked.issues]


def test_thirteen_thousand_over_fifty_two_thousand_users_is_250_per_thousand(
    books: Lettered,
) -> None:
    books.leg(FIRST, "13000")
    books.metric(DAU, FIRST, 52_000)
    asked = books.ask(
        letters={"a": f"metric {DAU}", "b": COST}, formula="b / (a / 1000)", days=1, to="2026-10-02"
    )
    assert asked.value("result") == 250
    assert asked.formulas["result"].label == f"$ per 1k average {DAU}"


def month_of_users(books: Lettered) -> Lettered:
    """8,000 in November's 30 days (as of December), 1,000 users a day, 5,000 in the month."""
    november = date(2026, 11, 1)
    books.leg(november, "8000").every_day(november, 30, "0")
    books.metric_days(DAU, november, 30, 1000)
    return books.metric("mau", november, 5000)


LATER = datetime(2026, 12, 10, tzinfo=UTC)
NOVEMBER = {"from": "2026-11", "to": "2026-12", "grain": "month"}


def test_cost_per_mau_per_average_dau_and_per_user_day_are_three_numbers(books: Lettered) -> None:
    letters = {"m": MAU, "d": f"metric {DAU}", "s": f"metric {DAU} as sum", "c": COST}
    formulas = {"per_mau": "c / m", "per_dau": "c / d", "per_user_day": "round(c / s, 3)"}
    asked = month_of_users(books).ask_at(
        LATER, {"letters": letters, "formulas": formulas, **NOVEMBER}
    )
    assert [asked.value(name) for name in asked.formulas] == [
        Decimal("1.6"),
        Decimal(8),
        Decimal("0.267"),
    ]
    assert [info.label for info in asked.formulas.values()] == [
        "$ per mau per month",
        f"$ per average {DAU} per month",
        "$ per user-day",
    ]


def test_a_total_is_a_ratio_of_sums_never_a_mean_of_ratios(books: Lettered) -> None:
    books.leg(FIRST, "100", team="a").leg(FIRST, "100", team="b")
    books.metric("orders", FIRST, 10, team="a").metric("orders", FIRST, 1000, team="b")
    asked = books.ask(
        letters={"a": "metric orders", "b": COST}, formula="b / a", by=["team"], **OCTOBER
    )
    assert {key: asked.value("result", key) for key in asked.groups} == {
        ("a",): Decimal(10),
        ("b",): Decimal("0.1"),
    }
    total = asked.value("result")
    assert isinstance(total, Decimal)
    assert round(total, 3) == Decimal("0.198")


def test_the_grain_is_part_of_what_a_number_means(books: Lettered) -> None:
    books.every_day(FIRST, 30, "300")
    books.metric_days(DAU, FIRST, 30, 10_000)
    letters = {"a": f"metric {DAU}", "b": COST}
    days = {"formula": "b / (a / 1000)", "from": "2026-10-01", "to": "2026-10-31"}
    by_day = books.ask(letters=letters, grain="day", **days)
    assert by_day.value("result", bucket=3) == 30
    whole = books.ask(letters=letters, grain="month", **days)
    assert whole.value("result", bucket=0) == 900
    average = books.ask(letters={**letters, "b": "cost as average"}, grain="month", **days)
    assert average.value("result", bucket=0) == 30


def test_segments_join_by_a_full_outer_join_and_both_coverages_are_told(books: Lettered) -> None:
    books.leg(FIRST, "60", team="eu").leg(FIRST, "30", team="us")
    books.leg(FIRST, "10", team="(untagged)")
    for team, users in (("eu", 100), ("us", 50), ("apac", 50)):
        books.metric(DAU, FIRST, users, team=team)
    asked = books.ask(
        letters={"a": f"metric {DAU}", "b": COST}, formula="b / a", by="team", **OCTOBER
    )
    found = {key[0]: (asked.statuses[key], asked.value("result", key)) for key in asked.groups}
    assert found == {
        "eu": ("matched", Decimal("0.6")),
        "us": ("matched", Decimal("0.6")),
        "(untagged)": ("cost_only", Absent("no_units")),
        "apac": ("units_only", Absent("no_cost")),
    }
    assert asked.value("result") == Decimal("0.5")
    assert asked.matched == {"a": Decimal("0.75"), "b": Decimal("0.9")}
    assert "unmatched_groups" in codes(asked)


def test_each_aggregation_takes_its_days_of_100_200_and_none(books: Lettered) -> None:
    for name in (DAU, "orders", "seats", "peak", "low"):
        books.metric(name, FIRST, 100).metric(name, FIRST + timedelta(days=1), 200)
    books.metric("seats", date(2026, 10, 9), 0)
    found = {
        name: books.ask(letters={"a": f"metric {name}"}, **THREE_DAYS)
        for name in (DAU, "orders", "seats", "peak", "low")
    }
    assert {name: asked.value("a") for name, asked in found.items()} == {
        DAU: 150,
        "orders": 300,
        "seats": 200,
        "peak": 200,
        "low": 100,
    }


def test_averages_are_of_daily_totals_not_totals_of_averages(books: Lettered) -> None:
    books.metric_days(DAU, FIRST, 2, 10, team="a").metric(DAU, FIRST, 10, team="b")
    asked = books.ask(
        letters={"a": f"metric {DAU}"}, by="team", **{"from": "2026-10-01", "to": "2026-10-03"}
    )
    assert [asked.value("a"), asked.value("a", ("a",)), asked.value("a", ("b",))] == [15, 10, 10]


@pytest.mark.parametrize(
    ("name", "days", "filled"), [("held", 10, 1), ("zeros", "6.666", 1), ("line", 15, 1)]
)
def test_gap_rules_fill_days_and_say_so(books: Lettered, name: str, days: str, filled: int) -> None:
    last = FIRST + timedelta(days=2)
    books.metric(name, FIRST, 10).metric(name, last, {"held": 10, "zeros": 10, "line": 20}[name])
    asked = books.ask(letters={"a": f"metric {name}"}, **{"from": "2026-10-01", "to": "2026-10-04"})
    value = asked.value("a")
    assert isinstance(value, Decimal)
    assert str(value).startswith(str(days))
    assert asked.filled(()) == filled
    assert "filled" in codes(asked)


def test_days_before_the_first_and_after_the_last_are_not_made_up(books: Lettered) -> None:
    books.metric("zeros", FIRST, 10)
    asked = books.ask(letters={"a": "metric zeros"}, **OCTOBER)
    assert [asked.value("a"), asked.filled(())] == [10, 0]


def test_a_sum_divides_what_was_spent_on_the_days_it_was_measured(books: Lettered) -> None:
    books.every_day(FIRST, 4, "10", team="a").every_day(FIRST, 4, "10", team="b")
    for day in (0, 1, 3):
        books.metric("orders", FIRST + timedelta(days=day), 5, team="a")
    asked = books.ask(
        letters={"a": "metric orders", "b": COST},
        formula="b / a",
        by="team",
        **{"from": "2026-10-01", "to": "2026-10-05"},
    )
    assert [asked.value("b"), asked.value("a")] == [80, 15]
    assert asked.value("result") == 4
    assert asked.value("result", ("a",)) == 2
    assert asked.letters["a"].coverage == Decimal("0.75")


def test_the_usual_range_ends_with_the_last_day_settled_in_every_letter(books: Lettered) -> None:
    books.every_day(FIRST, 45, "1")
    books.metric_days(DAU, FIRST, 40, 5)
    asked = books.ask(letters={"a": f"metric {DAU}", "b": COST})
    assert (asked.settled_through, asked.period.end) == (date(2026, 11, 9), date(2026, 11, 10))
    assert (asked.period.days, asked.estimated) == (30, False)


def test_days_that_are_not_yet_are_null_and_say_so(books: Lettered) -> None:
    books.every_day(FIRST, 45, "1")
    books.metric_days(DAU, FIRST, 40, 5)
    asked = books.ask(
        letters={"a": f"metric {DAU}", "b": COST},
        formula="b / a",
        grain="day",
        **{"from": "2026-11-08", "to": "2026-11-12"},
    )
    assert asked.estimated
    assert [asked.value("result", bucket=place) for place in range(4)] == [
        Decimal("0.2"),
        Decimal("0.2"),
        Absent("not_settled"),
        Absent("not_settled"),
    ]
    assert "not_settled" in codes(asked)


def test_months_of_their_own_are_asked_by_month_only(books: Lettered) -> None:
    month_of_users(books).metric("mau", FIRST, 4000)
    letters = {"a": MAU}
    by_month = books.ask_at(
        LATER, {"letters": letters, "grain": "month", "from": "2026-10", "to": "2026-12"}
    )
    assert [by_month.value("a", bucket=place) for place in (0, 1)] == [4000, 5000]
    assert by_month.value("a") == Absent("not_additive")
    by_week = books.ask_at(LATER, {"letters": letters, **NOVEMBER, "grain": "week"})
    assert by_week.value("a", bucket=1) == Absent("not_additive")


def test_what_is_distinct_is_never_added_up(books: Lettered) -> None:
    books.metric_days("visitors", FIRST, 2, 10, team="a").metric("visitors", FIRST, 5, team="b")
    asked = books.ask(letters={"a": "metric visitors"}, by="team", grain="day", **OCTOBER)
    assert asked.value("a", ("a",), 0) == 10
    assert asked.value("a", (), 0) == Absent("not_additive")
    assert asked.value("a", ("a",)) == Absent("not_additive")
    pinned = books.ask(letters={"a": "metric visitors where team = a"}, grain="day", **OCTOBER)
    assert pinned.value("a", (), 0) == 10


def test_two_rows_of_one_day_are_not_two_people_and_the_issue_names_the_day(
    books: Lettered,
) -> None:
    books.metric("visitors", FIRST, 10).metric("visitors", FIRST + timedelta(days=1), 25, rows=2)
    books.metric_days("orders", FIRST, 2, 7, rows=2)
    asked = books.ask(
        letters={"a": "metric visitors", "b": "metric orders"}, grain="day", **OCTOBER
    )
    assert [asked.value("a", bucket=day) for day in (0, 1)] == [10, Absent("not_additive")]
    assert asked.value("b") == 14
    (issue,) = [issue for issue in asked.issues if issue.code == "not_additive"]
    assert issue.where == "a, 2026-10-02"


def test_two_zones_are_joined_by_date_and_the_badge_says_how_far_apart(books: Lettered) -> None:
    books.every_day(FIRST, 31, "1")
    books.metric_days("berlin", FIRST, 31, 2)
    asked = books.ask(letters={"a": "metric berlin", "b": COST}, formula="b / a", **OCTOBER)
    (issue,) = [issue for issue in asked.issues if issue.code == "days_misaligned"]
    assert "up to 2 h" in issue.message
    assert asked.value("result") == Decimal("0.5")


def test_a_currency_without_a_rate_is_null_and_never_taken_as_one(books: Lettered) -> None:
    books.leg(FIRST, "10", team="a").leg(FIRST, "10", team="b", currency="EUR")
    books.metric("orders", FIRST, 5, team="a").metric("orders", FIRST, 5, team="b")
    letters = {"a": "metric orders", "b": COST}
    asked = books.ask(letters=letters, formula="b / a", by="team", **OCTOBER)
    assert asked.value("result", ("a",)) == 2
    assert asked.value("result", ("b",)) == asked.value("b") == Absent("missing_rate")
    assert "missing_rate" in codes(asked)
    assert asked.matched == {"a": 1, "b": Absent("missing_rate")}
    books.rate(FIRST, "EUR", "1.5")
    again = books.ask(letters=letters, formula="b / a", by="team", **OCTOBER)
    assert [again.value("b"), again.value("result", ("b",))] == [25, 3]


def test_cost_and_revenue_are_by_the_plan_of_the_day(books: Lettered) -> None:
    half = date(2026, 10, 16)
    books.every_day(FIRST, 31, "1", customer="acme").every_day(FIRST, 31, "2", customer="beta")
    books.payer("acme", "3100", plan="Free", until=half)
    books.payer("acme", "6200", plan="pro", since=half)
    books.payer("beta", "310", plan=" PRO ")
    asked = books.ask(
        letters={"c": COST, "r": "revenue", "p": "cost where plan = pro"}, by="plan", **OCTOBER
    )
    assert {key[0]: asked.value("c", key) for key in asked.groups} == {"pro": 78, "free": 15}
    assert asked.value("r", ("free",)) == 1500
    assert asked.value("r", ("pro",)) == 16 * 200 + 310
    assert asked.value("r") == 1500 + 3200 + 310
    assert asked.value("p") == 78
    assert "plan_of_the_day" in codes(asked)


def test_periods_of_as_many_days_are_compared_and_zero_before_is_new(books: Lettered) -> None:
    books.every_day(FIRST, 20, "10", team="a").every_day(date(2026, 10, 11), 10, "5", team="b")
    asked = books.ask(
        letters={"c": COST},
        by="team",
        compare="previous",
        **{"from": "2026-10-11", "to": "2026-10-21"},
    )
    assert asked.compared is not None
    assert (asked.compared.start, asked.compared.end) == (FIRST, date(2026, 10, 11))
    assert asked.change_percent("c") == 50
    assert asked.change_percent("c", ("a",)) == 0
    assert asked.change_percent("c", ("b",)) == Absent("new")


def test_a_period_the_books_do_not_reach_back_to_is_not_compared(books: Lettered) -> None:
    books.every_day(FIRST, 20, "10")
    asked = books.ask(letters={"c": COST}, compare="year", **OCTOBER)
    assert asked.change_percent("c") == Absent("previous_incomplete")
    assert "previous_incomplete" in codes(asked)


def test_a_renamed_group_is_gone_here_and_new_there(books: Lettered) -> None:
    books.metric_days("orders", FIRST, 10, 5, team="eu")
    books.metric_days("orders", date(2026, 10, 11), 10, 5, team="europe")
    asked = books.ask(
        letters={"a": "metric orders"},
        by="team",
        compare="previous",
        **{"from": "2026-10-11", "to": "2026-10-21"},
    )
    assert asked.value("a", ("eu",)) == Absent("no_units")
    assert asked.value("a", ("eu",), compared=True) == 50
    assert asked.change_percent("a", ("europe",)) == Absent("new")


def test_formulas_reach_back_and_say_where_the_books_begin(books: Lettered) -> None:
    for day in range(31):
        books.leg(FIRST + timedelta(days=day), Decimal(day + 1))
    asked = books.ask(
        letters={"c": COST},
        formulas={
            "shifted": "timeShift(c, 1 WEEK)",
            "moving": "movingAvg(c, 3)",
            "running": "cumSum(c)",
            "moved": "pctChange(c, 1 DAY)",
        },
        grain="day",
        **{"from": "2026-10-05", "to": "2026-10-11"},
    )
    assert asked.value("shifted", bucket=2) == Absent("no_base")
    assert asked.value("shifted", bucket=3) == 1
    assert asked.value("moving", bucket=0) == 4
    assert asked.value("running", bucket=2) == 5 + 6 + 7
    assert asked.value("moved", bucket=0) == 25


def test_a_ratio_that_was_measured_is_never_put_together_across_groups(books: Lettered) -> None:
    books.metric_days("uptime", FIRST, 31, 1, team="a").metric_days(
        "uptime", FIRST, 31, 0, team="b"
    )
    asked = books.ask(letters={"a": "metric uptime"}, by="team", **OCTOBER)
    assert [asked.value("a", ("a",)), asked.value("a")] == [1, Absent("not_additive")]


def test_questions_that_would_take_a_servers_memory_are_refused(books: Lettered) -> None:
    books.every_day(FIRST, 3, "1")
    shifts = {f"f{at}": f"timeShift(c, {at + 1} DAY)" for at in range(20)}
    with pytest.raises(UserError, match="at most 50000 are read"):
        books.ask(letters={"c": COST}, formulas=shifts, grain="day", days=3660, to="2026-10-04")


def test_answers_of_too_many_numbers_are_refused(
    books: Lettered, monkeypatch: pytest.MonkeyPatch
) -> None:
    books.every_day(FIRST, 3, "1", team="a").every_day(FIRST, 3, "1", team="b")
    question: dict[str, Any] = {"letters": {"c": COST}, "by": "team", "grain": "day", **OCTOBER}
    for limit in ("MOST_CELLS", "MOST_LINES"):
        with monkeypatch.context() as patch:
            patch.setattr(asking, limit, 5)
            with pytest.raises(UserError, match="more than 5 numbers"):
                books.ask(**question)
    assert len(books.ask(**question).groups) == 2


def test_numbers_of_any_size_are_compared_or_null(books: Lettered) -> None:
    books.leg(FIRST, "0.000000000000000000001").leg(FIRST + timedelta(days=1), "900000000000")
    asked = books.ask(
        letters={"c": COST},
        formulas={"x": "c * 1e30", "y": "c / 1e30"},
        compare="previous",
        **{"from": "2026-10-02", "to": "2026-10-03"},
    )
    assert asked.change_percent("c") == Decimal("89999999999999999999999999999999900.0")
    assert asked.change_percent("x") == asked.change_percent("c")
    tiny = change_percent(Decimal("1e60"), Decimal("1e-60"))
    assert tiny == Absent("too_large")


def test_a_customer_whose_mrr_is_unknown_has_no_revenue_and_nor_has_the_total(
    books: Lettered,
) -> None:
    books.payer("acme", None).payer("beta", "310")
    asked = books.ask(letters={"r": "revenue"}, by="customer", **OCTOBER)
    assert [asked.value("r", ("beta",)), asked.value("r", ("acme",)), asked.value("r")] == [
        310,
        Absent("no_mrr"),
        Absent("no_mrr"),
    ]


def test_coverage_is_of_the_cost_a_question_looks_at_and_read_once(books: Lettered) -> None:
    books.leg(FIRST, "30", team="a")
    books.leg(FIRST, "10", team="b", customer="(unallocated)", reason="no_rule")
    books.keep()
    facts = facts_of(books)
    for where, share in (("", "0.750"), (" where team = a", "1.000"), (" where team = b", "0.000")):
        question = question_from_json({"letters": {"c": f"cost{where}"}, **OCTOBER})
        found = [asking.ask(books, question, now=NOW, facts=facts).standing for _ in range(2)]
        assert [str(one.coverage) for one in found] == [share, share]
    assert len(facts.coverage) == 3
