from datetime import UTC, date, datetime
from decimal import Decimal

from tests.pipeline.query.world import DAU, FIRST, OCTOBER, Lettered

from costper.model.answer import Absent
from costper.pipeline.query.answer import answer_of

COST = "cost"
THREE_DAYS = {"from": "2026-10-01", "to": "2026-10-04"}
LATER = datetime(2026, 12, 10, tzinfo=UTC)


def test_a_ratio_over_paired_days_says_which_letter_lacks_days_and_what_it_divides(
    books: Lettered,
) -> None:
    books.metric("orders", FIRST, 40).every_day(FIRST, 3, "29.95")
    asked = books.ask(letters={"r": "metric orders", "b": COST}, formula="b / r", **THREE_DAYS)
    assert [asked.value("b"), asked.value("r")] == [Decimal("89.85"), 40]
    assert asked.value("result") == Decimal("0.74875")
    (issue,) = [one for one in asked.issues if one.code == "days_without_data"]
    assert issue.message == (
        "result is over the 1 day of 3 that all its letters have data on "
        "(r has 1): there b = 29.95, r = 40"
    )


def test_a_letter_whose_days_are_not_settled_does_not_lack_them(books: Lettered) -> None:
    today = datetime(2026, 10, 10, 12, tzinfo=UTC)
    books.metric_days("orders", FIRST, 5, 40).every_day(FIRST, 10, "20")
    words = {"letters": {"r": "metric orders", "b": COST}, "formula": "b / r"}
    asked = books.ask_at(today, {**words, "from": "2026-10-01", "to": "2026-10-11"})
    assert asked.settled_through is not None
    assert asked.settled_through < date(2026, 10, 10)
    (message,) = [one.message for one in asked.issues if one.where == "result"]
    assert "over the 5 days of 10" in message
    assert "(r has 5)" in message


def test_days_before_the_books_begin_are_missing_of_costs_too(books: Lettered) -> None:
    books.metric_days(DAU, date(2026, 8, 15), 78, 5).every_day(date(2026, 8, 15), 78, "1")
    letters = {"a": f"metric {DAU}", "b": COST}
    days = {"from": "2026-07-01", "to": "2026-11-01", "grain": "quarter"}
    asked = books.ask(letters=letters, **days)
    lost = [one for one in asked.issues if one.code == "days_without_data"]
    assert [(one.where, one.count) for one in lost] == [("a", 45), ("b", 45)]
    assert [row["partial"] for row in answer_of(asked).rows] == [True, True]
    assert [
        row["partial"]
        for row in answer_of(books.ask(letters=letters, **OCTOBER, grain="month")).rows
    ] == [False]


def test_a_bucket_with_a_hole_is_partial(books: Lettered) -> None:
    books.every_day(FIRST, 31, "1")
    books.metric_days(DAU, FIRST, 20, 5).metric_days(DAU, date(2026, 10, 22), 10, 5)
    asked = books.ask(letters={"a": f"metric {DAU}", "b": COST}, grain="month", **OCTOBER)
    assert [row["partial"] for row in answer_of(asked).rows] == [True]


def test_the_usual_range_of_quarters_begins_with_the_data(books: Lettered) -> None:
    books.every_day(date(2026, 8, 1), 92, "1")
    asked = books.ask(letters={"b": COST}, grain="quarter")
    assert asked.period.start == date(2026, 8, 1)


def test_users_of_one_month_are_never_those_of_its_quarter(books: Lettered) -> None:
    books.metric("mau", FIRST, 4000).metric("mau", date(2026, 11, 1), 5000)
    for until in ("2026-11", "2027-01"):
        asked = books.ask_at(
            LATER,
            {"letters": {"a": "metric mau"}, "grain": "quarter", "from": "2026-10", "to": until},
        )
        assert asked.value("a", bucket=0) == Absent("not_additive")


def test_final_numbers_of_weeks_and_months_are_asked_for_in_whole_ones(books: Lettered) -> None:
    books.metric("mau", FIRST, 4000)
    asked = books.ask_at(
        LATER, {"letters": {"a": "metric mau"}, "from": "2026-10-05", "to": "2026-11-10"}
    )
    (issue,) = [one for one in asked.issues if one.code == "not_settled"]
    assert issue.hint == (
        "ask for whole months, such as --from 2026-10-01 --to 2026-11-01, for final numbers"
    )


def test_only_what_is_not_all_matched_is_told(books: Lettered) -> None:
    books.leg(FIRST, "60", team="eu").leg(FIRST, "40", team="(untagged)")
    books.metric(DAU, FIRST, 100, team="eu")
    asked = books.ask(
        letters={"a": f"metric {DAU}", "b": COST}, formula="b / a", by="team", **OCTOBER
    )
    (issue,) = [one for one in asked.issues if one.code == "unmatched_groups"]
    assert issue.message.startswith("only 60.0 % of b is in groups")


def test_a_period_before_the_books_says_what_can_be_asked(books: Lettered) -> None:
    books.every_day(FIRST, 31, "1")
    asked = books.ask(letters={"b": COST}, compare="previous", **OCTOBER)
    (issue,) = [one for one in asked.issues if one.code == "previous_incomplete"]
    assert "pctChange(x, 1 MONTH)" in issue.hint
    assert "begins on 2026-10-01" in issue.message


def test_a_cost_of_one_team_over_the_orders_of_all_says_so(books: Lettered) -> None:
    books.metric("orders", FIRST, 100, team="eu").leg(FIRST, "60", team="eu")
    letters = {"a": "metric orders", "b": "cost where team = eu"}
    asked = books.ask(letters=letters, formula="b / a", **OCTOBER)
    (issue,) = [one for one in asked.issues if one.code == "limited_apart"]
    assert issue.message == "b is limited by team and a is not, though it could be"
    alike = books.ask(letters={**letters, "a": "metric orders where team = eu"}, formula="b / a")
    assert "limited_apart" not in {one.code for one in alike.issues}
