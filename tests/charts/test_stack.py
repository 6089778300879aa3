"""Stacks add up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from tests.charts.pictures import sane

from costper.charts.stack import stacked

layers = st.integers(0, 8).flatmap(
    lambda count: st.lists(st.lists(st.one_of(st.none(), sane), min_size=count, max_size=count))
)


@given(layers)
def test_the_ends_of_a_stack_are_the_sums_of_its_values(
    values: list[list[Decimal | None]],
) -> None:
    found = stacked(values)
    for bucket in range(len(values[0]) if values else 0):
        own = [it for layer in values if (it := layer[bucket]) is not None]
        ends = [pair[1] for edges in found if (pair := edges[bucket]) is not None]
        assert max((Decimal(0), *ends)) == sum(it for it in own if it > 0)
        assert min((Decimal(0), *ends)) == sum(it for it in own if it < 0)


@given(layers)
def test_every_bar_is_as_long_as_its_value_and_no_value_has_no_bar(
    values: list[list[Decimal | None]],
) -> None:
    for layer, edges in zip(values, stacked(values), strict=True):
        assert [None if pair is None else pair[1] - pair[0] for pair in edges] == layer
