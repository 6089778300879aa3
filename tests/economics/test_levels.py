"""Two levels of calls compared: what is not known is never a change."""

from decimal import Decimal

from costper.economics.calls import Used
from costper.economics.levels import change
from costper.model.answer import Absent

OLD = Used(calls=10, input_tokens=1000, cost=Decimal(1))


def test_calls_without_a_price_did_not_become_free() -> None:
    moved = change(OLD, Used(calls=10, unpriced_calls=10, input_tokens=2000))
    assert moved.cost == moved.price == Absent("unpriced")
    assert moved.tokens == 100


def test_some_calls_without_a_price_leave_the_cost_of_the_others_known() -> None:
    moved = change(OLD, Used(calls=10, unpriced_calls=5, input_tokens=1000, cost=Decimal(1)))
    assert moved.cost == 100
    assert moved.price == Absent("unpriced")


def test_nothing_before_is_new() -> None:
    assert change(Used(), OLD).cost == Absent("new")
