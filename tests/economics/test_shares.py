from datetime import date
from decimal import Decimal

from costper.economics.coverage import coverage
from costper.economics.currency import Rates, converted, plus, rates_into
from costper.economics.sparkline import sparkline
from costper.model.answer import Absent
from costper.model.customer import Rate

DAY = date(2026, 11, 1)


def test_coverage_is_never_rounded_up_to_all() -> None:
    assert str(coverage(Decimal(1_000_000), Decimal("0.000001"))) == "0.999"
    assert str(coverage(Decimal(5), Decimal(0))) == "1.000"
    assert str(coverage(Decimal(5), Decimal(5))) == "0.000"
    assert coverage(Decimal(0), Decimal(0)) is None


def test_a_rate_holds_from_its_day_on_and_is_never_turned_round() -> None:
    rates = rates_into("USD", [Rate(valid_from=DAY, currency="EUR", target="USD", rate=Decimal(2))])
    assert converted(Decimal(3), "EUR", DAY, rates) == 6
    assert converted(Decimal(3), "EUR", date(2026, 10, 31), rates) == Absent("missing_rate")
    assert converted(Decimal(3), "USD", DAY, rates) == 3
    assert converted(Decimal(1), "USD", DAY, Rates("EUR")) == Absent("missing_rate")


def test_a_conversion_keeps_every_digit() -> None:
    rate = Rate(valid_from=DAY, currency="EUR", target="USD", rate=Decimal("1.000000000000000001"))
    amount = Decimal("12345678901234567.000000000000000000001")
    found = converted(amount, "EUR", DAY, rates_into("USD", [rate]))
    assert str(found) == "12345678901234567.012345678901234567001000000000000000001"


def test_a_sum_with_a_missing_part_is_missing() -> None:
    assert plus(Decimal(1), Absent("missing_rate")) == Absent("missing_rate")
    assert plus(Absent("missing_rate"), Decimal(1)) == Absent("missing_rate")


def test_a_gap_is_drawn_as_a_gap() -> None:
    assert sparkline([Decimal(1), None, Decimal(8)]) == "▂ █"
    assert sparkline([None, None]) == "  "
    assert sparkline([Decimal(0), Decimal(0)]) == "▁▁"
    assert sparkline([Decimal(-4), Decimal(4)]) == "▁█"
