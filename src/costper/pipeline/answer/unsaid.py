"""Dimensions no charge says: their words come from metrics or from the list of customers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from costper.errors import UserError
from costper.model.dimension import BUILT_IN, SHARED, UNALLOCATED, UNTAGGED
from costper.model.names import quoted
from costper.pipeline.answer.frame import Frame, Readable
from costper.pipeline.answer.select import Bound, spoken

PLAN = "plan"
NO_VALUES = ("", UNTAGGED, UNALLOCATED, SHARED)


def unsaid(books: Readable, names: Collection[str]) -> frozenset[str]:
    """Name those of some declared dimensions that no charge in the books has a value of.

    The built-in ones are never among them, and none is while the books are empty.
    """
    asked = [
        name for name in books.settings.dimension_names if name in names and name not in BUILT_IN
    ]
    if not asked:
        return frozenset()
    bound = Bound()
    empty = ", ".join(bound.bind(one) for one in NO_VALUES)
    columns = ", ".join(
        f"SUM(CASE WHEN {quoted(f'dim_{name}')} IN ({empty}) THEN 0 ELSE 1 END) AS {quoted(name)}"
        for name in asked
    )
    (row,) = books.marts.query(f"SELECT {columns} FROM dimension_daily", bound.values).to_pylist()
    return frozenset(name for name in asked if row[name] == 0)


def refuse_plan(frame: Frame, names: Collection[str]) -> None:
    """Refuse to ask charges for the plan where only the list of customers says it.

    Raises:
        UserError: `plan` is among the names, no charge says it and customers have plans.
    """
    if PLAN in names and has_plans(frame) and PLAN in unsaid(frame.books, (PLAN,)):
        raise UserError(
            "no charge says a plan: it is known of customers, and as a label of metrics, only",
            where=PLAN,
            hint="ask with `costper ask --by plan --b cost`, `costper ask --b 'cost where plan = "
            "NAME'` or `costper margin --by plan`: they use the customer's plan of the day",
        )


def plan_word(frame: Frame, plan: str) -> str:
    """Give a plan as it is asked by, however the list of customers spells it; '' stays ''."""
    return spoken(PLAN, plan, frame.books.settings.dimensions) if plan else ""


def plan_words(frame: Frame, plans: Sequence[str]) -> list[str]:
    """Give many plans as `plan_word` does, each spelling looked at once."""
    words = {plan: plan_word(frame, plan) for plan in set(plans)}
    return [words[plan] for plan in plans]


def has_plans(frame: Frame) -> bool:
    """Say whether the list of customers names any plan."""
    return any(fact.plan for facts in frame.ground.facts.values() for fact in facts)


def without_unsaid(frame: Frame, names: Sequence[str]) -> tuple[str, ...]:
    """Leave out the dimensions no charge says: each would be all cost, under (untagged)."""
    silent = unsaid(frame.books, names)
    return tuple(name for name in names if name not in silent)
