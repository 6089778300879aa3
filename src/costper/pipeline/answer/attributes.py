"""Plan and status of customers as dimensions of cost: those of each day, as the facts say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from costper.economics.where import Condition, keys_of
from costper.model.names import literal, quoted
from costper.pipeline.answer.frame import Frame, in_days
from costper.pipeline.answer.select import (
    NO_CUSTOMER,
    NO_RECORD,
    Bound,
    Derived,
    mart_key,
    nothing_of,
    spoken,
)
from costper.pipeline.answer.unsaid import PLAN, has_plans, unsaid

ATTRIBUTES = (PLAN, "status")
COSTS = ("effective_cost", "billed_cost", "contracted_cost", "list_cost")


def attributes(frame: Frame, names: Collection[str]) -> tuple[str, ...]:
    """Name those of some keys that only the list of customers says."""
    declared = frame.books.settings.dimension_names
    silent = unsaid(frame.books, [name for name in names if name in ATTRIBUTES])
    return tuple(
        name
        for name in ATTRIBUTES
        if name in names
        and (name not in declared or name in silent)
        and (frame.ground.facts if name != PLAN else has_plans(frame))
    )


def with_attributes(
    frame: Frame,
    table: str,
    own: Sequence[str],
    columns: Sequence[str],
    condition: Condition | None,
    bound: Bound,
) -> Derived:
    """Give a mart with what its customers were on each day; every row once, so sums stay.

    `own` are the attributes, under the names their keys have in the mart; `columns` is what
    else of it is asked for. Who is no customer is
    "(no customer)", who has no record that day "(no record)", who has no plan "(no plan)".
    """
    customer = quoted(mart_key(table, "customer"))
    asked = {*keys_of(condition), "source"}.difference(own)
    named = {mart_key(table, key) for key in asked}
    kept = sorted({"month", "day", "currency", *COSTS, *named, *columns})
    said = [f"t.{quoted(name)}" for name in kept]
    said += [
        f"{_word(frame, name, f't.{customer}', bound)} AS {quoted(mart_key(table, name))}"
        for name in own
    ]
    days = " AND ".join(f"t.{test}" for test in in_days(frame.span, bound))
    return Derived(
        f"(SELECT {', '.join(said)} FROM {quoted(table)} AS t "
        f"LEFT JOIN customers AS c ON c.customer = t.{customer} AND c.valid_from <= t.day "
        f"AND (c.valid_to IS NULL OR t.day < c.valid_to) WHERE {days}) AS known"
    )


def words_of(frame: Frame, name: str) -> set[str]:
    """Give the words of an attribute that customers ever had."""
    return {spoken(name, raw, frame.books.settings.dimensions) for raw in _raws(frame, name)}


def _raws(frame: Frame, name: str) -> list[str]:
    facts = (fact for own in frame.ground.facts.values() for fact in own)
    raws = {fact.plan if name == PLAN else fact.status for fact in facts}
    return sorted(raw for raw in raws if raw)


def _word(frame: Frame, name: str, customer: str, bound: Bound) -> str:
    column, dimensions = f"c.{quoted(name)}", frame.books.settings.dimensions
    words = {raw: spoken(name, raw, dimensions) for raw in _raws(frame, name)}
    cases = " ".join(
        f"WHEN {bound.bind(raw)} THEN {bound.bind(word)}"
        for raw, word in words.items()
        if raw != word
    )
    told = f"CASE {column} {cases} ELSE {column} END" if cases else column
    return (
        f"CASE WHEN {customer} LIKE '(%' THEN {literal(NO_CUSTOMER)} "
        f"WHEN c.customer IS NULL THEN {literal(NO_RECORD)} "
        f"WHEN COALESCE({column}, '') = '' THEN {literal(nothing_of(name))} ELSE {told} END"
    )
