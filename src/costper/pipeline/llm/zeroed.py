"""Says which models a bill left at nothing, although their calls have a price."""

from __future__ import annotations

from collections.abc import Iterator

from costper.economics.calls import Used
from costper.model.outcome import Issue
from costper.model.plural import plural
from costper.pipeline.answer.select import Bound
from costper.pipeline.calls.invoices import invoices
from costper.pipeline.llm.read import HOURLY, Calls, by_columns, read_by

SUMS = ("calls", "unpriced_calls", "call_cost", "cost")
SHOWN = 5


def zeroed(calls: Calls, whole: Used) -> Iterator[Issue]:
    """Tell models whose calls cost nothing on days with a bill; asked only where one was had."""
    billed = invoices(calls.frame.books.settings)
    if not billed or whole.cost == whole.call_cost:
        return
    bound = Bound()
    among = ", ".join(bound.bind(one.provider) for one in billed)
    found = read_by(
        calls,
        HOURLY,
        by_columns("day", "provider", "model"),
        (f"provider IN ({among})",),
        bound,
        SUMS,
    )
    many: dict[str, int] = {}
    for (_, provider, model), used in found.items():
        if used.call_cost > 0 and not used.cost:
            name = f"{provider}/{model}"
            many[name] = many.get(name, 0) + used.priced_calls
    if many:
        names = sorted(many)
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        told = f"{', '.join(names[:SHOWN])}{more}"
        yield Issue(
            code="not_on_the_bill",
            message=f"{plural(sum(many.values()), 'priced call')} of {told} cost 0.00: the bill "
            "of their days has nothing for it",
            severity="warning",
            where="llm",
            hint="`costper reconcile` compares bills with calls; call_cost is the estimate",
            count=sum(many.values()),
        )
