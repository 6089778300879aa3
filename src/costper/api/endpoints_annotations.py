"""The endpoints of annotations: what happened, telling of it, taking it back."""

from __future__ import annotations

from datetime import date

from costper.api.endpoint import Endpoint, Shape, text_of
from costper.api.parameters import Given, Parameter
from costper.api.posts import Node, Post, Sent
from costper.api.posts_query import problem_of
from costper.api.problems import Problem
from costper.errors import UnknownNameError, UserError
from costper.model.annotation import (
    CATEGORIES,
    LONGEST_TITLE,
    LONGEST_URL,
    LONGEST_VALUE,
    LONGEST_WHEN,
    MOST_SCOPES,
)
from costper.model.answer import Answer
from costper.pipeline.annotations import annotation_from_json, annotations_answer, told_answer
from costper.pipeline.answer.frame import Frame
from costper.store.annotations import TakenIdError, annotate, take_back
from costper.store.audit import audit_mark
from costper.store.books import Books

PATH = "/api/v1/annotations"
ROW: dict[str, Shape] = {
    "id": "text",
    "at": "text",
    "title": "text",
    "category": "text",
    "url": "text",
    "scope": "rows",
    "actor": "text",
    "made": "text",
}
WHEN: Node = {"type": "string", "maxLength": LONGEST_WHEN}
BODY: Node = {
    "type": "object",
    "required": ["at", "title", "category"],
    "additionalProperties": False,
    "properties": {
        "id": {
            "type": "string",
            "maxLength": 128,
            "description": "Told twice under one id, it is kept once.",
        },
        "at": {**WHEN, "description": "An instant, or a day for its beginning in UTC."},
        "until": {**WHEN, "description": "Where it lasted: when it ended."},
        "title": {"type": "string", "minLength": 1, "maxLength": LONGEST_TITLE},
        "category": {"type": "string", "enum": list(CATEGORIES)},
        "url": {"type": "string", "maxLength": LONGEST_URL, "pattern": "^https?://"},
        "scope": {
            "type": "object",
            "maxProperties": MOST_SCOPES,
            "additionalProperties": {"type": "string", "maxLength": LONGEST_VALUE},
            "description": "Whom it concerns: a dimension and its value.",
        },
    },
}
EXAMPLES: dict[str, Node] = {
    "deploy": {
        "summary": "A deploy of one service, told by the pipeline that made it.",
        "value": {
            "id": "deploy-checkout-4711",
            "at": "2026-11-20T14:30:00Z",
            "title": "checkout 4.7.1",
            "category": "deploy",
            "url": "https://ci.example/runs/4711",
            "scope": {"service": "checkout"},
        },
    }
}


def _state(books: Books) -> str:
    return f"@audit{audit_mark(books.control)}"


def _ask(books: Books, frame: Frame, given: Given) -> Answer:
    since, until = given.get("from"), given.get("to")
    return annotations_answer(
        books,
        frame.standing,
        since=since if isinstance(since, date) else None,
        until=until if isinstance(until, date) else None,
        category=text_of(given, "category"),
    )


def _take(sent: Sent) -> Answer:
    try:
        said = annotation_from_json(sent.body, sent.books.settings)
        told = annotate(sent.books.control, said, actor=sent.caller.name, now=sent.now)
    except TakenIdError as error:
        raise Problem(409, "taken", error.message, error.hint, "id") from error
    except UserError as error:
        raise problem_of(error) from error
    return told_answer(sent.books, sent.standing(), (told,), {"noun": "annotation"})


def _take_back(sent: Sent) -> Answer:
    try:
        told = take_back(sent.books.control, sent.path["id"], actor=sent.caller.name, now=sent.now)
    except UnknownNameError as error:
        raise Problem(404, "unknown-name", error.message, error.hint) from error
    return told_answer(sent.books, sent.standing(), (told,), {"noun": "annotation", "gone": True})


ANNOTATIONS: tuple[Endpoint, ...] = (
    Endpoint(
        path=PATH,
        name="annotations",
        summary="What happened, as people and programs told it: the newest first.",
        ask=_ask,
        columns=ROW,
        parameters=(
            Parameter(name="from", kind="day", summary="The first day (UTC), else all."),
            Parameter(name="to", kind="day", summary="The first day that does not count."),
            Parameter(
                name="category", kind="text", choices=CATEGORIES, summary="Only of this kind."
            ),
        ),
        paged=True,
        state=_state,
        own_days=True,
    ),
)
ANNOTATION_POSTS: tuple[Post, ...] = (
    Post(
        path=PATH,
        name="annotate",
        summary="Tell what happened; told again under its id, it is kept once.",
        take=_take,
        body=BODY,
        examples=EXAMPLES,
    ),
    Post(
        path=f"{PATH}/{{id}}",
        name="delete_annotation",
        summary="Take an annotation back; the answer is what it was.",
        take=_take_back,
        body={},
        method="DELETE",
    ),
)
