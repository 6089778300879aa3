"""Questions in letters, sent over HTTP."""

from __future__ import annotations

from costper.api.posts import Node, Post, Sent
from costper.api.problems import Problem
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Answer
from costper.model.question import COMPARES, GRAINS, SCALES
from costper.pipeline.answer.frame import LONGEST_DAYS
from costper.pipeline.query.answer import answer_of
from costper.pipeline.query.ask import ask
from costper.pipeline.query.letters import KINDS, OVERRIDES
from costper.pipeline.query.unusual import unusual_answer
from costper.pipeline.query.written import (
    LONGEST_UNIT,
    MOST_FORMULAS,
    MOST_KEYS,
    MOST_LETTERS,
    question_from_json,
)

DAY: Node = {"type": "string", "pattern": r"^\d{4}-\d{2}(-\d{2})?$"}
NAMES: Node = {"pattern": "^[A-Za-z][A-Za-z0-9_]{0,39}$"}
LETTER: Node = {
    "description": "A text such as `metric orders where plan = pro as average`, or its parts.",
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "required": ["kind"],
            "additionalProperties": False,
            "properties": {
                "kind": {"type": "string", "enum": list(KINDS)},
                "of": {"type": "string", "description": "A metric, or a cost column."},
                "where": {"type": "string", "description": "A condition on dimensions."},
                "aggregation": {"type": "string", "enum": ["", *OVERRIDES]},
            },
        },
    ],
}
QUESTION: Node = {
    "type": "object",
    "required": ["letters"],
    "description": "Members may be in camelCase. An answer's `question` may be sent back as it is.",
    "properties": {
        "letters": {
            "description": "By name; a list of objects with a `name` is as good.",
            "anyOf": [
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": MOST_LETTERS,
                    "propertyNames": NAMES,
                    "additionalProperties": LETTER,
                },
                {"type": "array", "items": {"type": "object", "required": ["name", "kind"]}},
            ],
        },
        "formula": {"type": "string", "description": "One formula; it is called `result`."},
        "formulas": {
            "description": "Several by name; later ones may use the others.",
            "anyOf": [
                {
                    "type": "object",
                    "maxProperties": MOST_FORMULAS,
                    "propertyNames": NAMES,
                    "additionalProperties": {"type": "string", "maxLength": 500},
                },
                {"type": "array", "items": {"type": ["string", "object"]}},
            ],
        },
        "grain": {"type": "string", "enum": list(GRAINS)},
        "by": {"type": "array", "maxItems": MOST_KEYS, "items": {"type": "string"}},
        "compare": {"type": "string", "enum": list(COMPARES)},
        "from": DAY,
        "to": {**DAY, "description": "The first day that does not count."},
        "days": {"type": "integer", "minimum": 1, "maximum": LONGEST_DAYS},
        "range": {
            "type": "string",
            "description": "Days in words, instead: last 30 days, last 3 months, month to date.",
        },
        "unit": {"type": "string", "maxLength": LONGEST_UNIT},
        "scale": {"type": "integer", "enum": list(SCALES)},
    },
}
EXAMPLES: dict[str, Node] = {
    "per_thousand_users": {
        "summary": "Cost per thousand daily active users, month by month.",
        "value": {
            "letters": {"a": "metric daily_active_users", "b": "cost"},
            "formula": "b / (a / 1000)",
            "grain": "month",
            "from": "2026-08",
            "to": "2026-11",
        },
    },
    "by_team": {
        "summary": "Cost of production by team, against as many days before.",
        "value": {
            "letters": {"cost": {"kind": "cost", "where": "environment = production"}},
            "by": ["team"],
            "compare": "previous",
            "days": 30,
        },
    },
    "share_of_revenue": {
        "summary": "Cost as a share of revenue, by plan.",
        "value": {
            "letters": {"c": "cost", "r": "revenue"},
            "formulas": {"percent": "c / r * 100"},
            "by": ["plan"],
            "from": "2026-10",
            "to": "2026-11",
        },
    },
}
"""Questions the demo company answers; tests ask them."""

UNUSUAL: Node = {
    "summary": "Days on which a user of that day cost more or less than usual.",
    "value": {
        "letters": {"a": "metric daily_active_users", "b": "cost"},
        "formula": "b / a",
        "from": "2026-10",
        "to": "2026-11",
    },
}


def _take_query(sent: Sent) -> Answer:
    try:
        question = question_from_json(sent.body)
        stands = sent.standing()
        return answer_of(
            ask(sent.books, question, now=sent.now, standing=stands, facts=sent.facts())
        )
    except UserError as error:
        raise problem_of(error) from error


def problem_of(error: UserError) -> Problem:
    """Name the letter or formula that is wrong, and the column in it."""
    parameter, _, column = error.where.partition(", column ")
    code = "unknown-name" if isinstance(error, UnknownNameError) else "cannot-be-answered"
    return Problem(
        400,
        code,
        error.message,
        error.hint,
        parameter,
        position=int(column) if column.isdecimal() else 0,
    )


def _take_unusual(sent: Sent) -> Answer:
    try:
        question = question_from_json(sent.body)
        stands = sent.standing()
        return unusual_answer(
            sent.books, question, now=sent.now, standing=stands, facts=sent.facts()
        )
    except UserError as error:
        raise problem_of(error) from error


QUERY_POSTS: tuple[Post, ...] = (
    Post(
        path="/api/v1/query/anomalies",
        name="query_anomalies",
        summary="Days on which a question's results are not what the days before promise.",
        take=_take_unusual,
        body=QUESTION,
        examples={"per_user": UNUSUAL},
        changes=False,
    ),
    Post(
        path="/api/v1/query",
        name="query",
        summary="Metrics, costs and revenue by letter, and what their formulas come to.",
        take=_take_query,
        body=QUESTION,
        examples=EXAMPLES,
        changes=False,
    ),
)
