"""Ranges of what calls would have cost otherwise, as laws."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.call_savings import (
    Span,
    counted_otherwise,
    just,
    monthly,
    saved,
    saved_percent,
    summed,
)
from costper.model.answer import Absent
from costper.model.money import EXACT, total

amounts = st.decimals(0, 10**9, places=18)
percents = st.decimals(0, 99, places=2)
days = st.integers(1, 400)
costs = st.tuples(amounts, amounts, percents)


@given(amounts)
def test_what_would_have_cost_the_same_saves_nothing(now: Decimal) -> None:
    assert saved(now, just(now)) == Span()
    assert monthly(saved(now, just(now)).likely, 14) == 0


@given(st.lists(st.tuples(amounts, costs), max_size=5))
def test_savings_of_the_parts_add_up_to_the_saving_of_the_whole(
    parts: list[tuple[Decimal, tuple[Decimal, Decimal, Decimal]]],
) -> None:
    would = [counted_otherwise(*cost) for _, cost in parts]
    each = summed(saved(now, it) for (now, _), it in zip(parts, would, strict=True))
    assert each == saved(total([now for now, _ in parts]), summed(would))


@given(costs)
def test_the_likely_cost_lies_in_its_range(cost: tuple[Decimal, Decimal, Decimal]) -> None:
    by_token, others, _ = cost
    found = counted_otherwise(*cost)
    assert found.low <= found.likely <= found.high
    assert found.likely == EXACT.add(by_token, others)
    assert EXACT.add(found.low, found.high) == EXACT.multiply(found.likely, Decimal(2))


@given(amounts, amounts, percents, percents)
def test_the_less_is_known_of_tokens_the_wider_the_range(
    by_token: Decimal, others: Decimal, one: Decimal, other: Decimal
) -> None:
    less, more = sorted((one, other))
    narrow, wide = (counted_otherwise(by_token, others, it) for it in (less, more))
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


@given(amounts, days)
def test_a_month_is_as_many_days_as_a_twelfth_of_a_year(amount: Decimal, many: int) -> None:
    found = monthly(amount, many)
    exact = EXACT.multiply(found, Decimal(12 * many))
    assert abs(EXACT.subtract(exact, EXACT.multiply(amount, Decimal(365)))) <= Decimal(
        12 * many
    ) * Decimal("1e-12")
    assert monthly(-amount, many) == -found


def test_a_share_of_nothing_is_null_with_its_reason() -> None:
    assert saved_percent(Decimal(0), Decimal(0)) == Absent("no_cost")
    assert saved_percent(Decimal(10), Decimal(4)) == Decimal("60.0")
