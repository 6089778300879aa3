"""Names the state of the calls in the books, for whoever keeps an answer about them."""

from __future__ import annotations

import sqlalchemy as sa

from costper.pipeline.calls.fold import folded_seq
from costper.store.books import Books
from costper.store.schema import audit


def calls_mark(books: Books) -> str:
    """Name the state: another one after every write, also one of a process before this one.

    What moves or prices calls anew stands in the audit log; what is folded in has a number.
    """
    with books.control.read() as connection:
        decided = connection.execute(sa.select(sa.func.max(audit.c.seq))).scalar()
    return f"{folded_seq(books)} {books.marts.changes} {decided or 0}"
