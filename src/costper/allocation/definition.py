"""All that decides an allocation: dimensions, rules and what counts, in one frozen value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from costper.allocation.dimension import value_of
from costper.allocation.sql_stage import Numbered, Record
from costper.model.allocation import Match, Rule
from costper.model.dimension import Dimension
from costper.model.money import total

ARITHMETIC = "2"
"""Goes up when the same input would give other digits, or other words beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a run needs to know besides the rows.

    Rules are numbered by their place. `metrics` maps what a rule's `quantity` may say to the
    source that measures it, and what that source calls it.
    """

    dimensions: tuple[Dimension, ...]
    rules: tuple[Rule, ...] = ()
    record: Record
    metrics: Mapping[str, tuple[str, str]]

    @property
    def names(self) -> tuple[str, ...]:
        """The dimensions' names, in order."""
        return tuple(dimension.name for dimension in self.dimensions)

    @property
    def stages(self) -> tuple[int, ...]:
        """The stages, in order; there is always a first one."""
        return tuple(sorted({1, *(rule.stage for rule in self.rules)}))

    def measured(self, quantity: str) -> tuple[str, str]:
        """Say which source measures a quantity, and what it is called there."""
        return self.metrics.get(quantity, (quantity, quantity))

    def of_stage(self, stage: int) -> tuple[Numbered, ...]:
        """Give a stage's rules with their numbers, in order."""
        return tuple((n, rule) for n, rule in enumerate(self.rules) if rule.stage == stage)


def prepared(definition: Definition) -> Definition:
    """Give the definition with the targets of its rules read as the dimension's own words."""
    dimensions = {dimension.name: dimension for dimension in definition.dimensions}
    rules = tuple(_prepared(rule, dimensions[rule.to]) for rule in definition.rules)
    return replace(definition, rules=rules)


def _prepared(rule: Rule, to: Dimension) -> Rule:
    shares: dict[str, list[Decimal]] = {}
    for target, share in rule.shares.items():
        shares.setdefault(value_of(to, target), []).append(share)
    targets = dict.fromkeys(value_of(to, target) for target in rule.targets)
    ready = replace(
        rule,
        targets=tuple(targets),
        shares={target: total(parts) for target, parts in shares.items()},
    )
    return replace(ready, version=version(ready))


def version(rule: Rule) -> str:
    """Name a rule's content by a hash; where it stands in the file does not matter."""
    return _hash(written_rule(rule))


def fingerprint(definition: Definition, inputs: Iterable[object]) -> str:
    """Name what a run is made of: the definition, the inputs' own names, and the arithmetic."""
    return _hash([ARITHMETIC, written(definition), *(str(one) for one in inputs)])


def written(definition: Definition) -> dict[str, object]:
    """Write a definition as plain JSON values, to be kept with a run and read again."""
    return {
        "dimensions": [_written_dimension(one) for one in definition.dimensions],
        "rules": [written_rule(rule) for rule in definition.rules],
        "record": [definition.record.default, list(definition.record.exceptions)],
        "metrics": {name: list(one) for name, one in sorted(definition.metrics.items())},
    }


def written_rule(rule: Rule) -> dict[str, object]:
    """Write a rule's content as plain JSON values."""
    return {
        "name": rule.name,
        "driver": rule.driver,
        "match": [_written_match(match) for match in rule.match],
        "to": rule.to,
        "stage": rule.stage,
        "quantity": rule.quantity,
        "on": None if rule.on is None else list(rule.on),
        "shares": {target: str(share) for target, share in sorted(rule.shares.items())},
        "targets": list(rule.targets),
        "base": [_written_match(match) for match in rule.base],
        "fallback": rule.fallback,
    }


def _written_match(match: Match) -> list[object]:
    return [match.key, list(match.values), match.present, match.negated]


def _written_dimension(dimension: Dimension) -> dict[str, object]:
    return {
        "name": dimension.name,
        "fields": list(dimension.fields),
        "rules": [
            [{key: list(values) for key, values in when.match.items()}, when.value]
            for when in dimension.rules
        ],
        "aliases": dict(sorted(dimension.aliases.items())),
    }


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
