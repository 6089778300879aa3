"""Opens the books for a verb: this process's own, or those a running server lends."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from costper.cli.context import Context

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.store.books import Books


@contextmanager
def opened(context: Context) -> Generator[Books]:
    """Give the books, and close them afterwards unless they were lent.

    Raises:
        SettingError: costper.yaml is not there, or something in it is wrong.
        BusyError: another process holds the books; main then asks that process.
    """
    if context.books is not None:
        yield context.books
        return
    from costper.cli.settings import settings
    from costper.store.books import open_books

    books = open_books(settings(context), now=context.now)
    try:
        yield books
    finally:
        books.close()
