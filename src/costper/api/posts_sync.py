"""A sync that is asked for over HTTP, and goes on after the reply."""

from __future__ import annotations

from typing import cast

from costper.api.posts import ACCEPTED, Post, Sent, check_members
from costper.api.problems import Problem
from costper.errors import BusyError, StoppedError, UnknownNameError
from costper.model.answer import Answer
from costper.pipeline.data_sources.answers import sync_answer
from costper.pipeline.data_sources.job import start_sync


def _take_sync(sent: Sent) -> Answer:
    check_members(sent, "sources")
    names = _names(sent.body.get("sources", ()))
    try:
        start_sync(sent.books, names, actor=sent.caller.name, now=sent.now)
    except UnknownNameError as error:
        raise Problem(400, "unknown-name", error.message, error.hint, "sources") from error
    except BusyError as error:
        raise Problem(409, "sync-running", error.message, error.hint) from error
    except StoppedError as error:
        raise Problem(503, "stopping", error.message, error.hint) from error
    return sync_answer(sent.books, sent.standing())


def _names(said: object) -> tuple[str, ...]:
    if isinstance(said, list | tuple):
        names = cast("list[object]", said)
        if all(isinstance(name, str) for name in names):
            return tuple(str(name) for name in names)
    raise Problem(400, "bad-body", "sources must be a list of names", parameter="sources")


SYNC_POSTS: tuple[Post, ...] = (
    Post(
        path="/api/v1/sync",
        name="start_sync",
        summary="Read every source, or those named, and allocate what changed. GET says how far.",
        take=_take_sync,
        body={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "sources": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Names of sources; all of them when left out or empty.",
                }
            },
        },
        examples={"one": {"summary": "One source.", "value": {"sources": ["bill"]}}},
        status=ACCEPTED,
    ),
)
