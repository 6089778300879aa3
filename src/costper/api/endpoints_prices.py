"""The endpoints of prices: what models cost, and which calls nobody has a price for."""

from __future__ import annotations

from datetime import date

from costper.api.endpoint import Endpoint, text_of
from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.calls.price_answers import listed_prices
from costper.pipeline.calls.price_book import catalogue_of
from costper.pipeline.calls.unpriced import unpriced
from costper.pipeline.llm.mark import calls_mark
from costper.store.books import Books


def _ask_prices(books: Books, frame: Frame, given: Given) -> Answer:
    said = given.get("day")
    day = said if isinstance(said, date) else frame.now.date()
    provider, like = text_of(given, "provider"), text_of(given, "like")
    return listed_prices(catalogue_of(books), day, provider=provider, like=like)


def _ask_unpriced(books: Books, frame: Frame, _given: Given) -> Answer:
    return unpriced(books, catalogue_of(books), frame.standing, now=frame.now)


def _prices_mark(books: Books) -> str:
    return catalogue_of(books).version


def _unpriced_mark(books: Books) -> str:
    return f"{calls_mark(books)} {_prices_mark(books)}"


PRICES: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/llm/prices",
        name="prices",
        summary="What models cost on a day at the standard tier, in USD for a million tokens.",
        ask=_ask_prices,
        columns={
            "provider": "text",
            "model": "text",
            "input_per_mtok": "amount",
            "output_per_mtok": "amount",
            "cache_read_per_mtok": "amount",
            "cache_write_per_mtok": "amount",
            "since": "day",
            "source": "text",
        },
        parameters=(
            Parameter(name="day", kind="day", summary="Prices of that day; else today's."),
            Parameter(name="provider", kind="text", summary="Only this provider's."),
            Parameter(name="like", kind="text", summary="Part of a model's name, or a glob."),
        ),
        paged=True,
        state=_prices_mark,
    ),
    Endpoint(
        path="/api/v1/llm/unpriced",
        name="unpriced",
        summary="LLM calls that nobody has a price for: why, since when, what may be meant.",
        ask=_ask_unpriced,
        columns={
            "provider": "text",
            "model": "text",
            "tier": "text",
            "calls": "count",
            "tokens": "count",
            "first_seen": "day",
            "last_seen": "day",
            "age_days": "count",
            "why": "text",
            "suggested": "text",
            "fix": "text",
            "line": "text",
        },
        parameters=(),
        paged=True,
        state=_unpriced_mark,
    ),
)
