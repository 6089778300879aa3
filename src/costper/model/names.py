"""Names inside SQL, always double-quoted, with text literals beside them."""

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


def literal(text: str) -> str:
    """Write a text literal; only for what cannot be a parameter, such as a file's path.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
