"""How often operations are tried again, what fails, and what the further attempts cost."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from costper.economics.calls import NO_CALLS, UNPRICED, ZERO, Amount, Used, added
from costper.economics.trend import ratio
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Cell
from costper.model.money import total
from costper.model.names import quoted
from costper.pipeline.answer.frame import ONE_DAY, Frame
from costper.pipeline.answer.select import Bound, Derived, Select
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.read import HOURLY, LINES, Calls, Key, ask, by_columns, read_by
from costper.pipeline.llm.told import COST_NOTE, Said, days_of, told, usage_cells

NO_OPERATION = Absent("no_operation")
"""Nobody said which attempts belong together: what would have been paid anyway is not known."""

OPERATION = "customer, tenant, environment, data_mode, operation_id"
"""What is one operation: others may number theirs alike."""

OF = ("feature", "model", "provider", "tenant", "customer", "team", "prompt_version")
NOTES = (
    "a retry is a call whose attempt is above 1; operations are the calls that are none",
    "attempts_per_operation is calls ÷ operations: 1.25 means a quarter more calls than wanted",
    (
        "retry_cost is what attempts cost that another one of their operation followed, by price:"
        " the last attempt would have been paid anyway, and one that failed at once costs nothing"
    ),
    COST_NOTE,
)


def retries(frame: Frame, chosen: Chosen, *, of: str = "feature") -> Answer:
    """Rank what calls name by how many attempts an operation takes.

    Raises:
        UnknownNameError: calls are not told apart by that.
    """
    if of not in OF:
        raise UnknownNameError("noun", of, OF, where="of")
    calls = Calls(frame, chosen, frame.period)
    found = read_by(calls, HOURLY, by_columns(of))
    order = sorted(found, key=lambda key: (-found[key].retries, -found[key].calls, key))
    extra = _extra(calls, of) if any(used.retries for used in found.values()) else {}
    costs = {key: _cost(found[key], extra.get(key)) for key in order}
    return told(
        calls,
        {"noun": "retries", "of": of},
        tuple({of: told_as(key[0]), **_cells(found[key], costs[key])} for key in order),
        _cells(added(found.values()), _sum(costs.values())),
        days_of(calls),
        Said(notes=NOTES),
    )


def _cells(used: Used, retry_cost: Amount) -> dict[str, Cell]:
    return {
        "operations": used.operations,
        "retries": used.retries,
        "attempts_per_operation": used.attempts_per_operation,
        "retry_percent": used.retry_percent,
        "errors": used.errors,
        **usage_cells(used),
        "retry_cost": retry_cost,
        "cost_per_operation": _per_operation(used),
    }


def _extra(calls: Calls, of: str) -> dict[Key, Amount]:
    """Add up the lines of attempts that another attempt of their operation followed.

    The next attempt of one at midnight is of the next day, or by another model. Nothing is known
    of a key whose attempts name no operation.
    """
    bound = Bound()
    first, after = bound.bind(calls.period.start), bound.bind(calls.period.end + ONE_DAY)
    select = Select(
        columns={
            of: quoted(of),
            "cost": "sum(cost)",
            "lines": "count(*)",
            "priced": "count(cost)",
        },
        table=Derived(
            f"(SELECT * FROM calls JOIN (SELECT {OPERATION}, max(attempt) AS last"
            f" FROM calls WHERE day >= {first} AND day < {after} AND attempt > 1"
            f" AND operation_id <> '' GROUP BY {OPERATION}) AS again USING ({OPERATION}))"
            " AS attempts"
        ),
        where=(*calls.where(LINES, bound), "attempt < last"),
        group=(of,),
    )
    return {
        (row[of],): row["cost"] if row["priced"] else UNPRICED
        for row in ask(calls.frame, select, bound)
    }


def _cost(used: Used, extra: Amount | None) -> Amount:
    if extra is not None:
        return extra
    return NO_OPERATION if used.retries else ZERO


def _sum(costs: Iterable[Amount]) -> Amount:
    """Add up the rows whose retries' cost is known."""
    some = [*costs]
    known = [cost for cost in some if isinstance(cost, Decimal)]
    return total(known) if known else next(iter(some), NO_CALLS)


def _per_operation(used: Used) -> Amount:
    return ratio(used.cost_of_record, Decimal(max(used.operations, 0)))
