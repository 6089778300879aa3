import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.watch.anomaly import unusual

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


amounts = st.decimals(0, 10**6, places=2, allow_nan=False)


@given(st.lists(st.none() | amounts, min_size=40, max_size=80), st.integers(1, 1000))
def test_scaling_a_series_scales_its_readings(line: list[Decimal | None], factor: int) -> None:
    bigger = [None if value is None else value * factor for value in line]
    plain = unusual(line, 35, minimum=Decimal(0))
    scaled = unusual(bigger, 35, minimum=Decimal(0))
    assert [one.position for one in plain] == [one.position for one in scaled]


def labelled(path: Path) -> Iterator[tuple[list[Decimal | None], list[bool]]]:
    by_series: dict[str, dict[date, tuple[Decimal, bool]]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["date"])
            by_series[row["series"]][day] = (Decimal(row["value"]), row["label"] == "1")
    for days in by_series.values():
        first = min(days)
        span = [first + timedelta(days=n) for n in range((max(days) - first).days + 1)]
        yield (
            [days[day][0] if day in days else None for day in span],
            [day in days and days[day][1] for day in span],
        )


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
    right = wrong = events = hit = 0
    for line, labels in labelled(shared / "data/metrics/series/daily_labeled_nab.csv"):
        found = [
            one.position
            for one in unusual(line, 30, minimum=Decimal(0))
            if one.severity == "critical"
        ]
        for run in runs(found):
            right += any(labels[at] for at in run)
            wrong += not any(labels[at] for at in run)
        for event in runs([at for at in range(30, len(line)) if labels[at]]):
            events += 1
            hit += any(at in found for at in event)
    assert right / (right + wrong) >= 0.85
    assert hit / events >= 0.45
