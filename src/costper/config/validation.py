"""Validates one part of the tree against a model, and says every fault with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from costper.config.environment import from_environment, is_reference
from costper.config.lines import Branch, Items, Leaf, Node, plain
from costper.errors import suggestion
from costper.model.outcome import Issue

Model = TypeVar("Model", bound=BaseModel)
Loc = tuple[int | str, ...]
SHOWN_MAX = 60
CURRENCY = "^[A-Z]{3}$"
"""The pattern of every setting that is a currency."""

WORDS = {
    "string_type": "needs text",
    "int_parsing": "needs a whole number",
    "int_type": "needs a whole number",
    "int_from_float": "needs a whole number",
    "decimal_parsing": "needs a number",
    "decimal_type": "needs a number",
    "bool_parsing": "needs true or false",
    "bool_type": "needs true or false",
    "dict_type": "needs `name: value` lines",
    "model_type": "needs `name: value` lines",
    "model_attributes_type": "needs `name: value` lines",
    "list_type": "needs a list",
    "tuple_type": "needs a list",
    "date_from_datetime_parsing": "needs a day, such as 2026-08-01",
    "date_parsing": "needs a day, such as 2026-08-01",
    "finite_number": "needs a number",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}
"""What pydantic calls the fault, in the words of someone who writes YAML."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a fault is: the node, the line of its key, its dotted name, the way there."""

    node: Node
    where: str
    label: str
    path: Loc


def validated(
    model: type[Model], node: Node, label: str = ""
) -> tuple[Model | None, tuple[Issue, ...]]:
    """Give the model's value, or every fault of the node against it.

    `label` is what the node is called in messages, such as "sources.bill".
    """
    secrets = dict(_literal_secrets(model, node, label))
    faults = list(secrets.values())
    try:
        value = model.model_validate(plain(node))
    except ValidationError as error:
        faults += _faults(model, node, label, error.errors(include_url=False), set(secrets))
        return None, tuple(faults)
    return (None if faults else value), tuple(faults)


def expected_names(model: type[BaseModel]) -> tuple[str, ...]:
    """Name the keys a model takes, as written in the file."""
    return tuple(info.alias or name for name, info in _settable(model))


def _settable(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, info in model.model_fields.items():
        if not info.exclude:
            yield name, info


def _faults(
    model: type[BaseModel],
    node: Node,
    label: str,
    errors: Iterable[ErrorDetails],
    told: set[str],
) -> Iterator[Issue]:
    """Say each fault once: a value that fits none of several types fails for each of them."""
    for error in errors:
        spot = _spot(node, error["loc"], label)
        if isinstance(spot.node, Leaf) and spot.node.broken:
            continue
        place = f"{spot.label} {error['loc'][-1]}" if _is_key_fault(error) else spot.label
        if place not in told:
            told.add(place)
            yield _issue(model, spot, error)


def _is_key_fault(error: ErrorDetails) -> bool:
    return error["type"] in {"extra_forbidden", "missing"}


def _spot(node: Node, loc: Loc, label: str) -> Spot:
    """Walk to where a fault is; parts that are not in the file (union branches) are skipped."""
    where = node.where
    path: list[int | str] = []
    for part in loc:
        if isinstance(node, Branch) and str(part) in node.entries:
            where = node.lines[str(part)]
            node = node.entries[str(part)]
            path.append(part)
            where = node.where if isinstance(node, Leaf) else where
            label = f"{label}.{part}".removeprefix(".")
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            path.append(part)
            where = node.where
            label = f"{label}[{part + 1}]"
    return Spot(node, where, label, tuple(path))


def _issue(model: type[BaseModel], spot: Spot, error: ErrorDetails) -> Issue:
    kind, loc = error["type"], error["loc"]
    name = str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        hint = suggestion(name, _known(model, loc[:-1]))
        return Issue("unknown_key", f"unknown key {name!r}", spot.where, hint=hint)
    if kind == "missing":
        hint = _purpose(model, loc)
        return Issue("missing", f"{_of(spot.label)}{name!r} is missing", spot.where, hint=hint)
    shown = _shown(spot.node)
    if kind in {"literal_error", "enum"}:
        known = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
        message = f"{_of(spot.label)}unknown value{shown and f' {shown}'}"
        return Issue("invalid", message, spot.where, hint=_near(spot.node, known))
    if kind in WORDS:
        told = kind.endswith("too_short") or not shown
        words = WORDS[kind] if told else f"{WORDS[kind]}, not {shown}"
    elif error.get("ctx", {}).get("pattern") == CURRENCY:
        words = f"write a three-letter code such as USD{shown and f', not {shown}'}"
    else:
        words = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
        words = f"{words}{shown and f', not {shown}'}" if "must be" in words else words
    return Issue(
        "invalid", f"{_of(spot.label)}{words}", spot.where, hint=_purpose(model, spot.path)
    )


def _of(label: str) -> str:
    return f"{label}: " if label else ""


def _near(node: Node, known: list[str]) -> str:
    return suggestion(node.text or "" if isinstance(node, Leaf) else "", known)


def _shown(node: Node) -> str:
    """Quote a value, unless it came from the environment and may be secret."""
    if isinstance(node, Leaf):
        if from_environment(node):
            return ""
        text = node.written
        if node.text is None:
            return "nothing"
        return repr(text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…")
    return "a list" if isinstance(node, Items) else "`name: value` lines"


def _known(model: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    names = (name for owner in _owners(model, loc) for name in expected_names(owner))
    return tuple(dict.fromkeys(names))


def _purpose(model: type[BaseModel], loc: Loc) -> str:
    """Give what the field is for: its docstring's first sentence."""
    for owner in _owners(model, loc[:-1]):
        for name, info in _settable(owner):
            if loc and loc[-1] == (info.alias or name):
                return (info.description or "").split(". ")[0].removesuffix(".")
    return ""


def _owners(model: type[BaseModel], loc: Loc) -> list[type[BaseModel]]:
    """Find the models that may stand at a place."""
    owners = [model]
    for part in loc:
        inner = [
            found
            for owner in owners
            for name, info in _settable(owner)
            if part == (info.alias or name)
            for found in _models_in(info.annotation)
        ]
        owners = inner or owners
    return owners


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _literal_secrets(model: type[BaseModel], node: Node, label: str) -> Iterator[tuple[str, Issue]]:
    """Refuse secrets written out: a field that holds one takes `${NAME}` and nothing else."""
    if not isinstance(node, Branch):
        return
    for name, info in _settable(model):
        key = info.alias or name
        leaf = node.entries.get(key)
        if not isinstance(leaf, Leaf) or leaf.text is None or leaf.broken:
            continue
        if is_secret(info.annotation) and not is_reference(leaf):
            variable = f"{label.rpartition('.')[2]}_{key}".upper().replace("-", "_").strip("_")
            hint = f"put it in the environment and write {key}: ${{{variable}}}"
            message = f"{_of(label)}{key!r} is a secret and must not stand in the file"
            place = f"{label}.{key}".removeprefix(".")
            yield place, Issue("secret", message, leaf.where, hint=hint)


def is_secret(annotation: object) -> bool:
    """Say whether a field holds a secret: its type is pydantic's SecretStr, or has it inside."""
    return annotation is SecretStr or any(is_secret(inner) for inner in get_args(annotation))
