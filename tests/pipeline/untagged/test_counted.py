"""How many charges lack a word, of those that begin in the days asked for."""

from datetime import date
from pathlib import Path
from typing import Any

from tests.pipeline.calls.billed_world import NOW, desk
from tests.store.raw_bills import charge

from costper.model.answer import Absent, Row
from costper.pipeline.answer.frame import Asked, frame_of
from costper.pipeline.answer.standing import standing
from costper.pipeline.untagged.answer import untagged_answer

NOVEMBER = date(2026, 11, 1)
FEE = charge(NOVEMBER, "30", charge_period_end="2026-12-01", tags="{}", service_name="support")


def customer_row(folder: Path, *rows: Any, first: date) -> Row:  # noqa: ANN401 - rows of a bill
    with desk(folder) as it:
        it.bill(rows, "cloud")
        it.allocate()
        days = Asked(since=first, until=date(2026, 11, 16))
        frame = frame_of(it.books, days, NOW, standing(it.books))
        answer = untagged_answer(it.books, frame)
        return next(row for row in answer.rows if row["dimension"] == "customer")


def group(row: Row) -> dict[str, Any]:
    groups: Any = row["groups"]
    (found,) = groups
    return dict(found)


def test_a_fee_that_began_before_the_days_is_not_no_charge(tmp_path: Path) -> None:
    row = customer_row(tmp_path, FEE, first=date(2026, 11, 6))
    assert (group(row)["cost"], group(row)["charges"]) == (10, Absent("begun_before"))
    assert row["untagged_charges"] == Absent("begun_before")


def test_a_fee_that_begins_in_the_days_is_one_charge(tmp_path: Path) -> None:
    row = customer_row(tmp_path, FEE, first=NOVEMBER)
    assert (group(row)["cost"], group(row)["charges"], row["untagged_charges"]) == (15, 1, 1)
