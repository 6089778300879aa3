"""The endpoints of what LLM calls cost: a customer's key asks with ?customer= and sees its own."""

from __future__ import annotations

from typing import cast

from costper.api.endpoint import DAYS, Endpoint, Shape, named, text_of
from costper.api.endpoints_margins import MONTHS
from costper.api.llm_calls import CUSTOMER, USAGE, WHICH, which
from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.model.call import USER_KINDS
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.active import GRAINS, Grain, active
from costper.pipeline.llm.cohorts import cohorts
from costper.pipeline.llm.mark import calls_mark
from costper.pipeline.llm.named import user_named
from costper.pipeline.llm.page import page
from costper.pipeline.llm.ranked import ranked
from costper.pipeline.llm.users import MOST, TOP, users
from costper.store.books import Books

TREND: dict[str, Shape] = {"previous_cost": "amount", "trend_percent": "amount"}
NOUNS = ("feature", "tenant", "model", "customer", "team", "provider")
WITH: dict[str, str] = {"tenant": "customer", "model": "provider"}


def _noun_endpoints(noun: str) -> tuple[Endpoint, Endpoint]:
    def all_of_them(_books: Books, frame: Frame, given: Given) -> Answer:
        return ranked(frame, which(given), noun)

    def deep(_books: Books, frame: Frame, given: Given) -> Answer:
        return page(frame, which(given), noun, text_of(given, "name"))

    beside: dict[str, Shape] = {WITH[noun]: "text"} if noun in WITH else {}
    others = tuple(one for one in WHICH if one.name != noun)
    own = "" if noun == CUSTOMER else CUSTOMER
    return (
        Endpoint(
            path=f"/api/v1/llm/{noun}s",
            name=f"llm_{noun}s",
            summary=f"What each {noun} costs in LLM calls, and how few of them cost how much.",
            ask=all_of_them,
            columns={
                "rank": "count",
                noun: "text",
                **beside,
                **USAGE,
                "share_percent": "amount",
                "cumulative_percent": "amount",
                **TREND,
            },
            parameters=(*DAYS, *others),
            own=own,
            paged=True,
            state=calls_mark,
        ),
        Endpoint(
            path=f"/api/v1/llm/{noun}s/{{name}}",
            name=f"llm_{noun}",
            summary=f"What one {noun} costs in LLM calls: its parts, its users and its days.",
            ask=deep,
            columns={noun: "text", **USAGE, **TREND, "daily": "rows"},
            parameters=(named(noun), *DAYS, *others),
            own="name" if noun == CUSTOMER else CUSTOMER,
            state=calls_mark,
        ),
    )


def _ask_users(_books: Books, frame: Frame, given: Given) -> Answer:
    top = given.get("top", TOP)
    return users(
        frame,
        which(given),
        kind=text_of(given, "kind") or "user",
        top=top if isinstance(top, int) else TOP,
    )


def _ask_active(_books: Books, frame: Frame, given: Given) -> Answer:
    grain = cast("Grain", text_of(given, "grain") or "month")
    return active(frame, which(given), grain=grain, per=text_of(given, "per"))


LLM: tuple[Endpoint, ...] = (
    *(endpoint for noun in NOUNS for endpoint in _noun_endpoints(noun)),
    Endpoint(
        path="/api/v1/llm/users",
        name="llm_users",
        summary="The users who cost most in LLM calls, and how few of all cost how much.",
        ask=_ask_users,
        columns={
            "rank": "count",
            "user": "text",
            "tenant": "text",
            "customer": "text",
            **USAGE,
            "share_percent": "amount",
            "cumulative_percent": "amount",
        },
        parameters=(
            *DAYS,
            *WHICH,
            Parameter(
                name="top",
                also="limit",
                kind="count",
                least=1,
                most=MOST,
                summary=f"How many are listed, else {TOP}; the total is of all.",
            ),
            Parameter(name="kind", kind="text", choices=USER_KINDS, summary="People, else."),
        ),
        own=CUSTOMER,
        state=calls_mark,
    ),
    Endpoint(
        path="/api/v1/llm/users/{name}",
        name="llm_user",
        summary="What one user costs in LLM calls: of what, when, how busy; by either id.",
        ask=lambda books, frame, given: user_named(
            books, frame, which(given), text_of(given, "name")
        ),
        columns={
            "user": "text",
            "kind": "text",
            "tenant": "text",
            "customer": "text",
            **USAGE,
            **TREND,
            "active_days": "count",
            "requests_per_hour": "amount",
            "busiest_hour": "text",
            "busiest_hour_calls": "count",
            "tokens_per_hour": "amount",
            "busiest_tokens_hour": "text",
            "busiest_tokens_hour_tokens": "count",
            "features": "rows",
            "models": "rows",
            "daily": "rows",
        },
        parameters=(named("user"), *DAYS, *WHICH),
        own=CUSTOMER,
        state=calls_mark,
    ),
    Endpoint(
        path="/api/v1/llm/active",
        name="llm_active",
        summary="What AI costs per active user of a month, week or day, and its share of ARPU.",
        ask=_ask_active,
        columns={
            "first_day": "day",
            "last_day": "day",
            "days": "count",
            "cost": "amount",
            "calls": "count",
            "unpriced_calls": "count",
            "active_users": "amount",
            "cost_per_active_user": "amount",
            "revenue": "amount",
            "arpu": "amount",
            "share_of_arpu_percent": "amount",
            "band": "text",
            "callers_count": "count",
            "callers_cost": "amount",
            "cost_per_caller": "amount",
        },
        parameters=(
            *DAYS,
            MONTHS,
            *WHICH,
            Parameter(name="grain", kind="text", choices=GRAINS, summary="One row of what."),
            Parameter(name="per", kind="text", summary="A metric of active users."),
        ),
        own=CUSTOMER,
        state=calls_mark,
    ),
    Endpoint(
        path="/api/v1/llm/cohorts",
        name="llm_cohorts",
        summary="What users cost who call daily, weekly, or now and then.",
        ask=lambda _books, frame, given: cohorts(frame, which(given)),
        columns={
            "cohort": "text",
            "users_count": "count",
            "user_days": "count",
            "cost_per_user": "amount",
            "cost_per_user_day": "amount",
            **USAGE,
            "users_percent": "amount",
            "share_percent": "amount",
        },
        parameters=(*DAYS, *WHICH),
        own=CUSTOMER,
        state=calls_mark,
    ),
)
