"""The endpoints of what LLM calls would have cost otherwise; no customer's key may ask."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from costper.api.endpoint import DAYS, Endpoint, text_of
from costper.api.llm_calls import WHICH, which
from costper.api.parameters import Given, Parameter, amount_of
from costper.errors import UserError
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.calls.price_book import catalogue_of
from costper.pipeline.llm.limits import GRAINS, OF, Grain, limits
from costper.pipeline.llm.mark import calls_mark
from costper.pipeline.llm.savings.answer import MOST_TOP, Levers, call_savings
from costper.store.books import Books

PERCENT = 100


def _state(books: Books) -> str:
    """Name the calls and the prices: an accepted list or an edited file changes the answer."""
    return f"{calls_mark(books)} {catalogue_of(books).version}"


def _words(given: Given, name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text_of(given, name).split(",") if word.strip())


def _count(given: Given, name: str, usual: int) -> int:
    value = given.get(name, usual)
    return value if isinstance(value, int) else usual


def _ask_savings(books: Books, frame: Frame, given: Given) -> Answer:
    usual, percent = Levers(), given.get("tokens_differ")
    levers = Levers(
        models=_words(given, "with_model"),
        batch=_words(given, "batch"),
        routes=_words(given, "route"),
        top=_count(given, "top", usual.top),
        percent=percent if isinstance(percent, Decimal) else None,
        shared=_count(given, "shared", usual.shared),
    )
    return call_savings(frame, which(given), catalogue_of(books), levers)


def _ask_limits(_books: Books, frame: Frame, given: Given) -> Answer:
    return limits(
        frame,
        which(given),
        of=text_of(given, "of") or "user",
        grain=cast("Grain", text_of(given, "grain") or "month"),
        amounts=tuple(_amount(word) for word in _words(given, "limits")),
    )


def _amount(word: str) -> Decimal:
    found = amount_of(word)
    if found is None:
        raise UserError(f"{word!r} is no limit", where="limits", hint="write 5,20,50.00")
    return found


LLM_INSTEAD: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/llm/savings",
        name="llm_savings",
        summary="What the same calls would have cost with other models, as batches, from a cache "
        "or routed elsewhere: as a range, with its assumptions. Of 14 days unless said otherwise.",
        ask=_ask_savings,
        columns={
            "lever": "text",
            "of": "text",
            "model": "text",
            "to": "text",
            "now": "amount",
            "would_low": "amount",
            "would_likely": "amount",
            "would_high": "amount",
            "saved_percent": "amount",
            "monthly_saving": "amount",
            "monthly_saving_low": "amount",
            "monthly_saving_high": "amount",
            "calls": "count",
            "input_tokens": "count",
            "output_tokens": "count",
            "cache_read_tokens": "count",
            "longest_context_tokens": "count",
            "days": "count",
            "assumes": "texts",
            "evidence": "rows",
        },
        parameters=(
            *DAYS,
            *WHICH,
            Parameter(
                name="with_model",
                kind="text",
                summary="Models to compare with, provider/model by commas; google/* chooses.",
            ),
            Parameter(
                name="batch", kind="text", summary="Features whose answers can wait, by commas."
            ),
            Parameter(
                name="route",
                kind="text",
                summary="Routes by commas: plan=starter:openai/gpt-5-mini; the first counts.",
            ),
            Parameter(
                name="top",
                kind="count",
                least=1,
                most=MOST_TOP,
                summary="How many models of each feature are chosen, else 5.",
            ),
            Parameter(
                name="tokens_differ",
                kind="amount",
                summary="How far another model's tokens may differ, in percent.",
            ),
            Parameter(
                name="shared",
                kind="count",
                least=1,
                most=PERCENT,
                summary="How much of the longest possible prefix is likely shared, else 50 %.",
            ),
        ),
        state=_state,
    ),
    Endpoint(
        path="/api/v1/llm/limits",
        name="llm_limits",
        summary="Whom limits a month or a day would have touched, and how much they would have "
        "cut. Of the last whole month, or of 14 days, unless said otherwise.",
        ask=_ask_limits,
        columns={
            "limit": "amount",
            "touched": "count",
            "touched_percent": "amount",
            "touched_cost": "amount",
            "touched_cost_percent": "amount",
            "cost_above": "amount",
            "above_percent": "amount",
            "cut_calls": "count",
            "cut_calls_percent": "amount",
            "cut_cost": "amount",
        },
        parameters=(
            *DAYS,
            *WHICH,
            Parameter(
                name="limits",
                kind="text",
                summary="Limits in USD by commas: 5,20; round ones when left out.",
            ),
            Parameter(name="of", kind="text", choices=tuple(OF), summary="Who is limited."),
            Parameter(name="grain", kind="text", choices=GRAINS, summary="A month, or a day."),
        ),
        state=calls_mark,
    ),
)
