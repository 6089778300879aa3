"""Numbers of an event are kept as they are meant, or refused; never something else."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from costper.events.check import COST_PLACES, LONGEST_COST, MOST_COST, cost_text

PLAIN = st.decimals(0, MOST_COST, places=COST_PLACES)


@given(PLAIN)
def test_a_plain_decimal_is_kept_to_the_last_digit(cost: Decimal) -> None:
    found = cost_text(f"{cost:f}")
    assert found is not None
    assert Decimal(found) == cost
    assert cost_text(str(cost)) == found


@pytest.mark.parametrize(
    "said",
    [
        "1_0.5", "1_000", "١٢", "\uff11", "1e-999999999999", "1e999999999999", "0e99999",
        "0." + "0" * 3_000_000 + "1", "9" * 15_000_000, "0.0000000000000000001", "1e-19", "",
        "+1", " 1", "1\n", ".5", "5.", "1,5", "0x1", "sNaN", "-0", "1000000000.000000000000000001",
    ],
    ids=lambda said: said[:20].encode("unicode_escape").decode(),
)  # fmt: skip
def test_any_other_text_is_no_cost(said: str) -> None:
    assert cost_text(said) is None


@given(st.text("0123456789.eE+-_ \u0661", max_size=LONGEST_COST) | st.floats(0, 1e9))
@example(1e-19)
@example(5e-324)
@example(0.0)
def test_a_cost_is_0_only_where_0_was_said(said: str | float) -> None:
    found = cost_text(said)
    assert found is None or not found.startswith("-")
    if found is not None and Decimal(found) == 0:
        assert Decimal(said) == 0
