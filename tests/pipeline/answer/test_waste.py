from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

import pytest
from tests.ledger import Ledger

from costper.config.settings import WorkingHours
from costper.model.answer import Absent
from costper.pipeline.answer.waste import schedule, waste

MONDAY = date(2026, 11, 2)
END = MONDAY + timedelta(days=7)


def test_hours_outside_work_are_waste_and_the_schedule_says_what_saves_them(
    ledger: Ledger,
) -> None:
    for offset in range(7):
        ledger.leg(MONDAY + timedelta(days=offset), "48")
        for hour in range(24):
            ledger.hour(MONDAY + timedelta(days=offset), hour, "2")
    answer = waste(ledger.frame(since=MONDAY, until=END))
    (row,) = answer.rows
    assert [row["cost"], row["idle_cost"], row["estimated_cost"]] == [
        Decimal(336),
        Decimal(2 * (168 - 55)),
        Decimal(0),
    ]
    assert row["schedule"] == "Mon-Fri 08-19 UTC"
    assert row["monthly_saving"] == (Decimal(226) * 365 / 84).quantize(Decimal("1e-12"), ROUND_DOWN)
    assert answer.total["idle_cost"] == row["idle_cost"]


def test_days_without_data_waste_nothing_that_is_known(ledger: Ledger) -> None:
    whole = waste(ledger.frame(since=MONDAY, until=END)).total
    for name in ("cost", "idle_cost", "estimated_cost", "monthly_saving", "left"):
        assert whole[name] == Absent("no_data")


def test_what_is_billed_by_the_day_is_estimated_and_marked(ledger: Ledger) -> None:
    ledger.leg(MONDAY, "168").hour(MONDAY, 0, "168", hourly=False)
    (row,) = waste(ledger.frame(since=MONDAY, until=END)).rows
    assert [row["idle_cost"], row["estimated_cost"]] == [Decimal(113), Decimal(113)]


def test_working_hours_are_where_people_are(tmp_path: Path) -> None:
    hours = WorkingHours(timezone="America/New_York")
    ledger = Ledger.at(tmp_path, working_hours=hours)
    ledger.leg(MONDAY, "3")
    ledger.hour(MONDAY, 12, "1").hour(MONDAY, 13, "1").hour(MONDAY + timedelta(days=1), 0, "1")
    (row,) = waste(ledger.frame(since=MONDAY, until=END)).rows
    assert row["idle_cost"] == 2  # 07 and 19 o'clock in New York; 08 is work
    ledger.close()


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (WorkingHours(days=("mon", "wed")), "Mon,Wed 08-19 UTC"),
        (WorkingHours(days=("sat",), start=0, end=24), "Sat 00-24 UTC"),
    ],
)
def test_a_schedule_is_written_for_people(hours: WorkingHours, text: str) -> None:
    assert schedule(hours, "UTC") == text


def test_what_has_no_environment_may_be_production_and_is_left_out(ledger: Ledger) -> None:
    ledger.leg(MONDAY, "9").hour(MONDAY, 3, "9", environment="(untagged)")
    assert waste(ledger.frame(since=MONDAY, until=END)).rows == ()


def test_less_than_a_full_week_is_not_representative(ledger: Ledger) -> None:
    ledger.every_day(date(2026, 10, 5), 7, "1").hour(date(2026, 10, 5), 2, "10")
    for days, codes in ((1, ["not_representative"]), (6, ["not_representative"]), (7, [])):
        answer = waste(ledger.frame(since=date(2026, 10, 5), days=days))
        assert [issue.code for issue in answer.issues] == codes
