"""Amounts add exactly, divide once, and are written plainly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.model.money import MONEY_SCALE, Money, divide, plain, total

amounts = st.decimals(
    min_value=-(10**16), max_value=10**16, places=MONEY_SCALE, allow_nan=False, allow_infinity=False
)


@given(st.lists(amounts, max_size=30))
def test_a_total_does_not_depend_on_the_order_of_its_parts(found: list[Decimal]) -> None:
    assert total(found) == total(list(reversed(found)))


@given(amounts, amounts)
def test_adding_and_taking_away_gives_back_the_same_digits(a: Decimal, b: Decimal) -> None:
    assert total([total([a, b]), b.copy_negate()]) == a


@given(amounts)
def test_an_amount_survives_being_written_and_read(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount


def test_zero_is_never_written_negative() -> None:
    assert plain(Decimal("-0.000")) == "0.00"


def test_two_currencies_never_add() -> None:
    with pytest.raises(ValueError, match="EUR"):
        _ = Money(Decimal(1), "USD") + Money(Decimal(1), "EUR")


def test_money_of_one_currency_adds() -> None:
    assert Money(Decimal("0.1"), "USD") + Money(Decimal("0.2"), "USD") == Money(
        Decimal("0.3"), "USD"
    )


def test_dividing_by_zero_gives_nothing_instead_of_a_number() -> None:
    assert divide(Decimal(5), Decimal(0)) is None
