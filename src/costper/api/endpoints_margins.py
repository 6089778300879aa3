"""The endpoints of what customers leave: margins, and how few carry how much."""

from __future__ import annotations

from decimal import Decimal

from costper.api.endpoint import DAYS, Endpoint, text_of
from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.pipeline.answer.frame import MOST_MONTHS, Frame
from costper.pipeline.margins.answer import SHAPES, margins
from costper.pipeline.margins.clients import MarginQuestion
from costper.pipeline.margins.concentration import concentrated
from costper.store.books import Books

MONTHS = Parameter(
    name="months",
    kind="count",
    least=1,
    most=MOST_MONTHS,
    summary="The last whole settled months, instead of days.",
)


def _ask_margins(_books: Books, frame: Frame, given: Given) -> Answer:
    arpu = given.get("arpu")
    question = MarginQuestion(
        by=text_of(given, "by") or "customer",
        cost=text_of(given, "cost"),
        per=text_of(given, "per"),
        arpu=arpu if isinstance(arpu, Decimal) else None,
        what_if=text_of(given, "what_if"),
    )
    return margins(frame, question)


def _ask_concentration(_books: Books, frame: Frame, given: Given) -> Answer:
    return concentrated(frame, text_of(given, "of") or "customer", text_of(given, "metric"))


MARGINS: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/margins",
        name="margins",
        summary="What customers or plans leave, loss makers first, and what if.",
        ask=_ask_margins,
        columns={"margin": "amount"},
        parameters=(
            *DAYS,
            MONTHS,
            Parameter(
                name="by", kind="text", choices=tuple(SHAPES), summary="One row of what: customer."
            ),
            Parameter(
                name="cost",
                kind="text",
                summary="A condition: the cost compared with revenue, else that of costper.yaml.",
            ),
            Parameter(name="per", kind="text", summary="A metric, for a cost per unit of it."),
            Parameter(
                name="arpu",
                kind="amount",
                summary="What one unit of `per` brings: a month, or each where units add up.",
            ),
            Parameter(
                name="what_if",
                kind="text",
                summary="Changes joined by `;`, such as price +10%; limit requests 1000 per month.",
            ),
        ),
        paged=True,
    ),
    Endpoint(
        path="/api/v1/concentration",
        name="concentration",
        summary="How few members of a dimension carry how much of the cost, or of a metric.",
        ask=_ask_concentration,
        columns={
            "rank": "count",
            "share_percent": "amount",
            "members_percent": "amount",
            "cumulative_percent": "amount",
        },
        parameters=(
            *DAYS,
            Parameter(name="of", kind="text", summary="A dimension, else customer."),
            Parameter(name="metric", kind="text", summary="A metric to rank by, else the cost."),
        ),
        paged=True,
    ),
)
