"""A segment without a row on a day that others have: told, as totals hold nothing of it there."""

from datetime import date

from tests.pipeline.query.world import DAU, FIRST, OCTOBER, Lettered

from costper.model.outcome import Issue
from costper.pipeline.query.asked import Asked

TEN_DAYS = {"from": "2026-10-01", "to": "2026-10-11"}


def lacking(asked: Asked) -> list[Issue]:
    return [one for one in asked.issues if one.code == "segment_missing"]


def two_teams(books: Lettered) -> Lettered:
    """Search and ads; ads has no row from 3 to 5 October."""
    books.metric_days("orders", FIRST, 10, 100, team="search")
    books.metric_days("orders", FIRST, 2, 100, team="ads")
    books.metric_days("orders", date(2026, 10, 6), 5, 100, team="ads")
    return books


def test_a_total_says_which_segment_it_lacks_on_some_days(books: Lettered) -> None:
    two_teams(books)
    for by in ({}, {"by": ["team"]}):
        asked = books.ask(letters={"a": "metric orders"}, **by, **TEN_DAYS)
        assert asked.value("a") == 1700
        (issue,) = lacking(asked)
        assert (issue.severity, issue.where, issue.count) == ("warning", "a", 3)
        assert issue.message == (
            "1 segment of 2 by team has no row on 3 days of 20, while others have: ads; "
            "totals hold nothing of them there"
        )


def test_days_before_a_segment_began_are_not_missing(books: Lettered) -> None:
    books.metric_days(DAU, FIRST, 31, 5, team="search")
    books.metric_days(DAU, date(2026, 10, 20), 12, 5, team="new")
    assert not lacking(books.ask(letters={"a": f"metric {DAU}"}, **OCTOBER))


def test_a_segment_that_was_there_before_the_days_asked_for_is_not_new(books: Lettered) -> None:
    books.metric_days("orders", date(2026, 9, 20), 21, 5, team="search")
    books.metric_days("orders", date(2026, 9, 20), 5, 5, team="ads")
    books.metric_days("orders", date(2026, 10, 9), 2, 5, team="ads")
    (issue,) = lacking(books.ask(letters={"a": "metric orders"}, **TEN_DAYS))
    assert issue.count == 8


def test_a_segment_that_ended_is_told_where_it_still_counts_in_a_comparison(
    books: Lettered,
) -> None:
    books.metric_days("orders", date(2026, 9, 21), 20, 5, team="search")
    books.metric_days("orders", date(2026, 9, 21), 10, 5, team="ads")
    asked = books.ask(letters={"a": "metric orders"}, compare="previous", **TEN_DAYS)
    (issue,) = lacking(asked)
    assert issue.count == 10


def test_holes_of_the_days_compared_with_are_told_apart(books: Lettered) -> None:
    books.metric_days("orders", date(2026, 9, 21), 20, 5, team="search")
    books.metric_days("orders", date(2026, 9, 21), 3, 5, team="ads")
    books.metric_days("orders", FIRST, 10, 5, team="ads")
    (issue,) = lacking(books.ask(letters={"a": "metric orders"}, compare="previous", **TEN_DAYS))
    assert issue.count == 7
    assert "on 7 days of 20 compared with" in issue.message


def test_a_customer_that_changed_its_team_lacks_nothing(books: Lettered) -> None:
    books.metric_days("orders", FIRST, 10, 1, customer="a", team="search")
    books.metric_days("orders", FIRST, 5, 1, customer="b", team="search")
    books.metric_days("orders", date(2026, 10, 6), 5, 1, customer="b", team="ads")
    assert not lacking(books.ask(letters={"a": "metric orders"}, **TEN_DAYS))


def test_only_segments_a_condition_meets_are_looked_at(books: Lettered) -> None:
    two_teams(books)
    asked = books.ask(
        letters={"a": "metric orders where team = search", "b": "metric orders where team = ads"},
        **TEN_DAYS,
    )
    assert [(one.where, one.count) for one in lacking(asked)] == [("b", 3)]


def test_what_a_gap_rule_fills_is_not_missing(books: Lettered) -> None:
    books.metric_days("zeros", FIRST, 10, 1, team="search")
    books.metric("zeros", FIRST, 1, team="ads").metric("zeros", date(2026, 10, 10), 1, team="ads")
    assert not lacking(books.ask(letters={"a": "metric zeros"}, **TEN_DAYS))


def test_whole_months_of_a_metric_by_months_are_looked_at_too(books: Lettered) -> None:
    for month in (8, 9, 10):
        books.metric("mau", date(2026, month, 1), 100, team="search")
    books.metric("mau", date(2026, 8, 1), 50, team="ads")
    books.metric("mau", date(2026, 10, 1), 50, team="ads")
    asked = books.ask(
        letters={"a": "metric mau"}, grain="month", **{"from": "2026-08", "to": "2026-11"}
    )
    (issue,) = lacking(asked)
    assert issue.count == 1
    assert "no row on 1 month of 6" in issue.message


def test_a_customer_that_left_lacks_nothing_and_one_that_is_there_does(books: Lettered) -> None:
    books.payer("here", "10").payer("gone", "10", until=date(2026, 10, 6))
    books.payer("gone", "0", status="churned", since=date(2026, 10, 6))
    books.metric_days("orders", FIRST, 10, 1, customer="other")
    for customer in ("here", "gone", "unlisted"):
        books.metric_days("orders", FIRST, 5, 1, customer=customer)
    (issue,) = lacking(books.ask(letters={"a": "metric orders"}, **TEN_DAYS))
    assert issue.count == 5
    assert "while others have: here;" in issue.message
