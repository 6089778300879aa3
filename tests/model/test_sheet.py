"""Rows kept as columns are rows like any others."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.model.answer import Absent
from costper.model.money import amount, plain
from costper.model.sheet import Amounts, Sheet, Whole

WHY = Absent("no_usage")
WHOLES = st.lists(st.one_of(st.integers(-(10**30), 10**30), st.integers(-99, 99), st.just(WHY)))


@given(WHOLES, st.integers(0, 39), st.integers(0, 2))
def test_amounts_are_written_as_single_ones_are(
    units: list[int | Absent], places: int, least: int
) -> None:
    expected = [
        one if isinstance(one, Absent) else plain(amount(one, places), least) for one in units
    ]
    assert Amounts(units, places).texts(least) == expected


def test_rows_can_be_counted_cut_and_read_one_by_one() -> None:
    sheet = Sheet({"name": ["a", "b", "c"], "cost": Amounts([100, WHY, -5], 2)})
    assert len(sheet) == 3
    assert sheet[0] == {"name": "a", "cost": Decimal(1)}
    assert list(sheet[1:]) == [{"name": "b", "cost": WHY}, {"name": "c", "cost": Decimal("-0.05")}]
    assert sheet[-1] == sheet[2]
    assert sheet == (sheet[0], sheet[1], sheet[2])
    assert sheet.count_below_zero("cost") == 1
    with pytest.raises(IndexError):
        sheet[3]


def test_columns_of_the_same_cells_stay_so_when_cut() -> None:
    units: list[Whole] = [100, WHY, -5]
    sheet = Sheet({"cost": Amounts(units, 2), "billed_cost": Amounts(units, 2)})
    assert sheet[0:3] is sheet
    cut = sheet[1:].columns
    assert cut["cost"] == Amounts([WHY, -5], 2)
    first, second = cut["cost"], cut["billed_cost"]
    assert isinstance(first, Amounts)
    assert isinstance(second, Amounts)
    assert first.units is second.units


def test_no_columns_are_no_rows() -> None:
    assert not Sheet({})
