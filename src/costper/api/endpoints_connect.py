"""The endpoints that connect a source: what there is, what a file looks like, and adding it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from costper.api.endpoint import Endpoint
from costper.api.parameters import Given
from costper.api.posts import Node, Post, Sent, check_members, text_in
from costper.api.problems import Problem
from costper.errors import BusyError, UnknownNameError, UserError
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.data_sources.connect import (
    Wanted,
    connect_source,
    guess_answer,
    types_answer,
)
from costper.pipeline.data_sources.files import own_words
from costper.store.books import Books

PATH = "/api/v1/source-types"
TYPE = {"type": "string", "description": "A type of source, such as focus_file."}
KIND = {
    "type": "string",
    "enum": ["bill", "measurements", "customers", "rates"],
    "description": "Which, where several share the type.",
}
ADDED: Node = {
    "type": "object",
    "required": ["type", "settings"],
    "additionalProperties": False,
    "properties": {
        "type": TYPE,
        "kind": KIND,
        "name": {"type": "string", "description": "What the source is called."},
        "settings": {
            "type": "object",
            "description": "Its path, and its columns where they need a word.",
        },
        "metrics": {
            "type": "object",
            "description": "By metric of it what kind it is, such as active_users; '' by its name.",
            "additionalProperties": {"type": "string"},
        },
    },
    "example": {"type": "focus_file", "name": "bill", "settings": {"path": "bills/"}},
}
GUESSED: Node = {
    "type": "object",
    "required": ["head"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "description": "What the file is called."},
        "head": {"type": "string", "description": "Its first two lines."},
    },
}


def _ask(books: Books, frame: Frame, _given: Given) -> Answer:
    return types_answer(books, frame.standing)


def _guess(sent: Sent) -> Answer:
    check_members(sent, "file", "head")
    return guess_answer(sent.books, sent.standing(), text_in(sent, "file"), text_in(sent, "head"))


def _add(sent: Sent) -> Answer:
    check_members(sent, "type", "kind", "name", "settings", "metrics")
    settings, metrics = sent.body.get("settings"), sent.body.get("metrics", {})
    if not isinstance(settings, dict):
        raise Problem(400, "bad-body", "settings must be an object", parameter="settings")
    if not isinstance(metrics, dict):
        raise Problem(400, "bad-body", "metrics must be an object", parameter="metrics")
    kinds = {str(name): str(kind) for name, kind in cast("dict[str, object]", metrics).items()}
    wanted = Wanted(
        type=text_in(sent, "type"),
        kind=text_in(sent, "kind"),
        name=text_in(sent, "name"),
        settings=cast("dict[str, object]", settings),
        metrics=kinds,
    )
    actor, root = sent.caller.name, sent.books.settings.root
    try:
        return connect_source(sent.books, sent.standing(), wanted, actor=actor, now=sent.now)
    except UnknownNameError as error:
        raise Problem(400, "unknown-name", error.message, error.hint, "type") from error
    except BusyError as error:
        raise Problem(409, "sync-running", error.message, error.hint) from error
    except UserError as error:
        raise _refused(error, root) from error


def _refused(error: UserError, root: Path) -> Problem:
    """Say where in costper.yaml it is, or else which member of what was sent."""
    detail, where, hint = (
        own_words(text, root) for text in (error.message, error.where, error.hint)
    )
    if "." in where:
        return Problem(400, "not-added", f"{where}: {detail}", hint)
    return Problem(400, "not-added", detail, hint, where)


CONNECT: tuple[Endpoint, ...] = (
    Endpoint(
        path=PATH,
        name="source_types",
        summary="Every type of source, each with the block that declares it in costper.yaml.",
        ask=_ask,
        columns={
            "type": "text",
            "kind": "text",
            "about": "text",
            "name": "text",
            "block": "text",
        },
        parameters=(),
    ),
)
CONNECT_POSTS: tuple[Post, ...] = (
    Post(
        path=f"{PATH}/guess",
        name="guess_source",
        summary="What a file looks like by its first two lines, and how a source would read it.",
        take=_guess,
        body=GUESSED,
        changes=False,
    ),
    Post(
        path="/api/v1/sources",
        name="add_source",
        summary="Add a source of files to costper.yaml; it counts once that is read again.",
        take=_add,
        body=ADDED,
        admin=True,
    ),
)
