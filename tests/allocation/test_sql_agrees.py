"""The bulk way agrees with the definition, to the last digit."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.allocation.engine_legs import legs_of
from tests.allocation.oracle import allocate
from tests.allocation.strategies import CUSTOMERS, RECORDS, VALUES, costs, rules, worlds
from tests.allocation.world import Charge, Used, World, added, definition, fill, open_engine

from costper.allocation.sql_stage import Record
from costper.model.allocation import Rule
from costper.store.duckdb import DuckEngine


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    opened = open_engine(tmp_path_factory.mktemp("books"))
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds(), found=st.lists(rules(), max_size=4), record=RECORDS)
def test_sql_gives_the_legs_of_the_definition(
    engine: DuckEngine, world: World, found: list[Rule], record: Record
) -> None:
    defined = definition(*found, record=record)
    fill(engine, world)
    assert legs_of(engine, defined) == allocate(world, defined)


@settings(max_examples=80, deadline=None)
@given(world=worlds(), found=st.lists(rules(), max_size=4), record=RECORDS)
def test_legs_add_up_to_the_charges_by_day_currency_and_source(
    world: World, found: list[Rule], record: Record
) -> None:
    legs = allocate(world, definition(*found, record=record))
    charged = added(((c.day, c.currency, c.source), c.costs) for c in world.charges)
    allocated = added(((leg.day, leg.currency, leg.source), costs) for leg, costs in legs.items())
    assert allocated == charged


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds(), found=st.lists(rules(), max_size=3), random=st.randoms())
def test_the_order_of_rows_changes_nothing(
    engine: DuckEngine, world: World, found: list[Rule], random: st.DataObject
) -> None:
    shuffled = [list(rows) for rows in (world.charges, world.used, world.people)]
    for rows in shuffled:
        random.shuffle(rows)  # type: ignore[attr-defined]
    defined = definition(*found)
    fill(engine, world)
    before = legs_of(engine, defined)
    charges, used, people = (tuple(rows) for rows in shuffled)
    fill(engine, World(charges=charges, used=used, people=people))  # type: ignore[arg-type]
    assert legs_of(engine, defined) == before
    assert all(
        isinstance(amount, Decimal) for costs in before.values() for amount in costs.values()
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    found=st.lists(costs(), min_size=1, max_size=3),
    weights=st.dictionaries(st.sampled_from(CUSTOMERS), VALUES, min_size=1),
    record=RECORDS,
)
def test_sql_splits_as_the_definition_does(
    engine: DuckEngine,
    found: list[dict[str, Decimal]],
    weights: dict[str, Decimal],
    record: Record,
) -> None:
    charges = tuple(
        Charge(service_name="db", source="gcp" if place else "aws", category=f"c{place}", costs=one)
        for place, one in enumerate(found)
    )
    used = tuple(Used(dims={"customer": name}, value=value) for name, value in weights.items())
    rule = Rule(name="db", driver="by_quantity", quantity="requests", on=())
    defined = definition(rule, record=record)
    world = World(charges=charges, used=used)
    fill(engine, world)
    assert legs_of(engine, defined) == allocate(world, defined)
