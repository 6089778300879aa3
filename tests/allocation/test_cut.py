"""Cutting an amount for an export loses nothing, whatever the bounds."""

from hypothesis import given
from hypothesis import strategies as st

from costper.allocation.focus import bounds_of, cut

COUNTS = st.lists(st.integers(0, 10**15), min_size=1, max_size=60)


@given(st.integers(-(10**33), 10**33), COUNTS)
def test_parts_add_up_and_are_less_than_a_unit_off(units: int, counts: list[int]) -> None:
    bounds = bounds_of(counts)
    parts = cut(units, bounds)
    assert sum(parts) == units
    starts = (0, *bounds)
    for part, start, end in zip(parts, starts, bounds, strict=False):
        assert abs(part * bounds[-1] - units * (end - start)) < bounds[-1]
