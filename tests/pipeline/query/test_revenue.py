from datetime import date

from tests.pipeline.query.world import Lettered

from costper.model.answer import Absent


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
