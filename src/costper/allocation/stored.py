"""Reads a definition back as it was written with a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from costper.allocation.definition import Definition, version
from costper.allocation.sql_stage import Record
from costper.model.allocation import Match, Rule
from costper.model.dimension import Dimension, When

Written = Mapping[str, Any]


def read(kept: Written) -> Definition:
    """Give the definition that was written; KeyError where it is not one."""
    default, exceptions = kept["record"]
    return Definition(
        dimensions=tuple(_dimension(one) for one in kept["dimensions"]),
        rules=tuple(_rule(one) for one in kept["rules"]),
        record=Record(default, tuple(exceptions)),
        metrics={name: (source, own) for name, (source, own) in kept["metrics"].items()},
    )


def _rule(kept: Written) -> Rule:
    rule = Rule(
        name=kept["name"],
        driver=kept["driver"],
        match=tuple(_match(one) for one in kept["match"]),
        to=kept["to"],
        stage=kept["stage"],
        quantity=kept["quantity"],
        on=None if kept["on"] is None else tuple(kept["on"]),
        shares={target: Decimal(share) for target, share in kept["shares"].items()},
        targets=tuple(kept["targets"]),
        base=tuple(_match(one) for one in kept["base"]),
        fallback=kept["fallback"],
    )
    return replace(rule, version=version(rule))


def _match(kept: tuple[str, list[str], bool | None, bool]) -> Match:
    key, values, present, negated = kept
    return Match(key=key, values=tuple(values), present=present, negated=negated)


def _dimension(kept: Written) -> Dimension:
    return Dimension(
        name=kept["name"],
        fields=tuple(kept["fields"]),
        rules=tuple(
            When(match={key: tuple(values) for key, values in match.items()}, value=value)
            for match, value in kept["rules"]
        ),
        aliases=dict(kept["aliases"]),
    )
