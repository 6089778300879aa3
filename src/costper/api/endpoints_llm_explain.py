"""The endpoint that walks from what LLM calls cost back to the calls."""

from __future__ import annotations

from typing import cast

from costper.api.endpoint import DAYS, Endpoint, text_of
from costper.api.llm_calls import CUSTOMER, WHICH, which
from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.explain import (
    FURTHEST,
    LISTED,
    MOST,
    ORDERS,
    Listed,
    Order,
    explain_calls,
)
from costper.pipeline.llm.mark import calls_mark
from costper.store.books import Books


def _ask(books: Books, frame: Frame, given: Given) -> Answer:
    listed = Listed(
        order=cast("Order", text_of(given, "order") or ORDERS[0]),
        rows=int(text_of(given, "rows") or LISTED),
        after=int(text_of(given, "after") or 0),
    )
    return explain_calls(books, frame, which(given), user=text_of(given, "user"), listed=listed)


LLM_EXPLAIN: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/llm/explain",
        name="llm_explain",
        summary="From what LLM calls cost back to each call: tokens, price, row of the price list.",
        ask=_ask,
        columns={
            "kind": "text",
            "at": "text",
            "call": "text",
            "user": "text",
            "tenant": "text",
            "customer": "text",
            "feature": "text",
            "prompt_version": "text",
            "provider": "text",
            "model": "text",
            "tier": "text",
            "lines": "count",
            "how": "text",
            "price": "text",
            "since": "day",
            "price_version": "text",
            "parts": "rows",
            "cost": "amount",
        },
        parameters=(
            Parameter(name="user", kind="text", summary="Only calls of this user, by either id."),
            *DAYS,
            *WHICH,
            Parameter(
                name="order", kind="text", choices=ORDERS, summary="Which come first; dearest."
            ),
            Parameter(
                name="rows",
                kind="count",
                least=1,
                most=MOST,
                summary=f"How many lines are listed, else {LISTED}; the others are summed up.",
            ),
            Parameter(
                name="after", kind="count", most=FURTHEST, summary="How many lines to leave out."
            ),
        ),
        own=CUSTOMER,
        state=calls_mark,
    ),
)
