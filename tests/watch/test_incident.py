from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costper.watch.anomaly import Kind, Reading
from costper.watch.incident import Sighting, incidents, started

FIRST = date(2026, 10, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(40)]


def seen(at: int, name: str = "db", kind: Kind = "spike", value: int = 400) -> Sighting:
    reading = Reading(
        position=at,
        kind=kind,
        severity="critical" if value > 300 else "warning",
        score=None,
        value=Decimal(value),
        expected=Decimal(100),
        low=Decimal(90),
        high=Decimal(110),
    )
    cost = Decimal(value)
    return Sighting(scope="service", name=name, day=DAYS[at], cost=cost, reading=reading)


def spans(sightings: Iterable[Sighting], judged: list[date] = DAYS) -> list[tuple[int, int, bool]]:
    return [
        ((one.start - FIRST).days, (one.last - FIRST).days, one.end is None)
        for one in incidents(sightings, judged)
    ]


def test_a_usual_day_parts_two_incidents() -> None:
    assert spans([seen(3), seen(4), seen(6)]) == [(3, 4, False), (6, 6, False)]


def test_a_day_that_could_not_be_judged_parts_nothing() -> None:
    judged = [day for day in DAYS if day != DAYS[5]]
    assert spans([seen(4), seen(6)], judged) == [(4, 6, False)]


def test_the_last_judged_day_leaves_an_incident_open() -> None:
    assert spans([seen(38), seen(39)]) == [(38, 39, True)]


def test_a_drift_may_skip_days_of_its_week_and_is_an_incident_of_its_own() -> None:
    slow = [seen(at, kind="drift") for at in (10, 11, 16, 30, 35)]
    assert spans([*slow, seen(11)]) == [(10, 16, False), (11, 11, False), (30, 35, True)]


def test_what_it_cost_is_the_sum_and_how_bad_the_worst() -> None:
    (one,) = incidents([seen(3, value=200), seen(4), seen(5, value=30)], DAYS)
    assert one.impact == 330
    assert (one.severity, one.direction) == ("critical", "up")
    assert one.peak.day == DAYS[4]
    assert started(one.incident_id) == one.start


@given(st.sets(st.integers(0, 39)), st.sets(st.integers(0, 39)))
def test_every_sighting_is_in_one_incident_of_its_own_name(one: set[int], other: set[int]) -> None:
    sightings = [*(seen(at, "a") for at in one), *(seen(at, "b") for at in other)]
    found = incidents(sightings, DAYS)
    assert sorted(it.day for inc in found for it in inc.sightings) == sorted(
        it.day for it in sightings
    )
    assert all(it.name == inc.name for inc in found for it in inc.sightings)
    assert [inc for inc in found if inc.name == "a"] == incidents(
        [it for it in sightings if it.name == "a"], DAYS
    )
