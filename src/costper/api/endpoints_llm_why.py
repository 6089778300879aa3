"""The endpoints of what drives the cost of LLM calls, and of what is unusual in them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from costper.api.endpoint import DAYS, Endpoint, Shape, text_of
from costper.api.llm_calls import CUSTOMER, USAGE, WHICH, which
from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.bursts import bursts
from costper.pipeline.llm.cache import cache
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.daily import OF as PARTED
from costper.pipeline.llm.daily import daily
from costper.pipeline.llm.drift import OF, drift
from costper.pipeline.llm.mark import calls_mark
from costper.pipeline.llm.modes import modes
from costper.pipeline.llm.outcomes import outcomes
from costper.pipeline.llm.rates import TOP, rates
from costper.pipeline.llm.retries import OF as RETRIED
from costper.pipeline.llm.retries import retries
from costper.pipeline.llm.segments import segments
from costper.pipeline.llm.spikes import MINIMUM, spikes
from costper.pipeline.llm.users import MOST
from costper.pipeline.llm.versions import prompt_versions
from costper.store.books import Books

CHANGED: dict[str, Shape] = {
    "cost_change_percent": "amount",
    "tokens_change_percent": "amount",
    "price_change_percent": "amount",
    "p_value": "amount",
}


def _of(names: tuple[str, ...]) -> Parameter:
    return Parameter(name="of", kind="text", choices=names, summary="One row of what; feature.")


def _ask_drift(_books: Books, frame: Frame, given: Given) -> Answer:
    return drift(frame, which(given), of=text_of(given, "of") or "feature")


def _ask_daily(_books: Books, frame: Frame, given: Given) -> Answer:
    return daily(frame, which(given), of=text_of(given, "of") or PARTED[0])


def _ask_retries(_books: Books, frame: Frame, given: Given) -> Answer:
    return retries(frame, which(given), of=text_of(given, "of") or "feature")


def _ask_spikes(_books: Books, frame: Frame, given: Given) -> Answer:
    least = given.get("min", MINIMUM)
    return spikes(frame, which(given), minimum=least if isinstance(least, Decimal) else MINIMUM)


def _ask_rates(_books: Books, frame: Frame, given: Given) -> Answer:
    top = given.get("top", TOP)
    return rates(frame, which(given), top=top if isinstance(top, int) else TOP)


def _ask_cache(books: Books, frame: Frame, given: Given) -> Answer:
    return cache(books, frame, which(given))


def _plain(ask: Callable[[Frame, Chosen], Answer]) -> Callable[[Books, Frame, Given], Answer]:
    return lambda _books, frame, given: ask(frame, which(given))


def _endpoint(
    name: str,
    summary: str,
    ask: Callable[[Books, Frame, Given], Answer],
    columns: dict[str, Shape],
    more: tuple[Parameter, ...] = (),
) -> Endpoint:
    return Endpoint(
        path=f"/api/v1/llm/{name}",
        name=f"llm_{name.replace('-', '_')}",
        summary=summary,
        ask=ask,
        columns=columns,
        parameters=(*DAYS, *WHICH, *more),
        own=CUSTOMER,
        state=calls_mark,
    )


LLM_WHY: tuple[Endpoint, ...] = (
    _endpoint(
        "prompt-versions",
        "Prompt versions side by side, each against the one before it.",
        _plain(prompt_versions),
        {
            "feature": "text",
            "prompt_version": "text",
            "first_day": "day",
            "last_day": "day",
            **USAGE,
            "call_cost_per_call": "amount",
            "latency_median_ms": "count",
            "latency_p95_ms": "count",
            "previous": "text",
            **CHANGED,
            "verdict": "text",
            "errors_before_percent": "amount",
            "errors_after_percent": "amount",
        },
    ),
    _endpoint(
        "daily",
        "What calls cost day by day, each day parted by what is asked for.",
        _ask_daily,
        {
            "day": "day",
            **USAGE,
            "call_cost_per_call": "amount",
            "input_tokens_per_call": "amount",
            "output_tokens_per_call": "amount",
        },
        (_of(PARTED),),
    ),
    _endpoint(
        "drift",
        "Days from which the cost of a call kept another level, and what moved with it.",
        _ask_drift,
        {
            "day": "day",
            "call_cost_per_call_before": "amount",
            "call_cost_per_call": "amount",
            **CHANGED,
            "usual_change_percent": "amount",
            "calls": "count",
            "what": "text",
            "new_versions": "texts",
        },
        (_of(OF),),
    ),
    _endpoint(
        "spikes",
        "Hours that cost far more than the two weeks before, and who called in them.",
        _ask_spikes,
        {
            "start": "text",
            "hours": "count",
            "cost": "amount",
            "expected": "amount",
            "excess": "amount",
            "z": "amount",
            "top_feature": "text",
            "top_user": "text",
            "features": "rows",
            "tenants": "rows",
            "models": "rows",
            "users": "rows",
        },
        (Parameter(name="min", kind="amount", summary="The least excess of an hour, else 1."),),
    ),
    _endpoint(
        "bursts",
        "Users far busier in an hour than usual, or over a limit.",
        _plain(bursts),
        {
            "start": "text",
            "hours": "count",
            "user": "text",
            "kind": "text",
            "tenant": "text",
            "kind_of_burst": "text",
            "calls": "count",
            "busiest_hour": "text",
            "busiest_hour_calls": "count",
            "busiest_tokens_hour": "text",
            "busiest_tokens_hour_tokens": "count",
            "usual_busy_hour": "count",
            "times_usual": "amount",
            "call_cost": "amount",
            "why": "texts",
        },
    ),
    _endpoint(
        "rates",
        "Requests and tokens an hour of each user, the busiest first.",
        _ask_rates,
        {
            "user": "text",
            "kind": "text",
            "tenant": "text",
            "calls": "count",
            "hours_with_calls": "count",
            "requests_per_hour": "amount",
            "busiest_hour": "text",
            "busiest_hour_calls": "count",
            "tokens_per_hour": "amount",
            "busiest_tokens_hour": "text",
            "busiest_tokens_hour_tokens": "count",
            "call_cost": "amount",
        },
        (
            Parameter(
                name="top",
                also="limit",
                kind="count",
                least=1,
                most=MOST,
                summary=f"How many, else {TOP}.",
            ),
        ),
    ),
    _endpoint(
        "retries",
        "Attempts of one operation, failures, and what further attempts cost.",
        _ask_retries,
        {
            "operations": "count",
            "retries": "count",
            "attempts_per_operation": "amount",
            "retry_percent": "amount",
            "errors": "count",
            **USAGE,
            "retry_cost": "amount",
            "cost_per_operation": "amount",
        },
        (_of(RETRIED),),
    ),
    _endpoint(
        "outcomes",
        "What each outcome of a feature costs.",
        _plain(outcomes),
        {
            "feature": "text",
            "outcome": "text",
            "outcomes": "count",
            "cost_per_outcome": "amount",
            "cost_per_own_call": "amount",
            "feature_cost": "amount",
            **USAGE,
        },
    ),
    _endpoint(
        "cache",
        "What caches served of each model's input, and saved against the price without.",
        _ask_cache,
        {
            "model": "text",
            "provider": "text",
            "cache_hit_percent": "amount",
            "cached_calls_percent": "amount",
            "cache_read_tokens": "count",
            "cache_write_tokens": "count",
            "saved": "amount",
            "saved_percent": "amount",
            **USAGE,
        },
    ),
    _endpoint(
        "segments",
        "Paying, free, internal and unknown use, by plan.",
        _plain(segments),
        {
            "segment": "text",
            "plan": "text",
            "customers_count": "count",
            **USAGE,
            "share_percent": "amount",
        },
    ),
    _endpoint(
        "modes",
        "Real calls beside test and demo ones, by environment.",
        _plain(modes),
        {"data_mode": "text", "environment": "text", **USAGE, "share_percent": "amount"},
    ),
)
