"""Windows of dear hours in an hourly series."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costper.watch.hours import LEARNING, windows

ONE = Decimal(1)


def busy(hours: int) -> list[Decimal]:
    """Give hours that cost 1 to 3, by the time of day."""
    return [Decimal(1 + (hour % 24) // 8) for hour in range(hours)]


def test_a_dear_window_is_told_with_its_hours() -> None:
    hours = busy(400)
    hours[300:303] = [Decimal(40), Decimal(2), Decimal(50)]
    (found,) = windows(hours, 200, ONE)
    assert (found.start, found.end, found.cost) == (300, 303, Decimal(90))
    assert found.z is not None
    assert found.z > 20


def test_an_hour_that_was_told_teaches_nothing() -> None:
    hours = busy(400)
    hours[300:310] = [Decimal(40)] * 10
    (found,) = windows(hours, 200, ONE)
    assert (found.start, found.end) == (300, 310)
    assert found.expected < 30


def test_a_first_cost_after_nothing_has_no_z() -> None:
    hours = [Decimal(0)] * 100 + [Decimal(5)]
    (found,) = windows(hours, 90, ONE)
    assert found.z is None
    assert found.expected == Decimal(0)


@given(
    hours=st.lists(st.integers(0, 9).map(Decimal), max_size=120),
    first=st.integers(0, 120),
)
def test_what_is_told_comes_late_enough_and_costs_at_least_twice_the_mean(
    hours: list[Decimal], first: int
) -> None:
    ends = 0
    for one in windows(hours, first, ONE):
        assert one.start >= max(first, LEARNING, ends)
        assert one.cost >= one.expected + 1
        ends = one.end


@given(hours=st.lists(st.integers(8, 12).map(Decimal), min_size=80, max_size=200))
def test_hours_that_hardly_differ_are_never_told(hours: list[Decimal]) -> None:
    assert windows(hours, 0, ONE) == []


def test_a_nightly_job_is_told_on_its_first_nights_only() -> None:
    hours = [Decimal(9) if hour % 24 == 3 else Decimal(0) for hour in range(24 * 10)]
    hours[: 24 * 5] = [Decimal(0)] * 24 * 5
    assert [one.start // 24 for one in windows(hours, 0, ONE)] == [5, 6]
