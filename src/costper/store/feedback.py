"""What people said of incidents: expected or real, by whom, when and why; kept for good."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal

import sqlalchemy as sa

from costper.errors import UserError
from costper.model.spelling import is_spelled
from costper.store.audit import log
from costper.store.control import Control
from costper.store.schema import incident_feedback

Verdict = Literal["expected", "real"]
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What somebody says of an incident."""

    verdict: Verdict
    note: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One verdict on one incident: its days until then teach nobody what is usual."""

    incident_id: str
    scope: str
    name: str
    first_day: date
    last_day: date
    verdict: Verdict
    note: str
    actor: str
    at: str


def give_feedback(control: Control, said: Sequence[Feedback], *, now: datetime) -> None:
    """Remember what was said, in place of what was said of the same incidents before.

    Raises:
        UserError: a note is too long, or has characters no note has.
    """
    for one in said:
        if len(one.note) > LONGEST_NOTE or not is_spelled(one.note):
            raise UserError(
                f"a note has at most {LONGEST_NOTE} printable characters",
                where="note",
                hint="say in a line why it was to be expected, or what it was",
            )
    with control.begin() as connection:
        for one in said:
            mine = incident_feedback.c.incident_id == one.incident_id
            connection.execute(incident_feedback.delete().where(mine))
            connection.execute(incident_feedback.insert().values(**asdict(one)))
            detail = {"verdict": one.verdict, "note": one.note}
            action, name = "incident judged", one.incident_id
            log(connection, action, name, now=now, detail=detail, actor=one.actor)


def all_feedback(control: Control) -> tuple[Feedback, ...]:
    """Give what was said of every incident, oldest first."""
    query = sa.select(incident_feedback).order_by(
        incident_feedback.c.at, incident_feedback.c.incident_id
    )
    with control.read() as connection:
        return tuple(Feedback(**row) for row in connection.execute(query).mappings())


def feedback_mark(control: Control) -> str:
    """Name the state of all that was said: it changes whenever something is said."""
    return hashlib.sha256(repr(all_feedback(control)).encode()).hexdigest()[:16]
