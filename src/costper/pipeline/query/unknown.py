"""Values a condition names that the books do not know: told, and never taken for zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from costper.economics.where import Among, Condition, Either, Every, values_of
from costper.errors import suggestion
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import Readable
from costper.pipeline.answer.select import Select, mart_key, spoken
from costper.pipeline.query.facts import PLAN, Facts
from costper.pipeline.query.resolve import Resolved


def knowing(books: Readable, letters: Sequence[Resolved], facts: Facts) -> tuple[Resolved, ...]:
    """Mark the letters whose condition only values can meet that nothing ever had.

    What they come to is not known: a slip of the pen costs no $0.
    """
    return tuple(
        replace(one, unknown=True) if _is_unknown(books, one, one.condition, facts) else one
        for one in letters
    )


def _is_unknown(books: Readable, one: Resolved, condition: Condition | None, facts: Facts) -> bool:
    match condition:
        case Among(key=key, values=values, negated=False):
            return not any(_is_there(books, one, key, value, facts) for value in values)
        case Every(parts=parts):
            return any(_is_unknown(books, one, part, facts) for part in parts)
        case Either(parts=parts):
            return all(_is_unknown(books, one, part, facts) for part in parts)
        case _:
            return False


def _is_there(books: Readable, one: Resolved, key: str, value: str, facts: Facts) -> bool:
    """Say whether anything had a value; words in parentheses are those of what has none."""
    written = spoken(key, value, books.settings.dimensions)
    return written.startswith("(") or written in _known(books, one, key, facts)


def unknown_values(books: Readable, letters: Sequence[Resolved], facts: Facts) -> Iterator[Issue]:
    """Name the values of conditions that nothing in the books ever had, with the nearest one."""
    for one in letters:
        for key, value in dict.fromkeys(values_of(one.condition)):
            if not _is_there(books, one, key, value, facts):
                written = spoken(key, value, books.settings.dimensions)
                yield Issue(
                    code="unknown_value",
                    message=f"nothing in the books has the {key} {value!r}",
                    severity="warning",
                    where=one.name,
                    hint=suggestion(written, _known(books, one, key, facts)),
                )


def _known(books: Readable, one: Resolved, key: str, facts: Facts) -> frozenset[str]:
    """Read the values of a key once for each version of the books."""
    if key == PLAN and one.kind != "metric" and facts.has_plans:
        return frozenset(facts.plans.values())
    metric = one.metric.name if one.metric else ""
    if (metric, key) not in facts.values:
        table = (
            one.table if metric else "customer_daily" if key == "customer" else "dimension_daily"
        )
        select = Select(
            columns={"value": quoted(mart_key(table, key))},
            table=table,
            where=("metric = $metric",) if metric else (),
            group=("value",),
        )
        rows = books.marts.query(select.text(), {"metric": metric} if metric else None)
        found = frozenset(map(str, rows.column("value").to_pylist()))
        if key == "customer":
            found |= _listed(books)
        facts.values[metric, key] = found
    return facts.values[metric, key]


def _listed(books: Readable) -> frozenset[str]:
    """Give the customers of the list: one without any cost yet is no stranger."""
    select = Select(columns={"value": "customer"}, table="customers", group=("value",))
    return frozenset(map(str, books.marts.query(select.text()).column("value").to_pylist()))
