"""The endpoints of data sources: how each stands, one in depth, and the sync at work."""

from __future__ import annotations

from datetime import UTC, datetime

from costper.api.endpoint import Endpoint, Shape, named, text_of
from costper.api.parameters import Given
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.calls.fold import folded_seq
from costper.pipeline.data_sources.answers import (
    issues_answer,
    source_answer,
    sources_answer,
    sources_mark,
    sync_answer,
)
from costper.store.books import Books
from costper.store.syncs import syncs_mark

PATH = "/api/v1/sources"
SYNC = "/api/v1/sync"
STANDS: dict[str, Shape] = {
    "source": "text",
    "type": "text",
    "kind": "text",
    "declared": "text",
    "status": "text",
    "reason": "text",
    "next_step": "text",
    "cadence": "text",
    "first_day": "day",
    "newest_day": "day",
    "expected_day": "day",
    "synced_at": "text",
    "last_sync_at": "text",
    "last_sync_by": "text",
    "last_sync": "text",
    "rows": "count",
    "totals": "rows",
    "errors": "count",
    "warnings": "count",
    "files_count": "count",
    "files_waiting": "count",
}


def _state(books: Books) -> str:
    """Name the state: also whether calls came at all, and the hour, for they come all the time."""
    now = datetime.now(UTC)
    return f"@sources{sources_mark(books)} {folded_seq(books) > 0} {now:%Y-%m-%dT%H}"


def _at_work(books: Books) -> str:
    return f"@sync{books.activity.mark} {syncs_mark(books.control)}"


def _ask_list(books: Books, frame: Frame, _given: Given) -> Answer:
    return sources_answer(books, frame)


def _ask_one(books: Books, frame: Frame, given: Given) -> Answer:
    return source_answer(books, frame, text_of(given, "name"))


def _ask_issues(books: Books, frame: Frame, given: Given) -> Answer:
    return issues_answer(books, frame, text_of(given, "name"))


def _ask_sync(books: Books, frame: Frame, _given: Given) -> Answer:
    return sync_answer(books, frame.standing)


SOURCES: tuple[Endpoint, ...] = (
    Endpoint(
        path=PATH,
        name="sources",
        summary="Where data comes from: how fresh each source is, and how its last sync went.",
        ask=_ask_list,
        columns=STANDS,
        parameters=(),
        paged=True,
        state=_state,
    ),
    Endpoint(
        path=f"{PATH}/{{name}}",
        name="source",
        summary="One source in depth: its files, deliveries, syncs, issues and metrics.",
        ask=_ask_one,
        columns={
            **STANDS,
            "paths": "texts",
            "files": "rows",
            "deliveries": "rows",
            "deliveries_more": "count",
            "syncs": "rows",
            "metrics": "rows",
            "issues": "rows",
            "issues_more": "count",
        },
        parameters=(named("source"),),
        state=_state,
    ),
    Endpoint(
        path=f"{PATH}/{{name}}/issues",
        name="source_issues",
        summary="What the last sync of a source met, by file and row.",
        ask=_ask_issues,
        columns={
            "file": "text",
            "where": "text",
            "severity": "text",
            "code": "text",
            "message": "text",
            "hint": "text",
            "count": "count",
        },
        parameters=(named("source"),),
        paged=True,
        state=_state,
    ),
    Endpoint(
        path=SYNC,
        name="sync",
        summary="How far the sync at work is, or what came of the last one.",
        ask=_ask_sync,
        columns={
            "source": "text",
            "state": "text",
            "stage": "text",
            "rows": "count",
            "errors": "count",
            "warnings": "count",
        },
        parameters=(),
        state=_at_work,
    ),
)
