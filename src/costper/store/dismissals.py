"""Savings people do not want to be told of again: which, by whom, when and why."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from costper.errors import UserError
from costper.model.spelling import is_spelled
from costper.store.audit import log
from costper.store.control import Control
from costper.store.feedback import LONGEST_NOTE
from costper.store.schema import dismissals


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """One finding that stays on the list but is not counted; `at` is an ISO time."""

    finding: str
    note: str
    actor: str
    at: str


def dismiss(control: Control, said: Dismissal, *, now: datetime) -> None:
    """Remember a dismissal, in place of an earlier one of the same finding.

    Raises:
        UserError: the note is too long, or has characters no note has.
    """
    if len(said.note) > LONGEST_NOTE or not is_spelled(said.note):
        raise UserError(
            f"a note has at most {LONGEST_NOTE} printable characters",
            where="note",
            hint="say in a line why it stays as it is",
        )
    with control.begin() as connection:
        connection.execute(dismissals.delete().where(dismissals.c.finding == said.finding))
        connection.execute(dismissals.insert().values(**asdict(said)))
        detail, name = {"note": said.note}, said.finding
        log(connection, "saving dismissed", name, now=now, detail=detail, actor=said.actor)


def take_back(control: Control, finding: str, *, actor: str, now: datetime) -> bool:
    """Forget a dismissal; False where there was none."""
    with control.begin() as connection:
        mine = dismissals.c.finding == finding
        if connection.execute(sa.select(dismissals).where(mine)).first() is None:
            return False
        connection.execute(dismissals.delete().where(mine))
        action = "saving no longer dismissed"
        log(connection, action, finding, now=now, detail={}, actor=actor)
    return True


def all_dismissals(control: Control) -> dict[str, Dismissal]:
    """Give every dismissal by its finding."""
    with control.read() as connection:
        rows = connection.execute(sa.select(dismissals).order_by(dismissals.c.finding)).mappings()
        return {str(row["finding"]): Dismissal(**row) for row in rows}


def dismissals_mark(control: Control) -> str:
    """Name the state of all dismissals; '' while there is none."""
    found = all_dismissals(control)
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16] if found else ""
