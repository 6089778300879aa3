"""How often operations are tried again, what fails, and what the further attempts cost."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from costper.economics.calls import Amount, Used, added
from costper.economics.trend import ratio
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Cell
from costper.model.money import EXACT, total
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.read import HOURLY, Calls, by_columns, read_by
from costper.pipeline.llm.told import COST_NOTE, Said, days_of, told, usage_cells

PLACES = 6
"""Places of what retries cost: a mean times their number has no more to say."""

OF = ("feature", "model", "provider", "tenant", "customer", "team", "prompt_version")
NOTES = (
    "a retry is a call whose attempt is above 1; operations are the calls that are none",
    "attempts_per_operation is calls ÷ operations: 1.25 means a quarter more calls than wanted",
    "retry_cost is retries at their row's mean cost of a call, an estimate; the total adds rows",
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
    return told(
        calls,
        {"noun": "retries", "of": of},
        tuple({of: told_as(key[0]), **_cells(found[key])} for key in order),
        {**_cells(added(found.values())), "retry_cost": _sum(found.values())},
        days_of(calls),
        Said(notes=NOTES),
    )


def _cells(used: Used) -> dict[str, Cell]:
    return {
        "operations": used.operations,
        "retries": used.retries,
        "attempts_per_operation": used.attempts_per_operation,
        "retry_percent": used.retry_percent,
        "errors": used.errors,
        **usage_cells(used),
        "retry_cost": _at_mean(used),
        "cost_per_operation": _per_operation(used),
    }


def _at_mean(used: Used) -> Amount:
    mean = used.cost_per_call
    if isinstance(mean, Absent):
        return mean
    whole = EXACT.multiply(used.cost, Decimal(used.retries))
    return ratio(whole, Decimal(used.priced_calls), PLACES)


def _sum(some: Iterable[Used]) -> Amount:
    """Add up the rows: a mean over all would be of other calls than those tried again."""
    costs = [_at_mean(used) for used in some]
    known = [cost for cost in costs if isinstance(cost, Decimal)]
    return total(known) if known else next(iter(costs), Absent("no_calls"))


def _per_operation(used: Used) -> Amount:
    return ratio(used.cost_of_record, Decimal(max(used.operations, 0)))
