"""Rows by day as series: what is told apart, and what is drawn as one."""

from datetime import date, timedelta

from costper.web.figures import MOST, REST, groups
from costper.web.told import Row

START = date(2026, 10, 1)
DAYS = tuple(START + timedelta(days=at) for at in range(30))


def rows_of(costs: dict[str, list[int]]) -> list[Row]:
    return [
        {"day": day.isoformat(), "service": name, "cost": str(cost)}
        for name, values in costs.items()
        for day, cost in zip(DAYS, values, strict=True)
    ]


def test_a_group_with_a_day_like_no_other_is_told_apart_however_small_its_total() -> None:
    steady = {f"s{at}": [20 - at] * 30 for at in range(10)}
    found = groups(rows_of({**steady, "spike": [0] * 29 + [90]}), DAYS, "service")
    assert [it.key for it in found] == ["s0", "s1", "s2", "s3", "s4", "s5", "spike", REST]
    assert len(found) == MOST
    assert found[-1].name == "4 others"


def test_no_day_of_what_is_drawn_as_one_is_higher_than_the_days_of_what_is_told_apart() -> None:
    some = {f"s{at}": [(at * 7 + day * 3) % 23 for day in range(30)] for at in range(20)}
    found = groups(rows_of(some), DAYS, "service")
    named = {it.key for it in found[:-1]}
    lowest = min(max(it for it in one.values if it is not None) for one in found[:-1])
    assert max(max(some[name]) for name in some if name not in named) <= lowest


def test_few_groups_are_all_told_apart_dearest_first() -> None:
    found = groups(rows_of({"a": [1] * 30, "b": [0] * 29 + [20]}), DAYS, "service")
    assert [it.key for it in found] == ["a", "b"]
