"""What people say of incidents, sent over HTTP."""

from __future__ import annotations

from typing import cast

from costper.api.posts import Post, Sent, check_members, text_in
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Asked, frame_of
from costper.pipeline.answer.incident import incident, judge_incident
from costper.pipeline.answer.standing import standing
from costper.pipeline.answer.watched import Watch
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
)
