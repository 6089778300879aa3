"""The endpoint of what could be saved."""

from __future__ import annotations

from costper.api.endpoint import DAYS, Endpoint, Shape
from costper.api.endpoints_margins import MONTHS
from costper.pipeline.savings.answer import savings
from costper.store.dismissals import all_dismissals

TEXTS: dict[str, Shape] = {
    "finding": "text",
    "kind": "text",
    "rule": "text",
    "what": "text",
    "resource": "text",
    "team": "text",
    "service": "text",
    "environment": "text",
    "source": "text",
    "account": "text",
    "region": "text",
}

SAVINGS: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/savings",
        name="savings",
        summary="What could be saved a month, dearest first, with what on the bill says so.",
        ask=lambda books, frame, _given: savings(frame, all_dismissals(books.control)),
        columns={
            **TEXTS,
            "monthly_cost": "amount",
            "monthly_saving": "amount",
            "left": "amount",
            "saving_percent": "amount",
            "share_percent": "amount",
            "confidence": "text",
            "why": "text",
            "next_step": "text",
            "schedule": "text",
            "evidence": "rows",
            "dismissed": "text",
            "dismissed_by": "text",
            "dismissed_note": "text",
        },
        parameters=(*DAYS, MONTHS),
        paged=True,
    ),
)
