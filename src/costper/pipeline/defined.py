"""Makes the definition of an allocation from the settings."""

from __future__ import annotations

from dataclasses import replace

from costper.allocation.definition import Definition, prepared
from costper.allocation.sql_stage import Record
from costper.config.settings import Settings
from costper.model.allocation import Rule
from costper.model.call import CALLS
from costper.pipeline.calls.rules import call_quantities, with_call_rules


def definition_of(settings: Settings) -> Definition:
    """Give all that decides an allocation, ready to use.

    Of metrics those that a rule divides by, and those whose days add up: a cost is divided by them
    and a limit is of them, so the mart of usage keeps them. Others allocate no month again.
    """
    metrics = {
        one.name: (one.source or one.name, one.measured or one.name) for one in settings.metrics
    }
    by_source = {source: name for name, (source, _) in reversed(metrics.items())}
    own = tuple(_by_metric(rule, metrics, by_source) for rule in settings.allocation)
    rules = with_call_rules(settings, own)
    weighed = {rule.quantity for rule in rules}
    summed = {one.name for one in settings.metrics if one.aggregation == "sum"}
    known = {
        name: one
        for name, one in metrics.items()
        if name in weighed or (name in summed and one[0] != CALLS)
    }
    return prepared(
        Definition(
            dimensions=settings.dimensions,
            rules=rules,
            record=record_of(settings),
            metrics=known | dict(call_quantities(settings)),
        )
    )


def record_of(settings: Settings) -> Record:
    """Say which cost counts: the organisation's choice, or a source's own for its rows."""
    default = settings.cost_of_record
    other = (
        declared.name
        for declared in settings.sources
        if getattr(declared.settings, "cost_of_record", None) not in {None, default}
    )
    return Record(default, tuple(sorted(other)))


def _by_metric(rule: Rule, metrics: dict[str, tuple[str, str]], by_source: dict[str, str]) -> Rule:
    """Let a quantity that names a source mean the first metric read from it."""
    if rule.quantity in metrics or rule.quantity not in by_source:
        return rule
    return replace(rule, quantity=by_source[rule.quantity])
