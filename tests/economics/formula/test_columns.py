"""Formulas at many places at once: the same values as one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.economics.formula.operands import At, Numbers
from tests.economics.formula.trees import LETTERS, leaves

from costper.economics.formula.arithmetic import Amount
from costper.economics.formula.columns import column, local_formulas, settled
from costper.economics.formula.evaluate import cell, sheet_of
from costper.economics.formula.parse import parse
from costper.economics.formula.tree import Chain, Expression, Name, Negate, Number, Step
from costper.model.answer import Absent

NO_DATA = Absent("no_data")
values = st.none() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-9, max_value=9)
huge = st.sampled_from([Decimal("1e90"), Decimal("1e-90"), Decimal(0), Decimal("-0.00")])
steps = st.sampled_from(["+-", "*/"])
local = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Negate, inner)
        | steps.flatmap(
            lambda signs: st.builds(
                Chain,
                inner,
                st.lists(
                    st.builds(Step, st.sampled_from(signs), inner), min_size=1, max_size=3
                ).map(tuple),
            )
        )
    ),
    max_leaves=6,
)
rows = st.lists(st.tuples(*(values | huge for _ in LETTERS)), min_size=1, max_size=4)


@dataclass(slots=True)
class Given(Numbers):
    """Values as they are given, with the digits they are written in."""

    given: Mapping[str, Mapping[int, Amount]] = field(
        default_factory=dict[str, Mapping[int, Amount]]
    )

    def value(self, name: str, at: At) -> Amount:
        return self.given[name].get(at.bucket, NO_DATA)


def columns_of(found: Sequence[tuple[Decimal | None, ...]]) -> dict[str, list[Amount]]:
    """Give each letter its column."""
    return {
        name: [NO_DATA if row[place] is None else row[place] or Decimal(0) for row in found]
        for place, name in enumerate(LETTERS)
    }


BEYOND = Chain(Name("a", 0), (Step("*", Number(Decimal("1e-30"), 0), 0),), 0)
"""Below the range, yet exact: no digit is lost, so nothing underflows."""


@example(Name("a", 0), BEYOND, [(Decimal("1e-90"), None, None)])
@given(local, local, rows)
def test_a_column_is_what_each_place_is_worth(
    inner: Expression, outer: Expression, found: list[tuple[Decimal | None, ...]]
) -> None:
    formulas = {"f": inner, "g": outer}
    columns = columns_of(found)
    numbers = Given({}, given={name: dict(enumerate(own)) for name, own in columns.items()})
    sheet = sheet_of(numbers, formulas)
    for name in local_formulas(formulas):
        at_once = settled(column(formulas[name], len(found), columns.__getitem__))
        one_by_one = [cell(formulas[name], At(at), sheet) for at in range(len(found))]
        assert [repr(one) for one in at_once] == [repr(one) for one in one_by_one]


def test_a_formula_is_local_when_all_it_names_are() -> None:
    known = ("a", "b", "f", "g", "h")
    texts = {"f": "b / (a / 1000)", "g": "-f * 2 + 1", "h": "timeShift(g, 1 MONTH)", "i": "h + a"}
    formulas = {name: parse(text, known) for name, text in texts.items()}

    assert local_formulas(formulas) == {"f", "g"}


def test_a_formula_that_looks_around_has_no_column() -> None:
    with pytest.raises(TypeError, match="Moving"):
        column(parse("movingAvg(a, 7)", "a"), 1, lambda _: [Decimal(1)])
