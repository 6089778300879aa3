"""Whose use is paid for: paying customers, free plans, trials, our own, nobody known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costper.economics.calls import NO_COST, Used, added, share
from costper.economics.revenue import COUNTED
from costper.model.answer import Answer
from costper.model.dimension import normal
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.ground import Payer
from costper.pipeline.answer.payers import payers
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.parts import dearest
from costper.pipeline.llm.read import HOURLY, Calls, Key, by_columns, read_by
from costper.pipeline.llm.told import COST_NOTE, Said, days_of, told, usage_cells

PAYING = "paying"
FREE = "free tier"
UNPAID = "not paying"
INTERNAL = "internal"
UNKNOWN = "no customer record"
NOBODY = "no customer"
NOTES = (
    "internal: the tenant is one of llm.internal_tenants, or the customer's status is internal",
    "free tier: the customer's plan is one of llm.free_plans; paying: active or past due",
    "not paying: trialing, paused, churned, cancelled; a customer counts by what it was last",
    COST_NOTE,
)


@dataclass(frozen=True, slots=True)
class Sorter:
    """Knows which segment a tenant's calls are of."""

    internal: frozenset[str]
    free: frozenset[str]
    known: Mapping[str, Payer]

    def segment(self, tenant: str, customer: str) -> str:
        """Name the segment."""
        payer = self.known.get(customer)
        if tenant in self.internal or (payer is not None and payer.status == INTERNAL):
            return INTERNAL
        if not customer:
            return NOBODY
        if payer is None:
            return UNKNOWN
        if normal(payer.plan) in self.free:
            return FREE
        return PAYING if payer.status.replace(" ", "_").replace("-", "_") in COUNTED else UNPAID


def segments(frame: Frame, chosen: Chosen) -> Answer:
    """Part the calls by who pays for them, and by plan within."""
    calls = Calls(frame, chosen, frame.period)
    llm = frame.books.settings.llm
    sorter = Sorter(
        internal=frozenset(map(normal, llm.internal_tenants)),
        free=frozenset(map(normal, llm.free_plans)),
        known=payers(frame).known,
    )
    found: dict[Key, Used] = {}
    customers: dict[Key, set[str]] = {}
    for (tenant, customer), used in read_by(
        calls, HOURLY, by_columns("tenant", "customer")
    ).items():
        payer = sorter.known.get(customer)
        key = (sorter.segment(tenant, customer), payer.plan if payer is not None else "")
        found[key] = found.get(key, Used()) + used
        customers.setdefault(key, set()).update({customer} - {""})
    total = added(found.values())
    return told(
        calls,
        {"noun": "segment"},
        tuple(
            {
                "segment": key[0],
                "plan": told_as(key[1]),
                "customers_count": len(customers[key]),
                **usage_cells(found[key]),
                "share_percent": share(found[key].cost, total.cost, NO_COST),
            }
            for key in dearest(found)
        ),
        usage_cells(total),
        days_of(calls),
        Said(notes=NOTES),
    )
