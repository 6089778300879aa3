"""The endpoints of views: the list, one of them, what it comes to; saving and deleting one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from costper.api.endpoint import DAYS, Endpoint, Shape, named, text_of
from costper.api.parameters import Given, Parameter
from costper.api.posts import Node, Post, Sent
from costper.api.posts_query import QUESTION, problem_of
from costper.api.problems import Problem
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Answer
from costper.model.question import Question
from costper.model.span import read_span
from costper.model.view import LONGEST_DESCRIPTION, LONGEST_OWNER, LONGEST_TITLE
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.standing import standing
from costper.pipeline.views.answers import answered, view_answer, view_asked, views_answer
from costper.pipeline.views.saved import DeclaredViewError, delete, save, saved_view
from costper.pipeline.views.written import view_from_json
from costper.store.books import Books
from costper.store.views import ChangedMeanwhileError, views_mark

PATH = "/api/v1/views"
LISTED: dict[str, Shape] = {
    "view": "text",
    "title": "text",
    "owner": "text",
    "declared": "text",
    "at": "text",
    "actor": "text",
    "fault": "text",
}
VERSION = "version"
BODY: Node = {
    **QUESTION,
    "description": "A question with a name. A shown view's row may be sent back as it is.",
    "properties": {
        "title": {"type": "string", "maxLength": LONGEST_TITLE},
        "description": {"type": "string", "maxLength": LONGEST_DESCRIPTION},
        "owner": {"type": "string", "maxLength": LONGEST_OWNER},
        VERSION: {
            "type": ["integer", "null"],
            "minimum": 0,
            "description": "The version this replaces: refused (409) when another is the newest. "
            "0 is for a new view; without it, whatever is there is replaced.",
        },
        **cast("dict[str, object]", QUESTION["properties"]),
    },
}
EXAMPLES: dict[str, Node] = {
    "per_thousand_users": {
        "summary": "Cost per thousand daily users, by month, for the last three whole months.",
        "value": {
            "title": "Cost per thousand daily users",
            "owner": "platform",
            "letters": {"a": "metric daily_active_users", "b": "cost"},
            "formula": "b / (a / 1000)",
            "grain": "month",
            "range": "last 3 months",
        },
    }
}


def _state(books: Books) -> str:
    return f"@views{views_mark(books.control)}"


def _ask_list(books: Books, frame: Frame, _given: Given) -> Answer:
    return views_answer(books, frame.standing)


def _ask_one(books: Books, frame: Frame, given: Given) -> Answer:
    return view_answer(books, text_of(given, "name"), frame.standing)


def _ask_answer(books: Books, frame: Frame, given: Given) -> Answer:
    name, words = text_of(given, "name"), text_of(given, "range")
    asked = frame.asked
    days = Question(
        letters=(),
        since=asked.since,
        until=asked.until,
        days=asked.days,
        span=read_span(words) if words else None,
    )
    return answered(*view_asked(books, name, days, now=frame.now, standing=frame.standing))


def _take_view(sent: Sent) -> Answer:
    name = sent.path["name"]
    try:
        view = view_from_json(name, sent.body)
        save(sent.books, view, actor=sent.caller.name, now=sent.now, over=_over(sent.body))
    except (DeclaredViewError, ChangedMeanwhileError) as error:
        raise _taken(error) from error
    except UserError as error:
        raise problem_of(error) from error
    return view_answer(sent.books, name, standing(sent.books))


def _take_delete(sent: Sent) -> Answer:
    name = sent.path["name"]
    try:
        saved_view(sent.books, name)
        over = sent.query.get(VERSION)
        delete(
            sent.books,
            name,
            actor=sent.caller.name,
            now=sent.now,
            over=over if isinstance(over, int) else None,
        )
    except UnknownNameError as error:
        raise Problem(404, "unknown-name", error.message, error.hint) from error
    except (DeclaredViewError, ChangedMeanwhileError) as error:
        raise _taken(error) from error
    return views_answer(sent.books, standing(sent.books))


def _over(body: Mapping[str, object]) -> int | None:
    said = body.get(VERSION)
    if said is None or (type(said) is int and said >= 0):
        return said
    raise UserError(f"{VERSION} must be a whole number", where=VERSION)


def _taken(error: UserError) -> Problem:
    code = "declared" if isinstance(error, DeclaredViewError) else "changed-meanwhile"
    return Problem(409, code, error.message, error.hint)


VIEWS: tuple[Endpoint, ...] = (
    Endpoint(
        path=PATH,
        name="views",
        summary="Every saved question, declared in costper.yaml or stored.",
        ask=_ask_list,
        columns=LISTED,
        parameters=(),
        paged=True,
        state=_state,
    ),
    Endpoint(
        path=f"{PATH}/{{name}}",
        name="view",
        summary="One saved question word for word, and its earlier versions.",
        ask=_ask_one,
        columns={**LISTED, "versions": "rows"},
        parameters=(named("view"),),
        state=_state,
    ),
    Endpoint(
        path=f"{PATH}/{{name}}/answer",
        name="view_answer",
        summary="What a saved question comes to, on its own days or on others.",
        ask=_ask_answer,
        columns={},
        parameters=(
            named("view"),
            *DAYS,
            Parameter(name="range", kind="text", summary="Days in words, such as last 3 months."),
        ),
        state=_state,
    ),
)
VIEW_POSTS: tuple[Post, ...] = (
    Post(
        path=f"{PATH}/{{name}}",
        name="save_view",
        summary="Save a question under a name, as a new version of it; the answer is the view.",
        take=_take_view,
        body=BODY,
        examples=EXAMPLES,
        method="PUT",
    ),
    Post(
        path=f"{PATH}/{{name}}",
        name="delete_view",
        summary="Delete a stored view; its versions are kept. The answer lists what is left.",
        take=_take_delete,
        body={},
        method="DELETE",
        parameters=(
            Parameter(
                name=VERSION,
                kind="count",
                least=1,
                most=1_000_000,
                summary='The version this deletes, as If-Match: "3" says too: refused (409) when '
                "another is the newest.",
            ),
        ),
    ),
)
