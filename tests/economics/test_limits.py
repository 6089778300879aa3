"""What limits would have touched, as laws."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.limits import MOST_STEPS, limited, round_steps
from costper.model.answer import Absent

amounts = st.decimals(0, 1000, places=6)
spent = st.dictionaries(st.tuples(st.integers(0, 20), st.integers(1, 3)), amounts, max_size=40)


@given(spent, amounts, amounts)
def test_a_higher_limit_never_touches_or_cuts_more(
    found: dict[tuple[int, int], Decimal], one: Decimal, other: Decimal
) -> None:
    low, high = (limited(found, limit) for limit in sorted((one, other)))
    assert high.touched <= low.touched
    assert high.touched_cost <= low.touched_cost
    assert high.above <= low.above


@given(spent, amounts)
def test_what_is_above_is_part_of_what_the_touched_spent(
    found: dict[tuple[int, int], Decimal], limit: Decimal
) -> None:
    seen = limited(found, limit)
    assert 0 <= seen.above <= seen.touched_cost <= seen.cost
    assert seen.touched_cost == seen.above + limit * seen.buckets
    assert 0 <= seen.touched <= min(seen.members, seen.buckets)


@given(spent)
def test_a_limit_of_nothing_cuts_everything_and_one_nobody_reaches_nothing(
    found: dict[tuple[int, int], Decimal],
) -> None:
    none = limited(found, Decimal(0))
    assert none.above == none.touched_cost == none.cost == sum(found.values())
    high = limited(found, Decimal(1000))
    assert not high.touched
    assert not high.above


@given(amounts, amounts)
def test_round_limits_lie_between_and_are_few(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    steps = round_steps(low, high)
    assert len(steps) <= MOST_STEPS
    assert list(steps) == sorted(set(steps))
    assert bool(steps) == bool(high)
    for step in steps:
        assert step < high
        assert low <= step or len(steps) == 1
        assert step.as_tuple().digits[0] in {1, 2, 5}


def test_five_in_a_hundred_at_eighty_dollars_are_forty_percent_of_the_cost() -> None:
    found = {(who, 1): Decimal(80) for who in range(5)}
    found |= {(who, 1): Decimal(600) / 95 for who in range(5, 100)}
    seen = limited(found, Decimal(20))
    assert seen.touched_percent == Decimal("5.00")
    assert seen.touched_cost_percent == Decimal("40.00")
    assert seen.above == Decimal(300)


def test_nobody_at_all_is_null_with_its_reason() -> None:
    seen = limited({}, Decimal(5))
    assert seen.touched_percent == Absent("no_members")
    assert seen.touched_cost_percent == Absent("no_cost")
