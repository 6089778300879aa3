"""Turns what rules claim into findings, each cost claimed once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from costper.economics.savings.base import Bill, Claim, Rule, Seen
from costper.model.money import total

Key = tuple[str, ...]
"""What a cost is told by when it is claimed: meter, source, resource, then its dimensions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule claims of one resource; all of its cost would be saved."""

    rule: Rule
    claims: tuple[Claim, ...]

    @property
    def cost(self) -> Decimal:
        """What it costs in the period."""
        return total([claim.seen.cost for claim in self.claims])


def findings(bill: Bill, rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """Ask every rule in turn; a cost that an earlier rule claimed is not claimed again.

    One finding a rule, source, resource and set of dimensions. The sum over all findings is never
    more than the cost of what was seen.
    """
    taken: set[int] = set()
    places = {id(one): place for place, one in enumerate(bill.seen)}
    found: list[Finding] = []
    for rule in rules:
        grouped: dict[Key, list[Claim]] = {}
        for claim in rule.find(bill):
            place = places[id(claim.seen)]
            if place in taken or claim.seen.cost <= 0:
                continue
            taken.add(place)
            grouped.setdefault(_key(claim.seen), []).append(claim)
        found += [Finding(rule=rule, claims=tuple(claims)) for claims in grouped.values()]
    return tuple(found)


def claimed(found: Iterable[Finding]) -> frozenset[Key]:
    """Name what findings claim."""
    return frozenset(_key(claim.seen) for finding in found for claim in finding.claims)


def _key(one: Seen) -> Key:
    return (one.meter, one.source, one.resource, *one.dims.values())
