"""Dismisses a finding of savings, and takes that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from costper.errors import UnknownNameError
from costper.pipeline.answer.frame import Frame
from costper.pipeline.savings.answer import savings
from costper.store.books import Books
from costper.store.dismissals import Dismissal, all_dismissals, dismiss, take_back


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody says of a finding."""

    note: str
    actor: str


def dismiss_saving(books: Books, frame: Frame, finding: str, word: Word, *, now: datetime) -> None:
    """Remember that a finding of these days, or one dismissed before, is not to be told again.

    Raises:
        UnknownNameError: no such finding.
        UserError: the note is too long.
    """
    known = all_dismissals(books.control)
    if finding not in known:
        names = [str(row["finding"]) for row in savings(frame).rows]
        if finding not in names:
            raise UnknownNameError("finding", finding, names)
    said = Dismissal(finding=finding, note=word.note.strip(), actor=word.actor, at=now.isoformat())
    dismiss(books.control, said, now=now)


def restore_saving(books: Books, finding: str, *, actor: str, now: datetime) -> None:
    """Count a finding again.

    Raises:
        UnknownNameError: it is not dismissed.
    """
    known = all_dismissals(books.control)
    if not take_back(books.control, finding, actor=actor, now=now):
        raise UnknownNameError("dismissed finding", finding, known)
