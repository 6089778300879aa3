from decimal import Decimal, localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.drift import Drift, Known, cause, drift, posted, sentence, shared_out
from costper.model.answer import Absent
from costper.model.money import EXACT

amounts = st.decimals(0, 10**9, places=6)
segments = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.tuples(amounts, amounts, amounts, amounts).map(lambda it: Known(*it)),
    min_size=1,
    max_size=6,
)


converted = st.decimals(0, 10**9, places=39)
long_segments = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.tuples(converted, amounts, converted, amounts).map(lambda it: Known(*it)),
    min_size=1,
    max_size=6,
)


def known(*parts: str) -> Known:
    return Known(*map(Decimal, parts))


def whole_of(parts: dict[str, Known]) -> Known:
    return Known(*(sum(column, Decimal(0)) for column in zip(*parts.values(), strict=True)))


def exactly(*parts: Decimal) -> Fraction:
    return sum(map(Fraction, parts), Fraction(0))


@given(amounts, amounts, amounts, amounts)
def test_volume_and_efficiency_add_up_to_the_change_of_cost(
    c0: Decimal, u0: Decimal, c1: Decimal, u1: Decimal
) -> None:
    found = cause(Known(c0, u0, c1, u1))
    assert Fraction(found.change) == Fraction(c1) - Fraction(c0)
    if not u0:
        assert found.volume == found.efficiency == Absent("no_units")
        return
    assert isinstance(found.volume, Decimal)
    assert isinstance(found.efficiency, Decimal)
    assert exactly(found.volume, found.efficiency) == Fraction(found.change)
    if u1:
        rate = Fraction(c1) / Fraction(u1) - Fraction(c0) / Fraction(u0)
        assert abs(Fraction(found.efficiency) - rate * Fraction(u1)) <= Fraction(1, 10**12)


@given(segments)
def test_rate_mix_and_the_unmatched_add_up_to_the_change_of_the_unit_cost(
    parts: dict[str, Known],
) -> None:
    whole = whole_of(parts)
    found = drift(whole, parts)
    if not whole.units or not whole.units_before:
        assert found == Absent("no_units")
        return
    assert isinstance(found, Drift)
    assert exactly(*found.parts) == Fraction(found.change)
    exact = Fraction(whole.cost) / Fraction(whole.units)
    exact -= Fraction(whole.cost_before) / Fraction(whole.units_before)
    assert abs(Fraction(found.change) - exact) <= Fraction(1, 10**12)
    assert abs(found.parts.rest) <= Decimal("0.000000000004")
    for name in ("rate", "mix", "unmatched"):
        told = exactly(*(getattr(one, name) for one in found.shifts))
        assert told == Fraction(getattr(found.parts, name))
    efficiency = cause(whole).efficiency
    assert isinstance(efficiency, Decimal)
    assert exactly(*found.costs) == Fraction(efficiency)


@given(long_segments)
def test_costs_of_many_digits_are_told_in_twelve_places_that_add_up(
    parts: dict[str, Known],
) -> None:
    with localcontext(EXACT):
        whole = whole_of(parts)
    why, found = cause(whole), drift(whole, parts)
    exact = Fraction(whole.cost) - Fraction(whole.cost_before)
    assert abs(Fraction(why.change) - exact) <= Fraction(1, 10**12)
    assert Fraction(why.change) == Fraction(posted(whole.cost)) - Fraction(
        posted(whole.cost_before)
    )
    if isinstance(found, Absent):
        return
    assert isinstance(why.volume, Decimal)
    assert isinstance(why.efficiency, Decimal)
    assert exactly(why.volume, why.efficiency) == Fraction(why.change)
    assert exactly(*found.costs) == Fraction(why.efficiency)
    assert exactly(*found.parts) == Fraction(found.change)
    told = (why.change, why.volume, why.efficiency, found.change, *found.parts, *found.costs)
    assert all((Fraction(one) * 10**12).denominator == 1 for one in told)


@given(segments, st.just(known("7", "3", "9", "2")))
def test_what_segments_leave_out_is_in_the_rest(parts: dict[str, Known], left: Known) -> None:
    whole = whole_of({**parts, "(left out)": left})
    found = drift(whole, parts)
    assert isinstance(found, Drift)
    assert exactly(*found.parts) == Fraction(found.change)


@given(st.decimals(-(10**9), 10**9, places=12), st.lists(st.fractions(), min_size=1, max_size=6))
def test_rounded_parts_add_up_to_their_whole(whole: Decimal, parts: list[Fraction]) -> None:
    assert exactly(*shared_out(whole, parts)) == Fraction(whole)


PLANS = {
    "self-serve": known("100", "100", "90", "100"),
    "enterprise": known("500", "100", "1350", "300"),
}


def test_a_drift_though_every_segment_improved_is_all_mix() -> None:
    whole = whole_of(PLANS)
    found = drift(whole, PLANS)
    assert isinstance(found, Drift)
    assert found.change == Decimal("0.60")
    assert found.parts == (Decimal("-0.40"), Decimal("1.00"), Decimal(0), Decimal(0))
    assert found.costs == (Decimal(-160), Decimal(400), Decimal(0), Decimal(0))
    assert (
        sentence("user", whole, found, "plan", "plans")
        == "cost per user rose 20 %; every plan improved; the mix moved to enterprise"
    )


def test_a_cost_of_a_hundred_to_a_hundred_and_thirty_is_ten_volume_and_twenty_efficiency() -> None:
    found = cause(known("100", "100", "130", "110"))
    assert (found.volume, found.efficiency) == (Decimal(10), Decimal(20))


def test_without_segments_the_sentence_names_cost_and_units() -> None:
    whole = known("100", "100", "130", "150")
    assert (
        sentence("user", whole, drift(whole, {}), "", "")
        == "cost per user fell 13.33 %: cost rose 30 %, units rose 50 %"
    )
    assert sentence("user", known("100", "0", "130", "150"), Absent("no_units"), "", "") == ""


def test_the_sentence_names_who_got_dearer() -> None:
    parts = {"eu": known("10", "10", "20", "10"), "us": known("10", "10", "10", "10")}
    whole = whole_of(parts)
    told = sentence("order", whole, drift(whole, parts), "region", "regions")
    assert told == "cost per order rose 50 %; eu got dearer"
    parts |= {name: known("1", "1", "2", "1") for name in ("a", "b")}
    whole = whole_of(parts)
    told = sentence("order", whole, drift(whole, parts), "region", "regions")
    assert "3 of 4 measured regions got dearer" in told


def test_only_what_left_the_tolerance_got_dearer_and_every_is_all_that_were_measured() -> None:
    parts = {"eu": known("100", "10", "120", "10"), "us": known("100", "10", "104", "10")}
    told = sentence("order", whole_of(parts), drift(whole_of(parts), parts), "plan", "plans")
    assert told == "cost per order rose 12 %; eu got dearer"
    parts["eu"] = known("100", "10", "105", "10")
    told = sentence("order", whole_of(parts), drift(whole_of(parts), parts), "plan", "plans")
    assert told == "cost per order rose 4.5 %; none of 2 measured plans moved by more than 5 %"
    parts = {name: known("100", "10", "50", "10") for name in ("eu", "us", "asia")}
    parts["(untagged)"] = known("1", "0", "1", "0")
    told = sentence("order", whole_of(parts), drift(whole_of(parts), parts), "plan", "plans")
    assert told.endswith("3 of 3 measured plans improved")


def test_new_and_gone_segments_are_mix_and_cost_without_units_is_neither() -> None:
    parts = {
        "old": known("10", "10", "0", "0"),
        "new": known("0", "0", "30", "10"),
        "(untagged)": known("10", "0", "20", "0"),
    }
    found = drift(whole_of(parts), parts)
    assert isinstance(found, Drift)
    assert found.parts[:3] == (Decimal(0), Decimal(2), Decimal(1))
    told = sentence("user", whole_of(parts), found, "plan", "plans")
    assert told == "cost per user rose 150 %; the mix moved to new; cost without units grew"
