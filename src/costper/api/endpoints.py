"""The endpoints, as a table: routes, the OpenAPI document and the tests are made from it."""

from __future__ import annotations

from dataclasses import replace

from costper.api.endpoint import (
    COSTS,
    CUSTOMER,
    DAYS,
    DEEP,
    LARGEST_PAGE,
    PER_REQUEST,
    Endpoint,
    Shape,
    named,
    text_of,
)
from costper.api.endpoints_allocation import ALLOCATION, ALLOCATION_POSTS
from costper.api.endpoints_annotations import ANNOTATION_POSTS, ANNOTATIONS
from costper.api.endpoints_connect import CONNECT, CONNECT_POSTS
from costper.api.endpoints_keys import KEY_POSTS, KEYS
from costper.api.endpoints_llm import LLM
from costper.api.endpoints_llm_explain import LLM_EXPLAIN
from costper.api.endpoints_llm_instead import LLM_INSTEAD
from costper.api.endpoints_llm_why import LLM_WHY
from costper.api.endpoints_margins import MARGINS
from costper.api.endpoints_metrics import METRICS
from costper.api.endpoints_prices import PRICES
from costper.api.endpoints_reconcile import RECONCILE
from costper.api.endpoints_savings import SAVINGS
from costper.api.endpoints_shares import SHARE_POSTS, SHARES
from costper.api.endpoints_sources import SOURCES
from costper.api.endpoints_unknown import UNKNOWN
from costper.api.endpoints_untagged import UNTAGGED
from costper.api.endpoints_verdict import VERDICT_POSTS, VERDICTS
from costper.api.endpoints_views import VIEW_POSTS, VIEWS
from costper.api.endpoints_waste import WASTE
from costper.api.endpoints_watch import WATCH
from costper.api.parameters import Given, Parameter
from costper.api.posts import Post
from costper.api.posts_query import QUERY_POSTS
from costper.api.posts_sync import SYNC_POSTS
from costper.api.posts_watch import WATCH_POSTS
from costper.api.problems import Problem
from costper.errors import UnknownNameError
from costper.model.answer import Answer
from costper.pipeline.answer.customer import customer
from costper.pipeline.answer.customers import customers
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.trend import trend
from costper.pipeline.answer.value import value
from costper.pipeline.answer.values import values
from costper.pipeline.explain import ROWS_SHOWN, SOURCE
from costper.pipeline.explain_answers import charge_answer, explain_answer
from costper.pipeline.explain_charge import CHARGE as CHARGE_FORM
from costper.pipeline.explain_charge import HOW
from costper.store.books import Books

CHARGE = "charge"
EXPLAINED = ("customer", "team", "service", "environment", "source", CHARGE)
"""What may be explained, one at a time."""

ANY = ("dimension", "value")
"""So any other dimension is named."""

AFTER = "after"
MOST_AFTER = 100_000_000


def _ask_trend(_books: Books, frame: Frame, given: Given) -> Answer:
    return trend(frame, text_of(given, "by"))


def _ask_explain(books: Books, frame: Frame, given: Given) -> Answer:
    if any(name in given for name in ANY):
        return _ask_any(books, frame, given)
    named = [name for name in EXPLAINED if name in given]
    if len(named) != 1:
        raise Problem(
            400,
            "bad-parameter",
            f"give one of {', '.join(EXPLAINED)}, or dimension and value",
            "such as ?customer=acme or ?dimension=region&value=eu",
            named[1] if named else EXPLAINED[0],
        )
    (name,) = named
    if name == CHARGE:
        return _ask_charge(books, text_of(given, CHARGE))
    return _explained(books, frame, given, (name, name))


def _ask_any(books: Books, frame: Frame, given: Given) -> Answer:
    """Explain a value of any dimension that costper.yaml declares."""
    other = [name for name in EXPLAINED if name in given]
    lacking = [name for name in ANY if name not in given]
    if other or lacking:
        detail = "dimension and value belong together, and nothing else is named beside them"
        hint = "such as ?dimension=region&value=eu"
        raise Problem(400, "bad-parameter", detail, hint, (*other, *lacking)[0])
    known = (*books.settings.dimension_names, SOURCE)
    name = text_of(given, ANY[0])
    if name not in known:
        error = UnknownNameError("dimension", name, known)
        raise Problem(404, "unknown-name", error.message, error.hint, ANY[0])
    return _explained(books, frame, given, (name, ANY[1]))


def _explained(books: Books, frame: Frame, given: Given, names: tuple[str, str]) -> Answer:
    """Explain a dimension's value; `names` are the dimension and the parameter of the value."""
    dimension, parameter = names
    rows = int(text_of(given, "rows") or ROWS_SHOWN)
    after = int(text_of(given, AFTER)) if AFTER in given else None
    try:
        value_asked = text_of(given, parameter)
        return explain_answer(books, frame, dimension, value_asked, rows=rows, after=after)
    except UnknownNameError as error:
        raise Problem(404, "unknown-name", error.message, error.hint, parameter) from error


def _ask_charge(books: Books, charge: str) -> Answer:
    if CHARGE_FORM.fullmatch(charge) is None:
        detail = f"{charge!r} is not the id of a bill row"
        raise Problem(400, "bad-parameter", detail, HOW, CHARGE)
    return charge_answer(books, charge)


def _noun_endpoints(noun: str) -> tuple[Endpoint, Endpoint]:
    def ranked(_books: Books, frame: Frame, _given: Given) -> Answer:
        return values(frame, noun)

    def deep(_books: Books, frame: Frame, given: Given) -> Answer:
        return value(frame, noun, text_of(given, "name"))

    columns: dict[str, Shape] = {noun: "text", **COSTS, "daily_average": "amount", **PER_REQUEST}
    inner: dict[str, Shape] = {"teams": "rows", "environments": "rows", "customers": "rows"}
    inner.pop(f"{noun}s", None)
    return (
        Endpoint(
            path=f"/api/v1/costs/{noun}s",
            name=f"{noun}s",
            summary=f"What each {noun} costs, dearest first.",
            ask=ranked,
            columns={**columns, "share_percent": "amount", "daily": "amounts"},
            paged=True,
        ),
        Endpoint(
            path=f"/api/v1/costs/{noun}s/{{name}}",
            name=noun,
            summary=f"What one {noun} costs, what moved it, and whom it serves.",
            ask=deep,
            columns={
                **columns,
                "customers_served": "count",
                "cost_per_customer": "amount",
                "cost_of_revenue_percent": "amount",
                **DEEP,
                **inner,
            },
            parameters=(named(noun), *DAYS),
        ),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    *_noun_endpoints("team"),
    *_noun_endpoints("service"),
    *_noun_endpoints("environment"),
    Endpoint(
        path="/api/v1/costs/customers",
        name="customers",
        summary="What each customer costs and leaves: loss makers first, then by margin.",
        ask=lambda _books, frame, _given: customers(frame),
        columns=CUSTOMER,
        paged=True,
    ),
    Endpoint(
        path="/api/v1/costs/customers/{id}",
        name="customer",
        summary="What one customer costs and leaves, what of, and how it moved.",
        ask=lambda _books, frame, given: customer(frame, text_of(given, "id")),
        columns={**CUSTOMER, "previous_margin": "amount", **DEEP},
        parameters=(
            replace(named("customer"), name="id"),
            *DAYS,
        ),
        own="id",
    ),
    *WATCH,
    *SAVINGS,
    *LLM,
    *LLM_WHY,
    *LLM_EXPLAIN,
    *LLM_INSTEAD,
    *UNKNOWN,
    *PRICES,
    *RECONCILE,
    *MARGINS,
    *VERDICTS,
    *METRICS,
    *VIEWS,
    *SOURCES,
    *CONNECT,
    *ALLOCATION,
    *UNTAGGED,
    *ANNOTATIONS,
    *SHARES,
    *KEYS,
    Endpoint(
        path="/api/v1/costs/trend",
        name="trend",
        summary="Day totals, in all or by one dimension; a day without data is null.",
        ask=_ask_trend,
        columns={"day": "day", "cost": "amount"},
        parameters=(
            *DAYS,
            Parameter(name="by", kind="text", summary="A dimension such as team."),
        ),
    ),
    *WASTE,
    Endpoint(
        path="/api/v1/costs/explain",
        name="explain",
        summary="From a number back to bill rows, or from a bill row on to every part it became.",
        ask=_ask_explain,
        columns={
            "day": "day",
            "rule": "text",
            "method": "text",
            "reason": "text",
            "how": "text",
            "currency": "text",
            "cost": "amount",
        },
        parameters=(
            *(
                Parameter(
                    name=name,
                    kind="text",
                    summary=f"The {name} whose cost is explained.",
                    any_signs=True,
                )
                for name in EXPLAINED[:-1]
            ),
            Parameter(name=CHARGE, kind="text", summary="A bill row's id, a line's `charge`."),
            Parameter(name=ANY[0], kind="text", summary="Any declared dimension, with `value`."),
            Parameter(
                name=ANY[1],
                kind="text",
                summary="The value of `dimension` explained.",
                any_signs=True,
            ),
            *DAYS,
            Parameter(
                name="rows",
                kind="count",
                most=LARGEST_PAGE,
                summary=f"How many bill rows are listed, else {ROWS_SHOWN}; the rest is summed up. "
                f"At most {LARGEST_PAGE}; turn the pages of more with `{AFTER}`.",
            ),
            Parameter(
                name=AFTER,
                kind="count",
                most=MOST_AFTER,
                summary="List those after so many; begin with 0, and add `rows` for the next.",
            ),
        ),
    ),
)

POSTS: tuple[Post, ...] = (
    *(*WATCH_POSTS, *QUERY_POSTS, *VIEW_POSTS, *VERDICT_POSTS),
    *(*ANNOTATION_POSTS, *SHARE_POSTS, *KEY_POSTS, *ALLOCATION_POSTS),
    *(*SYNC_POSTS, *CONNECT_POSTS),
)
"""What may be sent; GET answers, POST takes a body."""
