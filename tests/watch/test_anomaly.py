from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.watch.labelled import labelled

from costper.watch.anomaly import expectation, plain_z, unusual, without
from costper.watch.drift import drifts
from costper.watch.limits import MEMORY

FLAT = [Decimal(100)] * 70


def week(size: int) -> list[Decimal | None]:
    """A series with quiet weekends and a little noise."""
    return [
        Decimal(40 if day % 7 > 4 else 100) + Decimal((day * 7919) % 11) / 10 for day in range(size)
    ]


def test_a_flat_series_has_nothing_unusual() -> None:
    assert unusual(FLAT, 35) == []


def test_a_weekend_is_not_unusual_but_a_weekday_like_one_is() -> None:
    line = week(84)
    assert unusual(line, 63) == []
    line[80] = Decimal(400)
    (found,) = unusual(line, 63)
    assert (found.position, found.kind, found.severity) == (80, "spike", "critical")
    assert found.low < found.expected < found.high < found.value


def test_the_range_is_where_the_score_would_be_a_warning() -> None:
    line = week(84)
    line[80] = Decimal(400)
    (found,) = unusual(line, 63)
    line[80] = found.high + Decimal("0.001")
    (edge,) = unusual(line, 63, minimum=Decimal(0)) or (None,)
    assert edge is None or edge.score is not None
    line[80] = found.expected
    assert unusual(line, 63, minimum=Decimal(0)) == []


def test_a_month_is_needed_before_the_first_score() -> None:
    line: list[Decimal | None] = [*FLAT[:28], Decimal(9999)]
    assert unusual(line, 0) == []
    line = [*FLAT[:29], Decimal(9999)]
    assert [one.position for one in unusual(line, 0)] == [29]


def test_days_without_data_are_neither_judged_nor_learnt_from() -> None:
    line = week(84)
    line[60] = None
    line[80] = None
    assert unusual(line, 50) == []


def test_the_first_cost_of_something_is_new_spend_without_a_score() -> None:
    line: list[Decimal | None] = [Decimal(0)] * 60
    line[50] = Decimal(500)
    found = unusual(line, 40)[0]
    assert (found.position, found.kind, found.score) == (50, "new_spend", None)


def test_what_comes_after_a_day_does_not_change_its_judgement() -> None:
    line = week(84)
    line[75] = Decimal(400)
    assert unusual(line, 63)[0] == unusual(line[:76], 63)[0]


def test_what_was_before_its_memory_does_not_change_a_days_judgement() -> None:
    line: list[Decimal | None] = [*(Decimal(900 + n) for n in range(40)), *week(84)]
    line[-5] = Decimal(400)
    whole = unusual(line, len(line) - 10)
    short = unusual(line[len(line) - 10 - MEMORY :], MEMORY)
    assert [one.score for one in whole] == [one.score for one in short]


def test_an_explained_day_teaches_nothing_and_is_judged_itself() -> None:
    line = week(84)
    line[66] = line[67] = Decimal(400)
    line[80] = Decimal(170)
    plain, clean = unusual(line, 63), unusual(line, 63, excused={66, 67})
    assert [one.position for one in plain] == [one.position for one in clean] == [66, 67, 80]
    assert plain[0] == clean[0]
    before, after = plain[-1].z, clean[-1].z
    assert before is not None
    assert after is not None
    assert before < 2 < after


def test_something_new_is_learnt_from_before_it_alarms() -> None:
    line: list[Decimal | None] = [Decimal(0)] * 70
    for day in range(40, 70):
        line[day] = Decimal(500 if day != 60 else 5000)
    assert [(one.position, one.kind) for one in unusual(line, 35)] == [(40, "new_spend")]


def test_something_that_comes_now_and_then_is_not_new() -> None:
    line: list[Decimal | None] = [Decimal(0)] * 70
    line[20] = line[55] = Decimal(500)
    found = [(one.position, one.kind, one.severity) for one in unusual(line, 50)]
    assert found == [(55, "spike", "warning")]


PLAIN = [Decimal(100), *[Decimal(90), Decimal(110)] * 14]
"""Twenty-nine days: the mean is 100, the standard deviation exactly 10."""


@pytest.mark.parametrize(
    ("value", "severity"),
    [("120", None), ("120.01", "warning"), ("130", "warning"), ("130.01", "critical")],
)
def test_a_plain_z_of_three_is_a_warning_still(value: str, severity: str | None) -> None:
    line = [*PLAIN, Decimal(value)]
    found = unusual(line, 0, minimum=Decimal(0), method="z")
    assert [one.severity for one in found] == ([severity] if severity else [])
    assert all(one.z == one.score for one in found)


def test_hours_are_judged_by_the_plain_z_over_a_week_of_them() -> None:
    line = [Decimal(10 + hour % 24) for hour in range(400)]
    line[300] = Decimal(90)
    limits = (Decimal(4), Decimal(4))
    found = plain_z(line, 168, minimum=Decimal(0), window=168, limits=limits)
    assert [(one.position, one.severity) for one in found] == [(300, "critical")]


amounts = st.decimals(0, 10**6, places=2, allow_nan=False)


@given(st.lists(st.none() | amounts, min_size=40, max_size=80), st.integers(1, 1000))
def test_scaling_a_series_scales_its_readings(line: list[Decimal | None], factor: int) -> None:
    bigger = [None if value is None else value * factor for value in line]
    plain = unusual(line, 35, minimum=Decimal(1))
    scaled = unusual(bigger, 35, minimum=Decimal(factor))
    judged = [(one.position, one.kind, one.severity) for one in plain]
    assert judged == [(one.position, one.kind, one.severity) for one in scaled]
    for one, other in zip(plain, scaled, strict=True):
        assert abs(one.expected * factor - other.expected) <= Decimal("1e-12") * max(
            abs(other.expected), Decimal(1)
        )


@given(st.lists(st.none() | amounts, min_size=40, max_size=80), st.integers(36, 80))
def test_later_days_never_change_an_earlier_judgement(line: list[Decimal | None], cut: int) -> None:
    whole = [one for one in unusual(line, 30) if one.position < cut]
    assert whole == unusual(line[:cut], 30)
    told = [one.position for one in unusual(line, 30)]
    slow = [one for one in drifts(line, 34, told=told) if one.position < cut]
    assert slow == drifts(line[:cut], 34, told=[at for at in told if at < cut])


@given(st.lists(st.none() | amounts, min_size=40, max_size=80), st.sets(st.integers(0, 79)))
def test_what_was_expected_of_an_unusual_day_is_what_is_expected_of_any(
    line: list[Decimal | None], excused: set[int]
) -> None:
    known = without(line, excused)
    for one in unusual(line, 0, minimum=Decimal(1), excused=excused):
        told = expectation(known, one.position)
        assert told is not None
        assert told == (one.expected, one.low, one.high) or one.score is None


def runs(positions: list[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for at in positions:
        if found and at == found[-1][-1] + 1:
            found[-1].append(at)
        else:
            found.append([at])
    return found


@pytest.mark.shared("data/metrics/series")
def test_on_labelled_series_most_alarms_are_right_and_half_the_events_are_found(
    shared: Path,
) -> None:
    """The gate: an alarm is a run of critical days, right when it touches a labelled event."""
    right = wrong = events = hit = normal = 0
    for line, labels in labelled(shared / "data/metrics/series/daily_labeled_nab.csv"):
        found = [
            one.position
            for one in unusual(line, 0, minimum=Decimal(0))
            if one.severity == "critical"
        ]
        alarms = [any(labels[at] for at in run) for run in runs(found)]
        right, wrong = right + sum(alarms), wrong + len(alarms) - sum(alarms)
        for event in runs([at for at in range(30, len(line)) if labels[at]]):
            events += 1
            hit += any(at in found for at in event)
        normal += sum(
            not label and value is not None
            for value, label in zip(line[30:], labels[30:], strict=True)
        )
    assert right / (right + wrong) >= 0.85
    assert hit / events >= 0.45
    assert 30 * wrong / normal <= 0.15
