from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.economics.verdict import (
    HEALTHY,
    Side,
    Verdict,
    exact_decimal,
    severity,
    verdict,
)
from costper.model.answer import Absent

amounts = st.decimals("0.01", 10**9, places=6)
HUNDRED = Decimal(100)


def grown(cost: str, units: str) -> Verdict:
    """Judge 100 and 100 after both grew by some percent."""
    return verdict(Side(HUNDRED, HUNDRED), Side(HUNDRED + Decimal(cost), HUNDRED + Decimal(units)))


@pytest.mark.parametrize(
    ("cost", "units", "growth", "name"),
    [
        ("30", "50", "-13.33", "scaling_well"),
        ("30", "30", "0.00", "flat"),
        ("30", "10", "18.18", "drifting"),
        ("30", "0", "30.00", "drifting"),
        ("-10", "-25", "20.00", "drifting"),
        ("-30", "-10", "-22.22", "scaling_well"),
        ("0", "50", "-33.33", "scaling_well"),
        ("0", "-50", "100.00", "drifting"),
        ("10", "-10", "22.22", "drifting"),
        ("-10", "10", "-18.18", "scaling_well"),
        ("22", "28", "-4.69", "flat"),
        ("22", "35", "-9.63", "scaling_well"),
        ("5", "0", "5.00", "flat"),
        ("-5", "0", "-5.00", "flat"),
        ("5.00000000000000000001", "0", "5.00", "drifting"),
        ("-5.00000000000000000001", "0", "-5.00", "scaling_well"),
    ],
)
def test_the_table_of_verdicts_holds_to_the_edge(
    cost: str, units: str, growth: str, name: str
) -> None:
    found = grown(cost, units)
    assert (str(found.growth), found.name) == (growth, name)


@pytest.mark.parametrize(
    ("cost", "words"),
    [("15", "minor"), ("15.0001", "major"), ("30", "major"), ("30.0001", "severe"), ("5", "")],
)
def test_a_drift_is_minor_major_or_severe(cost: str, words: str) -> None:
    assert grown(cost, "0").severity == words


@pytest.mark.parametrize(
    ("cost", "units", "words"),
    [
        ("1", "1", "growth"),
        ("-1", "1", "cheaper while growing"),
        ("-1", "-2", "shrinking"),
        ("1", "-1", "diverging"),
        ("0", "1", ""),
    ],
)
def test_the_quadrant_says_which_way_cost_and_units_went(cost: str, units: str, words: str) -> None:
    assert grown(cost, units).quadrant == words


def test_cost_that_stays_while_units_leave_is_stranded() -> None:
    assert grown("-10", "-25").stranded
    assert not grown("30", "10").stranded


NOTHING = Absent("no_data")
FINE = Side(HUNDRED, HUNDRED)


@pytest.mark.parametrize(
    ("before", "now", "name", "why"),
    [
        (Side(NOTHING, HUNDRED), FINE, "insufficient_data", "no_data"),
        (FINE, Side(HUNDRED, NOTHING), "insufficient_data", "no_data"),
        (FINE, Side(HUNDRED, NOTHING, settled=False), "insufficient_data", "no_data"),
        (FINE, FINE._replace(settled=False), "insufficient_data", "not_settled"),
        (FINE, FINE._replace(coverage=Decimal("0.799")), "insufficient_data", "low_coverage"),
        (FINE, FINE._replace(coverage=Decimal("0.8")), "flat", ""),
        (FINE, FINE._replace(days=1), "insufficient_data", "unequal_periods"),
        (FINE._replace(settled=False), Side(HUNDRED, Decimal(0)), "insufficient_data", ""),
        (FINE, Side(HUNDRED, Decimal(0)), "no_usage", ""),
        (Side(Decimal(0), Decimal(0)), Side(HUNDRED, Decimal(0)), "no_usage", ""),
        (Side(Decimal(0), HUNDRED), FINE, "no_baseline", ""),
        (Side(Decimal(-1), HUNDRED), FINE, "no_baseline", ""),
        (Side(HUNDRED, Decimal(0)), FINE, "no_baseline", ""),
        (FINE, Side(Decimal(0), Decimal(0)), "insufficient_data", "zero_denominator"),
    ],
)
def test_the_first_condition_that_holds_decides(
    before: Side, now: Side, name: str, why: str
) -> None:
    found = verdict(before, now)
    assert found.name == name
    assert isinstance(found.growth, Decimal) == (name in {*HEALTHY, "drifting"})
    if why:
        assert found.why == why
    if name != "flat":
        assert (found.severity, found.arrow) == ("", "")


@given(amounts, amounts, amounts, amounts, st.integers(1, 10**9))
def test_units_may_be_counted_in_thousands(
    c0: Decimal, u0: Decimal, c1: Decimal, u1: Decimal, scale: int
) -> None:
    by = Decimal(scale)
    found = verdict(Side(c0, u0), Side(c1, u1))
    assert verdict(Side(c0, u0 * by), Side(c1, u1 * by)) == found


@given(amounts, amounts, amounts, amounts)
def test_the_growth_is_that_of_the_unit_cost_exactly(
    c0: Decimal, u0: Decimal, c1: Decimal, u1: Decimal
) -> None:
    found = verdict(Side(c0, u0), Side(c1, u1))
    exact = (Fraction(c1) / Fraction(u1)) / (Fraction(c0) / Fraction(u0)) - 1
    assert isinstance(found.growth, Decimal)
    assert abs(Fraction(found.growth) - exact * 100) <= Fraction(1, 200)
    expected = (
        "scaling_well"
        if exact < Fraction(-1, 20)
        else "flat"
        if exact <= Fraction(1, 20)
        else "drifting"
    )
    assert found.name == expected
    assert bool(found.severity) == (expected == "drifting")
    assert found.severity in {"", severity(exact)}


@given(st.fractions(), st.sampled_from([Decimal("0.01"), Decimal("0.000000000001")]))
def test_a_fraction_is_rounded_once_half_away_from_zero(value: Fraction, step: Decimal) -> None:
    found = exact_decimal(value, step)
    assert abs(Fraction(found) - value) <= Fraction(step) / 2
    assert exact_decimal(-value, step) == found.copy_negate()
