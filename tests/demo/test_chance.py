"""Chance and division: the same world from the same seed, adding up to the last digit."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.demo.chance import Chance, divide, split, units

weights = st.lists(st.integers(1, 10**6), min_size=1, max_size=40)


@given(st.integers(-(10**15), 10**15), weights)
def test_parts_add_up_and_are_off_by_less_than_one_unit(amount: int, weight: list[int]) -> None:
    parts = divide(amount, weight)
    assert sum(parts) == amount
    whole = sum(weight)
    for part, one in zip(parts, weight, strict=True):
        assert abs(part * whole - amount * one) < whole


@given(st.decimals(min_value=0, max_value=10**6, places=2), weights)
def test_money_splits_exactly(amount: Decimal, weight: list[int]) -> None:
    assert sum(split(amount, weight), Decimal(0)) == amount


def test_an_amount_finer_than_its_places_is_refused() -> None:
    with pytest.raises(ValueError, match="finer than 2 places"):
        units(Decimal("0.001"), 2)


def test_a_stream_depends_on_its_seed_and_name_only() -> None:
    first = [Chance(1, "a").below(1000) for _ in range(3)]
    assert first == [Chance(1, "a").below(1000)] * 3
    assert Chance(1, "a").below(10**9) != Chance(1, "b").below(10**9)
    assert Chance(1, "a").below(10**9) != Chance(2, "a").below(10**9)


def test_weekends_are_quieter() -> None:
    chance = Chance(1, "days")
    assert chance.day_weight("busy", date(2026, 10, 3)) < chance.day_weight(
        "busy", date(2026, 10, 5)
    )
