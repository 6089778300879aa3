"""Formulas that name one another: in order, or refused where they go round in a circle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.economics.formula.order import order_formulas
from costper.economics.formula.parse import parse
from costper.economics.formula.reach import Move, Reading, readings, shifts_of, windows_of
from costper.economics.formula.tree import names_in
from costper.errors import FormulaError
from costper.model.question import Formula


def formulas(**texts: str) -> list[Formula]:
    return [Formula(name=name, text=text) for name, text in texts.items()]


def fault(letters: str = "ab", **texts: str) -> FormulaError:
    with pytest.raises(FormulaError) as raised:
        order_formulas(formulas(**texts), letters)
    return raised.value


def test_formulas_come_after_those_they_name_and_else_as_written() -> None:
    found = order_formulas(formulas(z="y + a", y="x * 2", x="b / a", w="a"), "ab")
    assert list(found) == ["x", "y", "z", "w"]


def test_a_formula_that_names_itself_is_refused_where_it_does() -> None:
    found = fault(x="a + x")
    assert (found.where, found.message) == ("formula, column 5", "'x' names itself")


def test_a_circle_is_told_from_end_to_end() -> None:
    found = fault(x="a + y", y="b * z", z="1 / x")
    assert found.where == "formula z, column 5"
    assert "x -> y -> z -> x" in found.message


def test_an_unknown_name_is_told_with_the_formula_it_is_in() -> None:
    found = fault(cost="b", unit="cots / a")
    assert (found.where, found.hint) == ("formula unit, column 1", "did you mean 'cost'?")


@pytest.mark.parametrize("name", ["a", "max", "IF", "and", "x y", "", "1x"])
def test_a_formula_has_a_name_of_its_own(name: str) -> None:
    with pytest.raises(FormulaError, match=r"said twice|cannot be the name"):
        order_formulas([Formula(name=name, text="a")], "ab")


def test_two_formulas_of_one_name_are_refused() -> None:
    with pytest.raises(FormulaError, match="said twice"):
        order_formulas([Formula(name="x", text="a"), Formula(name="x", text="b")], "ab")


def test_limits_hold_through_the_formulas_a_formula_names() -> None:
    found = fault(x="movingAvg(a, 7)", y="b + movingAvg(x, 7)")
    assert found.where == "formula y, column 5"
    back = "timeShift(timeShift({}, 1 DAY), 1 DAY)"
    assert fault(x=back.format("a"), y=back.format("x")).where == "formula y, column 1"
    deep = {"x0": "abs(" * 19 + "a" + ")" * 19}
    deep |= {f"x{n}": "abs(" * 19 + f"x{n - 1}" + ")" * 19 for n in range(1, 4)}
    assert "more than 60 deep" in fault(**deep).message
    assert "at most 50 formulas" in fault(**{f"x{n}": "a" for n in range(51)}).message
    spread = "+".join(f"timeShift({{0}}, {n} DAY)" for n in range(1, 24))
    many = fault(x=spread.format("a"), y=spread.format("x"))
    assert "500 different values" in many.message


def test_a_long_row_of_formulas_is_no_deep_one() -> None:
    row = {"x0": "a"} | {f"x{n}": f"x{n - 1} + 1" for n in range(1, 25)}
    assert len(order_formulas(formulas(**row), "a")) == 25


def test_what_a_formula_reads_is_told_with_every_move() -> None:
    ordered = order_formulas(
        formulas(x="movingAvg(b / a, 7)", y="pctChange(x, 1 MONTH)", z="share(cumSum(b))"), "ab"
    )
    week: Move = (7, "BUCKETS")
    month: Move = (1, "MONTH")
    assert readings(ordered["y"], ordered) == {
        Reading("a", (week,)),
        Reading("b", (week,)),
        Reading("a", (month, week)),
        Reading("b", (month, week)),
    }
    assert shifts_of(ordered["y"], ordered) == {(), ((1, "MONTH"),)}
    assert windows_of(ordered["y"], ordered) == {7}
    start: Move = (0, "START")
    assert readings(ordered["z"]) == {Reading("b", (start,)), Reading("b", (start,), whole=True)}
    assert shifts_of(parse("1 + 2", ())) == {()}


@given(st.integers(1, 8).flatmap(lambda n: st.permutations([f"x{i}" for i in range(n)])))
def test_the_order_written_never_matters(names: list[str]) -> None:
    texts = {name: " + ".join(["a", *sorted(names)[: sorted(names).index(name)]]) for name in names}
    found = list(order_formulas(formulas(**texts), ("a",)))
    for at, name in enumerate(found):
        mentioned = {it.name for it in names_in(parse(texts[name], {*names, "a"}))} - {"a"}
        assert mentioned <= set(found[:at])
