"""The endpoints of shared links: making one, and where one leads."""

from __future__ import annotations

from costper.api.endpoint import Endpoint, text_of
from costper.api.parameters import Given, Parameter
from costper.api.posts import Node, Post, Sent, check_members, text_in
from costper.api.posts_query import problem_of
from costper.api.problems import Problem
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.shares import share_answer
from costper.store.audit import audit_mark
from costper.store.books import Books
from costper.store.shares import (
    DEFAULT_DAYS,
    LONGEST_PATH,
    MOST_DAYS,
    ExpiredError,
    add_share,
    share_of,
)

PATH = "/api/v1/shares"
BODY: Node = {
    "type": "object",
    "required": ["path"],
    "additionalProperties": False,
    "properties": {
        "path": {
            "type": "string",
            "maxLength": LONGEST_PATH,
            "pattern": "^/(?!/)",
            "description": "A page of this server: a path and its query.",
        },
        "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": DEFAULT_DAYS},
    },
    "example": {"path": "/explorer?by=team&range=last+3+months", "days": 30},
}


def _state(books: Books) -> str:
    return f"@audit{audit_mark(books.control)}"


def _ask(books: Books, frame: Frame, given: Given) -> Answer:
    try:
        found = share_of(books.control, text_of(given, "token"), frame.now.date())
    except ExpiredError as error:
        raise Problem(410, "share-expired", error.message, error.hint) from error
    except UnknownNameError as error:
        raise Problem(404, "unknown-name", error.message, error.hint) from error
    return share_answer(books, frame.standing, found)


def _take(sent: Sent) -> Answer:
    check_members(sent, "path", "days")
    days = sent.body.get("days")
    if days is None:
        days = DEFAULT_DAYS
    if type(days) is not int:
        raise Problem(400, "bad-body", "days must be a whole number", parameter="days")
    path, name = text_in(sent, "path"), sent.caller.name
    try:
        one = add_share(sent.books.control, path, days, actor=name, now=sent.now)
    except UserError as error:
        raise problem_of(error) from error
    return share_answer(sent.books, sent.standing(), one)


SHARES: tuple[Endpoint, ...] = (
    Endpoint(
        path=f"{PATH}/{{token}}",
        name="share",
        summary="Where a shared link leads; 410 once it expired.",
        ask=_ask,
        columns={
            "share": "text",
            "url": "text",
            "path": "text",
            "expires": "day",
            "actor": "text",
            "made": "text",
        },
        parameters=(
            Parameter(name="token", kind="text", place="path", summary="The link's last part."),
        ),
        state=_state,
        own_days=True,
    ),
)
SHARE_POSTS: tuple[Post, ...] = (
    Post(
        path=PATH,
        name="add_share",
        summary="Make a short link to a page, which expires. It gives nobody any right.",
        take=_take,
        body=BODY,
    ),
)
