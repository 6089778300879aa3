"""The endpoints of allocation: rules and balance, the runs, what is ahead, making it so."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import cast

from costper.api.endpoint import Endpoint
from costper.api.parameters import MONTH, day_of
from costper.api.posts import Node, Post, Sent, check_members
from costper.api.problems import Problem
from costper.errors import BusyError, StoppedError, UserError
from costper.model.answer import Answer
from costper.pipeline.allocations.ahead import (
    MOST_MOVED,
    ChangedSettingsError,
    WrongSettingsError,
    apply_held,
    file_mark,
    plan_ahead,
)
from costper.pipeline.allocations.done import done_answer
from costper.pipeline.allocations.history import runs_answer
from costper.pipeline.allocations.in_force import allocation_answer
from costper.store.audit import audit_mark
from costper.store.books import Books

PATH = "/api/v1/allocation"
MOST_MONTHS = 120
LARGEST = 10_000
MONTHS: Node = {
    "type": "array",
    "maxItems": MOST_MONTHS,
    "items": {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
    "description": "Only these months, such as 2026-08; else all that changed.",
}


def _runs_state(books: Books) -> str:
    return f"@audit{audit_mark(books.control)}"


def _balance_state(books: Books) -> str:
    return f"{_runs_state(books)}{'@work' * books.activity.running}"


def _plan_state(books: Books) -> str:
    return file_mark(books, os.environ)


def _take_plan(sent: Sent) -> Answer:
    check_members(sent, "months", "limit")
    limit = sent.body.get("limit", MOST_MOVED)
    if type(limit) is not int or not 1 <= limit <= LARGEST:
        detail = f"limit must be a whole number from 1 to {LARGEST}"
        raise Problem(400, "bad-body", detail, parameter="limit")
    try:
        return plan_ahead(sent.books, os.environ, months=_months(sent.body), most=limit)
    except UserError as error:
        raise _problem(error) from error


def _take_apply(sent: Sent) -> Answer:
    check_members(sent, "months")
    months = _months(sent.body)
    try:
        done = apply_held(sent.books, os.environ, actor=sent.caller.name, clock=_now, months=months)
    except BusyError as error:
        raise Problem(409, "at-work", error.message, error.hint) from error
    except StoppedError as error:
        raise Problem(503, "stopping", error.message, error.hint) from error
    except UserError as error:
        raise _problem(error) from error
    return done_answer(sent.books, done, sent.standing())


def _now() -> datetime:
    return datetime.now(UTC)


def _months(body: Mapping[str, object]) -> tuple[date, ...] | None:
    said = body.get("months")
    if said is None:
        return None
    found = [_month(one) for one in cast("list[object]", said)] if isinstance(said, list) else []
    months = [one for one in found if one is not None]
    if not 0 < len(months) <= MOST_MONTHS or len(months) != len(found):
        detail = "months must be a list of months"
        raise Problem(400, "bad-body", detail, "such as 2026-08", "months")
    return tuple(months)


def _month(said: object) -> date | None:
    return day_of(said) if isinstance(said, str) and MONTH.fullmatch(said) else None


def _problem(error: UserError) -> Problem:
    if isinstance(error, WrongSettingsError):
        many = f"costper.yaml has {len(error.issues)} faults" if len(error.issues) > 1 else ""
        detail = many or f"{error.where}: {error.message}"
        return Problem(422, "settings-wrong", detail, error.hint, issues=error.issues)
    if isinstance(error, ChangedSettingsError):
        return Problem(409, "settings-changed", error.message, error.hint)
    return Problem(422, "cannot-be-answered", error.message, error.hint)


ALLOCATION: tuple[Endpoint, ...] = (
    Endpoint(
        path=PATH,
        name="allocation",
        summary="The rules in force and what they took, what has no owner, and the balance by day.",
        ask=lambda books, frame, _given: allocation_answer(books, frame),
        columns={
            "rules": "rows",
            "unallocated": "rows",
            "checked": "text",
            "conservation": "rows",
            "months": "rows",
        },
        state=_balance_state,
    ),
    Endpoint(
        path=f"{PATH}/runs",
        name="allocation_runs",
        summary="Every run of the allocation, the newest first.",
        ask=lambda books, frame, _given: runs_answer(books, frame.standing),
        columns={
            "run": "count",
            "month": "text",
            "status": "text",
            "started": "text",
            "fingerprint": "text",
            "rules": "rows",
            "legs": "count",
            "changed": "texts",
            "costs": "rows",
        },
        parameters=(),
        paged=True,
        state=_runs_state,
    ),
)
ALLOCATION_POSTS: tuple[Post, ...] = (
    Post(
        path=f"{PATH}/plan",
        name="plan_allocation",
        summary="What costper.yaml, as it is on the disk now, would move. It changes nothing.",
        take=_take_plan,
        body={
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "months": MONTHS,
                "limit": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LARGEST,
                    "description": f"How many customers are listed, else {MOST_MOVED}: those "
                    "that move most.",
                },
            },
        },
        examples={"all": {"summary": "Every month.", "value": {}}},
        changes=False,
        slow=True,
        state=_plan_state,
    ),
    Post(
        path=f"{PATH}/apply",
        name="apply_allocation",
        summary="Make one run for each month whose rules or inputs changed, by the rules in force.",
        take=_take_apply,
        body={
            "type": "object",
            "additionalProperties": False,
            "properties": {"months": MONTHS},
        },
        examples={"one": {"summary": "One month.", "value": {"months": ["2026-08"]}}},
    ),
)
