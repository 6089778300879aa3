from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.pipeline.query.world import Lettered

from costper.model.answer import Absent
from costper.pipeline.margins.answer import margins
from costper.pipeline.margins.clients import MarginQuestion

DAY = timedelta(days=1)


def test_months_before_any_customer_is_known_have_no_revenue_rather_than_none(
    books: Lettered,
) -> None:
    books.payer("acme", "310", since=date(2026, 9, 1), currency="EUR")
    books.rate(date(2026, 9, 1), "EUR", "2").every_day(date(2026, 8, 1), 61, "1")
    span = {"from": "2026-07-01", "to": "2026-10-01"}
    asked = books.ask(letters={"r": "revenue"}, grain="month", **span)
    found = [asked.value("r", (), at) for at in range(3)]
    assert found == [Absent("no_customer_record"), Absent("no_customer_record"), 620]
    assert asked.value("r") == 620
    assert "missing_rate" not in {issue.code for issue in asked.issues}


@pytest.mark.parametrize("days", [range(10, 31), range(20), (*range(5, 10), *range(15, 31))])
def test_a_share_of_revenue_is_of_the_days_cost_is_known_of_as_a_margin_is(
    books: Lettered, days: range
) -> None:
    books.payer("acme", "310", since=date(2026, 1, 1))
    for day in days:
        books.leg(date(2026, 10, day + 1), "1", customer="acme")
    span = {"from": "2026-10-01", "to": "2026-11-01"}
    asked = books.ask(letters={"c": "cost", "r": "revenue"}, formula="c / r * 100", **span)
    frame = books.frame(since=date(2026, 10, 1), until=date(2026, 11, 1))
    known = max(days) + 1 - min(days)
    share = margins(frame, MarginQuestion()).total["cost_of_revenue_percent"]
    found = asked.value("result")
    assert not isinstance(found, Absent)
    assert round(found, 2) == share == round(Decimal(len(days) * 10) / known, 2)
    assert asked.value("r") == 310
    told = {one.where: one.message for one in asked.issues if one.code == "days_without_data"}
    assert told["result"].startswith(f"result is over the {known} days of 31 from the first to the")


def test_revenue_of_days_gone_by_is_final_and_of_the_last_ones_is_not(books: Lettered) -> None:
    books.payer("acme", "310", since=date(2026, 1, 1)).every_day(date(2026, 10, 1), 31, "1")
    october = books.ask(letters={"r": "revenue"}, **{"from": "2026-10-01", "to": "2026-11-01"})
    assert october.value("r") == 310
    assert not october.estimated
    now = october.settled_through
    assert now is not None
    late = books.ask(letters={"r": "revenue"}, **{"from": str(now), "to": str(now + 3 * DAY)})
    assert late.estimated
