"""Decimals are read as whole numbers to the last digit."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from costper.model.money import amount
from costper.pipeline.answer.whole import whole

CELLS = st.lists(st.one_of(st.none(), st.integers(-(10**38) + 1, 10**38 - 1)))


@given(CELLS, CELLS, st.integers(0, 5))
def test_every_digit_sign_and_gap_comes_through(
    first: list[int | None], second: list[int | None], cut: int
) -> None:
    rows = pa.concat_tables([part(first), part(second)]).slice(cut)
    assert whole(rows, "cost") == [*first, *second][cut:]


def part(units: list[int | None]) -> pa.Table:
    cells = [None if one is None else amount(one, 21) for one in units]
    return pa.table({"cost": pa.array(cells, pa.decimal128(38, 21))})
