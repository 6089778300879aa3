"""Puts formulas that name one another in order, or says where they go round in a circle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from costper.economics.formula.grammar import is_name
from costper.economics.formula.parse import parse
from costper.economics.formula.reach import Readings, reads
from costper.economics.formula.tree import Expression, Name, Node, names_in, parts_of
from costper.errors import FormulaError
from costper.model.question import Formula

MOST = 50
"""Formulas of one question."""

DEEPEST = 60
"""How deeply formulas nest, through the formulas they name."""


def order_formulas(formulas: Sequence[Formula], letters: Collection[str]) -> dict[str, Expression]:
    """Read all formulas and give them by name, each after those it names.

    A FormulaError says where a formula names itself, directly or round a circle.
    """
    _check_names(formulas, letters)
    names = {*letters, *(formula.name for formula in formulas)}
    read = {
        formula.name: parse(formula.text, names, field=field_of(formula.name, formulas))
        for formula in formulas
    }
    ordered: dict[str, Expression] = {}
    for name in read:
        _place(name, read, ordered, formulas)
    _check_through(ordered, formulas)
    return ordered


def field_of(name: str, formulas: Sequence[Formula]) -> str:
    """Say which formula an error is in: one alone needs no name."""
    return "formula" if len(formulas) == 1 else f"formula {name}"


def _check_through(ordered: Mapping[str, Expression], formulas: Sequence[Formula]) -> None:
    """Hold formulas to the limits together with the formulas they name."""
    depths: dict[str, int] = {}
    known: dict[str, Readings] = {}
    for name, expression in ordered.items():
        field = field_of(name, formulas)
        depths[name] = _depth(expression, depths, field)
        known[name] = reads(expression, known, field=field)


def _check_names(formulas: Sequence[Formula], letters: Collection[str]) -> None:
    if len(formulas) > MOST:
        raise FormulaError(f"a question has at most {MOST} formulas", 1, hint="ask two questions")
    counts = Counter([*letters, *(formula.name for formula in formulas)])
    for formula in formulas:
        name = formula.name
        field = field_of(name, formulas)
        if not is_name(name):
            message = f"{name!r} cannot be the name of a formula"
            hint = "use letters, digits and _, and no word of the language"
            raise FormulaError(message, 1, field=field, hint=hint)
        if counts[name] > 1:
            hint = "give each letter and formula a name of its own"
            raise FormulaError(f"{name!r} is said twice", 1, field=field, hint=hint)


def _place(
    name: str,
    read: Mapping[str, Expression],
    ordered: dict[str, Expression],
    formulas: Sequence[Formula],
) -> None:
    """Add a formula after those it names, walking with a list and not by recursion."""
    path: list[tuple[str, Iterator[Name]]] = []
    if name not in ordered:
        path.append((name, iter(_named(read[name], read))))
    while path:
        at, mentions = path[-1]
        mention = next(mentions, None)
        if mention is None:
            ordered[at] = read[at]
            path.pop()
        elif mention.name in (around := [step for step, _ in path]):
            raise _circle(mention, around, field_of(at, formulas))
        elif mention.name not in ordered:
            path.append((mention.name, iter(_named(read[mention.name], read))))


def _named(expression: Expression, read: Mapping[str, Expression]) -> list[Name]:
    return [name for name in names_in(expression) if name.name in read]


def _circle(mention: Name, around: list[str], field: str) -> FormulaError:
    way = [*around[around.index(mention.name) :], mention.name]
    hint = "a formula names letters, and formulas that do not name it"
    if len(way) == len(("itself", "again")):
        message = f"{mention.name!r} names itself"
    else:
        message = f"formulas name one another in a circle: {' -> '.join(way)}"
    return FormulaError(message, mention.column, field=field, hint=hint)


def _depth(node: Node, depths: Mapping[str, int], field: str) -> int:
    """Count the levels under a node; a named formula counts with its own."""
    inner = [_depth(part, depths, field) for part in parts_of(node)]
    if isinstance(node, Name) and node.name in depths:
        inner.append(depths[node.name])
    depth = 1 + max(inner, default=0)
    if depth > DEEPEST:
        message = f"formulas nest more than {DEEPEST} deep through the formulas they name"
        raise FormulaError(message, node.column, field=field, hint="name fewer in a row")
    return depth
