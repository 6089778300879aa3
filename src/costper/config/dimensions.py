"""Turns the section `dimensions` into the dimensions of the books."""

from __future__ import annotations

import re
from collections.abc import Iterator

from costper.config.fields import field_fault, normal_field
from costper.config.lines import Branch, Items, Node
from costper.config.sections import DimensionSection, WhenSection
from costper.config.validation import validated
from costper.model.dimension import BUILT_IN, STANDARD_ALIASES, Dimension, When, normal
from costper.model.money import COST_COLUMNS
from costper.model.outcome import Issue

DIMENSIONS_MAX = 20
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
DEFAULT_FIELDS: dict[str, tuple[str, ...]] = {
    "customer": ("tags.customer",),
    "team": ("tags.team",),
    "service": ("tags.service", "service_name"),
    "environment": ("tags.environment", "tags.env"),
}
RESERVED = frozenset(
    {
        *COST_COLUMNS,
        "charge_category",
        "charges",
        "count",
        "coverage",
        "currency",
        "day",
        "delivery_id",
        "estimated",
        "gross_cost",
        "hour",
        "method",
        "metric",
        "month",
        "pool_no",
        "reason",
        "row_no",
        "rule",
        "run_id",
        "source",
        "stage",
        "tags",
        "total",
        "value",
        "week",
        "weight",
        "weight_total",
    }
)
"""Words that already mean something in the tables and answers a dimension stands in."""


def dimension_names(section: Node | None) -> tuple[str, ...]:
    """Name every dimension, well declared or not: the built-in four, then the file's own."""
    own = section.entries if isinstance(section, Branch) else {}
    return tuple(dict.fromkeys((*BUILT_IN, *own)))


def read_dimensions(section: Node | None) -> tuple[tuple[Dimension, ...], tuple[Issue, ...]]:
    """Give every dimension, the built-in ones first; a faulty one is left out."""
    issues: list[Issue] = []
    found: list[Dimension] = []
    branch = section if isinstance(section, Branch) else Branch("")
    if len(dimension_names(section)) > DIMENSIONS_MAX:
        message = f"{len(dimension_names(section))} dimensions; at most {DIMENSIONS_MAX} are kept"
        hint = "customer, team, service and environment are among them"
        issues.append(Issue("invalid", message, branch.where, hint=hint))
    for name in dimension_names(section):
        node = branch.entries.get(name)
        if node is None:
            found.append(_dimension(name, DimensionSection()))
            continue
        value, faults = validated(DimensionSection, node, f"dimensions.{name}")
        faults = (*_name_faults(name, branch.lines[name]), *faults, *_field_faults(node))
        issues.extend(faults)
        if value is not None and not faults:
            found.append(_dimension(name, value))
    return tuple(found), tuple(issues)


def _dimension(name: str, value: DimensionSection) -> Dimension:
    standard = STANDARD_ALIASES if name == "environment" else {}
    aliases = {normal(raw): normal(meant) for raw, meant in value.aliases.items()}
    fields = value.fields or (() if value.rules else DEFAULT_FIELDS.get(name, (f"tags.{name}",)))
    return Dimension(
        name=name,
        fields=tuple(dict.fromkeys(normal_field(field) for field in fields)),
        rules=tuple(_when(rule) for rule in value.rules),
        aliases={**standard, **aliases},
    )


def _when(rule: WhenSection) -> When:
    match = {
        normal_field(field): tuple(dict.fromkeys(normal(pattern) for pattern in patterns))
        for field, patterns in rule.where.items()
    }
    return When(match=match, value=normal(rule.value))


def _name_faults(name: str, where: str) -> Iterator[Issue]:
    if not NAME.fullmatch(name):
        hint = "small letters, digits and _, a letter first, at most 40"
        yield Issue("invalid", f"{name!r} cannot name a dimension", where, hint=hint)
    elif name in RESERVED:
        message = f"{name!r} cannot name a dimension: the books have a column of that name"
        yield Issue("reserved", message, where, hint=f"call it {name}_name, for example")


def _field_faults(node: Node) -> Iterator[Issue]:
    if not isinstance(node, Branch):
        return
    fields = node.entries.get("from")
    for leaf in fields.items if isinstance(fields, Items) else (fields,):
        text = getattr(leaf, "text", None)
        if leaf is not None and text:
            fault = field_fault(text, leaf.where)
            yield from (fault,) if fault else ()
    rules = node.entries.get("rules")
    for rule in rules.items if isinstance(rules, Items) else ():
        where = rule.entries.get("where") if isinstance(rule, Branch) else None
        for field, line in where.lines.items() if isinstance(where, Branch) else ():
            fault = field_fault(field, line)
            yield from (fault,) if fault else ()
