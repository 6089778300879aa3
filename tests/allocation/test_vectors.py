"""Worked examples of other products, reproduced to the digit."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from tests.allocation.engine_legs import legs_of
from tests.allocation.oracle import Legs, allocate
from tests.allocation.world import (
    MONTH,
    Charge,
    Person,
    Used,
    World,
    definition,
    fill,
    money,
    open_engine,
)

from costper.model.allocation import Match, Rule
from costper.model.dimension import UNALLOCATED
from costper.store.duckdb import DuckEngine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    opened = open_engine(tmp_path_factory.mktemp("books"))
    yield opened
    opened.close()


def both_ways(engine: DuckEngine, world: World, *rules: Rule) -> Legs:
    """Allocate in SQL and by the definition; they must agree."""
    defined = definition(*rules)
    fill(engine, world)
    legs = legs_of(engine, defined)
    assert legs == allocate(world, defined)
    return legs


def by_customer(legs: Legs) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for leg, costs in legs.items():
        name = dict(leg.dims)["customer"]
        sums[name] = sums.get(name, Decimal(0)) + costs["effective_cost"]
    return sums


def service(name: str) -> tuple[Match, ...]:
    return (Match(key="service", values=(name,)),)


def used(amounts: dict[str, int], **dims: str) -> tuple[Used, ...]:
    return tuple(
        Used(dims={"customer": name, **dims}, value=Decimal(value))
        for name, value in amounts.items()
    )


def test_koku_unallocated_100_goes_25_and_75(engine: DuckEngine) -> None:
    world = World(
        charges=(Charge(service_name="worker", costs=money(100)),), used=used({"a": 25, "b": 75})
    )
    rule = Rule(name="w", driver="by_quantity", quantity="requests", match=service("worker"), on=())
    assert by_customer(both_ways(engine, world, rule)) == {"a": 25, "b": 75}


def test_opencost_1124_chain(engine: DuckEngine) -> None:
    """Idle cost first, by what each namespace asked for; then ns1 is shared by own cost 2:1."""
    own = {"ns1": 28, "ns2": 36, "ns3": 18}
    world = World(
        charges=(
            *(Charge(tags={"customer": ns}, costs=money(cost)) for ns, cost in own.items()),
            Charge(service_name="idle-1", costs=money(20)),
            Charge(service_name="idle-2", costs=money(10)),
        ),
        used=(
            *used({"ns1": 47, "ns2": 17}, service="idle-1"),
            *used({"ns2": 1, "ns3": 1}, service="idle-2"),
        ),
    )
    idle = Rule(name="idle", driver="by_quantity", quantity="requests", match=service("idle-*"))
    before = by_customer(both_ways(engine, world, idle))
    assert {ns: before[ns] - own[ns] for ns in own} == {
        "ns1": Decimal("14.6875"),
        "ns2": Decimal("10.3125"),
        "ns3": Decimal(5),
    }
    shared = Rule(
        name="share ns1",
        driver="by_cost",
        stage=2,
        match=(Match(key="customer", values=("ns1",)),),
        targets=("ns2", "ns3"),
    )
    found = by_customer(both_ways(engine, world, idle, shared))
    assert {ns: round(cost, 3) for ns, cost in found.items()} == {
        "ns2": Decimal("74.771"),
        "ns3": Decimal("37.229"),
    }
    assert sum(found.values()) == 112


def test_four_cores_at_ten_dollars_asked_three_to_one(engine: DuckEngine) -> None:
    world = World(
        charges=(Charge(service_name="node", costs=money(10)),),
        used=used({"app-a": 3, "app-b": 1}, service="node"),
    )
    rule = Rule(name="node", driver="by_quantity", quantity="requests", match=service("node"))
    found = by_customer(both_ways(engine, world, rule))
    assert found == {"app-a": Decimal("7.5"), "app-b": Decimal("2.5")}


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [({}, "no_usage"), ({"a": 0, "b": 0}, "zero_weights"), ({"a": 5, "b": -1}, "negative_weights")],
)
def test_weights_that_divide_nothing_leave_the_amount_unallocated(
    engine: DuckEngine, amounts: dict[str, int], reason: str
) -> None:
    world = World(charges=(Charge(service_name="db", costs=money(100)),), used=used(amounts))
    rule = Rule(name="db", driver="by_quantity", quantity="requests", match=service("db"), on=())
    ((leg, costs),) = both_ways(engine, world, rule).items()
    assert (dict(leg.dims)["customer"], leg.reason) == (UNALLOCATED, reason)
    assert (leg.method, costs["effective_cost"]) == ("by_quantity", Decimal(100))


def test_a_fallback_takes_over_and_is_the_method(engine: DuckEngine) -> None:
    world = World(
        charges=(Charge(service_name="db", costs=money(100)),),
        people=(Person(customer="a"), Person(customer="b"), Person(customer="c", status="churned")),
    )
    rule = Rule(
        name="db", driver="by_quantity", quantity="requests", match=service("db"), fallback="even"
    )
    legs = both_ways(engine, world, rule)
    assert {leg.method for leg in legs} == {"even"}
    assert by_customer(legs) == {"a": 50, "b": 50}


def test_direct_costs_that_net_to_a_credit_divide_nothing(engine: DuckEngine) -> None:
    world = World(
        charges=(
            Charge(tags={"customer": "a"}, costs=money(-5)),
            Charge(tags={"customer": "b"}, costs=money(7)),
            Charge(service_name="support", costs=money(10)),
        )
    )
    rule = Rule(name="support", driver="by_cost", match=service("support"))
    reasons = {leg.reason for leg in both_ways(engine, world, rule) if leg.rule == "support"}
    assert reasons == {"negative_weights"}


def test_usage_that_names_nobody_keeps_its_share_unallocated(engine: DuckEngine) -> None:
    world = World(
        charges=(Charge(service_name="db", costs=money(100)),), used=used({"a": 60, "": 40})
    )
    rule = Rule(name="db", driver="by_quantity", quantity="requests", match=service("db"), on=())
    assert by_customer(both_ways(engine, world, rule)) == {"a": 60, UNALLOCATED: 40}


def test_weights_ten_times_as_large_give_the_same_legs(engine: DuckEngine) -> None:
    rule = Rule(name="db", driver="by_quantity", quantity="requests", match=service("db"), on=())
    charges = (Charge(service_name="db", costs=money("33.333333333333333333333")),)
    amounts = {"a": 7, "b": 11, "c": 13}
    once = World(charges=charges, used=used(amounts))
    larger = World(charges=charges, used=used({key: value * 10 for key, value in amounts.items()}))
    assert by_customer(both_ways(engine, once, rule)) == by_customer(
        both_ways(engine, larger, rule)
    )


def test_amounts_of_any_size_are_divided_exactly(engine: DuckEngine) -> None:
    rule = Rule(name="db", driver="by_quantity", quantity="requests", match=service("db"), on=())
    amounts = {"a": 10**12, "b": 10**11 + 7, "c": 3}
    for cost in ("99999999.999999999999", "4000.123456789012", "-12345678.000000000001", "1E-12"):
        world = World(charges=(Charge(service_name="db", costs=money(cost)),), used=used(amounts))
        assert sum(by_customer(both_ways(engine, world, rule)).values()) == Decimal(cost)
        assert world.charges[0].day == MONTH
