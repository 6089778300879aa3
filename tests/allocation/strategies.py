"""Random worlds and rules for the laws of allocation."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from tests.allocation.world import MONTH, Charge, Person, Used, World

from costper.allocation.sql_stage import Record
from costper.model.allocation import Match, Rule
from costper.model.money import COST_COLUMNS

DAYS = st.sampled_from([MONTH, MONTH + timedelta(days=1)])
CUSTOMERS = ("acme", "bolt", "cord", "dune")
SPELLINGS = ("Acme-Inc", "acme", " BOLT", "bolt", "cord", "dune", "")
TEAMS = ("search", "growth", "")
SERVICES = ("db", "cache", "api", "")
ENVIRONMENTS = ("prod", "stg", "")

EXACT_AMOUNTS = st.decimals(
    min_value=Decimal(-100_000), max_value=Decimal(1_000_000), places=21, allow_nan=False
)
SMALL_AMOUNTS = st.decimals(min_value=-3, max_value=3, places=2, allow_nan=False)
AMOUNTS = st.one_of(SMALL_AMOUNTS, EXACT_AMOUNTS, st.just(Decimal(0)))
VALUES = st.one_of(
    st.integers(0, 5).map(Decimal),
    st.decimals(min_value=0, max_value=Decimal("9e8"), places=6),
    st.decimals(min_value=Decimal(-2), max_value=Decimal(2), places=1),
    st.just(Decimal("1000000000000.7")),
)
RECORDS = st.sampled_from([Record(), Record("billed_cost"), Record("effective_cost", ("gcp",))])


@st.composite
def costs(draw: st.DrawFn) -> dict[str, Decimal]:
    """Four costs: all alike, all different, or some of them zero."""
    one = draw(AMOUNTS)
    if draw(st.booleans()):
        return dict.fromkeys(COST_COLUMNS, one)
    return {name: draw(st.one_of(AMOUNTS, st.just(one))) for name in COST_COLUMNS}


@st.composite
def charges(draw: st.DrawFn) -> Charge:
    """One charge."""
    tags = {
        "Customer": draw(st.sampled_from(SPELLINGS)),
        "team": draw(st.sampled_from(TEAMS)),
        "env": draw(st.sampled_from(ENVIRONMENTS)),
    }
    return Charge(
        day=draw(DAYS),
        source=draw(st.sampled_from(["aws", "gcp"])),
        currency=draw(st.sampled_from(["USD", "USD", "EUR"])),
        category=draw(st.sampled_from(["Usage", "Usage", "Credit", "Tax"])),
        service_name=draw(st.sampled_from(SERVICES)),
        account=draw(st.sampled_from(["1", "2"])),
        tags={key: value for key, value in tags.items() if value},
        costs=draw(costs()),
    )


@st.composite
def used(draw: st.DrawFn) -> Used:
    """One measurement."""
    dims = {
        "customer": draw(st.sampled_from(SPELLINGS)),
        "service": draw(st.sampled_from(SERVICES)),
    }
    if draw(st.integers(0, 3)) == 0:
        dims["environment"] = draw(st.sampled_from(ENVIRONMENTS))
    return Used(day=draw(DAYS), dims=dims, value=draw(VALUES))


@st.composite
def people(draw: st.DrawFn) -> tuple[Person, ...]:
    """Some customers, each with one fact."""
    names = draw(st.lists(st.sampled_from(CUSTOMERS), unique=True, max_size=4))
    return tuple(
        Person(
            customer=name,
            start=draw(st.sampled_from([date(2020, 1, 1), MONTH + timedelta(days=1)])),
            end=draw(st.sampled_from([None, None, MONTH + timedelta(days=1), date(2027, 1, 1)])),
            status=draw(st.sampled_from(["active", "trial", "Churned", ""])),
            seats=draw(st.one_of(st.none(), st.integers(0, 40).map(Decimal))),
        )
        for name in names
    )


def matches(keys: tuple[str, ...]) -> st.SearchStrategy[tuple[Match, ...]]:
    """Some conditions on some of the keys."""
    values = st.sampled_from(["db", "c*", "?cme", "prod*", "usage", "1", "aws", "search"])
    one = st.one_of(
        st.builds(Match, key=st.sampled_from(keys), present=st.booleans()),
        st.builds(
            Match,
            key=st.sampled_from(keys),
            values=st.lists(values, min_size=1, max_size=3).map(tuple),
            negated=st.booleans(),
        ),
    )
    return st.lists(one, max_size=2).map(tuple)


FIRST_KEYS = (
    "customer",
    "team",
    "service",
    "environment",
    "account",
    "charge_category",
    "tags.team",
)
LATER_KEYS = ("customer", "team", "service", "source", "charge_category")
DRIVERS = ("direct", "even", "fixed", "by_cost", "by_quantity", "by_seats")


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """One rule of stage 1 or 2."""
    stage = draw(st.sampled_from([1, 1, 2]))
    to = draw(st.sampled_from(["customer", "customer", "team", "service"]))
    weights = draw(st.lists(st.integers(0, 100), min_size=1, max_size=2))
    first = min(weights[0], 100)
    names = CUSTOMERS if to == "customer" else ("search", "growth")
    shares = {names[0]: Decimal(first), names[1]: Decimal(100 - first)}
    return Rule(
        name=f"rule {draw(st.integers(0, 99))}",
        driver=draw(st.sampled_from(DRIVERS)),
        match=draw(matches(FIRST_KEYS if stage == 1 else LATER_KEYS)),
        to=to,
        stage=stage,
        quantity="requests",
        on=draw(st.sampled_from([None, None, (), ("service",)])),
        shares=shares,
        targets=draw(st.sampled_from([(), (), ("ACME", "Acme-Inc", "cord"), ("search",)])),
        base=draw(st.one_of(st.just(()), matches(LATER_KEYS))),
        fallback=draw(st.sampled_from(["unallocated", *DRIVERS])),
    )


def worlds() -> st.SearchStrategy[World]:
    """A whole world."""
    return st.builds(
        World,
        charges=st.lists(charges(), max_size=14).map(tuple),
        used=st.lists(used(), max_size=10).map(tuple),
        people=people(),
    )
