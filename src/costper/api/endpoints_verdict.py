"""The endpoints of verdicts: every sensible cost per unit, or a question that is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from costper.api.endpoint import DAYS, Endpoint, Shape, text_of
from costper.api.parameters import Given, Parameter, amount_of
from costper.api.posts import Node, Post, Sent
from costper.api.posts_query import QUESTION, problem_of
from costper.api.problems import Problem
from costper.errors import UserError
from costper.model.answer import Answer
from costper.model.question import COMPARES, Compare, Question
from costper.pipeline.answer.frame import Frame
from costper.pipeline.query.written import question_from_json
from costper.pipeline.verdict.answer import NOTHING, overview_answer, verdict_answer
from costper.store.books import Books

LEAST = "min"
JUDGED: dict[str, Shape] = {
    "verdict": "text",
    "says": "text",
    "growth_percent": "amount",
    "severity": "text",
    "quadrant": "text",
    "why": "text",
    "cost": "amount",
    "previous_cost": "amount",
    "cost_growth_percent": "amount",
    "units": "amount",
    "previous_units": "amount",
    "units_growth_percent": "amount",
    "cost_per_unit": "amount",
    "previous_cost_per_unit": "amount",
    "change": "amount",
    "volume": "amount",
    "efficiency": "amount",
}
BODY: Node = {
    **QUESTION,
    "properties": {
        **cast("dict[str, object]", QUESTION["properties"]),
        LEAST: {
            "type": "string",
            "description": "The least money a drift must have moved to be told as hidden.",
        },
    },
}
EXAMPLES: dict[str, Node] = {
    "per_thousand_users": {
        "summary": "Cost per thousand daily active users, and which plan hides behind it.",
        "value": {
            "letters": {"a": "metric daily_active_users", "b": "cost"},
            "formula": "b / (a / 1000)",
            "compare": "previous",
            "from": "2026-10",
            "to": "2026-11",
        },
    }
}


def _ask_overview(books: Books, frame: Frame, given: Given) -> Answer:
    asked, least = frame.asked, given.get(LEAST)
    question = Question(
        letters=(),
        by=tuple(name.strip() for name in text_of(given, "by").split(",") if name.strip()),
        compare=cast("Compare", text_of(given, "compare")),
        since=asked.since,
        until=asked.until,
        days=asked.days,
    )
    return overview_answer(
        books,
        question,
        now=frame.now,
        standing=frame.standing,
        least=least if isinstance(least, Decimal) else NOTHING,
    )


def _take_question(sent: Sent) -> Answer:
    body = dict(sent.body)
    said = body.pop(LEAST, "0")
    least = amount_of(said) if isinstance(said, str) else None
    if least is None:
        raise Problem(400, "bad-body", f"{LEAST} must be an amount such as '50'", parameter=LEAST)
    try:
        question = question_from_json(body)
        stands = sent.standing()
        return verdict_answer(
            sent.books, question, now=sent.now, standing=stands, least=least, facts=sent.facts()
        )
    except UserError as error:
        raise problem_of(error) from error


VERDICTS: tuple[Endpoint, ...] = (
    Endpoint(
        path="/api/v1/verdict",
        name="verdict",
        summary="Whether the total cost grew faster than each metric it is divided by, and why.",
        ask=_ask_overview,
        columns={
            "metric": "text",
            **JUDGED,
            "hidden": "text",
            "sentence": "text",
            "from": "day",
            "to": "day",
            "compared_from": "day",
            "compared_to": "day",
        },
        parameters=(
            *DAYS,
            Parameter(name="by", kind="text", summary="Dimensions, such as region or plan."),
            Parameter(
                name="compare",
                kind="text",
                choices=tuple(one for one in COMPARES if one),
                summary="What the days are compared with, else previous.",
            ),
            Parameter(
                name=LEAST, kind="amount", summary="The least money of a drift told as hidden."
            ),
        ),
    ),
)
VERDICT_POSTS: tuple[Post, ...] = (
    Post(
        path="/api/v1/verdict",
        name="judge",
        summary="Whether a cost per unit scales well or drifts, in all and by segment, and why.",
        take=_take_question,
        body=BODY,
        examples=EXAMPLES,
        changes=False,
    ),
)
