"""Turns the section `allocation` into rules, checked against everything else that is declared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from costper.config.fields import field_fault, normal_field
from costper.config.lines import Branch, Items, Leaf, Node
from costper.config.metrics import Measuring
from costper.config.sections import Condition, RuleSection
from costper.config.validation import validated
from costper.errors import suggestion
from costper.model.allocation import Match, Rule
from costper.model.dimension import SHARED, UNALLOCATED, UNTAGGED, normal
from costper.model.money import plain as plain_amount
from costper.model.money import total
from costper.model.outcome import Issue

LATER_STAGE_KEYS = frozenset({"source", "charge_category"})
"""What legs still know of their charge; all else of it is gone after the first stage."""
KEEP = "unallocated"
NOBODY = frozenset(("", SHARED, UNALLOCATED, UNTAGGED))
"""Words for cost that has no target yet: nothing can be carried to them."""
NEEDS = {"by_quantity": "quantity", "fixed": "shares"}
"""The setting a driver cannot work without."""
ONLY_FOR = {"quantity": "by_quantity", "on": "by_quantity", "shares": "fixed", "base": "by_cost"}
"""Settings that mean nothing to any other driver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a rule may refer to."""

    dimensions: tuple[str, ...]
    drivers: tuple[str, ...]
    quantities: Mapping[str, Measuring]


def read_rules(section: Node | None, names: Names) -> tuple[tuple[Rule, ...], tuple[Issue, ...]]:
    """Give the rules in order; a faulty one is left out and said."""
    if not isinstance(section, Items):
        return (), ()
    rules: list[Rule] = []
    issues: list[Issue] = []
    first: dict[str, str] = {}
    for number, node in enumerate(section.items, start=1):
        value, faults = validated(RuleSection, node, f"allocation[{number}]")
        if isinstance(node, Branch):
            faults = (*faults, *_name_faults(node, names, first))
        if value is not None and isinstance(node, Branch):
            faults = (*faults, *_sense_faults(value, node, names))
        issues.extend(faults)
        if value is not None and isinstance(node, Branch) and not faults:
            rules.append(_rule(value, node))
    return tuple(rules), tuple(issues)


def _rule(value: RuleSection, node: Branch) -> Rule:
    return Rule(
        name=value.name,
        driver=value.driver,
        match=_matches(value.match),
        to=value.to,
        stage=value.stage,
        quantity=value.quantity,
        on=value.on,
        shares={normal(target): percent for target, percent in value.shares.items()},
        targets=tuple(dict.fromkeys(normal(target) for target in value.targets)),
        base=_matches(value.base),
        fallback=value.fallback,
        version=_version(value),
        where=node.where,
    )


def _matches(conditions: dict[str, Condition]) -> tuple[Match, ...]:
    return tuple(
        Match(
            key=normal_field(key),
            values=tuple(dict.fromkeys(normal(value) for value in it.values)),
            present=it.present,
            negated=it.negated,
        )
        for key, it in conditions.items()
    )


def _version(value: RuleSection) -> str:
    """Hash what the rule says, so that spelling it another way is the same version."""
    content = {
        "rule": value.name,
        "driver": value.driver,
        "match": _canonical(value.match),
        "to": value.to,
        "stage": value.stage,
        "quantity": value.quantity,
        "on": None if value.on is None else sorted(value.on),
        "shares": {normal(key): plain_amount(share) for key, share in value.shares.items()},
        "targets": sorted({normal(target) for target in value.targets}),
        "base": _canonical(value.base),
        "fallback": value.fallback,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _canonical(conditions: dict[str, Condition]) -> dict[str, list[object]]:
    return {
        match.key: [sorted(match.values), match.present, match.negated]
        for match in _matches(conditions)
    }


def _name_faults(node: Branch, names: Names, first: dict[str, str]) -> Iterator[Issue]:
    """Check each name by itself, so that it is told even if the rule is wrong elsewhere."""
    yield from _unknown("driver", node.entries.get("driver"), names.drivers)
    yield from _unknown("fallback", node.entries.get("fallback"), (*names.drivers, KEEP))
    yield from _unknown("dimension", node.entries.get("to"), names.dimensions)
    yield from _unknown("metric", node.entries.get("quantity"), names.quantities)
    yield from _unknown("dimension", node.entries.get("on"), names.dimensions)
    for key in ("match", "base"):
        section = node.entries.get(key)
        for field, where in section.lines.items() if isinstance(section, Branch) else ():
            fault = field_fault(field, where, names.dimensions)
            yield from (fault,) if fault else ()
    leaf = node.entries.get("rule")
    name = leaf.text if isinstance(leaf, Leaf) else None
    if name and name in first:
        hint = f"the first stands at {first[name]}; give each its own name"
        where = _line(node, "rule")
        yield Issue("duplicate", f"two rules are called {name!r}", where, hint=hint)
    elif name:
        first[name] = _line(node, "rule")


def _unknown(kind: str, node: Node | None, known: Collection[str]) -> Iterator[Issue]:
    """Check a word, or each word of a list."""
    for leaf in node.items if isinstance(node, Items) else (node,):
        if isinstance(leaf, Leaf) and leaf.text and not leaf.broken and leaf.text not in known:
            hint = suggestion(leaf.text, known)
            yield Issue("unknown_name", f"unknown {kind} {leaf.text!r}", leaf.where, hint=hint)


def _sense_faults(value: RuleSection, node: Branch, names: Names) -> Iterator[Issue]:
    """Check that what the rule says fits together."""
    yield from _stage_faults(value, node, names)
    yield from _driver_faults(value, node)
    yield from _measure_faults(value, node, names)
    yield from _target_faults(node)
    yield from _share_faults(value, node)


def _stage_faults(value: RuleSection, node: Branch, names: Names) -> Iterator[Issue]:
    """Carried cost no longer knows its account or resource, so nothing may ask for them."""
    carried = {*names.dimensions, *LATER_STAGE_KEYS}
    for key in ("match", "base"):
        section = node.entries.get(key)
        if not isinstance(section, Branch) or (key == "match" and value.stage == 1):
            continue
        asker = "base" if key == "base" else f"a rule of stage {value.stage}"
        for field, where in section.lines.items():
            if field not in carried and field_fault(field, where) is None:
                message = f"{asker} cannot ask for {field!r}: carried cost does not know it"
                hint = "use a dimension, source or charge_category"
                yield Issue("invalid", message, where, hint=hint)


def _driver_faults(value: RuleSection, node: Branch) -> Iterator[Issue]:
    used = (value.driver, value.fallback)
    for driver in dict.fromkeys(used):
        needed = NEEDS.get(driver)
        if needed and not getattr(value, needed):
            message = f"{driver} needs {needed!r}"
            hint = RuleSection.model_fields[needed].description or ""
            key = "driver" if driver == value.driver else "fallback"
            yield Issue("missing", message, _line(node, key), hint=hint)
    for setting, driver in ONLY_FOR.items():
        if setting in node.entries and driver not in used:
            message = f"{setting!r} means nothing to {value.driver}"
            hint = f"leave it out, or use driver: {driver}"
            yield Issue("invalid", message, node.lines[setting], hint=hint)
    if value.fallback == value.driver:
        hint = "leave it out, or name another driver"
        message = f"{value.driver} cannot fall back on itself"
        yield Issue("invalid", message, _line(node, "fallback"), hint=hint)


def _measure_faults(value: RuleSection, node: Branch, names: Names) -> Iterator[Issue]:
    """A number can only weigh targets it is measured by."""
    source = names.quantities.get(value.quantity)
    if source is None or source.dimensions is None:
        return
    for dimension in dict.fromkeys((value.to, *(value.on or ()))):
        if dimension in names.dimensions and dimension not in source.dimensions:
            message = f"{value.quantity!r} is not measured by {dimension}"
            hint = f"add {dimension} to the dimensions of its source"
            yield Issue("invalid", message, _line(node, "quantity"), hint=hint)


def _target_faults(node: Branch) -> Iterator[Issue]:
    """Check that cost is only carried to somebody."""
    shares, targets = node.entries.get("shares"), node.entries.get("targets")
    named = list(shares.lines.items()) if isinstance(shares, Branch) else []
    for leaf in targets.items if isinstance(targets, Items) else (targets,):
        if isinstance(leaf, Leaf) and leaf.text is not None:
            named.append((leaf.text, leaf.where))
    for target, where in named:
        if normal(target) in NOBODY:
            hint = "name a target; what no rule carries is unallocated by itself"
            yield Issue("invalid", f"cost cannot be carried to {target!r}", where, hint=hint)


def _share_faults(value: RuleSection, node: Branch) -> Iterator[Issue]:
    if not value.shares:
        return
    where = node.lines["shares"]
    percent = total(list(value.shares.values()))
    if percent != Decimal(100):
        shown = plain_amount(percent, 0)
        gap = plain_amount(abs(Decimal(100) - percent), 0)
        hint = f"{'add' if percent < Decimal(100) else 'take away'} {gap}"
        yield Issue("shares", f"shares add up to {shown}, not to 100", where, hint=hint)
    targets = [normal(target) for target in value.shares]
    for target in dict.fromkeys(it for it in targets if targets.count(it) > 1):
        hint = "capitals and spaces do not tell targets apart"
        yield Issue("duplicate", f"two shares for {target!r}", where, hint=hint)


def _line(node: Branch, key: str) -> str:
    """The line of a value where it is one word, else of its key."""
    value = node.entries.get(key)
    if isinstance(value, Leaf):
        return value.where
    return node.lines.get(key, node.where)
