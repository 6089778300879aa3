from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.trend import NEW, percent_change, percent_of, ratio
from costper.model.answer import Absent

amounts = st.decimals(-(10**12), 10**12, places=12, allow_nan=False)


@given(amounts, amounts)
def test_a_change_has_the_sign_of_the_difference(now: Decimal, before: Decimal) -> None:
    found = percent_change(now, before)
    if before == 0:
        assert found == NEW
    elif isinstance(found, Decimal) and found:
        assert (found > 0) == (now > before)


@given(amounts)
def test_what_did_not_move_changed_by_nothing(amount: Decimal) -> None:
    assert percent_change(amount, amount) in (0, NEW)


def test_after_nothing_a_cost_is_new_not_zero_percent() -> None:
    assert percent_change(Decimal(5), Decimal(0)) == Absent("new")


def test_a_change_from_a_credit_is_measured_by_its_size() -> None:
    assert percent_change(Decimal(-50), Decimal(-100)) == Decimal("50.0")


def test_percent_is_rounded_half_up_to_one_decimal() -> None:
    assert percent_of(Decimal("0.25"), Decimal(100)) == Decimal("0.3")
    assert str(percent_of(Decimal(1), Decimal(3))) == "33.3"


def test_nothing_over_something_is_zero_and_something_over_nothing_does_not_exist() -> None:
    assert ratio(Decimal(0), Decimal(7)) == 0
    assert ratio(Decimal(7), Decimal(0)) == Absent("zero_denominator")
    assert ratio(Decimal(7), Absent("no_usage")) == Absent("no_usage")
    assert ratio(Absent("missing_rate"), Decimal(7)) == Absent("missing_rate")
