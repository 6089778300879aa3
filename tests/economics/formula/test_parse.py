"""What reads as a formula, and where the others stop making sense."""

from decimal import Decimal

import pytest

from costper.economics.formula.functions import FUNCTIONS
from costper.economics.formula.grammar import DEEPEST, is_name
from costper.economics.formula.parse import parse
from costper.economics.formula.tree import Chain, Change, Name, Number, Shift, Step, names_in, walk
from costper.errors import FormulaError, UserError

NAMES = ("a", "b", "c", "or_x", "iffy", "città", "daily_active_users")


def fault(text: str) -> FormulaError:
    with pytest.raises(FormulaError) as raised:
        parse(text, NAMES)
    return raised.value


def test_a_formula_is_a_tree_that_knows_its_columns() -> None:
    tree = parse("b / (a / 1_000)", NAMES)
    inner = Chain(Name("a"), (Step("/", Number(Decimal(1000))),))
    assert tree == Chain(Name("b"), (Step("/", inner),))
    assert [(name.name, name.column) for name in names_in(tree)] == [("b", 1), ("a", 6)]


@pytest.mark.parametrize("text", ["iffy + or_x", "città", "a\n + b\t", "((((a))))", "a==b"[:1]])
def test_names_may_begin_like_words_of_the_language(text: str) -> None:
    assert parse(text, NAMES)


def test_spans_are_read_in_any_case_and_number() -> None:
    spans = ["1 DAY", "2 days", "3 Week", "4 MONTHS", "1 quarter", "1 years", "1\nMonth"]
    found = [parse(f"timeShift(a, {span})", NAMES) for span in spans]
    assert [(it.count, it.unit) for it in found if isinstance(it, Shift)] == [
        (1, "DAY"),
        (2, "DAY"),
        (3, "WEEK"),
        (4, "MONTH"),
        (1, "QUARTER"),
        (1, "YEAR"),
        (1, "MONTH"),
    ]
    assert isinstance(parse("pctChange(a, 1 YEAR)", NAMES), Change)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1_000_000", 1_000_000), ("1.50", "1.5"), (".5", "0.5"), ("2e3", 2000), ("1E-3", "0.001")],
)
def test_numbers_are_read_exactly(text: str, value: int | str) -> None:
    assert parse(text, NAMES) == Number(Decimal(value))


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("", 1, "missing", "b / (a / 1000)"),
        (" \n ", 1, "missing", "b / (a / 1000)"),
        ("a +", 4, "ends too early", ""),
        ("a b", 3, "operator is missing", ""),
        ("2a", 2, "operator is missing", ""),
        ("a + * b", 5, "value is missing before '*'", ""),
        ("a,b", 2, "before ','", ""),
        ("()", 2, "before ')'", ""),
        ("a ^ 2", 3, "'^' cannot be read", "a * a"),
        ("a \N{MULTIPLICATION SIGN} b", 3, "cannot be read", "write *"),
        ("100 % a", 5, "cannot be read", "0.05"),
        ("$5 + a", 1, "cannot be read", "without its currency"),
        ("'a'", 1, "cannot be read", "without quotes"),
        ("a ≥ b", 3, "cannot be read", ">="),
        ("a & b", 3, "cannot be read", "and"),
        ("٣ + a", 1, "cannot be read", ""),
        ("a.real", 2, "cannot be read", ""),
        ("a[0]", 2, "cannot be read", ""),
        ("2 ** 100000", 4, "before '*'", ""),
        ("__import__(a)", 1, "unknown function '__import__'", "known"),
        ("+a", 1, "plus", ""),
        ("((a)", 1, "never closed", "close it"),
        ("a + (b))", 8, "never opened", ""),
        ("daily_active_user / a", 1, "unknown name", "did you mean 'daily_active_users'?"),
        ("a + zz", 5, "unknown name 'zz'", "known: a, b, c"),
        ("A", 1, "unknown name 'A'", ""),
        ("share", 1, "unknown name 'share'", "share(x)"),
        ("Max(a, b)", 1, "unknown function 'Max'", "did you mean 'max'?"),
        ("timeshift(a, 1 DAY)", 1, "unknown function", "did you mean 'timeShift'?"),
        ("TIMESHIFT(a, 1 DAY)", 1, "unknown function", "did you mean 'timeShift'?"),
        ("sqrt(a)", 1, "unknown function", ""),
        ("max(a)", 1, "2 or more", "max(x, y, ...)"),
        ("abs(a, b)", 1, "takes 1 values", "abs(x)"),
        ("abs()", 1, "found 0", "abs(x)"),
        ("default(a)", 1, "takes 2", "default(x, 0)"),
        ("round(a, b)", 10, "whole number", "round(x, 2)"),
        ("round(a, 1.5)", 10, "whole number", ""),
        ("round(a, 13)", 10, "from 0 to 12", ""),
        ("movingAvg(a, 0)", 14, "from 1 to 366", ""),
        ("movingAvg(a, 1e9)", 14, "from 1 to 366", ""),
        ("movingAvg(a, 7 DAYS)", 14, "whole number", "movingAvg(x, 7)"),
        ("timeShift(a)", 1, "takes 2", "timeShift(x, 1 MONTH)"),
        ("timeShift(a, 1)", 14, "span of time", "timeShift(x, 1 MONTH)"),
        ("timeShift(a, 1 DAYZ)", 16, "unknown unit of time 'DAYZ'", "did you mean 'DAY'?"),
        ("timeShift(a, 0 DAYS)", 14, "from 1 to 5000", ""),
        ("timeShift(a, 1.5 DAYS)", 14, "whole number", ""),
        ("timeShift(a, 9e9 DAYS)", 14, "from 1 to 5000", ""),
        ("timeShift(a, -1 DAY)", 17, "operator is missing", "counts back by itself"),
        ("a + 1 DAY", 7, "operator is missing", ""),
        ("max(a, 1 DAY)", 8, "span of time stands only", "timeShift"),
        ("a > b", 3, "only at the start of if", "if(x > 0, y, z)"),
        ("a + (b and c)", 6, "condition is needed", ""),
        ("if(a, b, c)", 4, "condition is needed", "if(x > 0, y, z)"),
        ("if(a > 0, b)", 1, "takes 3", ""),
        ("if(1 < a < 3, b, c)", 10, "two sides", "a > 0 and a < 10"),
        ("if(a > 0, b > 0, c)", 13, "only at the start", ""),
        ("if(not a, b, c)", 8, "condition is needed", ""),
        ("if(a =< b, 1, 2)", 7, "before '<'", ""),
        ("1e999", 1, "1e30", "shorter"),
        ("a * 1e-999", 5, "1e30", ""),
        ("1e99999999999999999999", 1, "1e30", ""),
        ("9" * 39, 1, "38 digits", ""),
        ("movingAvg(a, 2) + movingAvg(cumSum(a), 3)", 19, "inside one another", ""),
        ("cumSum(movingAvg(a, 2))", 1, "inside one another", ""),
        ("timeShift(" * 4 + "a" + ", 1 DAY)" * 4, 1, "nest at most 3", ""),
    ],
)
def test_a_fault_has_a_column_and_says_what_to_do(
    text: str, column: int, message: str, hint: str
) -> None:
    found = fault(text)
    assert found.where == f"formula, column {column}"
    assert message in found.message
    assert hint in found.hint


def test_a_fault_names_the_field_it_is_in() -> None:
    with pytest.raises(UserError, match=r"^formula margin, column 3: ") as raised:
        parse("a ? b", NAMES, field="formula margin")
    assert isinstance(raised.value, FormulaError)
    assert raised.value.column == 3


def test_five_hundred_characters_are_read_and_one_more_is_not() -> None:
    assert len(list(walk(parse("+".join("a" * 250) + " ", NAMES)))) == 251
    found = fault("a" + " " * 500)
    assert (found.column, "at most 500" in found.message) == (501, True)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("(", ")"), ("-", ""), ("abs(", ")"), ("if(1>0,", ",2)"), ("min(1,", ")"), ("-(", ")")],
)
def test_twenty_levels_are_read_and_the_next_is_refused_where_it_begins(
    opening: str, closing: str
) -> None:
    levels = 2 if opening == "-(" else 1
    most = DEEPEST // levels
    assert parse(opening * most + "a" + closing * most, NAMES)
    found = fault(opening * (most + 1) + "a" + closing * (most + 1))
    assert "at most 20 deep" in found.message
    assert found.column > len(opening) * most


@pytest.mark.parametrize(
    "text",
    [
        "(" * 500,
        ")" * 500,
        "-" * 500,
        "not " * 125,
        "if(" * 166,
        "abs(" * 125,
        "(" * 249 + "a" + ")" * 249,
        "if(a>0," * 71,
        "pctChange(" * 10 + "a" + ",1 DAY)" * 10,
        "movingAvg(" * 20 + "1" + ",366)" * 20,
        "share(" * 50,
        "a<" * 249 + "a",
        "1_" * 250,
        "1 " * 250,
        "e" * 500,
        "9" * 500,
        "." * 500,
        "\n" * 500,
        "\x00" * 500,
        "\ud800" * 500,
        "1e1e" * 125,
    ],
)
def test_five_hundred_characters_of_nonsense_are_refused_with_a_column(text: str) -> None:
    assert 1 <= fault(text).column <= 501


def test_every_function_is_read_as_it_is_written_in_its_hint() -> None:
    for name, text in FUNCTIONS.items():
        for example in text.replace(", ...", "").split(" or "):
            assert parse(example, ("x", "y", "z")), name


def test_words_of_the_language_are_no_names() -> None:
    assert is_name("cost_per_user")
    assert not any(map(is_name, ["", "1a", "a b", "a-b", "if", "IF", "And", "share", "cumsum"]))
