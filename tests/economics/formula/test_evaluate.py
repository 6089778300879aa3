from collections.abc import Sequence
from decimal import Decimal

import pytest
from tests.economics.formula.operands import At, Numbers, series

from costper.economics.formula.arithmetic import Amount
from costper.economics.formula.evaluate import cell, evaluate, sheet_of
from costper.economics.formula.order import order_formulas
from costper.economics.formula.parse import parse
from costper.model.answer import Absent
from costper.model.question import Formula

ZERO_DENOMINATOR = Absent("zero_denominator")
NO_DATA = Absent("no_data")
NO_BASE = Absent("no_base")


def value(text: str, bucket: int = 0, /, **letters: Sequence[int | str | None]) -> Amount:
    return evaluate(parse(text, letters), At(bucket), series(**letters))


@pytest.mark.parametrize(
    ("text", "cost", "units", "expected"),
    [
        # reference/metrics.md, 6.1; b is the cost, a the units
        ("b / (a / 1000)", 13_000, 52_000, 250),
        ("b / a", 8_000, 5_000, "1.6"),
        ("b / a", 800, 500, "1.6"),
        ("b / a / 30 * 100", 15_000, 5_000, 10),
        ("0.08 * b", 49, 0, "3.92"),
        ("0.1 * b", 49, 0, "4.9"),
        ("b / a * 100", 15, 49, "30.61"),
        ("(a - b) / a * 100", 15, 49, "69.39"),
        ("a / b", 2_000, 50_000, 25),
        ("b * a / 1_000_000 * 3", 10_000, 2_000, 60),
        ("b * a / 1_000_000 * 3 * 30", 10_000, 2_000, 1_800),
        ("a * b", "0.0001", 10_000_000, 1_000),
        ("b / a", 14_000, 5_500, "2.55"),
        ("a * 3 / 1e6 + b * 15 / 1e6", 180, 540, "0.00432"),
        ("(a - b) / a * 100", 8_000, 2_000, -300),
        ("a - b", 8_000, 2_000, -6_000),
        ("b / a * 100", 23_000, 120_000, "19.17"),
        ("b / a * 100", 11_000, 18_000, "61.11"),
        ("0.7 * b", 120_000, 0, 84_000),
        ("b / a", 120_000, 60, 2_000),
    ],
)
def test_the_reference_numbers_come_out(
    text: str, cost: int | str, units: int | str, expected: int | str
) -> None:
    found = value(text, b=[cost], a=[units])
    assert isinstance(found, Decimal)
    places = max(0, -int(Decimal(expected).as_tuple().exponent))
    assert round(found, places) == Decimal(expected)


@pytest.mark.parametrize(
    ("cost", "users", "growth"),
    [(130, 150, "-13.33"), (130, 130, "0"), (130, 110, "18.18"), (130, 100, "30"), (90, 75, "20")],
)
def test_growth_of_a_unit_cost_is_growth_of_the_ratio(cost: int, users: int, growth: str) -> None:
    found = value("pctChange(b / a, 1 DAY)", 1, b=[100, cost], a=[100, users])
    assert isinstance(found, Decimal)
    assert round(found, 2) == Decimal(growth)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b / a", ZERO_DENOMINATOR),
        ("a / a", ZERO_DENOMINATOR),
        ("a / b", Decimal(0)),
        ("b / (a - a)", ZERO_DENOMINATOR),
        ("default(b / a, 0)", Decimal(0)),
        ("default(n, 7) + b", Decimal(107)),
        ("n + b", NO_DATA),
        ("0 * n", NO_DATA),
        ("b / n", NO_DATA),
        ("max(b, n)", NO_DATA),
        ("abs(n)", NO_DATA),
        ("if(n > 0, b, b)", NO_DATA),
        ("if(a > 0, b / a, -1)", Decimal(-1)),
        ("if(a > 0 and n > 0, 1, 2)", Decimal(2)),
        ("if(n > 0 and a > 0, 1, 2)", Decimal(2)),
        ("if(n > 0 or b > 0, 1, 2)", Decimal(1)),
        ("if(n > 0 or a > 0, 1, 2)", NO_DATA),
        ("if(not n > 0, 1, 2)", NO_DATA),
        ("timeShift(b, 1 DAY)", NO_BASE),
        ("pctChange(b, 1 WEEK)", NO_BASE),
        ("movingAvg(b, 2)", NO_BASE),
        ("share(a)", ZERO_DENOMINATOR),
        ("1e30 * 1e30 * 1e30 * 1e30", Absent("too_large")),
        ("1e-30 / 1e30 / 1e30 / 1e30 / 3", Absent("too_small")),
        ("-a", Decimal(0)),
    ],
)
def test_what_has_no_value_says_why(text: str, expected: Amount) -> None:
    found = value(text, a=[0], b=[100], n=[None])
    assert found == expected
    assert not (isinstance(found, Decimal) and found.is_signed() and not found)


def test_a_change_against_zero_is_no_number_and_against_a_loss_keeps_its_direction() -> None:
    assert value("pctChange(a, 1 DAY)", 1, a=[0, 5]) == ZERO_DENOMINATOR
    assert value("pctChange(a, 1 DAY)", 1, a=[None, 5]) == NO_DATA
    assert value("pctChange(a, 1 DAY)", 1, a=[-100, -50]) == 50
    assert value("(a - timeShift(a, 1 DAY)) / abs(timeShift(a, 1 DAY)) * 100", 1, a=[-4, 1]) == 125


def test_a_total_is_a_ratio_of_sums_and_never_a_mean_of_ratios() -> None:
    numbers = Numbers(
        {
            "b": {(0, "small"): Decimal(100), (0, "big"): Decimal(100)},
            "a": {(0, "small"): Decimal(10), (0, "big"): Decimal(1000)},
        }
    )
    unit_cost = parse("b / a", "ab")
    assert evaluate(unit_cost, At(0, "small"), numbers) == 10
    assert evaluate(unit_cost, At(0, "big"), numbers) == Decimal("0.1")
    total = evaluate(unit_cost, At(0), numbers)
    assert isinstance(total, Decimal)
    assert round(total, 3) == Decimal("0.198")


def test_a_moving_average_of_a_ratio_is_a_ratio_of_averages() -> None:
    letters = {"b": [100, 100], "a": [10, 1000]}
    found = value("movingAvg(b / a, 2)", 1, **letters)
    assert isinstance(found, Decimal)
    assert round(found, 3) == Decimal("0.198")
    assert found == value("movingAvg(b, 2) / movingAvg(a, 2)", 1, **letters)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("movingAvg(b, 3)", 20),
        ("movingAvg(b / 10 + 1, 3)", 3),
        ("movingAvg(default(n, 0), 3)", 4),
        ("movingAvg(n, 3)", NO_DATA),
        ("movingAvg(min(b, 15), 3)", Decimal(40) / 3),
        ("movingAvg(if(b > 15, b, 0), 3)", Decimal(50) / 3),
        ("movingAvg(default(b / z, 5), 3)", 5),
        ("movingAvg(b, 1)", 30),
        ("movingAvg(timeShift(b, 1 DAY), 2)", 15),
        ("timeShift(movingAvg(b, 2), 1 DAY)", 15),
        ("movingAvg(pctChange(b, 1 DAY), 2)", Decimal(1000) / 15),
        ("cumSum(b)", 60),
        ("cumSum(b) - b", 30),
        ("cumSum(n)", NO_DATA),
        ("cumSum(default(n, 0))", 12),
        ("timeShift(cumSum(b), 1 DAY)", 30),
        ("timeShift(b, 2 DAYS)", 10),
    ],
)
def test_windows_and_running_sums(text: str, expected: Amount | int) -> None:
    found = value(text, 2, b=[10, 20, 30], n=[6, None, 6], z=[0, 0, 0])
    if isinstance(expected, Decimal) and isinstance(found, Decimal):
        assert abs(found - expected) < Decimal("1e-20")
    else:
        assert found == expected


def test_shares_are_of_the_whole_bucket_and_add_up_to_one() -> None:
    groups = {"eu": 60, "us": 30, "(untagged)": 10}
    numbers = Numbers({"b": {(0, group): Decimal(cost) for group, cost in groups.items()}})
    share = parse("share(b)", "b")
    assert [evaluate(share, At(0, group), numbers) for group in groups] == [
        Decimal("0.6"),
        Decimal("0.3"),
        Decimal("0.1"),
    ]
    assert evaluate(share, At(0), numbers) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 - 2 - 3", -4),
        ("16 / 4 / 2", 2),
        ("16 / (4 / 2)", 8),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("-2 * 3", -6),
        ("2 - -3", 5),
        ("--2", 2),
        ("-(2 + 3)", -5),
        ("1_000_000 / 1e6", 1),
        (".5 + 1.25E-1", "0.625"),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(2.345, 2)", "2.35"),
        ("round(1250, -2)", 1300),
        ("min(3, 1, 2) + max(3, 1, 2)", 4),
        ("if(1 < 2 and 2 <= 2 and 3 > 2 and 3 >= 3 and 1 = 1 and 1 == 1 and 1 != 2, 1, 0)", 1),
        ("if(1 > 2 or not 1 = 1, 1, 0)", 0),
        ("if(0 = 1 and 1 = 1 or 1 = 1, 1, 0)", 1),
        ("if((1 = 2 or 1 = 1) and 1 = 1, 1, 0)", 1),
    ],
)
def test_numbers_follow_the_rules_of_school(text: str, expected: int | str) -> None:
    assert value(text) == Decimal(expected)


def test_formulas_read_through_the_formulas_they_name() -> None:
    formulas = order_formulas(
        [
            Formula(name="smooth", text="movingAvg(unit_cost, 2)"),
            Formula(name="unit_cost", text="b / a"),
        ],
        "ab",
    )
    assert list(formulas) == ["unit_cost", "smooth"]
    sheet = sheet_of(series(b=[100, 100], a=[10, 1000]), formulas)
    found = cell(formulas["smooth"], At(1), sheet)
    assert isinstance(found, Decimal)
    assert round(found, 3) == Decimal("0.198")


def test_formulas_that_name_one_another_many_times_read_each_letter_once_a_place() -> None:
    formulas = order_formulas(
        [
            Formula(name="f1", text="+".join(["a"] * 100)),
            *(Formula(name=f"f{n}", text="+".join([f"f{n - 1}"] * 100)) for n in range(2, 12)),
        ],
        ("a",),
    )
    numbers = series(a=[1])
    assert evaluate(formulas["f11"], At(0), numbers, formulas=formulas) == 10**22
    assert len(numbers.asked) == 100


def test_nested_shares_and_changes_do_not_double_the_work() -> None:
    numbers = series(a=range(1, 20))
    text = "share(" * 19 + "a" + ")" * 19
    assert evaluate(parse(text, "a"), At(0), numbers) == 1
    assert len(numbers.asked) < 50
