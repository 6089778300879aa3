"""Where values are placed, and which ticks an axis has."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.charts.pictures import sane

from costper.charts.scale import Linear, Steps, extent, matching_ticks, nice_ticks

MANTISSAS = {Decimal(it) for it in ("1", "1.2", "1.5", "2", "2.5", "3", "4", "5", "6", "8")}
spans = st.tuples(sane, sane).map(lambda it: (min(it), max(it)))


@given(st.lists(sane, min_size=2), spans)
def test_a_scale_keeps_the_order_of_values(
    values: list[Decimal], span: tuple[Decimal, Decimal]
) -> None:
    ticks = nice_ticks(*span)
    up, down = Linear(ticks[0], ticks[-1], 0, 3000), Linear(ticks[0], ticks[-1], 3000, 0)
    ordered = sorted(values)
    assert [up.place(it) for it in ordered] == sorted(up.place(it) for it in ordered)
    places = [down.place(it) for it in ordered]
    assert places == sorted(places, reverse=True)
    assert (up.place(ticks[0]), up.place(ticks[-1])) == (0, 3000)


@given(spans, st.integers(1, 12))
def test_ticks_are_round_even_and_hold_both_ends(span: tuple[Decimal, Decimal], count: int) -> None:
    low, high = span
    ticks = nice_ticks(low, high, count)
    gaps = {right - left for left, right in pairwise(ticks)}
    assert len(gaps) == 1
    step = gaps.pop()
    assert step.scaleb(-step.adjusted()) in MANTISSAS
    assert ticks[0] <= low <= high <= ticks[-1]
    assert 2 <= len(ticks) <= count + 3
    if low < high:
        assert ticks[0] > low - step
        assert ticks[-1] < high + step


@given(spans, st.integers(2, 12))
def test_a_second_axis_has_as_many_ticks_as_the_first(
    span: tuple[Decimal, Decimal], intervals: int
) -> None:
    ticks = matching_ticks(*span, intervals)
    assert len(ticks) == intervals + 1
    assert ticks[0] <= span[0] <= span[1] <= ticks[-1]
    step = ticks[1] - ticks[0]
    assert step.scaleb(-step.adjusted()) in MANTISSAS


def test_a_second_axis_of_one_interval_spans_both_sides_of_zero() -> None:
    assert [int(it) for it in matching_ticks(Decimal(-3), Decimal(7), 1)] == [-8, 8]


@given(st.lists(sane, min_size=1))
def test_bars_stand_on_zero_and_the_span_holds_all(values: list[Decimal]) -> None:
    low, high = extent(values, from_zero=True)
    assert low <= 0 <= high
    low, high = extent(values, from_zero=False)
    assert low <= min(values) <= max(values) <= high


def test_lines_far_from_zero_are_not_drawn_from_it() -> None:
    assert [int(it) for it in extent([Decimal(202), Decimal(362)], from_zero=False)] == [202, 362]
    assert [int(it) for it in extent([Decimal(2), Decimal(362)], from_zero=False)] == [0, 362]
    assert [int(it) for it in extent([Decimal(-362), Decimal(-202)], from_zero=False)] == [
        -362,
        -202,
    ]


@given(st.integers(1, 400), st.integers(0, 500), st.integers(400, 12000))
def test_steps_follow_each_other_and_bars_stay_in_them(count: int, start: int, width: int) -> None:
    steps = Steps(count, start, start + width)
    lefts = [steps.left(it) for it in range(count + 1)]
    assert lefts == sorted(lefts)
    assert (lefts[0], lefts[-1]) == (start, start + width)
    assert all(lefts[it] <= steps.middle(it) <= lefts[it + 1] for it in range(count))
    assert 0 < steps.bar <= width + 5
