from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from costper.watch import anomaly, drift
from costper.watch.anomaly import Method, calm, unusual
from costper.watch.drift import drifts
from costper.watch.suspect import drifting, suspects

cents = st.decimals(-(10**4), 10**10, places=2, allow_nan=False)
quiet = st.decimals(90, 110, places=2, allow_nan=False)
lines = st.lists(st.none() | st.just(Decimal(0)) | quiet | cents, min_size=70, max_size=100)


@given(lines, st.sampled_from((0, 50)))
@example([Decimal("0.1")] * 69 + [Decimal("0.2")], 0)
@example([Decimal(10**12)] * 69 + [Decimal(10**12) + 60], 50)
def test_no_day_that_decimals_report_is_skipped(line: list[Decimal | None], least: int) -> None:
    """Judged day by day, a day is no suspect only where decimals find nothing either."""
    asked = set(suspects(line, line, 0, Decimal(least)))
    judge = anomaly._reading  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    for at, value in enumerate(line):
        if value is not None and at not in asked:
            assert judge(value, line, at, Decimal(least)) is None
    assert {one.position for one in unusual(line, 0, minimum=Decimal(least))} <= asked


@given(lines, st.sampled_from((0, 50)), st.integers(63, 90), st.sampled_from(("mean", "z")))
def test_what_is_called_calm_has_nothing_unusual(
    line: list[Decimal | None], least: int, first: int, method: Method
) -> None:
    minimum = Decimal(least)
    if calm(line, first, minimum=minimum, method=method):
        assert unusual(line, first, minimum=minimum, method=method) == []
        assert drifts(line, first, minimum=minimum) == []


@given(lines, st.sampled_from((0, 50)))
def test_no_week_that_decimals_call_a_drift_is_skipped(
    line: list[Decimal | None], least: int
) -> None:
    asked = set(drifting(line, 0, Decimal(least)))
    judge = drift._drift  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    for at in range(34, len(line)):
        week = [value for value in line[at - 6 : at + 1] if value is not None]
        if len(week) == 7 and at not in asked:
            assert judge(line, at, sum(week, Decimal(0)) / 7, Decimal(least)) is None
    assert {one.position for one in drifts(line, 0, minimum=Decimal(least))} <= asked
