"""Lists of whole numbers say what the definitions say of single amounts."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.lists import (
    all_changed,
    all_divided,
    all_left,
    all_left_percent,
    changed,
    divided,
    half_up,
    left,
    left_percent,
    ordered,
    place,
    scale_of,
)
from costper.economics.margin import margin, rank
from costper.economics.trend import percent_change, ratio
from costper.model.answer import Absent
from costper.model.money import amount
from costper.model.sheet import Whole

PLACES = 21
UNITS = st.one_of(
    st.integers(-(10**33), 10**33),
    st.integers(-40, 40).map(lambda n: n * 10**20),
    st.just(0),
    st.just(Absent("missing_rate")),
)


KNOWN = UNITS.filter(lambda one: not isinstance(one, Absent))
COLUMNS = st.one_of(
    st.lists(st.tuples(KNOWN, KNOWN), max_size=6), st.lists(st.tuples(UNITS, UNITS), max_size=6)
)


def told(units: Whole, places: int) -> Decimal | Absent:
    return units if isinstance(units, Absent) else amount(units, places)


@given(UNITS, UNITS)
def test_a_change_in_percent_is_that_of_the_definition(current: Whole, previous: Whole) -> None:
    found = told(changed(current, previous), 1)
    now, before = told(current, PLACES), told(previous, PLACES)
    if isinstance(now, Absent) or isinstance(before, Absent):
        assert found == (now if isinstance(now, Absent) else before)
    else:
        assert found == percent_change(now, before)


@given(UNITS, UNITS)
def test_a_margin_is_that_of_the_definition(revenue: Whole, cost: Whole) -> None:
    expected = margin(told(revenue, PLACES), told(cost, PLACES))
    found = left(revenue, cost)
    assert told(found, PLACES) == expected.amount
    assert told(left_percent(found, revenue, cost), 1) == expected.percent


@given(st.lists(st.tuples(UNITS, UNITS), max_size=8))
def test_customers_are_ranked_as_by_the_definition(pairs: list[tuple[Whole, Whole]]) -> None:
    rows = [(revenue, cost, f"c{at}") for at, (revenue, cost) in enumerate(pairs)]
    found = sorted(rows, key=lambda row: place(left(*row[:2]), *row))
    expected = sorted(
        rows,
        key=lambda row: rank(
            margin(told(row[0], PLACES), told(row[1], PLACES)), told(row[1], PLACES), row[2]
        ),
    )
    assert found == expected


NEAR = st.tuples(st.sampled_from([0, 1, 10**17, 10**17 + 1]), st.sampled_from([0, 1, 10**17]))


@given(st.lists(NEAR, max_size=8) | COLUMNS)
def test_a_list_is_ordered_as_its_keys_are(pairs: list[tuple[Whole, Whole]]) -> None:
    revenue, cost = [one for one, _ in pairs], [other for _, other in pairs]
    margins = [left(*pair) for pair in pairs]
    names = [f"c{(7 * at) % len(pairs)}{at}" for at in range(len(pairs))]
    keys = [*map(place, margins, revenue, cost, names)]
    assert ordered(margins, revenue, cost, names) == sorted(range(len(keys)), key=keys.__getitem__)


@given(UNITS, st.one_of(st.integers(-(10**20), 10**20), st.just(Absent("no_usage"))))
def test_a_ratio_is_that_of_the_definition(numerator: Whole, denominator: Whole) -> None:
    found = divided(numerator, denominator, scale_of(PLACES, 6))
    assert told(found, 12) == ratio(told(numerator, PLACES), told(denominator, 6))


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_halves_go_away_from_zero(numerator: int, denominator: int) -> None:
    exact = half_up(numerator, denominator)
    assert abs(2 * numerator - 2 * exact * denominator) <= denominator
    assert half_up(-numerator, denominator) == -exact


@given(COLUMNS)
def test_a_column_at_once_is_what_its_cells_are_one_by_one(
    pairs: list[tuple[Whole, Whole]],
) -> None:
    above, below = [one for one, _ in pairs], [other for _, other in pairs]
    margins = [left(*pair) for pair in pairs]
    assert all_changed(above, below) == [changed(*pair) for pair in pairs]
    assert all_left(above, below) == margins
    assert all_left_percent(margins, above, below) == [
        left_percent(one, *pair) for one, pair in zip(margins, pairs, strict=True)
    ]
    for scale in (scale_of(PLACES, 6), scale_of(6, PLACES), scale_of(PLACES, 0)):
        assert all_divided(above, below, scale) == [divided(*pair, scale) for pair in pairs]
        positive = [one if isinstance(one, Absent) else abs(one) or 1 for one in below]
        assert all_divided(above, positive, scale) == [
            divided(*pair, scale) for pair in zip(above, positive, strict=True)
        ]
