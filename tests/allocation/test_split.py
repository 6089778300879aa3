"""A split loses nothing, makes nothing, and does not depend on how it is asked."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.allocation.split import refusal, split, split_columns, spread, weight_units
from costper.model.money import EXACT, POSTING_UNIT

CENT = Decimal("0.01")
amounts = st.decimals(Decimal("-1e9"), Decimal("1e9"), places=21, allow_nan=False)
weights = st.dictionaries(st.text(max_size=3), st.integers(1, 10**18), min_size=1, max_size=12)
values = st.dictionaries(
    st.text(max_size=3), st.decimals(0, Decimal("1e9"), places=6), min_size=1, max_size=12
)


def total(parts: dict[str, Decimal]) -> Decimal:
    with localcontext(EXACT):
        return sum(parts.values(), Decimal(0))


@given(amounts, weights)
def test_parts_add_up_to_the_amount(amount: Decimal, found: dict[str, int]) -> None:
    assert total(split(amount, found)) == amount


@given(amounts, weights, st.randoms())
def test_the_order_of_targets_changes_nothing(
    amount: Decimal, found: dict[str, int], random: st.DataObject
) -> None:
    shuffled = list(found.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert split(amount, dict(shuffled)) == split(amount, found)


@given(amounts, weights, st.integers(2, 1000))
def test_larger_weights_in_the_same_proportion_change_nothing(
    amount: Decimal, found: dict[str, int], factor: int
) -> None:
    larger = {key: weight * factor for key, weight in found.items()}
    assert split(amount, larger) == split(amount, found)


@given(amounts, weights)
def test_a_credit_mirrors_the_charge(amount: Decimal, found: dict[str, int]) -> None:
    mirrored = {key: part.copy_negate() for key, part in split(amount, found).items()}
    assert split(amount.copy_negate(), found) == mirrored


@given(amounts, weights)
def test_no_part_is_further_than_two_units_from_its_share(
    amount: Decimal, found: dict[str, int]
) -> None:
    all_of_it = sum(found.values())
    for key, part in split(amount, found).items():
        share = Fraction(amount) * found[key] / all_of_it
        assert abs(Fraction(part) - share) < 2 * Fraction(POSTING_UNIT)


@given(amounts, amounts, weights)
def test_splitting_a_charge_in_two_gives_the_same_total(
    one: Decimal, other: Decimal, found: dict[str, int]
) -> None:
    with localcontext(EXACT):
        both = total(split(one, found)) + total(split(other, found))
        assert both == total(split(one + other, found))


@given(st.dictionaries(st.sampled_from("abcd"), amounts, min_size=1), weights)
def test_every_column_adds_up_and_goes_to_the_same_targets(
    columns: dict[str, Decimal], found: dict[str, int]
) -> None:
    record = min(columns)
    parts = split_columns(columns, found, record=record)
    assert set(parts) == set(found)
    for name, amount in columns.items():
        assert total({key: row[name] for key, row in parts.items()}) == amount
    assert {key: row[record] for key, row in parts.items()} == split(columns[record], found)


@given(values, st.integers(1, 6))
def test_scaled_quantities_weigh_the_same(found: dict[str, Decimal], power: int) -> None:
    larger = {key: value.scaleb(power) for key, value in found.items()}
    if any(found.values()) and total(larger) < 10**12:
        assert split(Decimal(100), weight_units(larger)) == split(Decimal(100), weight_units(found))


@given(amounts, st.dictionaries(st.text(max_size=2), st.fractions(), min_size=1, max_size=9))
def test_signed_shares_are_rounded_to_their_total(
    amount: Decimal, shares: dict[str, Fraction]
) -> None:
    assert total(spread(amount, shares)) == amount


@pytest.mark.parametrize(
    ("amount", "found", "parts"),
    [
        ("100", {"a": 1, "b": 1, "c": 1}, ["33.34", "33.33", "33.33"]),
        ("-100", {"a": 1, "b": 1, "c": 1}, ["-33.34", "-33.33", "-33.33"]),
        ("0.01", dict.fromkeys("abcdefg", 1), ["0.01", "0", "0", "0", "0", "0", "0"]),
        ("-2.6137", {"a": 25, "b": 75}, ["-0.65", "-1.9637"]),
        ("100", {"a": 25, "b": 75}, ["25", "75"]),
        ("10", {"a": 3, "b": 1}, ["7.50", "2.50"]),
        ("0", {"a": 1, "b": 2}, ["0", "0"]),
        ("5", {"only": 7}, ["5"]),
    ],
)
def test_cents_go_to_the_largest_remainder(
    amount: str, found: dict[str, int], parts: list[str]
) -> None:
    given_parts = split(Decimal(amount), found, quantum=CENT)
    assert [given_parts[key] for key in sorted(given_parts)] == [Decimal(part) for part in parts]


def test_what_is_finer_than_a_unit_goes_to_the_first_in_hand_out_order() -> None:
    tiny = Decimal("1E-21")
    parts = split(Decimal(1) + tiny, {"a": 1, "b": 2})
    assert parts == {"b": Decimal("0.666666666667") + tiny, "a": Decimal("0.333333333333")}


def test_weights_that_divide_nothing_have_a_reason() -> None:
    assert refusal([], "no_usage") == "no_usage"
    assert refusal([Decimal(0), Decimal(0)], "no_usage") == "zero_weights"
    assert refusal([Decimal(2), Decimal(-1)], "no_usage") == "negative_weights"
    assert refusal([Decimal(2), Decimal(0)], "no_usage") is None


@pytest.mark.parametrize("found", [{}, {"a": 0}, {"a": -1, "b": 3}])
def test_splitting_by_nothing_is_a_fault_of_the_caller(found: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="above zero"):
        split(Decimal(1), found)


def test_a_pool_of_a_million_million_counts_whole_units() -> None:
    coarse = weight_units({"a": Decimal("1000000000000.9"), "b": Decimal("0.9")})
    assert coarse == {"a": 1000000000000}
