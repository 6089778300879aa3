"""The definition of an allocation, row by row in Python: what the SQL must agree with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext

from tests.allocation.world import World, added

from costper.allocation.definition import Definition
from costper.allocation.dimension import resolver, value_of
from costper.allocation.drivers import DRIVERS
from costper.allocation.facts import DirectCost, Facts, Measured, Portion, Span
from costper.allocation.match import NO_RULE, first_match
from costper.allocation.split import refusal, split_columns, weight_units
from costper.allocation.sql_stage import Numbered
from costper.model.allocation import Rule
from costper.model.dimension import RESERVED, UNALLOCATED, UNTAGGED, normal
from costper.model.money import COST_COLUMNS, EXACT

Costs = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One amount where it rests."""

    day: date
    currency: str
    source: str
    category: str
    dims: tuple[tuple[str, str], ...]
    stage: int = 1
    rule: str = ""
    method: str = ""
    reason: str = ""
    weight: Decimal | None = None
    weight_total: Decimal | None = None
    direct: bool = True

    def look(self, key: str) -> str:
        """Give a word of it, as conditions compare it."""
        plain = {"source": self.source, "charge_category": self.category}
        return dict(self.dims).get(key) or normal(plain.get(key, "")) or UNTAGGED

    def carried(self, to: str, target: str) -> tuple[tuple[str, str], ...]:
        """Give its dimensions after it was carried to a target."""
        return tuple((name, target if name == to else value) for name, value in self.dims)


Legs = dict[Leg, Costs]


def allocate(world: World, definition: Definition) -> Legs:
    """Allocate a world's charges."""
    legs: Legs = {}
    for stage in definition.stages:
        rules = definition.of_stage(stage)
        resting, taken = (
            _charged(world, definition) if stage == 1 else _taken(legs, rules, definition.rules)
        )
        facts = _facts(world, definition, resting)
        split = [
            part
            for (leg, number), costs in taken.items()
            for part in _divided(leg, definition.rules[number], costs, facts, definition, stage)
        ]
        legs = summed([*resting.items(), *split])
    return legs


def _charged(world: World, definition: Definition) -> tuple[Legs, dict[tuple[Leg, int], Costs]]:
    resolve = resolver(definition.dimensions, definition.of_stage(1))
    resting: list[tuple[Leg, Costs]] = []
    taken: list[tuple[tuple[Leg, int], Costs]] = []
    for charge in world.charges:
        found = resolve(charge.raw())
        leg = Leg(
            day=charge.day,
            currency=charge.currency,
            source=charge.source,
            category=charge.category,
            dims=tuple(zip(definition.names, found.values, strict=True)),
        )
        rule = definition.rules[found.rule] if found.rule != NO_RULE else None
        if rule is not None and _shares_out(rule, leg):
            taken.append(((leg, found.rule), charge.costs))
        elif rule is None and leg.look("customer") in RESERVED:
            dims = leg.carried("customer", UNALLOCATED)
            resting.append((replace(leg, dims=dims, reason="no_rule"), charge.costs))
        else:
            name = rule.name if rule else ""
            resting.append((replace(leg, rule=name, method="direct"), charge.costs))
    return summed(resting), added(taken)


def _taken(
    legs: Legs, rules: Sequence[Numbered], _all: Sequence[Rule]
) -> tuple[Legs, dict[tuple[Leg, int], Costs]]:
    resting: list[tuple[Leg, Costs]] = []
    taken: list[tuple[tuple[Leg, int], Costs]] = []
    for leg, costs in legs.items():
        number = first_match(rules, leg.look)
        if number != NO_RULE and _shares_out(dict(rules)[number], leg):
            key = Leg(
                day=leg.day,
                currency=leg.currency,
                source=leg.source,
                category=leg.category,
                dims=leg.dims,
            )
            taken.append(((key, number), costs))
        else:
            resting.append((leg, costs))
    return summed(resting), added(taken)


def _shares_out(rule: Rule, leg: Leg) -> bool:
    return rule.driver != "direct" or dict(leg.dims)[rule.to] in RESERVED


def _facts(world: World, definition: Definition, resting: Legs) -> Facts:
    direct = tuple(
        DirectCost(
            day=leg.day,
            currency=leg.currency,
            dims={
                **dict(leg.dims),
                "source": leg.look("source"),
                "charge_category": leg.look("charge_category"),
            },
            amount=costs[definition.record.column(leg.source)],
        )
        for leg, costs in resting.items()
        if leg.direct
    )
    return Facts(direct=direct, measured=_measured(world, definition), customers=_spans(world))


def _measured(world: World, definition: Definition) -> tuple[Measured, ...]:
    dimensions = {dimension.name: dimension for dimension in definition.dimensions}
    return tuple(
        Measured(
            metric=one.source,
            day=one.day,
            dims={
                name: value_of(dimensions[name], text)
                for name, text in one.dims.items()
                if normal(text)
            },
            value=one.value,
        )
        for one in world.used
    )


def _spans(world: World) -> tuple[Span, ...]:
    return tuple(
        Span(
            customer=one.customer, start=one.start, end=one.end, status=one.status, seats=one.seats
        )
        for one in world.people
    )


def _divided(
    leg: Leg, rule: Rule, costs: Costs, facts: Facts, definition: Definition, stage: int
) -> list[tuple[Leg, Costs]]:
    portion = Portion(day=leg.day, currency=leg.currency, dims=dict(leg.dims))
    reason, base = "", replace(leg, stage=stage, rule=rule.name, direct=False)
    for name in (rule.driver, rule.fallback):
        if name == "unallocated":
            continue
        weights = DRIVERS[name].weigh(portion, rule, facts)
        refused = refusal(weights.values(), DRIVERS[name].missing)
        if refused is None:
            return _parts(replace(base, method=name), rule, costs, weights, definition)
        reason = reason or refused
    dims = leg.carried(rule.to, UNALLOCATED)
    return [(replace(base, dims=dims, method=rule.driver, reason=reason), costs)]


def _parts(
    base: Leg, rule: Rule, costs: Costs, weights: Mapping[str, Decimal], definition: Definition
) -> list[tuple[Leg, Costs]]:
    record = definition.record.column(base.source)
    with localcontext(EXACT):
        total = sum(weights.values(), Decimal(0))
    return [
        (
            replace(
                base,
                dims=base.carried(rule.to, target or UNALLOCATED),
                reason="" if target else "no_targets",
                weight=weights[target],
                weight_total=total,
            ),
            parts,
        )
        for target, parts in split_columns(costs, weight_units(weights), record=record).items()
    ]


def summed(rows: Sequence[tuple[Leg, Costs]]) -> Legs:
    grouped: dict[Leg, list[Costs]] = defaultdict(list)
    for leg, costs in rows:
        grouped[leg].append(costs)
    with localcontext(EXACT):
        return {
            leg: {name: sum((one[name] for one in many), Decimal(0)) for name in COST_COLUMNS}
            for leg, many in grouped.items()
        }
