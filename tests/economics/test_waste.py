from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costper.economics.waste import HourCost, Idle, a_month, idle_cost
from costper.model.period import Period

MONDAY = date(2026, 11, 2)


def at_night(_day: date, hour: int) -> bool:
    return hour < 8 or hour >= 19


def cell(hour: int, cost: str, *, hourly: bool = True, service: str = "api") -> HourCost:
    return HourCost(
        environment="staging",
        service=service,
        day=MONDAY,
        hour=hour,
        hourly=hourly,
        cost=Decimal(cost),
    )


def whole(cells: list[HourCost]) -> Idle:
    return idle_cost(cells, at_night, 113, lambda _: ())[()]


def test_hours_are_counted_where_the_bill_has_them() -> None:
    found = whole([cell(3, "5"), cell(10, "7"), cell(19, "2")])
    assert [found.cost, found.outside, found.estimated] == [Decimal(14), Decimal(7), Decimal(0)]


def test_daily_costs_are_estimated_at_their_share_of_a_week_and_marked() -> None:
    found = whole([cell(0, "168", hourly=False)])
    assert [found.cost, found.outside, found.estimated] == [
        Decimal(168),
        Decimal(113),
        Decimal(113),
    ]


costs = st.decimals(-1000, 1000, places=6, allow_nan=False)


@st.composite
def many_cells(draw: st.DrawFn) -> HourCost:
    hour = draw(st.integers(0, 23))
    return HourCost(
        environment="staging",
        service=draw(st.sampled_from("abc")),
        day=MONDAY + timedelta(days=hour % 7),
        hour=hour,
        hourly=draw(st.booleans()),
        cost=draw(costs),
    )


@given(st.lists(many_cells(), min_size=1))
def test_services_add_up_to_their_environment(given_cells: list[HourCost]) -> None:
    one = idle_cost(given_cells, at_night, 113, lambda it: (it.environment,))
    many = idle_cost(given_cells, at_night, 113, lambda it: (it.environment, it.service))
    for name in ("cost", "outside", "estimated"):
        assert getattr(one[("staging",)], name) == sum(getattr(it, name) for it in many.values())


def test_a_calendar_month_is_a_month_and_other_windows_are_scaled_by_days() -> None:
    october = Period(date(2026, 10, 1), date(2026, 11, 1))
    quarter = Period(date(2026, 7, 1), date(2026, 10, 1))
    assert a_month(Decimal(18000), october, 31) == 18000
    assert a_month(Decimal(18000), quarter, 92) == 6000
    assert a_month(Decimal(8), october, 8) == Decimal("30.416666666666")  # it still runs
    odd = Period(MONDAY, MONDAY + timedelta(days=8))
    assert a_month(Decimal(12), odd, 8) == Decimal("45.625")  # 12 / 8 x 365 / 12
    assert a_month(Decimal(8), odd, 8) == Decimal("30.416666666666")
    assert a_month(Decimal(8), Period(MONDAY, MONDAY + timedelta(days=8)), 0) == 0
