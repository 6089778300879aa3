from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.serve_curve import serve_curve
from costper.model.answer import Absent

margins = st.lists(st.decimals(-(10**9), 10**9, places=12), max_size=300).map(
    lambda values: {f"{at:03}": value for at, value in enumerate(values)}
)


@given(margins)
def test_the_curve_rises_to_its_peak_and_ends_at_what_is_left(found: dict[str, Decimal]) -> None:
    curve = serve_curve(found)
    heights = [point.cumulative for point in curve.points]
    assert Fraction(curve.total) == sum(map(Fraction, found.values()))
    assert curve.peak == max([*heights, Decimal(0)])
    assert curve.peak_customers == sum(margin > 0 for margin in found.values())
    assert len(curve.points) <= 101
    top = heights.index(curve.peak) if curve.peak else 0
    assert heights[:top] == sorted(heights[:top])
    assert heights[top:] == sorted(heights[top:], reverse=True)
    if found:
        assert curve.points[-1].cumulative == curve.total
        assert curve.points[-1].customers == len(found)


def test_a_third_of_the_customers_makes_all_of_the_margin_and_more() -> None:
    curve = serve_curve({"a": Decimal(150), "b": Decimal(0), "c": Decimal(-50)})
    assert [(point.customer, point.of_total) for point in curve.points] == [
        ("a", Decimal(150)),
        ("b", Decimal(150)),
        ("c", Decimal(100)),
    ]


def test_a_share_of_a_loss_is_null() -> None:
    curve = serve_curve({"a": Decimal(1), "b": Decimal(-2)})
    assert {point.of_total for point in curve.points} == {Absent("no_margin")}
