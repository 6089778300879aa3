"""What a condition leaves: its own coverage, and the values in it nobody ever had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costper.economics.where import Condition, keys_of, values_of
from costper.errors import suggestion
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.pipeline.answer.attributes import with_attributes, words_of
from costper.pipeline.answer.frame import Frame, Sums, in_days
from costper.pipeline.answer.select import (
    Bound,
    Select,
    condition_sql,
    mart_key,
    record_sql,
    spoken,
)

ROLL_UP = "dimension_daily"


def narrowed(frame: Frame, condition: Condition, said: Sequence[str] = ()) -> Frame:
    """Give the frame with the coverage, and what is unallocated, of the selected cost alone.

    `said` are keys that only the list of customers says.
    """
    own = tuple(name for name in said if name in keys_of(condition))
    table = "legs" if own or "customer" in keys_of(condition) else ROLL_UP
    bound = Bound()
    record = record_sql(frame.books.settings, bound)
    gross = "gross_cost" if table == ROLL_UP else f"abs({record})"
    select = Select(
        columns={
            **{name: name for name in ("day", "currency", "reason")},
            "cost": f"sum({record})",
            "gross": f"sum({gross})",
        },
        table=with_attributes(frame, table, own, ("reason",), condition, bound) if own else table,
        where=(
            *in_days(frame.period, bound),
            condition_sql(condition, frame.books.settings.dimensions, table, bound),
        ),
        group=("day", "currency", "reason"),
    )
    found = Sums()
    for row in frame.books.marts.query(select.text(), bound.values).to_pylist():
        found.count(row, frame.rates)
    return replace(frame, coverage=found.coverage, unallocated=found.unallocated)


def unknown_values(
    frame: Frame, condition: Condition, said: Sequence[str] = ()
) -> tuple[Issue, ...]:
    """Say which values of a condition nothing in the books ever had, with the nearest one."""
    known: dict[str, set[str]] = {}
    issues: list[Issue] = []
    for key, value in dict.fromkeys(values_of(condition)):
        if key not in known:
            known[key] = words_of(frame, key) if key in said else _known(frame, key)
        written = spoken(key, value, frame.books.settings.dimensions)
        if written in known[key] or written.startswith("("):
            continue
        issues.append(
            Issue(
                code="unknown_value",
                message=f"no {'customer' if key in said else 'charge'} in the books has the {key} "
                f"{value!r}",
                severity="warning",
                where="where",
                hint=suggestion(written, known[key]),
            )
        )
    return tuple(issues)


def _known(frame: Frame, key: str) -> set[str]:
    table = "customer_daily" if key == "customer" else ROLL_UP
    column = quoted(mart_key(table, key))
    rows = frame.books.marts.query(
        Select(columns={"value": column}, table=table, group=("value",)).text()
    )
    return {str(one) for one in rows.column("value").to_pylist()}
