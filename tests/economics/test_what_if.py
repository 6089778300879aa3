from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.changes import Limit, Price, parse_changes
from costper.economics.what_if import Terms, Use, limited, repriced
from costper.model.answer import Absent

amounts = st.decimals(0, 10**9, places=6)
parts = st.fractions(0, 1, max_denominator=31)
uses = st.lists(
    st.tuples(st.sampled_from(["free", "pro"]), amounts, amounts, parts).map(
        lambda it: Use(it[0], it[1], it[2], it[3])
    ),
    max_size=6,
)
limits = st.builds(
    Limit, metric=st.just("requests"), allowed=amounts, plan=st.sampled_from(["", "free", "Pro"])
)
PRO = Terms("pro", "active", Decimal(3), Decimal(50), "EUR")


@given(limits, uses)
def test_a_limit_saves_at_most_the_cost_that_use_drove(limit: Limit, found: list[Use]) -> None:
    effect = limited(limit, found)
    assert isinstance(effect.saved, Decimal)
    assert effect.overage == 0
    driven = sum(Fraction(use.driven) for use in found if isinstance(use.driven, Decimal))
    assert 0 <= effect.saved <= driven


@given(limits, uses, amounts)
def test_a_limit_at_a_price_saves_nothing_and_pays_for_what_is_above(
    limit: Limit, found: list[Use], price: Decimal
) -> None:
    sold = Limit(metric=limit.metric, allowed=limit.allowed, plan=limit.plan, price=price)
    effect = limited(sold, found)
    assert effect.saved == 0
    exact = sum(
        max(Fraction(0), Fraction(use.used) - Fraction(limit.allowed) * use.part) * Fraction(price)
        for use in found
        if limit.plan.lower() in {"", use.plan}
    )
    assert abs(Fraction(effect.overage) - exact) <= Fraction(len(found), 2 * 10**12)


@given(uses)
def test_a_limit_nobody_reaches_changes_nothing_and_one_of_zero_cuts_all(found: list[Use]) -> None:
    high = limited(
        Limit(metric="requests", allowed=Decimal(10) ** 12),
        [use._replace(part=Fraction(1)) for use in found],
    )
    assert high.saved == high.overage == 0
    none = limited(Limit(metric="requests", allowed=Decimal(0)), found)
    driven = [Fraction(u.driven) for u in found if u.used and isinstance(u.driven, Decimal)]
    assert isinstance(none.saved, Decimal)
    assert Fraction(none.saved) == sum(driven)


def test_a_limit_is_of_a_calendar_month_and_half_a_month_holds_half_of_it() -> None:
    limit = Limit(metric="requests", allowed=Decimal(100))
    half = Use("free", Decimal(100), Decimal(10), Fraction(1, 2))
    assert limited(limit, [half]).saved == 5
    calm = Use("free", Decimal(0), Decimal(0), Fraction(1))
    busy = Use("free", Decimal(200), Decimal(10), Fraction(1))
    assert limited(limit, [calm, busy]).saved == 5


def test_prices_change_in_order_for_who_pays_on_that_plan() -> None:
    def priced(text: str, terms: Terms = PRO) -> tuple[object, str]:
        return repriced(terms, parse_changes(text), "USD")

    assert priced("price +10%") == (55, "EUR")
    assert priced("price -100%") == (0, "EUR")
    assert priced("plan PRO price 99") == (99, "USD")
    assert priced("plan pro price 99 per seat; price +10%") == (Decimal("326.7"), "USD")
    assert priced("plan free price 99") == (50, "EUR")
    assert priced("limit requests 5 at 1") == (50, "EUR")
    assert priced("price +10%", PRO._replace(mrr=Decimal(0))) == (0, "EUR")
    assert priced("price +10%", PRO._replace(mrr=None)) == (None, "EUR")
    assert priced("price 9 per seat", PRO._replace(seats=None)) == (Absent("no_seats"), "USD")
    assert priced("price 9", PRO._replace(status="trialing")) == (50, "EUR")
    assert priced("price 9", PRO._replace(status="past due")) == (9, "USD")


@given(amounts, st.decimals(-100, 900, places=2))
def test_a_price_moves_by_exactly_its_percent(mrr: Decimal, percent: Decimal) -> None:
    found, _ = repriced(PRO._replace(mrr=mrr), [Price(percent=percent)], "USD")
    assert isinstance(found, Decimal)
    assert Fraction(found) == Fraction(mrr) * (1 + Fraction(percent) / 100)
