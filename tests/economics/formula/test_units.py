"""What formulas are numbers of: the table of units, and what means nothing."""

from contextlib import suppress

import pytest
from hypothesis import given
from tests.economics.formula.trees import trees

from costper.economics.formula.label import label
from costper.economics.formula.order import order_formulas
from costper.economics.formula.parse import parse
from costper.economics.formula.tree import Expression
from costper.economics.formula.typed import typed, typed_all
from costper.economics.formula.units import amount_of, count_of
from costper.errors import FormulaError
from costper.model.question import Formula, Grain

TYPES = {
    "b": amount_of("USD"),
    "c": amount_of("USD"),
    "e": amount_of("EUR"),
    "avgcost": amount_of("USD", "average"),
    "a": count_of("daily_active_users", "average"),
    "seats": count_of("seats", "last"),
    "peak": count_of("connections", "max"),
    "orders": count_of("orders"),
    "mails": count_of("e-mails"),
}


def said(text: str, *, scale: int = 1, grain: Grain = "month") -> str:
    return label(typed(parse(text, TYPES), TYPES), scale=scale, grain=grain)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b", "$ per month"),
        ("e", "EUR per month"),
        ("avgcost", "$"),
        ("a", "average daily_active_users"),
        ("seats", "last seats"),
        ("peak", "peak connections"),
        ("orders", "orders per month"),
        ("b / a", "$ per average daily_active_users per month"),
        ("b / (a / 1000)", "$ per 1k average daily_active_users per month"),
        ("b / a * 1000", "$ per 1k average daily_active_users per month"),
        ("1000 * b / a", "$ per 1k average daily_active_users per month"),
        ("avgcost / a", "$ per average daily_active_users"),
        ("b / orders", "$ per order"),
        ("b / (orders / 1_000_000)", "$ per 1M orders"),
        ("orders / a", "orders per average daily_active_users per month"),
        ("orders / b", "orders per $"),
        ("b / orders * mails", "$ x e-mails per order per month"),
        ("b / orders / a", "$ per average daily_active_users per order"),
        ("b / orders * orders", "$ per month"),
        ("b / c", "ratio"),
        ("b / c * 100", "%"),
        ("(b - c) / b * 100", "%"),
        ("100 * (b - c) / b", "%"),
        ("pctChange(b / a, 1 MONTH)", "%"),
        ("pctChange(b, 1 MONTH) - pctChange(a, 1 MONTH)", "%"),
        ("(b - timeShift(b, 1 DAY)) / abs(timeShift(b, 1 DAY))", "ratio"),
        ("share(b)", "ratio"),
        ("share(a) * 100", "%"),
        ("b * share(a)", "$ per month"),
        ("b * 1.1 + 5", "$ per month"),
        ("b / 1000", "1k $ per month"),
        ("b * 1000", "$, times 1k per month"),
        ("b + c * 1000", "$, scaled per month"),
        ("b / c * 1000", "ratio, times 1k"),
        ("orders + mails", "orders + e-mails per month"),
        ("b / (orders + mails)", "$ per orders + e-mails"),
        ("max(b, c, 0)", "$ per month"),
        ("default(b / a, 0)", "$ per average daily_active_users per month"),
        (
            "if(a > 100 and not orders = mails, b / a, 0)",
            "$ per average daily_active_users per month",
        ),
        ("cumSum(b)", "$ per month"),
        ("cumSum(orders * 2)", "orders per month"),
        ("movingAvg(b / a, 7)", "$ per average daily_active_users per month"),
        ("-round(b, 2)", "$ per month"),
        ("1 + 2", "number"),
        ("1 / a", "1 per average daily_active_users"),
    ],
)
def test_a_label_says_what_was_divided(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("b * c", 3, "money times money"),
        ("b / (1 / c)", 3, "money times money"),
        ("1 / b / c", 7, "money times money"),
        ("a + b * b", 7, "money times money"),
        ("b + a", 3, "money and average daily_active_users do not add up"),
        ("b - orders", 3, "do not add up"),
        ("b + e", 3, "USD and EUR do not mix"),
        ("b / e", 3, "USD and EUR do not mix"),
        ("max(b, e)", 1, "do not mix"),
        ("b / a + b / orders", 7, "do not add up"),
        ("b / a + b", 7, "do not add up"),
        ("a + b / c", 3, "do not add up"),
        ("pctChange(b, 1 DAY) + b / c", 21, "a per cent and a ratio"),
        ("if(b > a, 1, 2)", 6, "do not add up"),
        ("if(not (b > a or 1 > 2), 1, 2)", 11, "do not add up"),
        ("if(1 > 0, b, a)", 1, "do not add up"),
        ("default(b, a)", 1, "do not add up"),
        ("cumSum(b / a)", 1, "cumSum of a ratio"),
        ("cumSum(a)", 1, "average daily_active_users does not add up over time"),
        ("1 + cumSum(seats)", 5, "does not add up over time"),
        ("cumSum(avgcost)", 1, "does not add up over time"),
        ("share(b / a)", 1, "share of a ratio"),
        ("share(share(b))", 1, "share of a ratio"),
    ],
)
def test_what_means_nothing_is_refused_at_its_column(text: str, column: int, message: str) -> None:
    with pytest.raises(FormulaError) as raised:
        typed(parse(text, TYPES), TYPES)
    assert raised.value.where == f"formula, column {column}"
    assert message in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize(
    ("scale", "grain", "expected"),
    [
        (1, "", "$ per average daily_active_users"),
        (100, "day", "$ per 100 average daily_active_users per day"),
        (1_000, "month", "$ per 1k average daily_active_users per month"),
        (1_000_000, "week", "$ per 1M average daily_active_users per week"),
        (1_000_000_000, "quarter", "$ per 1B average daily_active_users per quarter"),
    ],
)
def test_scale_and_grain_are_part_of_the_label(scale: int, grain: Grain, expected: str) -> None:
    assert said("b / a", scale=scale, grain=grain) == expected


def test_formulas_pass_their_units_on() -> None:
    texts = {"unit": "b / a", "growth": "pctChange(unit, 1 MONTH)", "twice": "unit * b"}
    formulas = [Formula(name=name, text=text) for name, text in texts.items()]
    ordered = order_formulas(formulas, TYPES)
    with pytest.raises(FormulaError, match="formula twice, column 6: money times money"):
        typed_all(ordered, TYPES)
    del ordered["twice"]
    assert {name: label(unit, grain="day") for name, unit in typed_all(ordered, TYPES).items()} == {
        "unit": "$ per average daily_active_users per day",
        "growth": "%",
    }


@given(trees())
def test_any_formula_has_a_unit_and_a_label_or_a_positioned_refusal(tree: Expression) -> None:
    types = {"a": TYPES["a"], "b": TYPES["b"], "c": TYPES["orders"]}
    with suppress(FormulaError):
        assert label(typed(tree, types), scale=1000, grain="week")
