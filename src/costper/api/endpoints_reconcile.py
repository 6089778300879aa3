"""The endpoint that compares what LLM calls cost by price with what was billed."""

from __future__ import annotations

from costper.api.endpoint import DAYS, Endpoint, text_of
from costper.api.parameters import Parameter
from costper.pipeline.llm.mark import calls_mark
from costper.pipeline.llm.reconcile import BYS, reconcile

RECONCILE: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/llm/reconcile",
        name="reconcile",
        summary="What LLM calls cost by price against what providers billed, widest gap first.",
        ask=lambda books, frame, given: reconcile(books, frame, text_of(given, "by") or BYS[0]),
        columns={
            "provider": "text",
            "estimate": "amount",
            "billed": "amount",
            "gap": "amount",
            "gap_percent": "amount",
            "captured_percent": "amount",
            "unbilled_estimate": "amount",
            "calls": "count",
            "unpriced_calls": "count",
            "state": "text",
        },
        parameters=(
            *DAYS,
            Parameter(
                name="by", kind="text", choices=BYS, summary="A row for each; else each model."
            ),
        ),
        paged=True,
        state=calls_mark,
    ),
)
