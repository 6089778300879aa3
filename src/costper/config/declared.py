"""Turns `sources`, `customers` and `rates` into what is read, each with its own settings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel

from costper.config.lines import Branch, Leaf, Node
from costper.config.settings import Declared, Kind, SourceType
from costper.config.validation import validated
from costper.errors import suggestion
from costper.model.call import CALLS
from costper.model.outcome import Issue

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
NAME_HINT = "small letters, digits, _ and -, a letter first, at most 63"
MAIN_KINDS: tuple[Kind, ...] = ("bill", "measurements")


def read_sources(
    section: Node | None, catalogue: Sequence[SourceType]
) -> tuple[tuple[Declared, ...], tuple[Issue, ...]]:
    """Give the declared bills and measurements, in order; a faulty one is left out and said."""
    found: list[Declared] = []
    issues: list[Issue] = []
    for name, node in section.entries.items() if isinstance(section, Branch) else ():
        where = section.lines[name] if isinstance(section, Branch) else node.where
        if not NAME.fullmatch(name):
            message = f"{name!r} cannot name a source"
            issues.append(Issue("invalid", message, where, hint=NAME_HINT))
        if name == CALLS:
            message = f"{name!r} is the source of LLM calls, which costper has by itself"
            issues.append(Issue("invalid", message, where, hint="choose another name"))
        one, faults = _declared(name, node, where, catalogue, MAIN_KINDS)
        issues.extend(faults)
        found.extend(() if one is None else (one,))
    return tuple(found), tuple(issues)


def read_fact_source(
    tree: Branch, kind: Kind, catalogue: Sequence[SourceType]
) -> tuple[Declared | None, tuple[Issue, ...]]:
    """Give the one source of `customers` or `rates`, where the file declares it."""
    node = tree.entries.get(kind)
    if node is None:
        return None, ()
    return _declared(kind, node, tree.lines[kind], catalogue, (kind,))


def _declared(
    name: str, node: Node, where: str, catalogue: Sequence[SourceType], kinds: Sequence[Kind]
) -> tuple[Declared | None, tuple[Issue, ...]]:
    if not isinstance(node, Branch):
        hint = f"{name}: {{type: …}}"
        return None, (Issue("invalid", f"{name}: needs a type and settings", where, hint=hint),)
    offered = {one.name: one for one in catalogue if one.kind in kinds}
    type_name = type_of(node)
    if type_name is None:
        hint = suggestion("", offered)
        return None, (Issue("missing", f"{name}: 'type' is missing", where, hint=hint),)
    one = offered.get(type_name)
    if one is None:
        return None, (_unknown_type(type_name, node, catalogue, tuple(offered)),)
    label = name if name in {"customers", "rates"} else f"sources.{name}"
    value, faults = validated(one.settings, _without_type(node), label)
    if value is None:
        return None, faults
    return _put(name, one, value, where), faults


def _put(name: str, one: SourceType, value: BaseModel, where: str) -> Declared:
    return Declared(name=name, type=one.name, kind=one.kind, settings=value, where=where)


def _unknown_type(
    type_name: str, node: Branch, catalogue: Sequence[SourceType], offered: Sequence[str]
) -> Issue:
    where = node.entries["type"].where
    elsewhere = sorted({one.kind for one in catalogue if one.name == type_name})
    if elsewhere:
        message = f"type {type_name!r} reads {' and '.join(elsewhere)}, not what is wanted here"
        return Issue("unknown_name", message, where, hint=suggestion("", offered))
    hint = suggestion(type_name, offered)
    return Issue("unknown_name", f"unknown source type {type_name!r}", where, hint=hint)


def type_of(node: Node) -> str | None:
    """Give the type a source says it is."""
    leaf = node.entries.get("type") if isinstance(node, Branch) else None
    return leaf.text if isinstance(leaf, Leaf) else None


def _without_type(node: Branch) -> Branch:
    entries = {key: value for key, value in node.entries.items() if key != "type"}
    return Branch(node.where, entries, node.lines)
