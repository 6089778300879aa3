"""Amounts written by Arrow are those written one by one."""

from hypothesis import example, given
from hypothesis import strategies as st

from costper.api.amount_texts import amount_texts
from costper.model.answer import Absent
from costper.model.sheet import Amounts

units = st.integers(-(2**70), 2**70) | st.integers(-(10**15), 10**15) | st.integers(-20, 20)
lists = st.lists(units, max_size=6) | st.lists(st.integers(10**8, 10**14), min_size=20, max_size=40)


@given(lists, st.sampled_from([0, 1, 6, 12, 21]), st.sampled_from([0, 1, 2]))
@example([123_456_789_012, *range(10**12, 10**13, 3 * 10**11 + 1)], 12, 2)
@example([5, *range(10**12, 10**13, 3 * 10**11 + 1)], 12, 2)
@example([0, *range(10**12, 10**13, 3 * 10**11 + 1)], 12, 0)
@example([2**63], 12, 2)
@example([1 - 2**63, 2**63 - 1], 18, 2)
@example([], 12, 2)
def test_they_are_the_same_texts(values: list[int], places: int, least: int) -> None:
    column = Amounts(values, places)
    found = amount_texts(column, least)
    assert found is None or found.to_pylist() == column.texts(least)


def test_long_columns_of_usual_amounts_are_written_by_arrow() -> None:
    values = [7 * 10**9 + 13 * at for at in range(500)]
    for places, least in ((12, 2), (6, 0), (1, 1)):
        assert amount_texts(Amounts(values, places), least) is not None


def test_a_column_with_a_hole_is_not() -> None:
    assert amount_texts(Amounts([10**12, Absent("why")], 12), 2) is None


def test_the_lowest_machine_word_and_what_is_below_are_left_to_python() -> None:
    for units in (-(2**63), -(2**63) - 1, 2**63):
        assert amount_texts(Amounts([units, 0], 12), 2) is None
    assert amount_texts(Amounts([1 - 2**63, 0], 12), 2) is not None
