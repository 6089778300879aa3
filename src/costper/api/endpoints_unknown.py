"""The endpoint of the clean-up queue: what LLM calls do not say, and nobody declared."""

from __future__ import annotations

from costper.api.endpoint import Endpoint, text_of
from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.calls.refusals import refused
from costper.pipeline.llm.mark import calls_mark
from costper.pipeline.llm.unknown import Queue, unknown
from costper.store.books import Books


def _ask_unknown(books: Books, frame: Frame, given: Given) -> Answer:
    queue = Queue(
        books=books,
        now=frame.now,
        environment=text_of(given, "environment") or "production",
        data_mode=text_of(given, "data_mode") or "real",
    )
    return unknown(queue, frame.standing)


def _state(books: Books) -> str:
    return f"{calls_mark(books)} {refused(books.settings.store_path)!r}"


UNKNOWN: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/llm/unknown",
        name="unknown",
        summary="What LLM calls do not say and what nobody declared, with its age, dearest first.",
        ask=_ask_unknown,
        columns={
            "kind": "text",
            "name": "text",
            "calls": "count",
            "unpriced_calls": "count",
            "cost": "amount",
            "first_seen": "day",
            "last_seen": "day",
            "age_days": "count",
            "fix": "text",
        },
        parameters=(
            Parameter(name="environment", kind="text", summary="Or all; else production."),
            Parameter(name="data_mode", kind="text", summary="test, demo or all; else real."),
        ),
        paged=True,
        state=_state,
    ),
)
