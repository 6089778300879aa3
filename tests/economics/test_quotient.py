from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.economics.formula.order import order_formulas
from costper.economics.formula.parse import parse
from costper.economics.formula.written import written
from costper.economics.quotient import quotient
from costper.model.question import Formula


@pytest.mark.parametrize(
    ("text", "above", "below"),
    [
        ("b / a", "b", "a"),
        ("b / (a / 1000)", "b", "a / 1000"),
        ("b / a * 1000", "b", "a / 1000"),
        ("1000 * b / a", "b", "a / 1000"),
        ("b / a / c", "b", "a * c"),
        ("(b + c) / (a - 1)", "b + c", "a - 1"),
        ("b / (a / c)", "b", "a / c"),
        ("sum / a", "b + c", "a"),
        ("each * 2", "b", "a / 2"),
        ("each", "b", "a"),
    ],
)
def test_a_formula_is_parted_at_its_divisions(text: str, above: str, below: str) -> None:
    formulas = (
        Formula(name="sum", text="b + c"),
        Formula(name="each", text="b / a"),
        Formula(name="x", text=text),
    )
    expressions = order_formulas(formulas, "abc")
    found = quotient(expressions["x"], expressions)
    assert found is not None
    assert (written(found.above), written(found.below)) == (above, below)


@pytest.mark.parametrize(
    "text", ["b", "b + a", "b * a", "1 / a", "-(b / a)", "abs(b / a)", "b * 2"]
)
def test_what_divides_nothing_at_its_top_is_no_quotient(text: str) -> None:
    assert quotient(parse(text, "ab"), {}) is None


operands = st.sampled_from(["a", "b", "c", "2", "(a + 1)", "(b / c)", "(a * 3)"])
steps = st.lists(st.tuples(st.sampled_from("*/"), operands), min_size=1, max_size=6)
values = st.decimals("0.5", 9, places=1)


@given(operands, steps, values, values, values)
def test_the_parts_divided_are_the_formula(
    first: str, rest: list[tuple[str, str]], a: Decimal, b: Decimal, c: Decimal
) -> None:
    text = first + "".join(f" {operator} {operand}" for operator, operand in rest)
    found = quotient(parse(text, "abc"), {})
    if found is None:
        return
    names = {"a": float(a), "b": float(b), "c": float(c)}

    def value(formula: str) -> float:
        return float(eval(formula, {"__builtins__": {}}, names))  # noqa: S307 - our own text

    whole = value(text)
    parts = value(f"({written(found.above)}) / ({written(found.below)})")
    assert abs(whole - parts) <= 1e-9 * abs(whole)
