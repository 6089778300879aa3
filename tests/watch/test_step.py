"""Steps in a daily number: found where they are, and seldom where there is none."""

from decimal import Decimal
from hashlib import sha512
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from costper.watch.step import differ, step

SERIES = 400


def noise(seed: int, days: int, alike: float = 0.0) -> list[Decimal]:
    """Give days about 100 which follow the day before by `alike`."""
    last, found = 0.0, list[Decimal]()
    for day in range(days):
        last = alike * last + bell(f"{seed} {day}")
        found.append(Decimal(repr(round(100 + last, 6))))
    return found


def bell(name: str) -> float:
    """Give a number of the bell curve that hangs on nothing but its name."""
    drawn = sha512(name.encode()).digest()[:48]
    parts = [int.from_bytes(drawn[at : at + 4]) / 2**32 for at in range(0, 48, 4)]
    return sum(parts) - 6


def false_alarms(alike: float) -> int:
    """Count the series without a step that are said to have one, at 1 %."""
    found = (step(noise(seed, 30, alike)) for seed in range(SERIES))
    return sum(one is not None and one.p_value < 0.01 for one in found)


def test_a_series_without_a_step_has_none_but_for_one_in_a_hundred() -> None:
    assert false_alarms(0.0) <= 0.01 * SERIES + 4


def test_days_that_follow_each_other_seldom_seem_a_step() -> None:
    assert false_alarms(0.5) <= 0.05 * SERIES


def test_a_step_of_three_spreads_is_found_on_its_day_or_next_to_it() -> None:
    near = 0
    for seed in range(100):
        values = noise(seed, 30)
        found = step([*values[:18], *(value + 3 for value in values[18:])])
        near += found is not None and found.p_value < 0.01 and abs(found.position - 18) <= 1
    assert near >= 90


def test_too_few_days_say_nothing() -> None:
    assert step([1] * 9) is None
    assert differ([1, 2], [3, 4, 5]) is None


def test_a_series_that_never_changes_has_no_step() -> None:
    found = step([Decimal(5)] * 20)
    assert found is not None
    assert found.p_value == 1.0


@given(
    before=st.lists(st.integers(0, 6), min_size=3, max_size=5),
    after=st.lists(st.integers(0, 6), min_size=3, max_size=5),
)
def test_the_exact_test_counts_every_way_to_part_the_days(
    before: list[int], after: list[int]
) -> None:
    values = [*before, *after]

    def score(places: tuple[int, ...]) -> int:
        rest = [values[at] for at in range(len(values)) if at not in places]
        mine = [values[at] for at in places]
        wins = sum((b > a) * 2 + (b == a) for a in rest for b in mine)
        return abs(wins - len(rest) * len(mine))

    ways = [score(places) for places in combinations(range(len(values)), len(after))]
    seen = score(tuple(range(len(before), len(values))))
    assert differ(before, after) == sum(way >= seen for way in ways) / len(ways)


@given(
    values=st.lists(st.decimals("0", "99", places=3), min_size=10, max_size=20),
    factor=st.integers(1, 50),
)
def test_the_unit_of_the_number_changes_nothing_of_where_the_step_is(
    values: list[Decimal], factor: int
) -> None:
    one, other = step(values), step([value * factor for value in values])
    assert one is not None
    assert other is not None
    assert one.position == other.position
    assert abs(one.p_value - other.p_value) < 1e-9


def test_a_step_near_the_end_is_found_on_its_day_as_surely_as_one_in_the_middle() -> None:
    near = 0
    for seed in range(60):
        values = noise(seed, 120)
        found = step([*values[:100], *(value + 3 for value in values[100:])])
        near += found is not None and found.p_value < 0.001 and abs(found.position - 100) <= 1
    assert near >= 55


def test_a_known_change_dates_a_step_that_noise_drew_elsewhere_and_makes_none() -> None:
    drawn = kept = 0
    for seed in range(60):
        values = noise(seed, 40)
        stepped = [*values[:25], *(value + 2 for value in values[25:])]
        alone, told = step(stepped), step(stepped, {25})
        assert alone is not None
        assert told is not None
        drawn += alone.position != 25
        kept += told.position == 25
        assert step(stepped, {5}) == alone
        calm, named = step(values), step(values, {25})
        assert calm is not None
        assert named is not None
        assert named.p_value > 0.01 or calm.p_value < 0.05
    assert drawn > 60 - kept
