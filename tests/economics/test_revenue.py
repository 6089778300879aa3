from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.currency import Rates, rates_into
from costper.economics.revenue import Revenue, Segment
from costper.model.answer import Absent
from costper.model.customer import Rate
from costper.model.period import Period, days_in_month

HOME = Rates("USD")
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
days = st.integers(0, 800).map(lambda n: date(2025, 1, 1) + timedelta(days=n))
mrrs = st.decimals(0, 10**9, places=6, allow_nan=False)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start, length = draw(days), draw(st.integers(1, 400))
    return Period(start, start + timedelta(days=length))


def of(period: Period, *segments: Segment, rates: Rates = HOME) -> Decimal | Absent:
    return Revenue(period, rates).by_customer(segments).get("acme", Decimal(0))


def segment(mrr: str | Decimal | None, period: Period, currency: str = "USD") -> Segment:
    known = None if mrr is None else Decimal(mrr)
    return Segment("acme", known, currency, period.start, period.end)


@given(periods(), periods(), mrrs)
def test_revenue_is_the_sum_over_days_of_mrr_by_the_days_of_that_month(
    asked: Period, held: Period, mrr: Decimal
) -> None:
    both = [day for day in asked.each_day() if held.holds(day)]
    exact = sum((Fraction(mrr) / days_in_month(day) for day in both), Fraction(0))
    found = of(asked, segment(mrr, held))
    assert isinstance(found, Decimal)
    assert abs(Fraction(found) - exact) <= Fraction(1, 2 * 10**12)


@given(periods(), days, mrrs)
def test_a_fact_cut_in_two_gives_the_same_revenue(held: Period, cut: date, mrr: Decimal) -> None:
    at = min(max(cut, held.start), held.end)
    parts = [segment(mrr, Period(held.start, at)), segment(mrr, Period(at, held.end))]
    assert of(held, *parts) == of(held, segment(mrr, held))


def test_a_whole_month_at_one_mrr_is_that_mrr_whatever_the_month() -> None:
    for month in range(1, 13):
        start = date(2026, month, 1)
        whole = Period(start, start + timedelta(days=days_in_month(start)))
        assert of(whole, segment("2000", whole)) == 2000


def test_a_month_is_the_average_of_its_daily_mrr() -> None:
    first = Period(date(2026, 10, 1), date(2026, 10, 11))
    rest = Period(date(2026, 10, 11), date(2026, 11, 1))
    found = of(OCTOBER, segment("3100", first), segment("6200", rest))
    assert found == Decimal(10 * 100 + 21 * 200)


def test_an_unknown_mrr_is_null_not_zero() -> None:
    assert of(OCTOBER, segment(None, OCTOBER)) == Absent("no_mrr")


def test_mrr_in_another_currency_takes_each_days_rate_and_never_one() -> None:
    facts = [
        Rate(valid_from=date(2026, 10, 1), currency="EUR", target="USD", rate=Decimal("1.10")),
        Rate(valid_from=date(2026, 10, 11), currency="EUR", target="USD", rate=Decimal("1.20")),
        Rate(valid_from=date(2020, 1, 1), currency="USD", target="GBP", rate=Decimal(2)),
    ]
    euros = segment("310", OCTOBER, "EUR")
    assert of(OCTOBER, euros, rates=rates_into("USD", facts)) == Decimal(110) + Decimal(252)
    assert of(OCTOBER, euros) == Absent("missing_rate")
    late = rates_into("USD", facts[1:2])
    assert of(OCTOBER, euros, rates=late) == Absent("missing_rate")


def test_nothing_needs_no_rate() -> None:
    assert of(OCTOBER, segment("0", OCTOBER, "EUR")) == 0
