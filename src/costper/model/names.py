"""Names inside SQL: checked, then always double-quoted."""

from __future__ import annotations

from costper.errors import BooksError

LONGEST = 128


def quoted(name: str) -> str:
    """Write an identifier so that nothing in it can end the quotes.

    >>> quoted("billed_cost"), quoted('a"b')
    ('"billed_cost"', '"a""b"')
    """
    if not name or len(name) > LONGEST or not name.isprintable():
        raise BooksError(f"{name!r} cannot be the name of a column or table")
    return '"' + name.replace('"', '""') + '"'
