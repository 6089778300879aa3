from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.economics.changes import Change, Limit, Price, parse_changes, written
from costper.errors import UserError

names = st.text(min_size=1, max_size=12).filter(
    lambda text: text.isprintable() and '"' not in text and not text.isspace()
)
numbers = st.decimals(0, 10**9, places=4)
prices = st.builds(
    Price,
    plan=st.just("") | names,
    amount=numbers,
    per_seat=st.booleans(),
) | st.builds(Price, plan=st.just("") | names, percent=st.decimals(-100, 900, places=2))
limits = st.builds(
    Limit,
    metric=names,
    allowed=numbers,
    plan=st.just("") | names,
    price=st.none() | numbers,
)


@given(st.lists(prices | limits, min_size=1, max_size=4))
def test_what_is_written_is_read_again(changes: list[Change]) -> None:
    text = "; ".join(map(written, changes))
    assert parse_changes(text) == tuple(changes)


@given(st.text(max_size=60))
def test_nothing_but_a_positioned_error_comes_of_any_text(text: str) -> None:
    try:
        parse_changes(text)
    except UserError as error:
        found = error.where
    else:
        found = "what-if"
    assert found.startswith("what-if")


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("", 1, "expected plan, price or limit"),
        ("price", 6, "expected an amount such as 99, or a change such as +10%"),
        ("price 10%", 7, "say which way the price goes"),
        ("price +10", 7, "a price is an amount such as 99, or a change such as +10%"),
        ("price -101%", 7, "a price cannot fall by more than 100 %"),
        ("price 99 a seat", 10, "expected ';' or the end, not 'a'"),
        ("plan pro", 9, "expected price or limit"),
        ("plan pro cost 99", 10, "expected price or limit, not 'cost'"),
        ("limit requests", 15, "expected how many are allowed in a month"),
        (
            "limit requests -5",
            16,
            "expected how many are allowed in a month, without a sign, not '-5'",
        ),
        ("limit requests 5 at", 20, "expected the price of one more"),
        ('plan "pro price 99', 6, "a quote is not closed"),
        ("price 1234567890123456", 7, "a number has at most 15 digits"),
        ("price 99;", 10, "expected plan, price or limit"),
    ],
)
def test_a_fault_says_where_and_what(text: str, where: int, message: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_changes(text)
    assert (raised.value.where, raised.value.message) == (f"what-if, column {where}", message)


def test_a_question_holds_ten_changes_of_five_hundred_characters() -> None:
    assert len(parse_changes(";".join(["price 1"] * 10))) == 10
    for text in (";".join(["price 1"] * 11), "price " + "1" * 500):
        with pytest.raises(UserError, match="at most"):
            parse_changes(text)


def test_changes_are_read_in_order_and_whatever_the_case() -> None:
    found = parse_changes("Plan 'pro plus' PRICE 99 Per Seat ; LIMIT requests 100_000 at 0.01")
    assert found == (
        Price(plan="pro plus", amount=Decimal(99), per_seat=True),
        Limit(metric="requests", allowed=Decimal(100_000), price=Decimal("0.01")),
    )
