from datetime import date, timedelta
from decimal import Decimal

from tests.ledger import NOW
from tests.pipeline.query.world import DAU, Lettered

from costper.model.answer import Absent, Answer
from costper.pipeline.answer.watched import Watch
from costper.pipeline.query.unusual import unusual_answer
from costper.pipeline.query.written import question_from_json

START = date(2026, 6, 1)
DAYS = (date(2026, 11, 19) - START).days
SPIKE = date(2026, 11, 10)
PER_USER = {"letters": {"a": f"metric {DAU}", "b": "cost"}, "formula": "b / a"}


def judged(books: Lettered, watch: Watch | None = None, **question: object) -> Answer:
    books.keep()
    asked = question_from_json({**PER_USER, **question})
    return unusual_answer(books, asked, now=NOW, watch=watch or Watch(minimum=Decimal(0)))


def grown(books: Lettered) -> Lettered:
    """Cost and users move together, twice as high on one day: per user nothing happens."""
    for offset in range(DAYS):
        day = START + timedelta(days=offset)
        users = 100 + offset % 7 + (100 if day == SPIKE else 0)
        books.metric(DAU, day, users).leg(day, Decimal(users) * 3, service="db")
    return books


def test_what_grows_with_its_users_is_not_unusual_per_user(books: Lettered) -> None:
    grown(books)
    assert judged(books).rows == ()
    (row,) = judged(books, formula="b").rows
    assert (row["day"], row["of"], row["kind"]) == (SPIKE, "result", "spike")


def test_a_cost_per_user_that_jumps_is_told_with_what_was_expected(books: Lettered) -> None:
    grown(books).leg(SPIKE, "600", service="db")
    answer = judged(books, grain="month", compare="previous")
    (row,) = answer.rows
    assert (row["day"], row["severity"], row["direction"]) == (SPIKE, "critical", "up")
    assert row["expected"] == 3
    value = row["value"]
    assert isinstance(value, Decimal)
    assert abs(value - 6) < 1
    assert answer.total["anomalies"] == 1
    assert answer.measures["value"] == "number"


def test_each_group_is_judged_by_its_own_days(books: Lettered) -> None:
    grown(books)
    for offset in range(DAYS):
        day = START + timedelta(days=offset)
        books.leg(day, "900" if day == SPIKE else "50", service="api")
    rows = judged(
        books, letters={"b": "cost where service = api"}, formula="b", by=["service"]
    ).rows
    assert [(row["service"], row["day"]) for row in rows] == [("api", SPIKE)]


def test_a_day_without_users_is_a_gap_and_no_zero(books: Lettered) -> None:
    for offset in range(DAYS):
        day = START + timedelta(days=offset)
        books.metric(DAU, day, 0 if day == SPIKE else 100).leg(day, "300")
    assert judged(books).rows == ()


def test_the_least_deviation_and_the_plain_z_are_asked_for(books: Lettered) -> None:
    grown(books).leg(SPIKE, "600", service="db")
    assert judged(books, Watch(minimum=Decimal(50))).rows == ()
    (row,) = judged(books, Watch(minimum=Decimal(1), method="z")).rows
    assert row["z"] == row["score"] or row["z"] == Absent("never_varied")
