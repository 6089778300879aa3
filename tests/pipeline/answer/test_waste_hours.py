from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from tests.ledger import Ledger

from costper.config.settings import WorkingHours
from costper.pipeline.answer.waste import waste
from costper.pipeline.answer.waste_hours import waste_hours

MONDAY = date(2026, 11, 2)
END = MONDAY + timedelta(days=7)


def test_the_hours_of_a_week_add_up_to_what_the_waste_is_of(ledger: Ledger) -> None:
    for offset in range(7):
        ledger.leg(MONDAY + timedelta(days=offset), "48")
        for hour in range(24):
            ledger.hour(MONDAY + timedelta(days=offset), hour, str(1 + hour % 3))
    frame = ledger.frame(since=MONDAY, until=END)
    answer, (environment,) = waste_hours(frame, ""), waste(frame).rows
    assert len(answer.rows) == 168
    assert [answer.rows[25][name] for name in ("weekday", "hour", "cost")] == ["tue", 1, Decimal(2)]
    assert sum(Decimal(str(row["cost"])) for row in answer.rows) == environment["cost"]
    away = [Decimal(str(row["cost"])) for row in answer.rows if not row["working"]]
    assert sum(away) == environment["idle_cost"]
    assert {row["average_cost"] for row in answer.rows} == {Decimal(1), Decimal(2), Decimal(3)}
    assert waste_hours(frame, "elsewhere").total["cost"] == 0


def test_hours_are_those_of_where_people_work(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path, working_hours=WorkingHours(timezone="America/New_York"))
    ledger.leg(MONDAY, "2").hour(MONDAY, 2, "2")
    answer = waste_hours(ledger.frame(since=MONDAY, until=END), "")
    (row,) = (row for row in answer.rows if row["cost"])
    assert [row["weekday"], row["hour"], row["working"]] == ["sun", 21, False]
    assert answer.question["timezone"] == "America/New_York"
    ledger.close()


def test_what_is_billed_by_the_day_has_no_hour(ledger: Ledger) -> None:
    ledger.leg(MONDAY, "168").hour(MONDAY, 0, "168", hourly=False)
    answer = waste_hours(ledger.frame(since=MONDAY, until=END), "")
    assert {row["cost"] for row in answer.rows} == {Decimal(0)}
    assert answer.total["not_hourly_cost"] == answer.total["cost"] == 168
