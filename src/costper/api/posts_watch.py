"""What people say of incidents or savings, sent over HTTP."""

from __future__ import annotations

from datetime import date
from typing import cast

from costper.api.endpoint import DAYS
from costper.api.endpoints_margins import MONTHS
from costper.api.posts import Post, Sent, check_members, text_in
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Asked, Frame, frame_of
from costper.pipeline.answer.incident import incident, judge_incident
from costper.pipeline.answer.standing import standing
from costper.pipeline.answer.watched import Watch
from costper.pipeline.savings.answer import savings
from costper.pipeline.savings.dismiss import Word, dismiss_saving, restore_saving
from costper.store.dismissals import all_dismissals
from costper.store.feedback import LONGEST_NOTE, Remark, Verdict, all_feedback

VERDICTS = ("expected", "real")


def _take_feedback(sent: Sent) -> Answer:
    check_members(sent, "verdict", "note")
    remark = Remark(
        verdict=cast("Verdict", text_in(sent, "verdict", choices=VERDICTS)),
        note=text_in(sent, "note"),
        actor=sent.caller.name,
    )
    frame = frame_of(sent.books, Asked(), sent.now, standing(sent.books))
    judge_incident(sent.books, frame, sent.path["id"], remark, now=sent.now)
    watch = Watch(feedback=all_feedback(sent.books.control))
    return incident(frame, sent.path["id"], watch)


def _asked(sent: Sent) -> Frame:
    """Give the frame of the days in the address."""
    since, until = sent.query.get("from"), sent.query.get("to")
    days, months = sent.query.get("days"), sent.query.get("months")
    asked = Asked(
        days=days if isinstance(days, int) else None,
        since=since if isinstance(since, date) else None,
        until=until if isinstance(until, date) else None,
        months=months if isinstance(months, int) else None,
    )
    return frame_of(sent.books, asked, sent.now, standing(sent.books))


def _take_dismissal(sent: Sent) -> Answer:
    check_members(sent, "note")
    frame, word = _asked(sent), Word(note=text_in(sent, "note"), actor=sent.caller.name)
    dismiss_saving(sent.books, frame, sent.path["finding"], word, now=sent.now)
    return savings(frame, all_dismissals(sent.books.control))


def _take_back(sent: Sent) -> Answer:
    frame = _asked(sent)
    restore_saving(sent.books, sent.path["finding"], actor=sent.caller.name, now=sent.now)
    return savings(frame, all_dismissals(sent.books.control))


DISMISSAL = "/api/v1/savings/{finding}/dismissal"
WATCH_POSTS: tuple[Post, ...] = (
    Post(
        path="/api/v1/incidents/{id}/feedback",
        name="feedback",
        summary="Say that an incident was expected, or real; the answer is the incident.",
        take=_take_feedback,
        body={
            "type": "object",
            "required": ["verdict"],
            "additionalProperties": False,
            "properties": {
                "verdict": {"type": "string", "enum": list(VERDICTS)},
                "note": {"type": "string", "maxLength": LONGEST_NOTE},
            },
            "example": {"verdict": "expected", "note": "load test, announced"},
        },
    ),
    Post(
        path=DISMISSAL,
        name="dismissal",
        summary="Do not tell of a saving again; the answer is what else could be saved.",
        take=_take_dismissal,
        parameters=(*DAYS, MONTHS),
        body={
            "type": "object",
            "additionalProperties": False,
            "properties": {"note": {"type": "string", "maxLength": LONGEST_NOTE}},
            "example": {"note": "kept for the audit until March"},
        },
    ),
    Post(
        path=DISMISSAL,
        name="no-dismissal",
        summary="Count a saving again that was dismissed.",
        take=_take_back,
        parameters=(*DAYS, MONTHS),
        body={"type": "object"},
        method="DELETE",
    ),
)
