from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.watch.labelled import labelled

from costper.demo.chance import Chance
from costper.watch.forecast import Forecast, forecast

Line = Sequence[Decimal | None]
amounts = st.decimals(0, 10**6, places=2, allow_nan=False)
lines = st.lists(st.none() | amounts, min_size=30, max_size=80)
factors = st.integers(1, 1000)


def week(days: int) -> list[Decimal]:
    return [Decimal(30 if day % 7 > 4 else 100) for day in range(days)]


def made(line: Line, days: int) -> Forecast:
    found = forecast(line, days, (days,))
    assert found is not None
    return found


def test_a_steady_week_goes_on_as_it_is_with_a_band_of_no_width() -> None:
    found = made(week(70), 7)
    assert [one.value for one in found.days] == week(7)
    assert all(one.band == (one.value, one.value) for one in found.days)
    assert found.totals[7].value == sum(week(7))


def test_what_is_forecast_depends_on_the_days_before_it_only() -> None:
    line = [*week(60), Decimal(900)]
    assert forecast(line[:60], 14) == forecast(week(60), 14)


def test_a_spike_that_is_over_does_not_go_on_but_a_step_does() -> None:
    line = week(70)
    line[62] = Decimal(4000)
    assert [one.value for one in made(line, 7).days] == week(7)
    stepped = [*week(66), *(2 * one for one in week(70)[66:])]
    assert made(stepped, 7).totals[7].value > sum(week(7))


def test_less_than_four_weeks_teach_nothing() -> None:
    assert forecast(week(27), 7) is None
    assert forecast([*week(28), *[None] * 14], 7) is None


def test_a_horizon_nobody_can_look_back_on_has_no_band() -> None:
    found = made(week(60), 60)
    assert found.days[0].band is not None
    assert found.days[59].band is None
    assert found.totals[60].band is None


def test_nothing_is_below_zero_unless_it_was() -> None:
    idle = [Decimal(0 if day % 7 > 1 else 7) for day in range(60)]
    assert all(one.value >= 0 for one in made(idle, 14).days)
    refunds = [value - 50 for value in week(60)]
    found = made(refunds, 14).totals[14].value
    assert found == sum(refunds[:14])
    assert min(one.value for one in made(refunds, 14).days) == -20


@given(lines, factors)
def test_scaling_a_series_scales_its_forecast(line: list[Decimal | None], factor: int) -> None:
    bigger = [None if one is None else one * factor for one in line]
    plain, scaled = forecast(line, 7, (7,)), forecast(bigger, 7, (7,))
    assert (plain is None) == (scaled is None)
    if plain is not None and scaled is not None:
        total = plain.totals[7].value * factor
        assert abs(total - scaled.totals[7].value) <= Decimal("1e-12") * max(total, Decimal(1))


@given(lines, st.integers(1, 40))
def test_every_forecast_is_a_number_with_a_band_in_order(
    line: list[Decimal | None], days: int
) -> None:
    found = forecast(line, days)
    for one in found.days if found is not None else ():
        assert one.value.is_finite()
        assert one.value >= 0
        if one.band is not None:
            assert 0 <= one.band[0] <= one.value <= one.band[1]


@given(lines, st.integers(1, 40), st.frozensets(st.integers(0, 80), max_size=5))
def test_a_total_lies_within_its_own_band_whatever_days_are_excused(
    line: list[Decimal | None], many: int, excused: frozenset[int]
) -> None:
    found = forecast(line, many, (many,), excused)
    band = found.totals[many].band if found is not None else None
    if found is not None and band is not None:
        assert band[0] <= found.totals[many].value <= band[1]


def test_a_growing_series_lands_within_its_band() -> None:
    growing = [Decimal(100 + day) for day in range(120)]
    found = made(growing, 30).totals[30]
    assert found.band is not None
    assert found.band[0] == found.value < found.band[1]


def test_a_day_people_expected_widens_no_band() -> None:
    line = week(100)
    for day in range(40, 100, 8):
        line[day] = Decimal(4000)
    excused = frozenset(range(40, 100, 8))
    wide, narrow = made(line, 7), forecast(line, 7, (7,), excused)
    assert narrow is not None
    assert [one.value for one in narrow.days] == [one.value for one in wide.days]
    assert width(narrow) < width(wide)


def width(found: Forecast) -> Decimal:
    band = found.totals[7].band
    assert band is not None
    return band[1] - band[0]


def generated(seed: int, days: int = 180) -> list[Decimal | None]:
    """A level that wanders, a week of its own, and noise of a tenth."""
    chance = Chance(seed, "series")

    def bell() -> int:
        """Draw from nearly a normal distribution, in thousandths of a deviation."""
        return sum(chance.below(1000) for _ in range(12)) - 6000

    shape = [chance.between(600, 1300) for _ in range(7)]
    level, line = Decimal(100), list[Decimal | None]()
    for day in range(days):
        level *= 1 + Decimal(bell()) / 100_000
        line.append(round(level * shape[day % 7] / 1000 * (1 + Decimal(bell()) / 10_000), 2))
    return line


def windows(line: Line, days: int) -> Iterator[tuple[Line, list[Decimal]]]:
    """Hold back every seventh stretch of a series, with all that was known before it."""
    for at in range(45, len(line) - days + 1, 7):
        later = [one for one in line[at : at + days] if one is not None]
        if len(later) == days and None not in line[at - 7 : at]:
            yield line[:at], later


def error(actual: Sequence[Decimal], promised: Sequence[Decimal]) -> Decimal:
    """Give the weighted absolute percentage error."""
    off = sum((abs(x - y) for x, y in zip(actual, promised, strict=True)), Decimal(0))
    return off / sum(map(abs, actual), Decimal(0))


def compared(many: Sequence[Line], days: int) -> Decimal:
    """Give the mean error of all held-back stretches as a share of the seasonal naive's."""
    ours = naive = Decimal(0)
    for line in many:
        for known, later in windows(line, days):
            found = forecast(known, days)
            if found is not None:
                week = [one for one in known[-7:] if one is not None]
                ours += error(later, [one.value for one in found.days])
                naive += error(later, [week[day % 7] for day in range(days)])
    return ours / naive


@pytest.mark.parametrize("days", [7, 14, 28])
def test_on_generated_series_the_week_before_is_beaten_by_a_tenth(days: int) -> None:
    assert compared([generated(seed) for seed in range(8)], days) <= Decimal("0.9")


@pytest.mark.shared("data/metrics/series")
@pytest.mark.parametrize("days", [7, 14])
def test_on_real_series_the_week_before_is_beaten_by_a_tenth(shared: Path, days: int) -> None:
    path = shared / "data/metrics/series/daily_labeled_nab.csv"
    assert compared([line for line, _ in labelled(path)], days) <= Decimal("0.9")


def test_eight_of_ten_days_end_inside_their_band() -> None:
    inside = many = 0
    for seed in range(8):
        line = generated(seed)
        for known, later in windows(line[60:], 7):
            for actual, one in zip(later, made(known, 7).days, strict=True):
                if one.band is not None:
                    many += 1
                    inside += one.band[0] <= actual <= one.band[1]
    assert 0.7 <= inside / many <= 0.9
