"""How numbers are written in charts."""

from decimal import Decimal

import pytest
from hypothesis import given
from tests.charts.pictures import USD, sane, wild

from costper.charts.scale import LARGEST, drawable, nice_ticks
from costper.charts.unit import MINUS, Unit, full, short, tick_texts


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("0", "$0"),
        ("1234", "$1,234"),
        ("9999.6", "$10,000"),
        ("12499", "$12.5k"),
        ("999960", "$1.0M"),
        ("26000", "$26.0k"),
        ("1249000", "$1.2M"),
        ("-3400000000", f"{MINUS}$3.4B"),
        ("205.06", "$205"),
        ("0.5", "$0.50"),
        ("0.00123456", "$0.00123"),
        ("1e18", "$1e18"),
        ("-0.001", f"{MINUS}$0.001"),
    ],
)
def test_money_is_written_in_few_characters(value: str, written: str) -> None:
    assert short(Decimal(value), USD) == written


def test_other_units_have_their_own_signs() -> None:
    assert short(Decimal(12519), Unit("number")) == "12.5k"
    assert short(Decimal("37.46")) == "37.5"
    assert short(Decimal(-12), Unit("percent")) == f"{MINUS}12.0%"
    assert [short(Decimal(it), Unit("percent")) for it in ("0", "76", "100")] == [
        "0.0%",
        "76.0%",
        "100.0%",
    ]
    assert full(Decimal(76), Unit("percent")) == "76.0%"
    assert short(Decimal(7), Unit("rate", "CHF")) == "CHF 7.00"
    assert full(Decimal("-1234.5"), USD) == f"{MINUS}$1,234.50"


@given(wild, wild)
def test_ticks_never_read_alike(one: Decimal | None, other: Decimal | None) -> None:
    if one is None or other is None or not (drawable(one) and drawable(other)):
        return
    texts = tick_texts(nice_ticks(min(one, other), max(one, other)), USD)
    size = max(abs(one), abs(other))
    if size == 0 or Decimal("1e-9") < size < LARGEST.scaleb(-15):
        assert len(set(texts)) == len(texts)
    assert all("-" not in text for text in texts)


@given(sane)
def test_a_number_in_short_is_short(value: Decimal) -> None:
    assert len(short(value, USD)) <= 10
