"""Says which models a bill left at nothing, and what of a bill no call takes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal

from costper.economics.calls import Used
from costper.model.money import plain, total
from costper.model.outcome import Issue
from costper.model.plural import plural
from costper.pipeline.answer.frame import in_days
from costper.pipeline.answer.select import Bound, Select, record_sql
from costper.pipeline.calls.invoices import invoices
from costper.pipeline.llm.chosen import REAL, SEPARATED
from costper.pipeline.llm.read import HOURLY, Calls, ask, by_columns, read_by

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


def unspread(calls: Calls) -> Iterator[Issue]:
    """Tell what bills of days no call takes, as none of those days weighs anything.

    Asked of all calls alone: what is billed is of everybody. A provider that bills much else is
    left out.
    """
    billed = {it.provider: it.source for it in invoices(calls.frame.books.settings) if not it.words}
    if not billed or set(calls.chosen.words()) != set(SEPARATED):
        return
    empty = list(_weightless(calls, billed))
    found = _billed(calls, {(day, billed[provider]) for day, provider in empty}) if empty else {}
    for currency in sorted({currency for _, _, currency in found}):
        own = {key: cost for key, cost in found.items() if key[2] == currency}
        days, amount = {day for day, _, _ in own}, plain(total([*own.values()]))
        yield Issue(
            code="not_spread",
            message=f"{amount} {currency} billed on {plural(len(days), 'day')} is in no "
            "cost of calls: none of theirs tells any usage or price to divide it by",
            severity="warning",
            where="llm",
            hint="`costper reconcile --by day` shows them; customers' cost has what is billed",
            count=len(days),
        )


def _weightless(calls: Calls, billed: Mapping[str, str]) -> Iterator[tuple[date, str]]:
    """Give the days and providers whose calls cost nothing at all, whosever they are."""
    bound = Bound()
    among = ", ".join(bound.bind(one) for one in billed)
    select = Select(
        columns={"day": "day", "provider": "provider", "cost": "sum(cost)"},
        table=HOURLY,
        where=(
            f"day >= {bound.bind(calls.period.start)}",
            f"day < {bound.bind(calls.period.end)}",
            f"provider IN ({among})",
            f"data_mode = {bound.bind(REAL)}",
        ),
        group=("day", "provider"),
    )
    for row in ask(calls.frame, select, bound):
        if not row["cost"]:
            yield row["day"], row["provider"]


def _billed(
    calls: Calls, wanted: Collection[tuple[date, str]]
) -> dict[tuple[date, str, str], Decimal]:
    """Give what the bills of some days say, by day, source and currency."""
    bound = Bound()
    record = record_sql(calls.frame.books.settings, bound)
    names = ", ".join(bound.bind(one) for one in sorted({source for _, source in wanted}))
    select = Select(
        columns={
            **{name: name for name in ("day", "source", "currency")},
            "cost": f"sum({record})",
        },
        table="dimension_daily",
        where=(*in_days(calls.period, bound), f"source IN ({names})"),
        group=("day", "source", "currency"),
    )
    return {
        (row["day"], row["source"], row["currency"]): row["cost"]
        for row in ask(calls.frame, select, bound)
        if row["cost"] and (row["day"], row["source"]) in wanted
    }
