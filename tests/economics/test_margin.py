from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.margin import margin, rank
from costper.model.answer import Absent

amounts = st.decimals(-(10**12), 10**12, places=21, allow_nan=False)


@given(amounts, amounts)
def test_margin_in_money_is_revenue_minus_cost_to_the_last_digit(
    revenue: Decimal, cost: Decimal
) -> None:
    found = margin(revenue, cost).amount
    assert isinstance(found, Decimal)
    assert Fraction(found) == Fraction(revenue) - Fraction(cost)


@given(amounts, amounts)
def test_margin_in_percent_exists_exactly_when_there_is_revenue(
    revenue: Decimal, cost: Decimal
) -> None:
    assert isinstance(margin(revenue, cost).percent, Decimal) == (revenue > 0)


def test_eight_thousand_of_cost_on_two_thousand_of_revenue_is_minus_three_hundred_percent() -> None:
    found = margin(Decimal(2000), Decimal(8000))
    assert (found.amount, str(found.percent)) == (Decimal(-6000), "-300.0")


def test_fifteen_on_forty_nine_is_no_loss() -> None:
    assert margin(Decimal(49), Decimal(15)).percent == Decimal("69.4")


def test_without_revenue_the_percent_is_null_and_says_whether_money_is_lost() -> None:
    assert margin(Decimal(0), Decimal(5)).percent == Absent("free_loss")
    assert margin(Decimal(0), Decimal(0)).percent == Absent("no_revenue")
    assert margin(Decimal(0), Decimal(5)).amount == Decimal(-5)


def test_a_missing_operand_passes_its_reason_on() -> None:
    found = margin(Absent("missing_rate"), Decimal(5))
    assert found.amount == found.percent == Absent("missing_rate")


def test_loss_makers_come_first_by_money_then_the_rest_by_percent_then_the_unknown() -> None:
    books: dict[str, tuple[Decimal | Absent, Decimal]] = {
        "big loss": (Decimal(2000), Decimal(8000)),
        "steep loss": (Decimal(1), Decimal(100)),
        "free": (Decimal(0), Decimal(3)),
        "thin": (Decimal(100), Decimal(90)),
        "fat": (Decimal(100), Decimal(10)),
        "idle": (Decimal(0), Decimal(0)),
        "unknown": (Absent("no_customer_record"), Decimal(900)),
    }
    order = sorted(books, key=lambda name: rank(margin(*books[name]), books[name][1], name))
    assert order == ["big loss", "steep loss", "free", "thin", "fat", "unknown", "idle"]
