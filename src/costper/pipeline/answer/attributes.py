"""Plan and status of customers as dimensions of cost: those of each day, as the facts say."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from costper.economics.where import Condition, keys_of
from costper.model.names import literal, quoted
from costper.pipeline.answer.frame import Frame, in_days
from costper.pipeline.answer.select import Bound, Derived, mart_key, spoken
from costper.pipeline.answer.unsaid import PLAN, has_plans, unsaid

ATTRIBUTES = (PLAN, "status")
NO_CUSTOMER = "(no customer)"
NO_RECORD = "(no record)"
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


def attribute_column(name: str) -> str:
    """Name the column a derived table has of an attribute."""
    return f"attribute_{name}"


def with_attributes(
    frame: Frame,
    table: str,
    own: Sequence[str],
    keys: Sequence[str],
    condition: Condition | None,
    bound: Bound,
) -> Derived:
    """Give a mart with what its customers were on each day; every row once, so sums stay.

    `own` are the attributes, `keys` what else is asked for. Who is no customer is
    "(no customer)", who has no record that day "(no record)", who has no plan "(no plan)".
    """
    customer = quoted(mart_key(table, "customer"))
    asked = {mart_key(table, key) for key in {*keys, *keys_of(condition), "source"}}
    kept = sorted({"month", "day", "currency", *COSTS, *asked})
    columns = [f"t.{quoted(name)}" for name in kept]
    columns += [
        f"{_word(frame, name, f't.{customer}', bound)} AS {quoted(attribute_column(name))}"
        for name in own
    ]
    days = " AND ".join(f"t.{test}" for test in in_days(frame.span, bound))
    return Derived(
        f"(SELECT {', '.join(columns)} FROM {quoted(table)} AS t "
        f"LEFT JOIN customers AS c ON c.customer = t.{customer} AND c.valid_from <= t.day "
        f"AND (c.valid_to IS NULL OR t.day < c.valid_to) WHERE {days}) AS known"
    )


def _word(frame: Frame, name: str, customer: str, bound: Bound) -> str:
    column, dimensions = f"c.{quoted(name)}", frame.books.settings.dimensions
    raws = {
        fact.plan if name == PLAN else fact.status
        for own in frame.ground.facts.values()
        for fact in own
    }
    words = {raw: spoken(name, raw, dimensions) for raw in sorted(raws) if raw}
    cases = " ".join(
        f"WHEN {bound.bind(raw)} THEN {bound.bind(word)}"
        for raw, word in words.items()
        if raw != word
    )
    told = f"CASE {column} {cases} ELSE {column} END" if cases else column
    return (
        f"CASE WHEN {customer} LIKE '(%' THEN {literal(NO_CUSTOMER)} "
        f"WHEN c.customer IS NULL THEN {literal(NO_RECORD)} "
        f"WHEN COALESCE({column}, '') = '' THEN {literal(f'(no {name})')} ELSE {told} END"
    )
