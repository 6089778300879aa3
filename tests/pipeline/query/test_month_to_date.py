"""The month so far beside the one before: as many days of both, whatever the calendar says."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.pipeline.query.world import DAU, Lettered

from costper.pipeline.query.answer import answer_of
from costper.pipeline.query.asked import Asked

APRIL = datetime(2026, 4, 20, tzinfo=UTC)
FEBRUARY = date(2026, 2, 1)


def march(books: Lettered, **words: object) -> Asked:
    books.every_day(FEBRUARY, 28, "1").every_day(date(2026, 3, 1), 31, "2")
    books.metric_days("orders", FEBRUARY, 59, 10)
    letters = {"a": "metric orders", "b": "cost"}
    question = {"letters": letters, "formula": "b / a", "compare": "month_to_date", **words}
    return books.ask_at(APRIL, question)


@pytest.mark.parametrize("grain", ["", "day", "week", "month"])
def test_a_month_longer_than_the_one_before_is_compared_over_the_days_both_have(
    books: Lettered, grain: str
) -> None:
    asked = march(books, grain=grain, **{"from": "2026-03", "to": "2026-04"})
    assert asked.period.end == date(2026, 3, 29)
    assert [asked.value("b"), asked.value("b", compared=True)] == [56, 28]
    assert [asked.change_percent(name) for name in ("a", "b", "result")] == [0, 100, 100]
    assert answer_of(asked).question["to"] == date(2026, 3, 29)
    (issue,) = [one for one in asked.issues if one.code == "days_left_out"]
    assert issue.message == (
        "2026-02 has 28 days, so that as many are compared; left out is from 2026-03-29 on: 3 days"
    )


def test_the_question_of_the_answer_asks_for_the_same_days(books: Lettered) -> None:
    asked = march(books, **{"from": "2026-03-01", "to": "2026-03-29"})
    assert asked.change_percent("b") == 100
    assert "days_left_out" not in [one.code for one in asked.issues]


def test_a_month_shorter_than_the_one_before_is_beside_as_many_of_its_days(
    books: Lettered,
) -> None:
    books.every_day(date(2026, 10, 1), 31, "1").every_day(date(2026, 11, 1), 30, "1")
    days = {"from": "2026-11", "to": "2026-12"}
    question = {"letters": {"b": "cost"}, "compare": "month_to_date", **days}
    asked = books.ask_at(datetime(2026, 12, 20, tzinfo=UTC), question)
    assert asked.compared is not None
    assert asked.compared.end == date(2026, 10, 31)
    assert asked.change_percent("b") == 0


def test_whole_months_of_a_metric_by_months_are_not_cut(books: Lettered) -> None:
    books.metric("mau", FEBRUARY, 100).metric("mau", date(2026, 3, 1), 120)
    books.metric_days(DAU, FEBRUARY, 59, 5)
    words = {"letters": {"m": "metric mau"}, "grain": "month", "compare": "month_to_date"}
    asked = books.ask_at(APRIL, {**words, "from": "2026-03", "to": "2026-04"})
    assert asked.value("m") == 120
    assert asked.change_percent("m") == Decimal("20.0")
